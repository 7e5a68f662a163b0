import { expect, type Page } from '@playwright/test'
import { testOnFleet } from '../testing/life'
import { keepScreen, openConsole, pane, row, shows, typeLine } from '../testing/screen'

// Tabs of consoles, and how panes stand in them.
const test = testOnFleet({ hosts: 1, guests: 12 }, { theme: 'system' })
test.describe.configure({ mode: 'serial' })

const tabs = (page: Page) => page.getByRole('tablist', { name: 'Open pages' }).getByRole('tab')
const panes = (page: Page) => page.getByRole('region', { name: /^Console / })
const terminalOf = (page: Page, guest: string) => pane(page, guest).getByTestId('terminal')

test('a new tab is empty, and takes the consoles that are opened then', async ({ page }) => {
  await openConsole(page, 'web-01')
  await openConsole(page, 'web-02')
  await expect(tabs(page)).toHaveText(['Consoles'])
  await terminalOf(page, 'web-02').click()
  await page.keyboard.press('Alt+Shift+T')
  await expect(tabs(page)).toHaveText(['web-01 +1', 'No console'])
  await expect(page.getByText('No console is open')).toBeVisible()
  await openConsole(page, 'api-01')
  await expect(tabs(page)).toHaveText(['web-01 +1', 'api-01'])
  await expect(panes(page)).toHaveCount(1)
})

test('one goes from tab to tab by keys and clicks, and each keeps its focus and its maximised pane', async ({ page }) => {
  await terminalOf(page, 'api-01').click()
  await page.keyboard.press('Control+PageUp')
  await expect(pane(page, 'web-02').locator(':focus')).toHaveCount(1)
  await page.keyboard.press('Control+Shift+X')
  await expect(panes(page)).toHaveCount(1)
  await page.keyboard.press('Alt+PageDown')
  await expect(pane(page, 'api-01').locator(':focus')).toHaveCount(1)
  await tabs(page).getByText('web-01 +1').click()
  await expect(pane(page, 'web-02').locator(':focus')).toHaveCount(1)
  await expect(panes(page)).toHaveCount(1)
  await page.keyboard.press('Control+Shift+X')
  await expect(panes(page)).toHaveCount(2)
  // What a guest said meanwhile is there.
  await shows(pane(page, 'web-01'), /login: *$/)
})

test('a tab is renamed and moved', async ({ page }) => {
  await page.keyboard.press('Control+Alt+A')
  const dialog = page.getByRole('dialog', { name: 'Rename the tab' })
  await dialog.getByRole('textbox', { name: 'Name' }).fill('x'.repeat(41))
  await page.keyboard.press('Enter')
  await expect(dialog).toContainText('at most 40 characters')
  await dialog.getByRole('textbox', { name: 'Name' }).fill('<b>web</b> & Söhne')
  await page.keyboard.press('Enter')
  await expect(tabs(page)).toHaveText(['<b>web</b> & Söhne', 'api-01'])
  await expect(pane(page, 'web-02').locator(':focus')).toHaveCount(1)
  await page.keyboard.press('Control+Shift+PageDown')
  await expect(tabs(page)).toHaveText(['api-01', '<b>web</b> & Söhne'])
  await page.getByRole('button', { name: 'Menu of the tab' }).click()
  await page.getByRole('menuitem', { name: 'Move the tab left' }).click()
  await expect(tabs(page)).toHaveText(['<b>web</b> & Söhne', 'api-01'])
})

test('a pane goes to another tab by its menu, and by dragging its header there', async ({ page }) => {
  await pane(page, 'web-01').getByRole('button', { name: 'Menu of the console of web-01' }).click()
  await page.getByRole('menuitem', { name: 'Move to tab api-01' }).click()
  await expect(panes(page)).toHaveCount(2)
  await expect(pane(page, 'web-01').locator(':focus')).toHaveCount(1)
  await pane(page, 'web-01')
    .locator('header')
    .dragTo(tabs(page).first(), { sourcePosition: { x: 60, y: 10 } })
  await expect(pane(page, 'web-02')).toBeVisible()
  await expect(pane(page, 'web-01').locator(':focus')).toHaveCount(1)
  await pane(page, 'web-01')
    .locator('header')
    .dragTo(page.getByRole('button', { name: 'New tab of consoles' }), { sourcePosition: { x: 60, y: 10 } })
  await expect(tabs(page)).toHaveText(['<b>web</b> & Söhne', 'api-01', 'web-01'])
  await expect(panes(page)).toHaveCount(1)
})

