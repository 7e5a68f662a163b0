import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type Locator, type Page, test } from '@playwright/test'
import { makeKeyPair } from '../../lab/simulated/keys'
import { type App, startApp } from '../testing/app'
import { type Fleet, type SimulatedHost, startFleet } from '../testing/fleet'
import { row } from '../testing/screen'

test.describe('the welcome screen', () => {
  let app: App
  let page: Page
  test.beforeAll(async () => {
    app = await startApp()
    page = app.page
  })
  test.afterAll(() => app?.close())

  test('offers three ways on', async () => {
    await expect(page.getByRole('heading', { name: 'Welcome to Domdeck' })).toBeVisible()
    for (const way of ['Add a host', 'Start the local Xen lab', 'Explore a simulated fleet'])
      await expect(page.getByRole('heading', { name: way })).toBeVisible()
    await expect(page.getByRole('button', { name: 'Add host' })).toBeEnabled()
    await expect(page.getByRole('button', { name: 'Explore' })).toBeEnabled()
  })

  test('leads to a simulated fleet that says so wherever it shows', async () => {
    await page.getByRole('textbox', { name: 'Hosts' }).fill('2')
    await page.getByRole('textbox', { name: 'Guests on each' }).fill('6')
    await page.getByRole('button', { name: 'Explore' }).click()
    await expect(row(page, 'sim-1')).toBeVisible()
    await expect(row(page, 'sim-2')).toBeVisible()
    await expect(page.getByRole('treeitem')).toHaveCount(14)
    await expect(page.getByRole('banner').getByText('simulated fleet')).toBeVisible()
    await expect(row(page, 'sim-1').getByText('simulated')).toBeVisible()
    await row(page, 'sim-1').dblclick()
    await expect(page.getByRole('tab', { name: 'sim-1' }).getByText('simulated')).toBeVisible()
    await expect(page.getByRole('tabpanel').locator('header').getByText('simulated', { exact: true })).toBeVisible()
    const inspector = page.getByRole('complementary', { name: 'Inspector' })
    await expect(inspector.getByText('simulated', { exact: true })).toBeVisible()
    await inspector.getByRole('button', { name: 'Clone & boot' }).click()
    await expect(page.getByRole('dialog', { name: 'Clone and boot' }).getByText('simulated', { exact: true })).toBeVisible()
    await page.keyboard.press('Escape')
    await row(page, 'web-01').first().dblclick()
    await expect(page.getByRole('region', { name: 'Console web-01' }).getByText('simulated', { exact: true })).toBeVisible()
    await expect(inspector.getByText('simulated', { exact: true })).toBeVisible()
  })

  test('is not needed again after a reload, and the simulated fleet is never kept', async () => {
    await page.reload()
    await expect(row(page, 'sim-1')).toBeVisible()
    expect(await readFile(join(app.data, 'settings.json'), 'utf8')).not.toContain('sim-1')
  })
})

