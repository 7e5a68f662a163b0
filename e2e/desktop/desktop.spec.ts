import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ElectronApplication, _electron as electron, expect, type Page, test } from '@playwright/test'
import { inspector, logIn, openConsole, pane, row, shows, typeLine } from '../testing/screen'

// The built app in its desktop shell; needs Electron's binary. What both shells share is tested in the browser.
test.describe.configure({ mode: 'serial' })

let app: ElectronApplication
let page: Page
let home: string
test.beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'domdeck-desktop-'))
  app = await electron.launch({
    args: [
      join(import.meta.dirname, '../..'),
      `--user-data-dir=${join(home, 'electron')}`,
      // Chromium's sandbox cannot be set up by root.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
    env: { ...(process.env as Record<string, string>), HOME: home, XDG_CONFIG_HOME: join(home, 'config'), SSH_AUTH_SOCK: '' },
  })
  page = await app.firstWindow()
})
test.afterAll(async () => {
  await app?.close()
  await rm(home, { recursive: true, force: true })
})

test('opens on the welcome screen, with nothing of Node in the page', async () => {
  await expect(page.getByRole('heading', { name: 'Welcome to Domdeck' })).toBeVisible()
  expect(page.url()).toBe('app://domdeck/index.html')
  expect(await page.evaluate(() => [typeof (globalThis as { require?: unknown }).require, typeof process])).toEqual([
    'undefined',
    'undefined',
  ])
})

test('goes nowhere else', async () => {
  await page.evaluate(() => {
    window.location.href = 'https://domdeck.invalid/'
  })
  await expect(page.getByRole('heading', { name: 'Welcome to Domdeck' })).toBeVisible()
  expect(page.url()).toBe('app://domdeck/index.html')
  const asked = await page.evaluate(() =>
    navigator.mediaDevices?.getUserMedia({ audio: true }).then(
      () => 'granted',
      (error: Error) => error.name,
    ),
  )
  expect(asked).not.toBe('granted')
})

test('carries calls and console bytes over its port', async () => {
  await page.getByRole('button', { name: 'Explore' }).click()
  await expect(row(page, 'web-01').first()).toBeVisible()
  const console = await openConsole(page, 'web-01')
  await logIn(console)
  await typeLine(console, 'echo over-"the"-port')
  await shows(console, /^over-the-port$/m)
})

test('opens links in the window in front, and another window with panes of its own', async () => {
  const link = 'domdeck://guest/web-02?host=sim-1'
  await app.evaluate(
    ({ app: electronApp }, argument) => void electronApp.emit('second-instance', {}, ['domdeck', argument]),
    link,
  )
  await expect(inspector(page).getByRole('heading', { level: 2 })).toHaveText('web-02')
  await expect(pane(page, 'web-01')).toBeVisible()
  const [second] = await Promise.all([
    app.waitForEvent('window'),
    page.evaluate(() => void window.open(`${window.location.pathname}?window=new`, '_blank', 'noopener')),
  ])
  await expect(row(second, 'web-01').first()).toBeVisible()
  await expect(second.getByRole('region', { name: /^Console / })).toHaveCount(0)
  await second.close()
})
