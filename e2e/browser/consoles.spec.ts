import { expect, type Page, test } from '@playwright/test'
import { type App, startApp } from '../testing/app'
import { type Fleet, startFleet } from '../testing/fleet'
import { inspector, logIn, openConsole, pane, row, shows, terminalText, typeLine } from '../testing/screen'

// One guest's console from the first key to a reload, then others.
test.describe.configure({ mode: 'serial' })

let app: App
let fleet: Fleet
let page: Page
test.beforeAll(async () => {
  fleet = await startFleet({ hosts: 1, guests: 10 })
  app = await startApp({ hosts: fleet.hosts })
  page = app.page
  await expect(row(page, 'web-01')).toBeVisible()
})
test.afterAll(async () => {
  await app?.close()
  await fleet?.stop()
})

const focusedPane = () => page.locator('section.pane:focus-within')
const panes = () => page.getByRole('region', { name: /^Console / })

test('what is typed is answered', async () => {
  await row(page, 'web-01').click()
  await page.keyboard.press('Enter')
  const console = pane(page, 'web-01')
  await expect(console).toBeVisible()
  await logIn(console)
  await typeLine(console, 'echo $((6*7))')
  await shows(console, /^42$/m)
})

test('panes are split, gone through, maximised and closed by keyboard', async () => {
  const first = pane(page, 'web-01')
  await first.getByTestId('terminal').click()
  await page.keyboard.press('Control+Shift+E')
  const right = pane(page, 'web-01', 2)
  await expect(right).toBeVisible()
  await shows(right, /^42$/m)
  await page.keyboard.press('Control+Shift+O')
  const below = pane(page, 'web-01', 3)
  await expect(below).toBeVisible()
  const boxes = await Promise.all([first, right, below].map((one) => one.boundingBox()))
  const [one, two, three] = boxes
  if (!one || !two || !three) throw new Error('a pane is not drawn')
  expect(two.x).toBeGreaterThanOrEqual(one.x + one.width)
  expect(three.y).toBeGreaterThanOrEqual(two.y + two.height)
  await expect(below.locator(':focus')).toHaveCount(1)
  // Typed in one view, seen in all.
  await page.keyboard.type('echo $((100+11))')
  await page.keyboard.press('Enter')
  for (const view of [first, right, below]) await shows(view, /^111$/m)

  await page.keyboard.press('Control+Shift+N')
  await expect(first.locator(':focus')).toHaveCount(1)
  await page.keyboard.press('Control+Shift+P')
  await expect(below.locator(':focus')).toHaveCount(1)
  await page.keyboard.press('Alt+ArrowUp')
  await expect(right.locator(':focus')).toHaveCount(1)

  await page.keyboard.press('Control+Shift+X')
  await expect(panes()).toHaveCount(1)
  await shows(panes().first(), /^111$/m)
  await page.keyboard.press('Control+Shift+X')
  await expect(panes()).toHaveCount(3)
  await page.keyboard.press('Control+Shift+W')
  await expect(panes()).toHaveCount(2)
  await page.keyboard.press('Control+Shift+W')
  await expect(panes()).toHaveCount(1)
  await expect(focusedPane()).toHaveCount(1)
})

test('the same is done by buttons, which are there once', async () => {
  for (const name of ['Split right', 'Split below', 'Maximise the pane', 'Close the pane'])
    await expect(page.getByRole('button', { name, exact: true })).toHaveCount(1)
  await page.getByRole('button', { name: 'Split below', exact: true }).click()
  await expect(panes()).toHaveCount(2)
  await page.getByRole('button', { name: 'Close the pane', exact: true }).click()
  await expect(panes()).toHaveCount(1)
})

test('several lines are asked about before they are pasted', async () => {
  const console = pane(page, 'web-01')
  await page.evaluate(() => navigator.clipboard.writeText('echo $((20+1))\necho $((20+2))\n'))
  await console.getByTestId('terminal').click()
  await page.keyboard.press('Control+Shift+V')
  const dialog = page.getByRole('dialog', { name: 'Paste 2 lines into web-01?' })
  await expect(dialog).toContainText('echo $((20+2))')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect(dialog).toBeHidden()
  expect(await terminalText(console)).not.toMatch(/20\+1/)
  await console.getByTestId('terminal').click()
  await page.keyboard.press('Control+Shift+V')
  await dialog.getByRole('button', { name: 'Paste 2 lines' }).click()
  await shows(console, /^21\n.*\n22$/m)
})

