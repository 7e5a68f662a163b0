import { expect, test } from '@playwright/test'
import { type App, startApp } from '../testing/app'
import { type Fleet, startFleet } from '../testing/fleet'
import { jobRow, keepScreen, row } from '../testing/screen'

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

const openCleanUp = async (): Promise<void> => {
  await app.page.keyboard.press('Control+k')
  await app.page
    .getByRole('dialog', { name: /Search hosts/ })
    .getByRole('combobox')
    .fill('clean up')
  await app.page.keyboard.press('Enter')
}

test('a host that is in order has nothing to clean up', async () => {
  const { page } = app
  await expect(row(page, 'sim-1')).toBeVisible()
  await openCleanUp()
  await expect(page.getByRole('dialog')).toContainText('Nothing is left over on sim-1.')
  await page.keyboard.press('Escape')
})

test('what is left over is shown with its reason, and goes as chosen', async () => {
  test.setTimeout(120_000)
  const { page } = app
  const root = fleet.hosts[0]?.storageRoot ?? ''
  const left = (id: string) => `${root}/.importing-01KAHM5ZB00000000000000${id}`
  await fleet.run(['sh', '-c', `mkdir -p "$1" "$2" && head -c 3000000 /dev/zero >"$1/root.img"`, 'sh', left('NE1'), left('NE2')])
  await openCleanUp()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByRole('list', { name: 'Leftovers' }).getByRole('listitem')).toHaveCount(2)
  await expect(dialog).toContainText('made by job 01KAHM5ZB00000000000000NE1, which is over')
  await keepScreen(page, 'clean-up')
  await dialog.getByRole('checkbox').last().click()
  await dialog.getByRole('button', { name: 'Remove 1 leftover' }).click()
  await expect(jobRow(page, 'Remove what was left over')).toHaveAttribute('data-state', 'succeeded')
  await openCleanUp()
  await expect(dialog.getByRole('listitem')).toHaveCount(1)
  await page.keyboard.press('Escape')
})

test('a host that cannot say shows why, and is asked again', async () => {
  test.setTimeout(120_000)
  const { page } = app
  await fleet.act('refuseSessions', { count: 20 })
  await openCleanUp()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByRole('button', { name: 'Look again' })).toBeVisible({ timeout: 60_000 })
  await fleet.act('refuseSessions', { count: 0 })
  await dialog.getByRole('button', { name: 'Look again' }).click()
  await expect(dialog.getByRole('listitem')).toHaveCount(1)
  await page.keyboard.press('Escape')
})

test('the page of a host tells how full its storage and its LVM pools are', async () => {
  test.setTimeout(120_000)
  const { page } = app
  const fill = `mkdir -p "$DOMDECK_ROOT/sys/block/dm-0" && echo 93 >"$SIM_HOST/xen/disk-used" &&
    rm -f "$SIM_BIN/lvs" && printf '#!/bin/sh\necho "  vg0 thin 34359738368 91.25 12.50"\n' >"$SIM_BIN/lvs" && chmod 755 "$SIM_BIN/lvs"`
  await fleet.run(['sh', '-c', fill])
  // It is read anew with the next connection.
  await fleet.act('cut')
  await row(page, 'sim-1').first().dblclick()
  await expect(page.getByRole('img', { name: 'vg0/thin in use 91%' })).toBeVisible({ timeout: 60_000 })
  await expect(page.getByText('Less than a tenth is free, so no new layers are made here.')).toBeVisible()
  await keepScreen(page, 'host-storage')
})
