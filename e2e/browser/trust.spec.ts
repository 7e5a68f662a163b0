import { execFileSync } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { type App, startApp } from '../testing/app'
import { type Fleet, type SimulatedHost, startFleet } from '../testing/fleet'
import { keepScreen, row } from '../testing/screen'

let app: App
let fleet: Fleet
let page: Page
let host: SimulatedHost
test.beforeAll(async () => {
  fleet = await startFleet({ hosts: 1, guests: 4 })
  host = fleet.hosts[0] as SimulatedHost
  app = await startApp({ hosts: [host], preferences: { theme: 'system' } })
  page = app.page
  await mkdir(join(app.data, '.ssh'), { mode: 0o700 })
})
test.afterAll(async () => {
  await app?.close()
  await fleet?.stop()
})
test.afterEach(async () => {
  while (await page.getByRole('dialog').isVisible()) {
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog')).toBeHidden()
  }
})

const inHome = (name: string) => join(app.data, '.ssh', name)
const keyWords = () => host.hostKeyLine.split(' ').slice(1).join(' ')

/** What `ssh-keygen -lf` prints of the key of a line of known_hosts. */
const printed = (line: string) =>
  execFileSync('ssh-keygen', ['-lf', '-'], { input: line.split(' ').slice(1).join(' '), encoding: 'utf8' })

async function openTrust() {
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').fill('host keys')
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Host keys' })
  await expect(dialog).toBeVisible()
  return dialog
}

test('the dialog of a host shows what ~/.ssh/config gives an alias, which is then all there is to type', async () => {
  await writeFile(
    inHome('config'),
    `# the lab\nHost lab\n  HostName ${host.address}\n  Port ${host.port}\n  User ${host.user}\n  IdentityFile ${host.keyPath}\n  Ciphers aes256-ctr\nMatch exec "touch ${inHome('trap')}"\n  User nobody\n`,
  )
  await page.getByRole('button', { name: 'Add host' }).first().click()
  const dialog = page.getByRole('dialog', { name: 'Add host' })
  await dialog.getByRole('textbox', { name: 'Address' }).fill('lab')
  const lines = dialog.getByRole('region', { name: 'From your SSH configuration' })
  await expect(lines.getByText(`HostName ${host.address}`)).toBeVisible()
  await expect(lines.getByText('~/.ssh/config, line 3')).toBeVisible()
  await expect(lines.getByText(/line 8: Match exec .* is not followed: Domdeck executes nothing/)).toBeVisible()
  await expect(lines.getByText(/Ciphers aes256-ctr is not followed/)).toBeVisible()
  await expect(dialog.getByRole('textbox', { name: 'Port' })).toHaveAttribute('placeholder', String(host.port))
  await expect(dialog.getByRole('textbox', { name: 'User' })).toHaveAttribute('placeholder', host.user)
  await keepScreen(page, 'host-from-ssh-config')

  await dialog.getByRole('textbox', { name: 'Storage root' }).fill(host.storageRoot)
  await dialog.getByRole('textbox', { name: 'Jump host' }).fill('a b')
  await dialog.getByRole('button', { name: 'Add and connect' }).click()
  await expect(dialog.getByText('`a b` is no jump host.')).toBeVisible()
  await dialog.getByRole('textbox', { name: 'Jump host' }).fill('')
  await dialog.getByRole('button', { name: 'Add and connect' }).click()
  await expect(page.getByRole('dialog', { name: 'lab' }).getByText('Connected', { exact: true })).toBeVisible()
  const settings = JSON.parse(await readFile(join(app.data, 'settings.json'), 'utf8'))
  expect(settings.hosts.at(-1)).not.toHaveProperty('port')
  expect(settings.hosts.at(-1)).not.toHaveProperty('user')
  await expect(readFile(inHome('trap'))).rejects.toThrow()
})