test('tabs come back with a reload, as they stood', async ({ page }) => {
  await tabs(page).nth(1).click()
  await page.reload()
  await expect(tabs(page)).toHaveText(['<b>web</b> & Söhne', 'api-01', 'web-01'])
  await expect(pane(page, 'api-01')).toBeVisible()
  await shows(pane(page, 'api-01'), /login: *$/)
})

test('a tab of several panes asks before it closes, and the guests run on', async ({ page }) => {
  await tabs(page).first().click()
  await page.keyboard.press('Control+Shift+E')
  await expect(panes(page)).toHaveCount(2)
  await tabs(page).first().focus()
  await page.keyboard.press('Delete')
  const dialog = page.getByRole('alertdialog', { name: 'Close the tab <b>web</b> & Söhne and its 2 consoles?' })
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect(tabs(page)).toHaveCount(3)
  await tabs(page).first().click({ button: 'middle' })
  await dialog.getByRole('button', { name: 'Close tab' }).click()
  await expect(tabs(page)).toHaveText(['api-01', 'web-01'])
  await expect(row(page, 'web-02')).toHaveAccessibleName(/running/)
  await tabs(page).first().click({ button: 'middle' })
  await expect(tabs(page)).toHaveText(['Consoles'])
})

const boxOf = async (page: Page, guest: string) => {
  const box = await pane(page, guest).boundingBox()
  if (!box) throw new Error(`the pane of ${guest} is not drawn`)
  return box
}

test('a pane is dragged to each edge of another one, where half of that lights up', async ({ page }) => {
  for (const guest of ['web-01', 'web-02']) await openConsole(page, guest)
  const header = pane(page, 'web-01').locator('header')
  const other = pane(page, 'web-02')
  for (const [edge, x, y] of [
    ['down', 0.5, 0.9],
    ['right', 0.9, 0.5],
    ['up', 0.5, 0.1],
    ['left', 0.1, 0.5],
  ] as const) {
    const { width, height, x: left, y: top } = await boxOf(page, 'web-02')
    await header.hover({ position: { x: 60, y: 10 } })
    await page.mouse.down()
    await page.mouse.move(left + width / 2, top + height / 2)
    await page.mouse.move(left + width * x, top + height * y, { steps: 3 })
    await expect(other.locator(`.drop-at.${edge}`)).toBeVisible()
    await page.mouse.up()
    await expect(other.locator('.drop-at')).toHaveCount(0)
    await expect
      .poll(async () => {
        const [one, two] = [await boxOf(page, 'web-01'), await boxOf(page, 'web-02')]
        return { down: one.y > two.y, right: one.x > two.x, up: one.y < two.y, left: one.x < two.x }[edge]
      }, edge)
      .toBe(true)
  }
  await expect(pane(page, 'web-01').locator(':focus')).toHaveCount(1)
})

test('a zoomed pane has larger text, and gets its own back', async ({ page }) => {
  const rowHeight = () =>
    pane(page, 'web-01')
      .locator('.xterm-rows > div')
      .first()
      .evaluate((one) => one.getBoundingClientRect().height)
  const before = await rowHeight()
  await page.keyboard.press('Control+Shift+Z')
  await expect(panes(page)).toHaveCount(1)
  await expect.poll(rowHeight).toBeGreaterThan(before)
  // Either key leaves it, and so does going to another pane.
  await page.keyboard.press('Control+Shift+X')
  await expect(panes(page)).toHaveCount(2)
  await expect.poll(rowHeight).toBe(before)
  await page.keyboard.press('Control+Shift+Z')
  await expect(panes(page)).toHaveCount(1)
  await page.keyboard.press('Alt+ArrowRight')
  await expect(panes(page)).toHaveCount(2)
  await expect(pane(page, 'web-02').locator(':focus')).toHaveCount(1)
  await expect.poll(rowHeight).toBe(before)
})

test('a double click on an edge makes panes even; with Shift those inside, too', async ({ page }) => {
  await page.keyboard.press('Control+Shift+O')
  for (let count = 0; count < 5; count++) await page.keyboard.press('Control+Shift+ArrowUp')
  for (let count = 0; count < 5; count++) await page.keyboard.press('Control+Shift+ArrowLeft')
  const widths = async () => Math.abs((await boxOf(page, 'web-01')).width - (await boxOf(page, 'web-02')).width)
  const heights = async () => Math.abs((await boxOf(page, 'web-01')).height - 2 * (await boxOf(page, 'web-02')).height)
  await expect.poll(widths).toBeGreaterThan(40)
  await expect.poll(heights).toBeGreaterThan(100)
  const edge = page.getByRole('separator', { name: 'Edge of web-01' })
  await edge.dblclick()
  await expect.poll(widths).toBeLessThan(3)
  expect(await heights()).toBeGreaterThan(100)
  await page.keyboard.down('Shift')
  await edge.dblclick()
  await page.keyboard.up('Shift')
  await expect.poll(heights).toBeLessThan(8)
  await pane(page, 'web-02', 2).getByTestId('terminal').click()
  await page.keyboard.press('Control+Shift+W')
})

