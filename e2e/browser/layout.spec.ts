import { expect, type Page } from '@playwright/test'
import { testOnFleet } from '../testing/life'
import { keepScreen, openConsole, pane, row, shows } from '../testing/screen'

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

test('many tabs are scrolled', async ({ page }) => {
  for (let count = 0; count < 12; count++) await page.getByRole('button', { name: 'New tab of consoles' }).click()
  await expect(tabs(page)).toHaveCount(13)
  await expect(tabs(page).nth(12)).toBeInViewport()
  for (const guest of ['api-01', 'web-01', 'web-02']) await openConsole(page, guest)
  await keepScreen(page, 'console-tabs')
})
