import { expect, test } from '@playwright/test'
import { type App, startApp } from '../testing/app'
import { type Fleet, startFleet } from '../testing/fleet'
import { inspector, keepScreen, row } from '../testing/screen'

let app: App
let fleet: Fleet
test.beforeAll(async () => {
  fleet = await startFleet({ hosts: 2, guests: 4 })
  app = await startApp({ hosts: fleet.hosts, preferences: { theme: 'system' } })
})
test.afterAll(async () => {
  await app?.close()
  await fleet?.stop()
})

test('a move between hosts that share nothing is refused, each reason with its next step', async () => {
  test.setTimeout(120_000)
  const { page } = app
  await row(page, 'web-01').first().click()
  await inspector(page).getByRole('button', { name: 'More', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Move to another host', exact: true }).click()
  const dialog = page.getByRole('dialog')
  const checks = dialog.getByRole('region', { name: 'Preflight' })
  await expect(checks).toContainText('3 failed')
  await expect(checks).toContainText('Host key verification failed.')
  await expect(checks).toContainText('mounted at the same path')
  await expect(dialog.getByRole('button', { name: 'Move' })).toBeDisabled()
  await keepScreen(page, 'move-guest')
})
