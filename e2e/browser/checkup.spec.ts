import { expect, type Page, test } from '@playwright/test'
import { type App, startApp } from '../testing/app'
import { type Fleet, startFleet } from '../testing/fleet'
import { inspector, keepScreen, row } from '../testing/screen'

// The second test goes on in the dialog of the first.
test.describe.configure({ mode: 'serial' })
let app: App
let fleet: Fleet
let page: Page
test.beforeAll(async () => {
  fleet = await startFleet({ hosts: 1, guests: 4 })
  app = await startApp({ hosts: fleet.hosts, preferences: { theme: 'system' } })
  page = app.page
})
test.afterAll(async () => {
  await app?.close()
  await fleet?.stop()
})

test('tells of each phase what it found, and copies it as text', async () => {
  await row(page, 'sim-1').click()
  await inspector(page).getByRole('button', { name: 'More for this host' }).click()
  await page.getByRole('menuitem', { name: 'Test the connection' }).click()
  const dialog = page.getByRole('dialog', { name: 'Test the connection to sim-1' })
  const steps = dialog.getByRole('listitem')
  await expect(steps).toHaveCount(8)
  await expect(dialog.getByRole('list')).toHaveAttribute('aria-busy', 'false')
  await expect(steps.filter({ hasText: 'Connect' })).toContainText('127.0.0.1')
  await expect(steps.filter({ hasText: 'Check the host key' })).toContainText('ssh-ed25519 SHA256:')
  await expect(steps.filter({ hasText: 'Xen 4.17' })).toContainText('ms')
  await expect(steps.filter({ hasText: 'All tools that Domdeck uses are there.' })).toBeVisible()
  await dialog.getByRole('button', { name: 'Copy transcript' }).click()
  const text = await page.evaluate(() => navigator.clipboard.readText())
  expect(text).toContain('[good] Log in')
  await keepScreen(page, 'checkup')
})

test('says at which phase a host fails and what to do, and of those behind it that they were not reached', async () => {
  const dialog = page.getByRole('dialog', { name: 'Test the connection to sim-1' })
  await fleet.act('powerCut', { host: 'sim-1' })
  await dialog.getByRole('button', { name: 'Test again' }).click()
  // What answers for a host without power takes the connection and drops it, sooner or later.
  await expect(dialog.getByRole('listitem').filter({ hasText: 'failed' })).toContainText(
    /sim-1 (cannot be reached at 127\.0\.0\.1|closed the connection before the login)/,
  )
  await expect(dialog.getByRole('listitem').filter({ hasText: 'Storage root' })).toContainText('not reached')
  await keepScreen(page, 'checkup-failed')
  await fleet.act('powerOn', { host: 'sim-1' })
  await dialog.getByRole('button', { name: 'Test again' }).click()
  await expect(dialog.getByRole('listitem').filter({ hasText: 'All tools that Domdeck uses are there.' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
})
