import { expect, type Page } from '@playwright/test'
import type { Fleet } from '../testing/fleet'
import { testOnFleet } from '../testing/life'
import { keepScreen, logIn, openConsole, pane, row, shows, terminalText, typeLine } from '../testing/screen'

// What a console tells without anybody reading it: trouble, what was waited for, who else holds it, what its host wrote down.
const test = testOnFleet({ hosts: 1, guests: 8 }, { theme: 'system' })
test.describe.configure({ mode: 'serial' })

const notice = (page: Page, text: RegExp) => page.getByRole('region', { name: 'Notices' }).locator('.notice', { hasText: text })
const tab = (page: Page, name: RegExp) => page.getByRole('tab', { name })
const domidOf = async (fleet: Fleet, guest: string) =>
  (await fleet.run(['xl', 'list', guest])).trim().split('\n').at(-1)?.split(/\s+/)[1]

async function paneMenu(page: Page, guest: string, item: string): Promise<void> {
  await pane(page, guest)
    .getByRole('button', { name: `Menu of the console of ${guest}` })
    .click()
  await page.getByRole('menu').getByText(item, { exact: true }).click()
}

test('a kernel that panics in a tab behind others is marked on tab, tree and pane, and told of', async ({ page, fleet }) => {
  await openConsole(page, 'web-01')
  await logIn(pane(page, 'web-01'))
  await page.getByRole('button', { name: 'New tab of consoles' }).click()
  await openConsole(page, 'web-02')
  await logIn(pane(page, 'web-02'))
  await fleet.act('crashGuest', { name: 'web-01' })
  await expect(tab(page, /Kernel panic.*web-01/)).toBeVisible()
  await expect(row(page, 'web-01').getByText('Kernel panic')).toBeAttached()
  await expect(notice(page, /web-01/)).toBeVisible()
  await keepScreen(page, 'console-mark-hidden')

  await tab(page, /web-01/).click()
  await pane(page, 'web-01').getByTestId('terminal').click()
  await expect(pane(page, 'web-01').getByText(/Kernel panic at .*not syncing: Fatal exception/)).toBeVisible()
  // Somebody has looked.
  await expect(tab(page, /Kernel panic/)).toHaveCount(0)
  await expect(row(page, 'web-01').getByText('Kernel panic')).toHaveCount(0)
  await keepScreen(page, 'console-mark')
  await pane(page, 'web-01').getByRole('button', { name: 'Dismiss: Kernel panic' }).click()
  await expect(pane(page, 'web-01').getByText(/Kernel panic at/)).toHaveCount(0)
})

test('a mark goes with a reboot of the guest', async ({ page }) => {
  await tab(page, /web-02/).click()
  const console = pane(page, 'web-02')
  await typeLine(console, 'echo "[   12.345678] Out of memory: Killed process 812 (java)"')
  await expect(console.getByText(/Out of memory at .*Killed process 812/)).toBeVisible()
  await typeLine(console, 'reboot')
  await expect(console.getByText(/reattached as domid/)).toBeVisible()
  await expect(console.getByText(/Out of memory at/)).toHaveCount(0)
})

test('a pane tells when a text appears, behind another tab and over a reload of the page', async ({ page }) => {
  await logIn(pane(page, 'web-02'))
  await paneMenu(page, 'web-02', 'Tell me when a text appears, or when it is quiet')
  const dialog = page.getByRole('dialog', { name: 'Tell me of the console of web-02' })
  await page.keyboard.press('Enter')
  await expect(dialog.getByText('Type what to wait for.')).toBeVisible()
  await dialog.getByRole('checkbox', { name: 'Regular expression' }).click()
  await dialog.getByRole('textbox').fill('built in (')
  await expect(dialog.getByText(/Unterminated group/)).toBeVisible()
  await dialog.getByRole('textbox').fill('^built in \\d+ s')
  await keepScreen(page, 'console-watch-dialog')
  await page.keyboard.press('Enter')
  await expect(dialog).toBeHidden()
  const waiting = pane(page, 'web-02').getByRole('button', { name: 'Waiting: tell me when /^built in \\d+ s/ appears' })
  await expect(waiting).toBeVisible()
  await page.reload()
  await tab(page, /web-02/).click()
  await expect(waiting).toBeVisible()
  await typeLine(pane(page, 'web-02'), 'echo built in 12 s')
  await expect(notice(page, /web-02.*appears.*built in 12 s/s)).toBeVisible()
  await expect(waiting).toHaveCount(0)
  await keepScreen(page, 'console-watch-hit')
})