test('the scrollback is searched', async () => {
  const console = pane(page, 'web-01')
  await console.getByTestId('terminal').click()
  await page.keyboard.press('Control+Shift+F')
  const input = console.getByRole('textbox', { name: 'Search in this console' })
  await expect(input).toBeFocused()
  await page.keyboard.type('not to be found')
  await expect(console.getByText('not found', { exact: true })).toBeVisible()
  await input.fill('Password')
  await expect(console.getByText('not found', { exact: true })).toBeHidden()
  await page.keyboard.press('Escape')
  await expect(input).toBeHidden()
  await expect(console.locator(':focus')).toHaveCount(1)
})

test('a second page reads only, until it takes over', async () => {
  const second = await app.another()
  await openConsole(second.page, 'web-01').catch(() => undefined)
  const there = pane(second.page, 'web-01')
  await shows(there, /^42$/m)
  await expect(there).toContainText('Read-only')
  await typeLine(there, 'echo $((7*11))')
  await expect(pane(page, 'web-01')).not.toContainText('Read-only')
  await there.getByRole('button', { name: 'Take over' }).click()
  await expect(pane(page, 'web-01')).toContainText('Read-only')
  await expect(there).not.toContainText('Read-only')
  await typeLine(there, 'echo $((7*13))')
  await shows(pane(page, 'web-01'), /^91$/m)
  expect(await terminalText(there)).not.toMatch(/^77$/m)
  await pane(page, 'web-01').getByRole('button', { name: 'Take over' }).click()
  await expect(there).toContainText('Read-only')
  await typeLine(pane(page, 'web-01'), 'echo $((7*17))')
  await shows(there, /^119$/m)
  await second.context.close()
})

test('a reboot attaches again by itself and keeps what was there', async () => {
  const console = pane(page, 'web-01')
  await row(page, 'web-01').click()
  await inspector(page).getByRole('button', { name: 'Reboot' }).click()
  await expect(console.getByRole('status')).toContainText(/reattached as domid \d+/)
  await shows(console, /^42$[\s\S]*Restarting system[\s\S]*login: *$/m)
  await logIn(console)
  await console.getByRole('button', { name: 'Dismiss' }).click()
  await expect(console.getByRole('status')).toBeHidden()
})

test('a link that is cut dims the console, which comes back with its scrollback', async () => {
  const console = pane(page, 'web-01')
  // Long enough to be seen: nothing that is run on the host begins at once.
  await fleet.act('slow', { ms: 2000 })
  await fleet.act('cut')
  await expect(console.getByRole('status')).toContainText('Not connected to sim-1')
  await expect(console.locator('[aria-disabled=true]')).toBeVisible()
  expect(await terminalText(console)).toMatch(/^42$/m)
  await fleet.act('slow', { ms: 0 })
  await expect(console.locator('[aria-disabled=false]')).toBeVisible({ timeout: 30_000 })
  await typeLine(console, 'echo $((12*12))')
  await shows(console, /^42$[\s\S]*^144$/m)
})

test('a guest that is down says so, and its console comes back with it', async () => {
  const console = pane(page, 'web-01')
  await fleet.run(['xl', 'destroy', 'web-01'])
  await expect(console.getByRole('status')).toContainText('web-01 is not running')
  await row(page, 'web-01').click()
  await inspector(page).getByRole('button', { name: 'Start' }).click()
  await shows(console, /^144$[\s\S]*login: *$/m)
  await expect(console.locator('[aria-disabled=false]')).toBeVisible()
})

test('a reload in the midst of output loses nothing, and the layout stays', async () => {
  const console = pane(page, 'web-01')
  await logIn(console)
  await openConsole(page, 'web-02')
  await expect(panes()).toHaveCount(2)
  const before = await Promise.all([pane(page, 'web-01'), pane(page, 'web-02')].map((one) => one.boundingBox()))
  await typeLine(console, 'seq 20000')
  await page.reload()
  await expect(panes()).toHaveCount(2)
  await shows(console, /^20000\nroot@web-01:~# *$/m)
  const numbers = (await terminalText(console))
    .split('\n')
    .filter((line) => /^\d+$/.test(line))
    .map(Number)
  expect(numbers.length).toBeGreaterThan(4000)
  expect(numbers).toEqual(Array.from(numbers, (_number, index) => 20000 - numbers.length + 1 + index))
  const after = await Promise.all([pane(page, 'web-01'), pane(page, 'web-02')].map((one) => one.boundingBox()))
  expect(after).toEqual(before)
})
