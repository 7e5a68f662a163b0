import { dirname } from 'node:path'
import { expect, type Locator, type Page, test } from '@playwright/test'
import { type App, startApp } from '../testing/app'
import { inspector } from '../testing/screen'
import { lab, traces } from './testing/lab'

// One story on one restored lab: each part stands on the one before.
test.describe.configure({ mode: 'serial' })

let app: App
let page: Page
let baseSum: string
let clean: string

test.beforeAll(async () => {
  test.setTimeout(10 * 60_000)
  await lab.fresh()
  // The app gets a home of its own, but the lab that was built for the tests.
  const { key } = await lab.status()
  app = await startApp({ environment: { ...process.env, DOMDECK_LAB: dirname(key) } })
  page = app.page
})
test.afterAll(() => app?.close())

const pane = (name: string): Locator => page.getByRole('region', { name: `Console ${name}` }).first()
const terminal = (name: string): Locator => pane(name).getByTestId('terminal')
const text = (name: string): Promise<string> =>
  terminal(name).evaluate((element) => (element as HTMLElement & { terminalText(): string }).terminalText())
const row = (name: string): Locator => page.getByRole('treeitem', { name: new RegExp(`\\b${name}\\b`) })

/** The hook's line, and nothing of a boot that goes on. */
const brokenLayer = /\ndomdeck: layer \/dev\/xvdb has errors: (?!.*(?:systemd|login:))/s
const sumOfBase = (): Promise<string> => lab.sh('sha256sum /srv/domdeck/bases/debian-12/1/root.img')

/** Waits until the terminal shows a line, as a person reads it. */
const shows = (name: string, what: RegExp): Promise<void> =>
  expect.poll(() => text(name), { timeout: 5 * 60_000, message: `console of ${name}` }).toMatch(what)

async function type(name: string, line: string): Promise<void> {
  await terminal(name).click()
  await page.keyboard.type(line)
  await page.keyboard.press('Enter')
}

/** A prompt that waits; the kernel may have said something since. */
const prompt = (words: string): RegExp => new RegExp(`${words}\\s*(?:\\[ *\\d+\\.\\d+\\] .*)?$`, 's')

async function logIn(name: string): Promise<void> {
  await shows(name, prompt(`${name} login:`))
  await type(name, 'root')
  await shows(name, prompt('Password:'))
  await type(name, 'root')
  await shows(name, prompt(`root@${name}:~#`))
}

/**
 * Runs a command at the guest's prompt and returns what it printed, between two marks of its own. The marks are quoted so that the
 * echo of the command is not taken for them, and begin on a line of their own: a guest that takes the pane to be 80 columns wide
 * goes back over what it has echoed.
 */
async function run(name: string, command: string): Promise<string> {
  const mark = `m${Math.random().toString(36).slice(2, 8)}`
  await type(name, `echo; echo ${mark}-b"egin"; ${command}; echo ${mark}-e"nd"`)
  const between = new RegExp(`^${mark}-begin\n(.*?)^${mark}-end$`, 'ms')
  await shows(name, between)
  return between.exec(await text(name))?.[1]?.trim() ?? ''
}

async function clone(pattern: string, count: number): Promise<void> {
  await row('xen-lab').click()
  await inspector(page)
    .getByRole('button', { name: /Clone & boot/ })
    .click()
  const dialog = page.getByRole('dialog', { name: 'Clone and boot' })
  await dialog.getByRole('textbox', { name: 'Names' }).fill(pattern)
  await dialog.getByRole('textbox', { name: 'How many' }).fill(String(count))
  await dialog.getByRole('radio', { name: 'PV', exact: true }).click()
  const start = dialog.getByRole('button', { name: /^Clone & boot/ })
  await expect(start).toBeEnabled()
  await start.click()
  await expect(dialog).toBeHidden()
}

