import { dirname } from 'node:path'
import { expect, type Locator, type Page, test } from '@playwright/test'
import { type App, startApp } from '../testing/app'
import { type Fleet, startFleet } from '../testing/fleet'
import { jobRow, keepScreen, row } from '../testing/screen'

let app: App
let fleet: Fleet
let page: Page
let root: string
const dialog = (): Locator => page.getByRole('dialog')
const home = (name: string) => `${dirname(root)}/home/${name}`
const done = (job: string) => expect(jobRow(page, job)).toHaveAttribute('data-state', 'succeeded', { timeout: 60_000 })

test.describe.configure({ mode: 'serial', timeout: 180_000 })
test.beforeAll(async () => {
  fleet = await startFleet({ hosts: 1, guests: 3 })
  root = fleet.hosts[0]?.storageRoot ?? ''
  app = await startApp({ hosts: fleet.hosts, preferences: { theme: 'system' } })
  page = app.page
})
test.afterAll(async () => {
  await app?.close()
  await fleet?.stop()
})

test('a bootable disk is made of a base', async () => {
  await row(page, 'sim-1').dblclick()
  await page.getByRole('tab', { name: /^Images/ }).click()
  await page.getByRole('button', { name: 'Import base' }).last().click()
  await dialog().getByRole('textbox', { name: 'Image' }).fill(home('debian-12.img'))
  await dialog().getByRole('textbox', { name: 'Name' }).fill('shop-base')
  await dialog().getByRole('button', { name: 'Import' }).click()
  await done('Import shop-base')
  await page.getByRole('button', { name: 'Actions for generation 1 of shop-base' }).click()
  await page.getByRole('menuitem', { name: 'Make a bootable disk' }).click()
  const to = dialog().getByRole('textbox', { name: 'To' })
  await expect(to).toHaveValue('/srv/shop-base-1-disk.img')
  await dialog().getByRole('radio', { name: 'qcow2' }).click()
  await expect(to).toHaveValue('/srv/shop-base-1-disk.qcow2')
  await dialog().getByRole('radio', { name: 'Raw' }).click()
  await dialog().getByRole('radio', { name: 'GPT' }).click()
  await to.fill(home('debian-12.img'))
  await expect(dialog()).toContainText('debian-12.img is there already')
  await expect(dialog().getByRole('button', { name: 'Make the disk' })).toBeDisabled()
  await keepScreen(page, 'bootable-disk-refused')
  await to.fill(home('shop disk.img'))
  await expect(dialog().getByRole('button', { name: 'Make the disk' })).toBeEnabled()
  await keepScreen(page, 'bootable-disk')
  await dialog().getByRole('button', { name: 'Make the disk' }).click()
  await done('Make the bootable disk')
})

test('GRUB goes onto an image of a whole disk, and onto nothing else', async () => {
  await page.getByRole('button', { name: 'Make an image bootable' }).click()
  const image = dialog().getByRole('textbox', { name: 'Image' })
  const go = dialog().getByRole('button', { name: 'Put GRUB on it' })
  await keepScreen(page, 'grub-empty')
  await expect(go).toBeDisabled()
  await image.fill('shop.img')
  await expect(dialog()).toContainText('Enter an absolute path, starting with /.')
  await image.fill(home('debian-12.img'))
  await expect(dialog()).toContainText('has a second name (hard link)')
  await fleet.run(['cp', '--sparse=always', home('debian-12.img'), home('plain.img')])
  await image.fill(home('plain.img'))
  await expect(dialog()).toContainText('has no partition table, so there is no place for GRUB')
  await expect(go).toBeDisabled()
  await keepScreen(page, 'grub-refused')
  await image.fill(home('shop disk.img'))
  await expect(dialog()).toContainText('ext4 in partition 2')
  await expect(go).toBeEnabled()
  await keepScreen(page, 'grub-ready')
  await go.click()
  await done('Put GRUB on')
})

test('the palette has both', async () => {
  await page.keyboard.press('Control+k')
  const search = page.getByRole('combobox').last()
  await search.fill('make an image bootable')
  await expect(page.getByRole('option', { name: /Make an image bootable/ }).first()).toBeVisible()
  await search.fill('bootable disk of generation 1 of shop-base')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog', { name: 'Make a bootable disk of shop-base' })).toBeVisible()
  await page.keyboard.press('Escape')
})
