import { dirname } from 'node:path'
import { expect, type Locator, type Page, test } from '@playwright/test'
import { type App, startApp } from '../testing/app'
import { lab } from './testing/lab'

// One story on one restored lab: each part stands on the one before.
test.describe.configure({ mode: 'serial' })

let app: App
let page: Page
let baseSum: string

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

/** Waits until the terminal shows a line, as a person reads it. */
const shows = (name: string, what: RegExp): Promise<void> =>
  expect.poll(() => text(name), { timeout: 5 * 60_000, message: `console of ${name}` }).toMatch(what)

async function type(name: string, line: string): Promise<void> {
  await terminal(name).click()
  await page.keyboard.type(line)
  await page.keyboard.press('Enter')
}

async function logIn(name: string): Promise<void> {
  await shows(name, new RegExp(`${name} login: *$`))
  await type(name, 'root')
  await shows(name, /Password: *$/)
  await type(name, 'root')
  await shows(name, new RegExp(`root@${name}:~# *$`))
}

/** Runs a command at the guest's prompt and returns what it printed. The mark is quoted so that its echo is not taken for it. */
async function run(name: string, command: string): Promise<string> {
  const mark = `m${Math.random().toString(36).slice(2, 8)}`
  await type(name, `${command}; echo ${mark}"-end"`)
  await shows(name, new RegExp(`^${mark}-end$`, 'm'))
  const [, after = ''] = (await text(name)).split(`echo ${mark}"-end"`)
  return after.slice(0, after.indexOf(`${mark}-end`)).trim()
}

async function clone(request: {
  pattern: string
  mode?: string
  type?: string
  layerMb?: string
  count?: number
}): Promise<void> {
  await row('xen-lab').click()
  await page
    .getByRole('complementary', { name: 'Inspector' })
    .getByRole('button', { name: /Clone & boot/ })
    .click()
  const dialog = page.getByRole('dialog', { name: 'Clone and boot' })
  await dialog.getByRole('textbox', { name: 'Names' }).fill(request.pattern)
  for (let more = 1; more < (request.count ?? 1); more += 1) await dialog.getByRole('button', { name: 'More: How many' }).click()
  if (request.mode) await dialog.getByRole('radio', { name: request.mode }).click()
  if (request.type) await dialog.getByRole('radio', { name: request.type, exact: true }).click()
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
  baseSum = await lab.sh('sha256sum /srv/domdeck/bases/debian-12/1/root.img')
})

test('a command typed into a clone is answered, on an overlay root', async () => {
  await clone({ pattern: 'deb-1', type: 'PV' })
  await expect(row('deb-1')).toBeVisible()
  await logIn('deb-1')
  expect(await run('deb-1', 'findmnt -no FSTYPE /')).toBe('overlay')
  expect(await run('deb-1', 'hostname; systemctl is-system-running --wait')).toBe('deb-1\nrunning')
})

test('two guests of one base share a loop device and nothing else', async () => {
  await clone({ pattern: 'deb-2', type: 'PVH' })
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

test('what is done by hand on the host shows without a refresh', async () => {
  await lab.sh('xl destroy deb-2')
  await expect(row('deb-2')).toContainText('halted')
})

test('the base is as it was, and the screenshot for the README', async () => {
  await page.screenshot({ path: 'test-results/screens/lab-consoles.png' })
  expect(await lab.sh('sha256sum /srv/domdeck/bases/debian-12/1/root.img')).toBe(baseSum)
})