const layouts = (page: Page) => page.getByRole('dialog', { name: 'Layouts of consoles' })

test('what is open is kept under a name, and opened again with panes of its own', async ({ page }) => {
  await page.keyboard.press('Alt+l')
  await expect(layouts(page)).toContainText('No layout is kept yet')
  const name = layouts(page).getByRole('textbox', { name: 'Keep what is open as' })
  await page.keyboard.press('Tab')
  await name.press('Enter')
  await expect(layouts(page)).toContainText('Enter a name for the layout.')
  await name.fill('$(reboot) "web" ü')
  await name.press('Enter')
  await expect(layouts(page).getByRole('listitem')).toContainText('1 tab, 2 panes')
  await name.fill('$(REBOOT) "web" ü')
  await name.press('Enter')
  await expect(layouts(page)).toContainText('There is a layout $(REBOOT) "web" ü already.')
  await layouts(page).getByRole('button', { name: 'Rename the layout' }).click()
  await layouts(page).getByRole('textbox', { name: 'Name of the layout' }).fill('both')
  await page.keyboard.press('Enter')
  await keepScreen(page, 'console-layouts')
  await page.keyboard.press('Escape')
  await tabs(page).first().click({ button: 'middle' })
  await page.getByRole('alertdialog').getByRole('button', { name: 'Close tab' }).click()
  await expect(page.getByText('No console is open')).toBeVisible()
  await page.reload()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('open the layout both')
  await page.keyboard.press('Enter')
  await expect(panes(page)).toHaveCount(2)
  // A pretend guest says only once what nobody read.
  await typeLine(pane(page, 'web-01'), '')
  await shows(pane(page, 'web-01'), /login: *$/)
})

test('a guest of a layout that is not there says so in its pane', async ({ app, page }) => {
  const kept = await page.evaluate(() => sessionStorage.getItem('layout'))
  const guestId = /"guestId":"([0-9a-f-]{36})"/.exec(kept ?? '')?.[1] ?? ''
  const other = await app.another()
  /** Before the page reads it, and after it has kept its own. */
  const reloadWith = async (layout: string): Promise<void> => {
    await other.page.addInitScript((text) => sessionStorage.setItem('layout', text), layout)
    await other.page.reload()
  }
  await reloadWith((kept ?? '').replaceAll(guestId, guestId.replace(/.{12}$/, '000000000000')))
  await expect(panes(other.page).first()).toContainText('sim-1 has no guest web-0')
  await reloadWith((kept ?? '').replace(/"hostId":"[^"]*"/, '"hostId":"gone"'))
  await expect(panes(other.page).filter({ hasText: 'is not in this fleet' })).toHaveCount(1)
  await other.context.close()
})

test('a layout is deleted; what is open of it stays', async ({ page }) => {
  await pane(page, 'web-01').getByTestId('terminal').click()
  await page.keyboard.press('Alt+l')
  await layouts(page).getByRole('button', { name: 'Delete the layout both' }).click()
  await expect(layouts(page)).toContainText('No layout is kept yet')
  await page.keyboard.press('Escape')
  await expect(panes(page)).toHaveCount(2)
})

test('the consoles of the selected guests open as a grid in one tab, or as tabs', async ({ page }) => {
  await row(page, 'api-01').click()
  await row(page, 'web-04').click({ modifiers: ['Shift'] })
  const bar = page.getByRole('toolbar', { name: /guests selected/ })
  await bar.getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: /^Open \d+ consoles as a grid/ }).click()
  await expect(tabs(page)).toHaveCount(1)
  await expect(panes(page)).toHaveCount(9)
  await keepScreen(page, 'console-grid')
  await bar.getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: /^Open \d+ consoles as tabs/ }).click()
  await expect(tabs(page)).toHaveCount(9)
  await expect(panes(page)).toHaveCount(1)
  for (let count = 0; count < 9; count++) await tabs(page).first().click({ button: 'middle' })
  await expect(tabs(page)).toHaveText(['Consoles'])
})

test('many tabs are scrolled', async ({ page }) => {
  for (let count = 0; count < 12; count++) await page.getByRole('button', { name: 'New tab of consoles' }).click()
  await expect(tabs(page)).toHaveCount(13)
  await expect(tabs(page).nth(12)).toBeInViewport()
  for (const guest of ['api-01', 'web-01', 'web-02']) await openConsole(page, guest)
  await keepScreen(page, 'console-tabs')
})
