import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, type Locator, type Page, test } from '@playwright/test'
import { type App, startApp } from '../testing/app'
import { type Fleet, startFleet } from '../testing/fleet'
import { choose, inspector, jobRow, keepScreen, row } from '../testing/screen'

// How a guest boots: looked at, changed, taken back; in one life of a fleet, with a picture of each screen.
test.describe.configure({ mode: 'serial', timeout: 120_000 })

let app: App
let fleet: Fleet
let page: Page
test.beforeAll(async () => {
  fleet = await startFleet({ hosts: 1, guests: 12 })
  await fleet.act('addForeignGuest', { name: 'oldster' })
  await fleet.run(['xl', 'destroy', 'oldster'])
  disk('oldster.img', {
    'boot/vmlinuz-6.1.0-56-amd64': 'k',
    'boot/vmlinuz-5.10.0-9-amd64': 'k',
    'boot/grub/grub.cfg': `menuentry 'Debian GNU/Linux' {\n linux /boot/vmlinuz-6.1.0-56-amd64 root=/dev/xvda ro\n}\nsubmenu 'Advanced' {\nmenuentry 'Debian GNU/Linux, with Linux 5.10.0-9-amd64' {\n linux /boot/vmlinuz-5.10.0-9-amd64 root=/dev/xvda ro\n}\n}\n`,
  })
  app = await startApp({ hosts: fleet.hosts, preferences: { theme: 'system' } })
  page = app.page
  await row(page, 'web-01').waitFor()
})
test.afterAll(async () => {
  await app?.close()
  await fleet?.stop()
})

const root = () => fleet.hosts[0]?.storageRoot ?? ''
const dialog = (): Locator => page.getByRole('dialog')
const preflight = (): Locator => dialog().getByRole('region', { name: 'Preflight' })
const card = (): Locator => inspector(page).getByRole('region', { name: 'Boot' })
const done = (title: string | RegExp) => expect(jobRow(page, title)).toHaveAttribute('data-state', 'succeeded')
const config = () => readFile(join(root(), '../etc-xen/oldster.cfg'), 'utf8')

/** An ext4 image below the storage root with these files. */
function disk(name: string, files: Record<string, string>): void {
  const tree = mkdtempSync(join(tmpdir(), 'domdeck-disk-'))
  for (const [file, text] of Object.entries({ 'etc/fstab': '', ...files })) {
    mkdirSync(dirname(join(tree, file)), { recursive: true })
    writeFileSync(join(tree, file), text)
  }
  rmSync(join(root(), name), { force: true })
  writeFileSync(join(root(), name), '')
  truncateSync(join(root(), name), 24 * 1024 * 1024)
  execFileSync('mke2fs', ['-q', '-F', '-t', 'ext4', '-d', tree, join(root(), name)], {
    env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  })
  rmSync(tree, { recursive: true })
}

test('the inspector tells who loads the kernel, which kernels the disk holds, and what is old about it', async () => {
  await choose(page, 'oldster')
  await expect(card()).toContainText('by pygrub')
  await expect(card().getByRole('list', { name: 'Kernels of the guest' })).toContainText('5.10.0-9-amd64')
  await expect(card()).toContainText('deprecated')
  await keepScreen(page, 'boot-card')
})