test('a pane tells when it is quiet, found in the palette', async ({ page }) => {
  await pane(page, 'web-02').getByTestId('terminal').click()
  await page.keyboard.press('Control+Shift+K')
  await page
    .getByRole('dialog', { name: /Search hosts/ })
    .getByRole('combobox')
    .fill('when it is quiet')
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Tell me of the console of web-02' })
  await dialog.getByRole('radio', { name: 'it is quiet' }).click()
  await dialog.getByRole('textbox', { name: 'For, s' }).fill('1')
  await dialog.getByRole('button', { name: 'Tell me' }).click()
  await expect(notice(page, /web-02 is quiet for 1 s/)).toBeVisible()
})

let holder = ''

test('a console that somebody else holds can be read in the log of its host', async ({ page, fleet }) => {
  const domid = await domidOf(fleet, 'web-04')
  const hold = 'sleep 600 2>/dev/null | "$DOMDECK_XENCONSOLE" --interactive --type pv "$1" >/dev/null 2>&1 & echo $!'
  holder = (await fleet.run(['sh', '-c', hold, 'hold', domid ?? ''])).trim()
  const console = await openConsole(page, 'web-04')
  await expect(console.getByText(new RegExp(`In use by .*pid ${holder}`))).toBeVisible()
  await console.getByRole('button', { name: 'Read its log' }).click()
  await expect(console.getByText(/keeps no log of this console/)).toBeVisible()
  await expect(console.getByText('XENCONSOLED_ARGS="--log=guest"')).toBeVisible()
  await keepScreen(page, 'console-no-log')

  const write = 'printf "%s\\n" "$1" >>"$DOMDECK_ROOT/var/log/xen/console/guest-web-04.log"'
  await fleet.run(['sh', '-c', write, 'write', 'a line that the other one saw'])
  await console.getByRole('button', { name: 'Look again' }).click()
  const log = console.getByRole('region', { name: 'Log of the console of web-04' })
  await expect(log.getByText('a line that the other one saw')).toBeVisible()
  await fleet.run(['sh', '-c', write, 'write', 'and one that came after'])
  await expect(log.getByText('and one that came after')).toBeVisible()
  await keepScreen(page, 'console-busy-log')
})

test('the console goes on by itself when he leaves', async ({ page, fleet }) => {
  const console = pane(page, 'web-04')
  const log = console.getByRole('region', { name: 'Log of the console of web-04' })
  await fleet.run(['kill', holder])
  await expect(console.getByText(/In use by/)).toHaveCount(0, { timeout: 40_000 })
  // What the guest had said went to the other one; it answers this pane now.
  await typeLine(console, '')
  await shows(console, /login: *$/)
  expect(await terminalText(console)).not.toContain('a line that the other one saw')
  await console.getByRole('button', { name: 'Hide the log' }).click()
  await expect(log).toHaveCount(0)
})

test('a host that keeps logs shows what was there before the console', async ({ page, fleet }) => {
  const on = 'mkdir -p "$DOMDECK_ROOT/etc/default"; echo \'XENCONSOLED_ARGS="--log=guest"\' >>"$DOMDECK_ROOT/etc/default/xen"'
  await fleet.run(['sh', '-c', on])
  const console = await openConsole(page, 'api-01')
  await logIn(console)
  await typeLine(console, 'echo $((40+2))')
  await paneMenu(page, 'api-01', 'Log that the host keeps')
  const log = console.getByRole('region', { name: 'Log of the console of api-01' })
  await expect(log.locator('pre')).toContainText('42')
  await keepScreen(page, 'console-log')
})
