import { execFileSync } from 'node:child_process'
import { copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import type { AuthContext } from 'ssh2'
import { type FaultServer, startFaultServer } from '../../src-main/ssh/testing/fault-server'
import { type App, startApp } from '../testing/app'
import { type Fleet, type SimulatedHost, startFleet } from '../testing/fleet'
import { keepScreen, row } from '../testing/screen'

/** Everything that the app has written down. */
async function written(app: App): Promise<string> {
  const files = await readdir(app.data, { recursive: true, withFileTypes: true })
  const texts = files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name), 'latin1'))
  return (await Promise.all(texts)).join('\n')
}

test.describe('a key with a passphrase', () => {
  let app: App
  let fleet: Fleet
  let page: Page
  let folder: string
  let host: SimulatedHost
  test.beforeAll(async () => {
    fleet = await startFleet({ hosts: 1, guests: 3 })
    folder = await mkdtemp(join(tmpdir(), 'domdeck-e2e-keys-'))
    const plain = fleet.hosts[0] as SimulatedHost
    const keyPath = join(folder, 'id_locked')
    await copyFile(plain.keyPath, keyPath)
    execFileSync('ssh-keygen', ['-q', '-p', '-N', 'open sesame', '-f', keyPath], { stdio: 'ignore' })
    host = { ...plain, name: 'dom0', keyPath }
    app = await startApp({ hosts: [host], colorScheme: 'dark', preferences: { theme: 'system' } })
    page = app.page
  })
  test.afterAll(async () => {
    await app?.close()
    await fleet?.stop()
    if (folder) await rm(folder, { recursive: true, force: true })
  })
  const dialog = () => page.getByRole('dialog', { name: 'dom0' })
  const field = () => dialog().getByLabel('Passphrase', { exact: true })

  test('is not asked for by a dialog at the start: the host says that it needs an answer', async () => {
    await expect(row(page, 'dom0').getByText('needs an answer')).toBeVisible()
    await expect(page.getByRole('dialog')).toHaveCount(0)
    await expect(page.getByRole('button', { name: '1 host needs attention' })).toBeVisible()
    await keepScreen(page, 'login-needs-answer')
    await row(page, 'dom0').dblclick()
    await expect(page.getByText(/dom0 needs an answer: Passphrase of /)).toBeVisible()
    await keepScreen(page, 'login-host-page')
  })

  test('is asked for in the dialog, with the field masked, focused, and shown on request', async () => {
    await page.getByRole('button', { name: 'Answer: dom0' }).click()
    await expect(dialog().getByRole('heading', { name: `Passphrase of ${host.keyPath}` })).toBeVisible()
    await expect(field()).toBeFocused()
    await expect(field()).toHaveAttribute('type', 'password')
    await field().fill('wrong')
    await dialog().getByRole('button', { name: 'Show what is typed' }).click()
    await expect(field()).toHaveAttribute('type', 'text')
    await dialog().getByRole('button', { name: 'Hide what is typed' }).click()
    // The browser shell keeps nothing and does not offer to.
    await expect(dialog().getByText(/keychain/)).toHaveCount(0)
    await keepScreen(page, 'login-passphrase')
  })

  test('says that it was wrong, and takes the right one by Enter', async () => {
    await field().fill('wrong')
    await field().press('Enter')
    await expect(dialog().getByRole('alert').getByText('This passphrase does not open the key.')).toBeVisible()
    await expect(field()).toBeFocused()
    await expect(field()).toHaveValue('')
    await keepScreen(page, 'login-passphrase-wrong')
    await page.keyboard.type('open sesame')
    await page.keyboard.press('Enter')
    await expect(dialog().getByText('Connected', { exact: true })).toBeVisible()
    await dialog().getByRole('button', { name: 'Open dom0' }).click()
    await expect(row(page, 'web-01')).toBeVisible()
    expect(await written(app)).not.toContain('open sesame')
  })

  test('is asked for again after a disconnect, at once for the person who connects', async () => {
    const menu = async (entry: string) => {
      await page.getByRole('tabpanel').getByRole('button', { name: 'More for this host' }).click()
      await page.getByRole('menuitem', { name: entry, exact: true }).click()
    }
    await menu('Disconnect')
    await expect(row(page, 'dom0').getByText('not connected')).toBeVisible()
    await menu('Connect')
    await expect(field()).toBeFocused()
    for (const wrong of ['one', 'two', 'three']) {
      await field().fill(wrong)
      await field().press('Enter')
      if (wrong !== 'three') await expect(field()).toHaveValue('')
    }
    await expect(dialog().getByText('Private key cannot be used')).toBeVisible()
    await expect(dialog().getByText(/None of 3 passphrases opened the key/)).toBeVisible()
    await keepScreen(page, 'login-passphrase-thrice')
    await dialog().getByRole('button', { name: 'Try again' }).click()
    await field().fill('open sesame')
    await field().press('Enter')
    await expect(dialog().getByText('Connected', { exact: true })).toBeVisible()
    await page.keyboard.press('Escape')
  })

  test('host settings can be edited: a name that is taken is refused, old algorithms carry a warning', async () => {
    await page.getByRole('button', { name: 'Add host' }).first().click()
    const adding = page.getByRole('dialog', { name: 'Add host' })
    await adding.getByRole('textbox', { name: 'Address' }).fill('no-such-host.invalid')
    await adding.getByRole('textbox', { name: 'Name' }).fill('other')
    await adding.getByRole('button', { name: 'Add and connect' }).click()
    await page.getByRole('dialog', { name: 'other' }).getByRole('button', { name: 'Close' }).first().click()

    await page.getByRole('tabpanel').getByRole('button', { name: 'More for this host' }).click()
    await page.getByRole('menuitem', { name: 'Edit host' }).click()
    const edit = page.getByRole('dialog', { name: 'Edit dom0' })
    const name = edit.getByRole('textbox', { name: 'Name' })
    await expect(name).toHaveValue('dom0')
    await expect(edit.getByRole('textbox', { name: 'Private key' })).toHaveValue(host.keyPath)
    await name.fill('other')
    await edit.getByRole('button', { name: 'Save' }).click()
    await expect(name).toHaveAccessibleDescription('There is a host named other already.')
    await name.fill('dom0-new')
    await edit.getByText('Advanced').click()
    await edit.getByText('Allow legacy algorithms').click()
    await keepScreen(page, 'host-edit')
    await edit.getByRole('button', { name: 'Save' }).click()
    // It dials anew, and the passphrase is still remembered.
    const connection = page.getByRole('dialog', { name: 'dom0-new' })
    await expect(connection.getByText('Connected', { exact: true })).toBeVisible()
    await expect(connection.getByText('legacy SSH')).toBeVisible()
    await connection.getByRole('button', { name: 'Open dom0-new' }).click()
    await expect(page.getByRole('heading', { name: 'dom0-new', level: 1 }).getByText('legacy SSH')).toBeVisible()
    await expect(row(page, 'dom0-new').getByRole('img', { name: 'legacy SSH' })).toBeVisible()
    await expect(row(page, 'web-01')).toBeVisible()
    await keepScreen(page, 'host-legacy')
    expect(JSON.parse(await readFile(join(app.data, 'settings.json'), 'utf8')).hosts[0]).toMatchObject({
      name: 'dom0-new',
      legacyAlgorithms: true,
    })
  })
})

