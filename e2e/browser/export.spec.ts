import { expect, test } from '@playwright/test'
import { type App, startApp } from '../testing/app'
import { type Fleet, startFleet } from '../testing/fleet'
import { inspector, jobRow, keepScreen, row } from '../testing/screen'

let app: App
let fleet: Fleet
test.beforeAll(async () => {
  fleet = await startFleet({ hosts: 1, guests: 3 })
  app = await startApp({ hosts: fleet.hosts, preferences: { theme: 'system' } })
})
test.afterAll(async () => {
  await app?.close()
  await fleet?.stop()
})

const file = (name: string): string => `${fleet.hosts[0]?.storageRoot}/../home/${name}`

test('a disk of a guest that is off goes to a file on its host', async () => {
  test.setTimeout(120_000)
  const { page } = app
  await row(page, 'web-03').first().click()
  await inspector(page).getByRole('button', { name: 'More', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Export a disk' }).click()
  const dialog = page.getByRole('dialog')
  const to = dialog.getByRole('textbox', { name: 'To' })
  await expect(to).toHaveValue('/srv/web-03.img')
  await dialog.getByRole('radio', { name: 'tar' }).click()
  await expect(to).toHaveValue('/srv/web-03.tar')
  await dialog.getByRole('radio', { name: 'Raw' }).click()
  await expect(dialog.getByRole('button', { name: 'Export' })).toBeEnabled()
  await keepScreen(page, 'export-disk')
  await to.fill('web-03.img')
  await expect(dialog).toContainText('Enter an absolute path, starting with /.')
  await expect(dialog.getByRole('button', { name: 'Export' })).toBeDisabled()
  await to.fill(file('web 03.img'))
  await dialog.getByRole('button', { name: 'Export' }).click()
  await expect(jobRow(page, 'Export a disk of web-03')).toHaveAttribute('data-state', 'succeeded')
  await fleet.run(['test', '-s', file('web 03.img')])
  expect((await fleet.run(['stat', '-c', '%b', file('web 03.img')])).trim()).toBe('0')
})

test('a file that is there is never overwritten', async () => {
  test.setTimeout(120_000)
  const { page } = app
  await row(page, 'sim-1').first().dblclick()
  await page.getByRole('button', { name: 'Actions for generation 1 of debian-12' }).first().click()
  await page.getByRole('menuitem', { name: 'Export' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox', { name: 'To' }).fill(file('web 03.img'))
  await dialog.getByRole('button', { name: 'Export' }).click()
  await expect(jobRow(page, 'Export generation 1 of debian-12')).toHaveAttribute('data-state', 'failed')
  await expect(page.getByText(/is there already/).first()).toBeVisible()
})