test('a broken line of the configuration is named in the dialog', async () => {
  const before = await readFile(inHome('config'), 'utf8')
  await writeFile(inHome('config'), 'Host broken\n  Port many\n')
  await page.getByRole('button', { name: 'Add host' }).first().click()
  const dialog = page.getByRole('dialog', { name: 'Add host' })
  await dialog.getByRole('textbox', { name: 'Address' }).fill('broken')
  await expect(dialog.getByText(/Line 2 of .* says Port many/)).toBeVisible()
  await writeFile(inHome('config'), before)
})

test('the host keys that matter are listed with where they are written, and compared with what the host printed', async () => {
  await writeFile(
    inHome('known_hosts'),
    `${host.hostKeyLine}\nnobody.example.org ${keyWords()}\n@cert-authority * ${keyWords()}\n`,
  )
  const user = await readFile(inHome('known_hosts'), 'utf8')
  const dialog = await openTrust()
  const keys = dialog.getByRole('region', { name: 'Known keys' })
  await expect(keys.getByRole('row')).toHaveCount(4)
  await expect(keys.getByText('nobody.example.org')).toHaveCount(0)
  await expect(keys.getByText('cert-authority')).toBeVisible()

  // The person's own file: a command to copy, and no button.
  await expect(dialog.getByText(/ssh-keygen -f .*known_hosts -R/)).toBeVisible()
  await expect(dialog.getByRole('button', { name: 'Remove' })).toHaveCount(0)
  await dialog.getByRole('textbox', { name: 'Compare' }).fill(printed(host.hostKeyLine))
  await expect(dialog.getByText('Equal: it is this key.')).toBeVisible()
  await keepScreen(page, 'host-keys')
  await dialog.getByRole('textbox', { name: 'Compare' }).fill(printed(host.hostKeyLine).replace(/SHA256:..../, 'SHA256:0000'))
  await expect(dialog.getByText(/Not equal/)).toBeVisible()
  expect(await readFile(inHome('known_hosts'), 'utf8')).toBe(user)
})

test('a key of Domdeck’s own file is removed by keyboard after a question that names host and consequence; then the host is unknown', async () => {
  await writeFile(inHome('known_hosts'), '')
  const dialog = await openTrust()
  await dialog.getByRole('button', { name: new RegExp(host.name) }).focus()
  await page.keyboard.press('Enter')
  await dialog.getByRole('button', { name: 'Remove' }).focus()
  await page.keyboard.press('Enter')
  const question = page.getByRole('alertdialog')
  await expect(question.getByText(new RegExp(`Remove the .* key of ${host.name}.* from Domdeck\\?`))).toBeVisible()
  await keepScreen(page, 'host-keys-remove')
  await question.getByRole('button', { name: 'Remove' }).click()
  await expect(dialog.getByText(/No host key is known here/)).toBeVisible()
  expect(await readFile(join(app.data, 'known_hosts'), 'utf8')).toBe('')
  await page.keyboard.press('Escape')

  await row(page, host.name).click()
  await page.getByRole('button', { name: 'More for this host' }).first().click()
  await page.getByRole('menuitem', { name: 'Disconnect' }).click()
  await page.getByRole('button', { name: `Connect: ${host.name}` }).click()
  await page.getByRole('button', { name: `Review: ${host.name}` }).click()
  const connection = page.getByRole('dialog', { name: host.name })
  await expect(connection.getByText(/shows a key that this workstation has not seen before/)).toBeVisible()
  await connection.getByRole('textbox', { name: 'Compare' }).fill(printed(host.hostKeyLine))
  await expect(connection.getByText('Equal: it is this key.')).toBeVisible()
  await keepScreen(page, 'host-key-compare')
  await connection.getByRole('button', { name: 'Trust this key' }).click()
  await expect(connection.getByText('Connected', { exact: true })).toBeVisible()
  await connection.getByRole('button', { name: 'Host keys' }).click()
  await expect(page.getByRole('dialog', { name: 'Host keys' }).getByText('Trusted')).toBeVisible()
})
