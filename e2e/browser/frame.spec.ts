import { expect, type Locator, type Page } from '@playwright/test'
import { testOnFleet } from '../testing/life'
import { choose, inspector, jobRow, row } from '../testing/screen'
import { spills } from '../testing/spills'

// What holds for every dialog and every name, in one life of a fleet.
const test = testOnFleet({ hosts: 1, guests: 6 })
test.describe.configure({ mode: 'serial' })

test('what is opened by keyboard closes with one Escape, which gives the focus back', async ({ page }) => {
  await row(page, 'sim-1').click()
  const named = (name: string | RegExp, within: Page | Locator = page): Locator => within.getByRole('button', { name })
  const openers: [opener: Locator, opened: Locator][] = [
    [named('Clone & boot', inspector(page)), page.getByRole('dialog')],
    [named('More for this host', inspector(page)), page.getByRole('menu')],
    [named('Add host'), page.getByRole('dialog')],
    [named(/^Search hosts/), page.getByRole('dialog')],
    [named('Theme'), page.getByRole('menu')],
  ]
  for (const [opener, opened] of openers) {
    await opener.focus()
    await page.keyboard.press('Enter')
    await expect(opened).toBeVisible()
    await expect(opened.locator(':focus').or(opened.and(page.locator(':focus')))).toHaveCount(1)
    await page.keyboard.press('Escape')
    await expect(opened).toBeHidden()
    await expect(opener).toBeFocused()
  }
})

test('the palette has the keys before the next one can be typed, however busy the page is', async ({ page }) => {
  const focused = await page.evaluate(async () => {
    // A busy page draws no frame for a while.
    const { requestAnimationFrame } = window
    window.requestAnimationFrame = () => 0
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'k', ctrlKey: true, bubbles: true }))
    await new Promise((resolve) => setTimeout(resolve))
    window.requestAnimationFrame = requestAnimationFrame
    return document.activeElement?.getAttribute('placeholder')
  })
  expect(focused).toBe('Search hosts, guests, commands')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toBeHidden()
})

test('names as long as can be show how they end, and one too long its reason', async ({ page }) => {
  await inspector(page).getByRole('button', { name: 'Clone & boot' }).click()
  const dialog = page.getByRole('dialog', { name: 'Clone and boot' })
  const names = dialog.getByRole('textbox', { name: 'Names' })
  await names.fill('a'.repeat(300))
  await expect(dialog.getByRole('alert')).toContainText('at most 63 characters')
  expect(await spills(page)).toEqual([])
  const long = `shop-${'x'.repeat(55)}`
  await names.fill(`${long}-{01..}`)
  await dialog.getByRole('textbox', { name: 'How many' }).fill('2')
  await dialog.getByRole('button', { name: /^Clone & boot/ }).click()
  await expect(dialog).toBeHidden()
  await expect(jobRow(page, long)).toHaveAttribute('data-state', 'succeeded')
  await row(page, 'sim-1').dblclick()
  for (const width of [1440, 1024]) {
    await page.setViewportSize({ width, height: 700 })
    for (const end of ['-01', '-02']) {
      const drawn = row(page, long + end).getByText(`xxxxx${end}`, { exact: true })
      await expect(drawn).toBeInViewport({ ratio: 1 })
    }
    expect(await spills(page)).toEqual([])
  }
  for (const column of ['fleet', 'inspector']) await page.getByRole('button', { name: `Hide the ${column}` }).click()
  expect(await spills(page)).toEqual([])
  for (const column of ['fleet', 'inspector']) await page.getByRole('button', { name: `Show the ${column}` }).click()
  await page.setViewportSize({ width: 1440, height: 900 })
})

test('a host without bases says so, and one without guests', async ({ fleet, page }) => {
  await fleet.run(['sh', '-c', `rm -rf "${fleet.hosts[0]?.storageRoot}"/bases/* "${fleet.hosts[0]?.storageRoot}"/guests/*`])
  await choose(page, 'sim-1')
  await expect(inspector(page)).toContainText('None imported yet.')
  await expect(inspector(page).getByRole('button', { name: 'Clone & boot' })).toBeDisabled()
  await page.getByRole('tab', { name: /^Images/ }).click()
  await expect(page.getByRole('main')).toContainText('No base on sim-1 yet.')
  const all = [
    'sh',
    '-c',
    'for id in $(xl list | awk \'NR > 2 { print $2 }\'); do xl destroy "$id"; done; rm -f -- "$DOMDECK_ETC_XEN"/*.cfg',
  ]
  await fleet.run(all as [string, ...string[]])
  await expect(page.getByRole('tree', { name: 'Fleet' })).toContainText('No guests')
  await page.getByRole('tab', { name: /^Guests/ }).click()
  await expect(page.getByRole('main')).toContainText('No guests on sim-1 yet.')
})
