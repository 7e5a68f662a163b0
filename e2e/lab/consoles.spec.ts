import { dirname } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { type App, startApp } from '../testing/app'
import { inspector, openConsole, pane, row, shows, terminalText } from '../testing/screen'
import { lab } from './testing/lab'

// Twelve small guests in twelve panes: logged in to at once, rebooted at once; one panics, and one is read by somebody else.
test.describe.configure({ mode: 'serial' })

let app: App
let page: Page
const names = Array.from({ length: 12 }, (_, index) => `w${String(index + 1).padStart(2, '0')}`)
const first = 'w01'

test.beforeAll(async () => {
  test.setTimeout(10 * 60_000)
  await lab.fresh()
  // The tiny guest asks nobody who comes: here it does.
  await lab.sh(`
    cp /srv/guest/tiny.img /srv/login.img
    mount -o loop /srv/login.img /mnt
    sed -i 's|^hvc0::.*|hvc0::respawn:/bin/getty -L 0 hvc0 vt100|' /mnt/etc/inittab
    printf 'root:%s:0:0:root:/root:/bin/sh\\n' "$(openssl passwd -1 root)" >/mnt/etc/passwd
    umount /mnt`)
  const { key } = await lab.status()
  app = await startApp({
    environment: { ...process.env, DOMDECK_LAB: dirname(key) },
    viewport: { width: 1920, height: 1200 },
  })
  page = app.page
  await page.getByRole('button', { name: 'Add lab' }).click()
  await row(page, 'xen-lab').dblclick()
})
test.afterAll(() => app?.close())

const domids = () => lab.sh('xl list | tail -n +3 | sort | sed "s/  */ /g" | cut -d " " -f 1,2')

/** What each of the panes shows. */
async function allShow(what: (name: string) => RegExp): Promise<void> {
  for (const name of names) await shows(pane(page, name), what(name))
}

async function type(line: string): Promise<void> {
  await page.keyboard.type(line)
  await page.keyboard.press('Enter')
}

test('twelve guests boot into twelve panes', async () => {
  await page.getByRole('tab', { name: /Images/ }).click()
  await page.getByRole('button', { name: 'Import base' }).first().click()
  const importing = page.getByRole('dialog', { name: 'Import a base' })
  await importing.getByRole('textbox', { name: 'Image' }).fill('/srv/login.img')
  await importing.getByRole('textbox', { name: 'Name' }).fill('login')
  await importing.getByRole('checkbox', { name: /another kernel/ }).click()
  await importing.getByRole('textbox', { name: 'Kernel' }).fill('/srv/guest/tinylinux')
  await importing.getByRole('textbox', { name: 'Initrd' }).fill('/srv/guest/tiny-initrd.img')
  const start = importing.getByRole('button', { name: /^Import/ })
  await expect(start).toBeEnabled()
  await start.click()
  await expect(page.locator('[data-job]', { hasText: 'Import login' })).toHaveAttribute('data-state', 'succeeded')
  await row(page, 'xen-lab').click()
  await inspector(page)
    .getByRole('button', { name: /Clone & boot/ })
    .click()
  const dialog = page.getByRole('dialog', { name: 'Clone and boot' })
  await dialog.getByRole('textbox', { name: 'Names' }).fill('w{01..}')
  await dialog.getByRole('textbox', { name: 'How many' }).fill('12')
  await dialog.getByRole('textbox', { name: 'Memory, MB' }).fill('48')
  // Twelve of type PVH take more time to boot than Xen waits for under emulation.
  await dialog.getByRole('radio', { name: 'PV', exact: true }).click()
  const clone = dialog.getByRole('button', { name: /^Clone & boot/ })
  await expect(clone).toBeEnabled()
  await clone.click()
  await expect(dialog).toBeHidden()
  await allShow((name) => new RegExp(`${name} login: *$`))
})

test('they are logged in to at once', async () => {
  await pane(page, first).getByTestId('terminal').click()
  await page.keyboard.press('Control+Shift+B')
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Broadcast to 12 panes/ })
    .click()
  await expect(page.locator('section.pane.cast')).toHaveCount(12)
  await expect(page.locator('section.pane :focus')).toHaveCount(1)
  await type('root')
  await allShow(() => /Password: *$/)
  await type('root')
  await allShow((name) => new RegExp(`${name}:~# *$`))
  await page.screenshot({ path: 'test-results/screens/lab-broadcast.png' })
})

test('they are rebooted at once, and all panes come back by themselves', async () => {
  const before = await domids()
  await type('reboot')
  for (const name of names) {
    await expect(pane(page, name)).toContainText('reattached as domid', { timeout: 6 * 60_000 })
    await shows(pane(page, name), new RegExp(`reboot.*${name} login: *$`, 's'))
  }
  const after = await domids()
  expect(after.split('\n')).toHaveLength(12)
  for (const line of before.split('\n')) expect(after).not.toContain(`${line}\n`)
})

test('a guest that panics is marked', async () => {
  await page.keyboard.press('Control+Shift+B')
  await expect(page.locator('section.pane.cast')).toHaveCount(0)
  await pane(page, 'w12').getByTestId('terminal').click()
  await type('root')
  await shows(pane(page, 'w12'), /Password: *$/)
  await type('root')
  await shows(pane(page, 'w12'), /w12:~# *$/)
  await type('echo c >/proc/sysrq-trigger')
  await expect(pane(page, 'w12').getByText(/Kernel panic at .*sysrq triggered crash/)).toBeVisible()
  expect(await terminalText(pane(page, 'w12'))).toMatch(/Kernel panic - not syncing/)
  await expect(row(page, 'w12')).toContainText('crashed')
})

test('who else reads a console is named', async () => {
  await page.getByRole('button', { name: 'Menu of the console of w11' }).click()
  await page.getByRole('menuitem', { name: 'Close pane' }).click()
  await expect(pane(page, 'w11')).toHaveCount(0)
  await lab.sh(`
    until flock -n "/var/lock/xenconsole.$(xl domid w11)" true; do sleep 0.2; done
    setsid xl console w11 >/dev/null 2>&1 </dev/null &
    until ! flock -n "/var/lock/xenconsole.$(xl domid w11)" true; do sleep 0.2; done`)
  const pid = await lab.sh('pgrep -f "xenconsole [0-9]"')
  await openConsole(page, 'w11')
  await expect(pane(page, 'w11')).toContainText(new RegExp(`In use by .*root.*pid ${pid.split('\n').at(-1)}`))
  await page.screenshot({ path: 'test-results/screens/lab-consoles-12.png' })
  await lab.sh(`kill ${pid.split('\n').join(' ')}`)
  await expect(pane(page, 'w11')).not.toContainText('In use by')
})