/** A host that wants a password and then a code, and lets nobody in by a key. */
const twoFactor = (attempt: AuthContext) => {
  if (attempt.method !== 'keyboard-interactive') return attempt.reject(['keyboard-interactive'])
  attempt.prompt([{ prompt: 'Password: ', echo: false }], '', '', ([password]) => {
    attempt.prompt([{ prompt: 'Verification code: ', echo: true }], 'Two factors', 'Look at your phone.', ([code]) => {
      if (password === 'open sesame' && code === '123456') attempt.accept()
      else attempt.reject(['keyboard-interactive'])
    })
  })
}

test.describe('a password and a code', () => {
  let app: App
  let server: FaultServer
  let page: Page
  test.beforeAll(async () => {
    server = await startFaultServer({
      onAuthentication: twoFactor,
      // Nobody is root on it, and sudo is what it does not have.
      onCommand: (channel) => {
        channel.stderr.write('sh: 1: sudo: not found\n')
        channel.exit(127)
        channel.end()
      },
    })
    app = await startApp({ colorScheme: 'dark', preferences: { theme: 'system' } })
    page = app.page
  })
  test.afterAll(async () => {
    await app?.close()
    await server?.stop()
  })
  const dialog = () => page.getByRole('dialog', { name: 'vault' })
  const give = async (label: string, text: string) => {
    const field = dialog().getByLabel(label, { exact: true })
    await expect(field).toBeFocused()
    await field.fill(text)
    await field.press('Enter')
  }

  test('are asked for one after the other when the host is added', async () => {
    await page.getByRole('button', { name: 'Add host' }).first().click()
    const adding = page.getByRole('dialog', { name: 'Add host' })
    await adding.getByRole('textbox', { name: 'Address' }).fill('127.0.0.1')
    await adding.getByRole('textbox', { name: 'Name' }).fill('vault')
    await adding.getByRole('textbox', { name: 'Port' }).fill(String(server.port))
    await adding.getByRole('textbox', { name: 'User' }).fill('ada')
    await adding.getByRole('button', { name: 'Add and connect' }).click()
    await dialog().getByRole('button', { name: 'Trust this key' }).click()
    await expect(dialog().getByRole('heading', { name: 'Password of ada on vault' })).toBeVisible()
    await give('Password', 'open sesame')
    await expect(dialog().getByText('Look at your phone.')).toBeVisible()
    await expect(dialog().getByLabel('Verification code')).toHaveAttribute('type', 'text')
    await keepScreen(page, 'login-code')
    await give('Verification code', '000000')
    await expect(dialog().getByRole('alert').getByText('vault refused this.')).toBeVisible()
    await give('Password', 'open sesame')
    await give('Verification code', '123456')
    await expect(dialog().getByText(/ada is not root on vault, and sudo is not installed there/)).toBeVisible()
    await keepScreen(page, 'login-no-sudo')
  })

  test('end in words after three wrong ones, and a login can be cancelled', async () => {
    await dialog().getByRole('button', { name: 'Try again' }).click()
    // The password is remembered, the code is not.
    await give('Verification code', '1')
    for (const code of ['2', '3']) {
      await give('Password', 'open sesame')
      await give('Verification code', code)
    }
    await expect(dialog().getByText('Login refused')).toBeVisible()
    await dialog().getByRole('button', { name: 'Try again' }).click()
    await expect(dialog().getByLabel('Password', { exact: true })).toBeFocused()
    await dialog().getByRole('button', { name: 'Cancel the login' }).click()
    await expect(row(page, 'vault').getByText('not connected')).toBeVisible()
    expect(await written(app)).not.toContain('open sesame')
  })
})