test('a switch shows what it takes, the menu of the guest and the commands, and is done by keyboard', async () => {
  await inspector(page).getByRole('button', { name: 'Change: How it boots' }).focus()
  await page.keyboard.press('Enter')
  await expect(dialog().getByRole('radio', { name: 'By pvgrub' })).toBeChecked()
  await expect(dialog().getByRole('list', { name: 'Boot menu of the guest' })).toContainText('Linux 5.10.0-9-amd64')
  await expect(dialog().getByRole('status')).toHaveText(/^\d+ passed$/)
  await keepScreen(page, 'boot-switch')
  await dialog().getByRole('radio', { name: 'As HVM' }).click()
  await expect(preflight()).toContainText('no partition table')
  await expect(dialog().getByRole('button', { name: 'Change' })).toBeDisabled()
  await keepScreen(page, 'boot-switch-refused')
  await dialog().getByRole('radio', { name: 'Directly' }).click()
  await dialog().getByRole('textbox', { name: 'Kernel' }).fill('vmlinuz')
  await expect(dialog().getByRole('alert')).toContainText('absolute path')
  await dialog().getByRole('textbox', { name: 'Kernel' }).fill('/nowhere/vmlinuz')
  await expect(preflight()).toContainText('there is no /nowhere/vmlinuz on this host')
  await keepScreen(page, 'boot-switch-direct')
  await dialog().getByRole('radio', { name: 'By pvgrub' }).click()
  await expect(dialog().getByRole('status')).toHaveText(/^\d+ passed$/)
  await dialog().getByRole('button', { name: 'Change' }).focus()
  await page.keyboard.press('Enter')
  await expect(dialog()).toBeHidden()
  await done('Boot oldster by pvgrub')
  await expect(card()).toContainText('by pvgrub')
  expect(await config()).toMatch(/^kernel = "\/usr\/lib\/grub-xen\//m)
})

test('a guest that runs, and one whose root is an overlay, keep their way', async () => {
  await choose(page, 'web-01')
  await expect(card()).toContainText('directly')
  await expect(inspector(page).getByRole('button', { name: 'Change: How it boots' })).toBeDisabled()
})

test('an old guest is diagnosed line by line, mended with one button, and right after it', async () => {
  disk('oldster.img', {
    'sbin/init': 'x',
    'sbin/getty': 'x',
    'etc/fstab': 'proc /proc proc defaults 0 0\n/dev/sda1 / ext3 errors=remount-ro 0 1\n/dev/sda2 none swap sw 0 0\n',
    'etc/inittab': 'id:2:initdefault:\n1:2345:respawn:/sbin/getty 38400 tty1\n',
    'boot/grub/menu.lst': 'title Debian\nkernel /boot/vmlinuz-2.6.32 root=/dev/sda1 ro\n',
    'boot/vmlinuz-2.6.32': 'k',
  })
  await choose(page, 'oldster')
  await card().getByRole('button', { name: 'Check its disks and console' }).click()
  const list = dialog().getByRole('list', { name: 'What it says of its disks and its console' })
  await expect(list).toContainText('+ /dev/xvda / ext3 errors=remount-ro 0 1')
  await expect(list).toContainText('sysvinit starts none on hvc0')
  await keepScreen(page, 'mend-guest')
  await list.getByRole('checkbox', { name: 'Console of the kernel' }).click()
  await expect(dialog().getByRole('button', { name: 'Mend' })).toBeEnabled()
  await dialog().getByRole('button', { name: 'Mend' }).click()
  await expect(dialog()).toBeHidden()
  await done('Mend fstab, menu, getty of oldster')
  await card().getByRole('button', { name: 'Check its disks and console' }).click()
  await expect(list.getByRole('checkbox')).toHaveCount(1)
  await page.keyboard.press('Escape')
})

test('an image is checked by its path, from the menu of its host, and mended in a copy', async () => {
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: /search/i }).fill('check an old image')
  await page.keyboard.press('Enter')
  await dialog().getByRole('textbox', { name: 'Image' }).fill('nowhere')
  await expect(dialog().getByRole('alert')).toContainText('absolute path')
  await dialog().getByRole('textbox', { name: 'Image' }).fill('/nowhere.img')
  await expect(dialog()).toContainText('there is no /nowhere.img on this host')
  await keepScreen(page, 'mend-image-none')
  await dialog().getByRole('textbox', { name: 'Image' }).fill(join(root(), 'oldster.img'))
  await expect(dialog().getByRole('checkbox', { name: 'Console of the kernel' })).toBeChecked({ timeout: 60_000 })
  await keepScreen(page, 'mend-image')
  await dialog().getByRole('textbox', { name: 'To' }).fill(join(root(), 'copy.img'))
  await dialog().getByRole('button', { name: 'Mend' }).click()
  await expect(dialog()).toBeHidden()
  await done(/Mend console in a copy of/)
})

test('it is in the palette, too', async () => {
  await choose(page, 'oldster')
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: /search/i }).fill('how oldster boots')
  await page.keyboard.press('Enter')
  await expect(dialog().getByRole('heading', { name: 'How oldster boots' })).toBeVisible()
  await dialog().getByRole('radio', { name: 'By pygrub' }).click()
  await expect(preflight()).toContainText('deprecated')
  await page.keyboard.press('Escape')
})