test('from the welcome screen to a base', async () => {
  await expect(page.getByRole('heading', { name: 'Welcome to Domdeck' })).toBeVisible()
  await page.getByRole('button', { name: 'Add lab' }).click()
  await expect(row('xen-lab')).toBeVisible()
  await row('xen-lab').dblclick()
  await page.getByRole('tab', { name: /Images/ }).click()
  await page.getByRole('button', { name: 'Import base' }).first().click()
  const dialog = page.getByRole('dialog', { name: 'Import a base' })
  await dialog.getByRole('textbox', { name: 'Image' }).fill('/srv/guest/debian.img')
  await dialog.getByRole('textbox', { name: 'Name' }).fill('debian-12')
  const start = dialog.getByRole('button', { name: /^Import/ })
  await expect(start).toBeEnabled()
  await start.click()
  const job = page.locator('[data-job]', { hasText: 'Import debian-12' })
  await expect(job).toHaveAttribute('data-state', 'succeeded', { timeout: 8 * 60_000 })
  await expect(page.getByText('debian-12 - generation 1').first()).toBeVisible()
  baseSum = await sumOfBase()
  clean = await traces()
})

test('a command typed into a clone is answered, on an overlay root', async () => {
  await clone('deb-{1..}', 2)
  await expect(row('deb-1')).toBeVisible()
  await logIn('deb-1')
  expect(await run('deb-1', 'findmnt -no FSTYPE /')).toBe('overlay')
  expect(await run('deb-1', 'hostname; systemctl is-system-running --wait')).toBe('deb-1\nrunning')
})

test('two guests of one base share a loop device and nothing else', async () => {
  await logIn('deb-2')
  const loops = await lab.sh('losetup -n -l -O NAME,RO -j /srv/domdeck/bases/debian-12/1/root.img')
  expect(loops.trim().split('\n')).toHaveLength(1)
  expect(loops).toMatch(/ 1$/)
  const facts = [
    'cat /etc/machine-id',
    'hostname',
    'ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub',
    'cat /sys/class/net/eth0/address',
    'cat /sys/hypervisor/uuid',
  ]
  for (const fact of facts) {
    const [one, two] = [await run('deb-1', fact), await run('deb-2', fact)]
    expect(one, fact).toMatch(/\S{5}/)
    expect(two, fact).toMatch(/\S{5}/)
    expect(one, fact).not.toBe(two)
  }
})

test('the screenshot for the README', async () => {
  for (const name of ['deb-1', 'deb-2']) {
    await type(name, 'clear; findmnt -o TARGET,SOURCE,FSTYPE /; uptime -p; lsblk -o NAME,SIZE,RO')
    await shows(name, /^xvda .* 1$/m)
  }
  await row('deb-1').click()
  await page.screenshot({ path: 'test-results/screens/lab-consoles.png' })
})

test('what is done by hand on the host shows without a refresh', async () => {
  await lab.sh('xl destroy deb-2')
  await expect(row('deb-2')).toContainText('halted')
})

test('a layer that e2fsck cannot repair stops the boot with one line', async () => {
  // Its journal first, which would put the inode back; then as the kernel leaves a file system in which it met an error.
  await lab.sh(`
    layer=/srv/domdeck/guests/deb-2/layer.img
    while [ -n "$(losetup -j "$layer")" ]; do sleep 0.2; done
    e2fsck -p "$layer" || [ $? = 1 ]
    debugfs -w -R 'clri <2>' "$layer"
    debugfs -w -R 'ssv state 2' "$layer"`)
  await row('deb-2').click()
  await inspector(page).getByRole('button', { name: 'Start' }).click()
  await shows('deb-2', brokenLayer)
})

test('a file survives a reboot, and the pane comes back by itself with its scrollback', async () => {
  expect(await run('deb-1', 'echo kept-over-reboot >/root/kept; sync; echo written')).toBe('written')
  const before = await lab.sh('xl domid deb-1')
  await type('deb-1', 'reboot')
  await shows('deb-1', prompt('reboot.*deb-1 login:'))
  await expect(pane('deb-1')).toContainText('reattached as domid')
  expect(await lab.sh('xl domid deb-1')).not.toBe(before)
  await logIn('deb-1')
  expect(await run('deb-1', 'cat /root/kept')).toBe('kept-over-reboot')
  expect(await text('deb-1')).toMatch(/^written$/m)
})

test('guests are deleted with all they had, and the base is as it was', async () => {
  // Minutes later the guest with the broken layer has gone no further.
  expect(await text('deb-2')).toMatch(brokenLayer)
  for (const name of ['deb-1', 'deb-2']) {
    await row(name).click()
    await inspector(page).getByRole('button', { name: 'More', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
    await expect(row(name)).toHaveCount(0)
  }
  expect(await traces()).toBe(clean)
  expect(await sumOfBase()).toBe(baseSum)
})
