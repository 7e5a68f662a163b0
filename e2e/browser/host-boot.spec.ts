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
test.beforeEach(() => test.setTimeout(240_000))

const withXen = 'Debian GNU/Linux, with Xen hypervisor'
const entry = (page: Page, title: string) =>
  page
    .getByRole('radiogroup', { name: 'Entries of the boot menu' })
    .locator('label', { has: page.getByText(title, { exact: true }) })
const command = async (words: string): Promise<void> => {
  await app.page.keyboard.press('Control+k')
  await app.page
    .getByRole('dialog', { name: /Search hosts/ })
    .getByRole('combobox')
    .fill(words)
  await app.page.keyboard.press('Enter')
}

test('the boot menu of a host is shown by its labels, with what runs and what is the default', async () => {
  const { page } = app
  await expect(row(page, 'sim-1')).toBeVisible()
  await command('Boot menu: sim-1')
  await expect(page.getByRole('tab', { name: 'Boot' })).toHaveAttribute('aria-selected', 'true')
  await expect(entry(page, withXen)).toContainText('Xen 4.17-amd64, Linux 6.1.0-56-amd64')
  await expect(entry(page, withXen)).toContainText('running')
  await expect(entry(page, withXen)).toContainText('default')
  await expect(entry(page, 'Debian GNU/Linux')).toContainText('no hypervisor: guests will not start')
  await expect(page.getByText('4096M,max:4096M')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Make default' })).toBeDisabled()
  await keepScreen(page, 'host-boot')
})

test('a change shows the files as they would be, is held, proves itself after the reboot, and the guests are back', async () => {
  const { page } = app
  await page.getByRole('button', { name: 'Edit', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Change the boot' })
  await dialog.getByRole('checkbox', { name: 'Fixed' }).click()
  const memory = dialog.getByRole('textbox', { name: 'Memory of dom0, MB' })
  await memory.fill('100')
  await memory.press('Tab')
  await expect(dialog.getByRole('alert')).toHaveText('dom0 needs at least 512 MB.')
  await memory.fill('2048')
  await memory.press('Tab')
  await dialog.getByRole('textbox', { name: 'vCPUs' }).fill('1-2')
  await expect(dialog.getByText('/etc/default/grub.d/zz-domdeck.cfg').first()).toBeVisible()
  await expect(dialog.getByText('dom0_mem=2048M,max:2048M dom0_max_vcpus=1-2').first()).toBeVisible()
  await expect(dialog.getByRole('button', { name: /^Change/ })).toBeEnabled()
  await keepScreen(page, 'host-boot-change')
  await dialog.getByRole('button', { name: /^Change/ }).click()

  const held = page.getByRole('region', { name: 'Held boot' })
  await expect(held).toContainText(`${withXen} is tried at the next boot, once.`)
  await expect(entry(page, withXen)).toContainText('next boot')
  await keepScreen(page, 'host-boot-held')
  await held.getByRole('button', { name: 'Reboot now' }).click()
  const reboot = page.getByRole('dialog', { name: 'Reboot sim-1' })
  await expect(reboot).toContainText('those that ran are started again')
  await reboot.getByRole('checkbox', { name: /^Upgrade/ }).click()
  await expect(reboot).toContainText('The packages themselves are not taken back.')
  await keepScreen(page, 'host-reboot')
  await reboot.getByRole('checkbox', { name: /^Upgrade/ }).click()
  await reboot.getByRole('button', { name: /^Reboot/ }).click()
  await expect(jobRow(page, 'Reboot the host')).toHaveAttribute('data-state', 'succeeded', { timeout: 120_000 })
  await expect(held).toBeHidden({ timeout: 30_000 })
  await expect(page.getByText('2048M,max:2048M')).toBeVisible()
  await expect(page.getByText('grub.d/zz-domdeck.cfg')).toBeVisible()
  await expect(row(page, 'web-01').getByRole('img', { name: 'running' })).toBeVisible()
})

test('an entry is booted once by keys, and one that panics is taken back and said', async () => {
  const { page } = app
  await fleet.run([
    'sh',
    '-c',
    `printf "menuentry 'Broken' {\\n\\tlinux /boot/vmlinuz-6.1.0-56-amd64 init=/bin/false\\n}\\n" >>"$DOMDECK_ROOT/etc/grub.d/40_custom" && update-grub`,
  ])
  await page.getByRole('tab', { name: 'Jobs' }).click()
  await page.getByRole('tab', { name: 'Boot' }).click()
  await entry(page, 'Broken').click()
  await page.getByRole('button', { name: 'Boot once', exact: true }).focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Boot once' })
  await expect(dialog).toContainText('No guest starts while the host runs this entry.')
  await expect(dialog.getByRole('button', { name: /^Boot once/ })).toBeEnabled()
  await page.keyboard.press('Enter')
  await expect(jobRow(page, 'Boot once: Broken')).toHaveAttribute('data-state', 'succeeded')
  await command('Reboot host: sim-1')
  const reboot = page.getByRole('dialog', { name: 'Reboot sim-1' })
  await expect(reboot).toBeFocused()
  await expect(reboot.getByRole('button', { name: /^Reboot/ })).toBeEnabled()
  await page.keyboard.press('Enter')
  await expect(jobRow(page, 'Reboot the host')).toHaveAttribute('data-state', 'failed', { timeout: 120_000 })
  await expect(jobRow(page, 'Reboot the host')).toContainText('Failed, what cannot be undone stays')
  await expect(page.getByText(/Broken did not prove itself and was taken back.*It did not come up\./)).toBeVisible({
    timeout: 30_000,
  })
  await expect(row(page, 'web-01').getByRole('img', { name: 'running' })).toBeVisible()
  await keepScreen(page, 'host-boot-back')
})

test('a host that runs without Xen can be booted into it again', async () => {
  const { page } = app
  await entry(page, 'Debian GNU/Linux').click()
  await page.getByRole('button', { name: 'Boot once', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Boot once' })
  await expect(dialog.getByRole('button', { name: /^Boot once/ })).toBeEnabled()
  await dialog.getByRole('button', { name: /^Boot once/ }).click()
  await expect(jobRow(page, 'Boot once: Debian GNU/Linux')).toHaveAttribute('data-state', 'succeeded')
  await fleet.run(['systemctl', 'reboot'])
  await expect(entry(page, 'Debian GNU/Linux')).toContainText('running', { timeout: 60_000 })
  await expect(page.getByText('sim-1 is not a running Xen dom0').first()).toBeVisible()
  await keepScreen(page, 'host-boot-bare')
  await command('Reboot host: sim-1')
  await page
    .getByRole('dialog', { name: 'Reboot sim-1' })
    .getByRole('button', { name: /^Reboot/ })
    .click()
  await expect(entry(page, withXen)).toContainText('running', { timeout: 60_000 })
})
