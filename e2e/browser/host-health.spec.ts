import { expect, type Page, test } from '@playwright/test'
import { type App, startApp } from '../testing/app'
import { type Fleet, startFleet } from '../testing/fleet'
import { jobRow, keepScreen, row } from '../testing/screen'

let app: App
let fleet: Fleet
test.beforeAll(async () => {
  fleet = await startFleet({ hosts: 1, guests: 3 })
  app = await startApp({ hosts: fleet.hosts, preferences: { theme: 'system' } })
})
test.afterAll(async () => {
  await app?.close()
  await fleet?.stop()
})
test.beforeEach(() => test.setTimeout(120_000))

const item = (page: Page, title: string) =>
  page
    .getByRole('list', { name: 'Health of sim-1' })
    .getByRole('listitem')
    .filter({ has: page.getByText(title, { exact: true }) })
const command = async (words: string): Promise<void> => {
  await app.page.keyboard.press('Control+k')
  await app.page
    .getByRole('dialog', { name: /Search hosts/ })
    .getByRole('combobox')
    .fill(words)
  await app.page.keyboard.press('Enter')
}

test('the health of a host is opened from the palette: what is to mend first, each with its reason', async () => {
  const { page } = app
  await expect(row(page, 'sim-1')).toBeVisible()
  await command('Health: sim-1')
  await expect(page.getByRole('tab', { name: 'Health' })).toHaveAttribute('aria-selected', 'true')
  await expect(page.getByRole('heading', { name: '4 to mend' })).toBeVisible()
  await expect(item(page, 'Guests at shutdown')).toContainText('writes the memory of all guests to /var/lib/xen/save')
  await expect(item(page, 'Xen and its packages')).toContainText('Xen 4.17 and Linux 6.1.0-56-amd64 run as they are installed.')
  await expect(item(page, 'Loop devices').getByRole('button')).toHaveCount(0)
  await keepScreen(page, 'host-health')
})

test('an item is mended by keys, with its file before, and taken back', async () => {
  const { page } = app
  await page.getByRole('button', { name: 'Mend: Reboot after a crash' }).focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Mend: Reboot after a crash' })
  await expect(dialog.getByText('/etc/sysctl.d/zz-domdeck-panic.conf')).toBeVisible()
  await expect(dialog.getByText('+kernel.panic_on_oops = 1')).toBeVisible()
  await expect(dialog.getByText('Now, too: kernel.panic from 0 to 10')).toBeVisible()
  await expect(dialog.getByRole('button', { name: /^Mend/ })).toBeEnabled()
  await keepScreen(page, 'host-health-mend')
  await page.keyboard.press('Enter')
  await expect(dialog).toBeHidden()
  await expect(jobRow(page, 'Mend the host: Reboot after a crash')).toHaveAttribute('data-state', 'succeeded')
  await expect(page.getByRole('heading', { name: '3 to mend' })).toBeVisible()
  await expect(item(page, 'Reboot after a crash')).toContainText('kernel.panic=10, kernel.panic_on_oops=1.')
  await page.getByRole('button', { name: 'Undo: Reboot after a crash' }).click()
  await expect(jobRow(page, 'Take back what was mended')).toHaveAttribute('data-state', 'succeeded')
  await expect(page.getByRole('heading', { name: '4 to mend' })).toBeVisible()
})

test('what a job cannot mend leads to where it is changed; what waits for a reboot says so', async () => {
  const { page } = app
  await page.getByRole('button', { name: 'Mend: Logs of consoles' }).click()
  const dialog = page.getByRole('dialog', { name: 'Mend: Logs of consoles' })
  await expect(dialog.locator('summary', { hasText: '/etc/logrotate.d/domdeck-console-logs' })).toBeVisible()
  await expect(dialog.getByRole('button', { name: /^Mend/ })).toBeEnabled()
  await keepScreen(page, 'host-health-logs')
  await dialog.getByRole('button', { name: /^Mend/ }).click()
  await expect(item(page, 'Logs of consoles')).toContainText('at the next boot')
  await fleet.run([
    'sh',
    '-c',
    'echo placeholder loglvl=all >"$SIM_HOST/xen/commandline"; rm -rf "$DOMDECK_ROOT/usr/lib/xen-4.17"; ln -s /nowhere/gone.cfg "$DOMDECK_ETC_XEN/auto/gone.cfg"',
  ])
  await page.getByRole('button', { name: 'Look again' }).click()
  await expect(item(page, 'Xen and its packages')).toContainText('upgraded, not rebooted')
  await expect(item(page, 'Guests at boot')).toContainText('lead nowhere: gone.cfg.')
  await keepScreen(page, 'host-health-worse')
  await item(page, 'Xen and its packages').getByRole('button', { name: 'Reboot' }).click()
  await expect(page.getByRole('dialog', { name: 'Reboot sim-1' })).toBeVisible()
  await page.keyboard.press('Escape')
  await item(page, 'Memory of dom0').getByRole('button', { name: 'Boot' }).click()
  await expect(page.getByRole('tab', { name: 'Boot' })).toHaveAttribute('aria-selected', 'true')
})

test('a host that is away keeps what it said, and nothing can be started', async () => {
  const { page } = app
  await command('Health: sim-1')
  await expect(item(page, 'Guests at shutdown')).toBeVisible()
  await command('Disconnect: sim-1')
  await expect(page.getByRole('button', { name: 'Look again' })).toBeDisabled()
  await expect(page.getByRole('button', { name: 'Mend: Guests at shutdown' })).toBeDisabled()
  await command('Connect: sim-1')
  await expect(page.getByRole('button', { name: 'Mend: Guests at shutdown' })).toBeEnabled()
})