test.describe('adding a host', () => {
  let app: App
  let fleet: Fleet
  let page: Page
  let host: SimulatedHost
  let folder: string
  test.beforeAll(async () => {
    fleet = await startFleet({ hosts: 1, guests: 8 })
    host = fleet.hosts[0] as SimulatedHost
    folder = await mkdtemp(join(tmpdir(), 'domdeck-e2e-keys-'))
    app = await startApp()
    page = app.page
  })
  test.afterAll(async () => {
    await app?.close()
    await fleet?.stop()
    if (folder) await rm(folder, { recursive: true, force: true })
  })
  test.afterEach(async () => {
    while (await page.getByRole('dialog').isVisible()) {
      await page.keyboard.press('Escape')
      await expect(page.getByRole('dialog')).toBeHidden()
    }
  })

  /** Opens the dialog and fills in what reaches the pretend host, but for what is given. */
  async function fillIn(values: Partial<Record<'Address' | 'Name' | 'Port' | 'User' | 'Private key' | 'Storage root', string>>) {
    await page.getByRole('button', { name: 'Add host' }).first().click()
    const dialog = page.getByRole('dialog', { name: 'Add host' })
    const all = {
      Address: host.address,
      Port: String(host.port),
      User: host.user,
      'Private key': host.keyPath,
      'Storage root': host.storageRoot,
      ...values,
    }
    for (const [label, value] of Object.entries(all)) await dialog.getByRole('textbox', { name: label }).fill(value)
    return dialog
  }
  const add = (dialog: Locator): Promise<void> => dialog.getByRole('button', { name: 'Add and connect' }).click()

  const refused: [field: 'Address' | 'Name' | 'User' | 'Storage root', value: string, reason: RegExp][] = [
    ['Address', '', /Enter the name or address/],
    ['Address', '"host"', /An address holds/],
    ['Address', "h'; reboot '", /An address holds/],
    ['Address', '$(reboot)', /An address holds/],
    ['Address', '-oProxyCommand=reboot', /An address holds/],
    ['Address', 'a'.repeat(300), /at most 255 characters/],
    ['Address', 'dom0.exämple.org', /An address holds/],
    ['Name', 'n'.repeat(300), /at most 64 characters/],
    ['User', 'root;reboot', /not a valid user name/],
    ['User', '-root', /not a valid user name/],
    ['User', 'r'.repeat(300), /at most 32 characters/],
    ['Storage root', '', /absolute path/],
    ['Storage root', 'srv/domdeck', /absolute path/],
    ['Storage root', '/srv/$(reboot)', /absolute path/],
    ['Storage root', '/srv/with space', /absolute path/],
    ['Storage root', '/srv/../etc', /must not hold/],
  ]
  test('refuses what no host, user or path is called, at the field, in words', async () => {
    for (const [field, value, reason] of refused) {
      const dialog = await fillIn({ [field]: value })
      await add(dialog)
      const input = dialog.getByRole('textbox', { name: field })
      await expect(input, `${field}: ${value}`).toHaveAttribute('aria-invalid', 'true')
      await expect(input, `${field}: ${value}`).toHaveAccessibleDescription(reason)
      await dialog.getByRole('button', { name: 'Cancel' }).click()
    }
    await expect(page.getByRole('heading', { name: 'Welcome to Domdeck' })).toBeVisible()
  })

  test('refuses a port that is none, and an address of two lines', async () => {
    for (const port of ['0', '70000']) {
      const dialog = await fillIn({ Port: port })
      await add(dialog)
      await expect(dialog.getByText('A port is a number from 1 to 65535.')).toBeVisible()
      await dialog.getByRole('button', { name: 'Cancel' }).click()
    }
    const dialog = await fillIn({ Address: '127.0.0.1\nreboot' })
    await add(dialog)
    await expect(dialog.getByLabel('Address')).toHaveAccessibleDescription(/An address holds/)
  })

  test('says in words that nobody listens, that a name is not found, and that the login is refused', async () => {
    const wrongKey = join(folder, 'wrong_key')
    await writeFile(wrongKey, makeKeyPair().private, { mode: 0o600 })
    const cases = [
      { name: 'closed', values: { Port: String(await closedPort()) }, title: 'Connection refused', hint: /Check the port/ },
      { name: 'nowhere', values: { Address: 'no-such-host.invalid' }, title: 'Host name not found', hint: /Check the spelling/ },
    ]
    for (const { name, values, title, hint } of cases) {
      const dialog = await fillIn({ Name: name, ...values })
      await add(dialog)
      const connection = page.getByRole('dialog', { name })
      await expect(connection.getByText(title, { exact: true })).toBeVisible()
      await expect(connection.getByText(hint)).toBeVisible()
      await connection.getByRole('button', { name: 'Remove host' }).click()
      await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
      await expect(row(page, name)).toBeHidden()
    }
    const dialog = await fillIn({ Name: 'wrong-key', 'Private key': wrongKey })
    await add(dialog)
    const connection = page.getByRole('dialog', { name: 'wrong-key' })
    await connection.getByRole('button', { name: 'Trust this key' }).click()
    await expect(connection.getByText('Login refused')).toBeVisible()
    await expect(connection.getByText(/authorized_keys/)).toBeVisible()
    await connection.getByRole('button', { name: 'Remove host' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
    await expect(page.getByRole('heading', { name: 'Welcome to Domdeck' })).toBeVisible()
  })

  test('asks before it trusts an unknown key, and then connects', async () => {
    const other = await startFleet({ hosts: 1, guests: 3 })
    try {
      const [unknown] = other.hosts
      if (!unknown) throw new Error('no host')
      const dialog = await fillIn({
        Name: 'dom0',
        Port: String(unknown.port),
        'Private key': unknown.keyPath,
        'Storage root': unknown.storageRoot,
      })
      await add(dialog)
      const connection = page.getByRole('dialog', { name: 'dom0' })
      await expect(connection.getByText(/a key that this workstation has not seen before/)).toBeVisible()
      await expect(connection.getByText(fingerprint(unknown.hostKeyLine))).toBeVisible()
      // Enter at once must not trust.
      await expect(connection.getByRole('button', { name: 'Trust this key' })).not.toBeFocused()
      await connection.getByRole('button', { name: 'Trust this key' }).click()
      await expect(connection.getByText('Connected', { exact: true })).toBeVisible()
      await connection.getByRole('button', { name: 'Open dom0' }).click()
      await expect(row(page, 'web-01')).toBeVisible()
      await expect(page.getByRole('heading', { name: 'dom0', level: 1 })).toBeVisible()

      const twice = await fillIn({
        Name: 'dom0-again',
        Port: String(unknown.port),
        'Private key': unknown.keyPath,
        'Storage root': unknown.storageRoot,
      })
      await add(twice)
      await expect(twice.getByText(/is in the fleet already, as dom0/)).toBeVisible()
      await twice.getByRole('button', { name: 'Cancel' }).click()

      await other.act('changeHostKey')
      await page.getByRole('button', { name: 'Review: dom0' }).click()
      await expect(connection.getByText('Host key changed', { exact: true })).toBeVisible()
      await expect(connection.getByText(/known_hosts has another one/)).toBeVisible()
      await expect(connection.getByRole('button', { name: /Trust/ })).toHaveCount(0)
      await connection.getByRole('button', { name: 'Try again' }).click()
      await expect(connection.getByText('Host key changed', { exact: true })).toBeVisible()
      await expect(connection.getByRole('button', { name: /Trust/ })).toHaveCount(0)
      await connection.getByRole('button', { name: 'Cancel' }).click()
      // What was known stays in sight, and nothing can be done to it.
      await expect(row(page, 'web-01')).toBeVisible()
      await row(page, 'web-01').click()
      await expect(page.getByRole('button', { name: 'Console', exact: true })).toBeDisabled()
    } finally {
      await other.stop()
    }
  })
})

/** What `ssh-keygen -lf` prints of the key of a line of known_hosts. */
function fingerprint(knownHostsLine: string): string {
  const key = Buffer.from(knownHostsLine.split(' ')[2] ?? '', 'base64')
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}

/** A port of loopback where nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
