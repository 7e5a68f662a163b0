import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, type Locator, type Page, test } from '@playwright/test'
import { type App, startApp } from '../testing/app'
import { type Fleet, startFleet } from '../testing/fleet'
import { jobRow, keepScreen, row } from '../testing/screen'

// The bases of three hosts on one page, and one of them copied to the others; with a picture of each screen.
test.describe.configure({ mode: 'serial', timeout: 240_000 })

let app: App
let fleet: Fleet
let page: Page
const image = randomBytes(3 * 1024 * 1024)
test.beforeAll(async () => {
  fleet = await startFleet({ hosts: 3, guests: 8 })
  make(0, 'shop', 1, image)
  make(0, 'shop', 2, randomBytes(1024 * 1024))
  make(2, 'shop', 2, randomBytes(1024 * 1024))
  app = await startApp({ hosts: fleet.hosts, preferences: { theme: 'system' } })
  page = app.page
  await row(page, 'sim-1').waitFor()
})
test.afterAll(async () => {
  await app?.close()
  await fleet?.stop()
})

const dialog = (): Locator => page.getByRole('dialog')
const folder = (host: number, base: string, generation: number): string =>
  join(fleet.hosts[host]?.storageRoot ?? '', 'bases', base, String(generation))

/** A whole generation on a host. */
function make(host: number, base: string, generation: number, root: Buffer): void {
  const at = folder(host, base, generation)
  mkdirSync(at, { recursive: true })
  writeFileSync(join(at, 'root.img'), root)
  writeFileSync(join(at, 'vmlinuz'), 'kernel\n')
  writeFileSync(join(at, 'initrd.img'), 'initrd\n')
  const sha256 = createHash('sha256').update(root).digest('hex')
  const more = { fileSystem: 'ext4', kernelVersion: '6.1.0-56-amd64', types: ['pv'], minMemoryMb: 96, source: '/root/shop.img' }
  const about = { format: 1, base, generation, sizeBytes: root.length, sha256, ...more, importedAt: 1_795_000_000_000, job: 'x' }
  writeFileSync(join(at, 'base.json'), `${JSON.stringify(about)}\n`)
}

const group = (name: string): Locator =>
  page.locator('tbody').filter({ has: page.getByRole('rowheader', { name: new RegExp(`^${name}( |$)`) }) })
const filter = (): Locator => page.getByRole('textbox', { name: /Filter the bases/ })

test('the page of bases has every generation once, where it is and who uses it', async () => {
  await page.getByRole('button', { name: 'Bases', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Bases', exact: true })).toBeVisible()
  const shared = group('debian-12 - generation 3')
  for (const name of ['sim-1', 'sim-2', 'sim-3']) await expect(shared).toContainText(name)
  await expect(shared).toContainText('newest')
  await expect(group('shop - generation 1').getByRole('row')).toHaveCount(2)
  // Two images of one number are two rows, each naming the other's host.
  await expect(group('shop - generation 2').first()).toContainText('another on sim-3')
  await expect(group('shop - generation 2').last()).toContainText('another on sim-1')
  await keepScreen(page, 'bases-fleet')
  await filter().fill('shop sim-3')
  await expect(page.getByRole('status').filter({ hasText: 'generation' })).toHaveText(/^1 of \d+ generations$/)
  await filter().fill('no such base')
  await expect(page.getByText('No base matches.')).toBeVisible()
  await filter().press('Escape')
  await expect(group('shop - generation 1')).toBeVisible()
})

test('a generation is copied to another host, and the dialog says to which it cannot go, and why', async () => {
  await page.getByRole('button', { name: 'Copy generation 2 of shop to other hosts' }).first().click()
  const hosts = dialog().getByRole('list', { name: 'Hosts to copy to' })
  await expect(hosts).toContainText('has another generation 2, with sha256')
  await expect(dialog().getByRole('button', { name: /^Copy Enter/ })).toBeDisabled()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Copy generation 1 of shop to other hosts' }).click()
  await hosts.getByRole('checkbox', { name: /^sim-2/ }).click()
  await hosts.getByRole('checkbox', { name: /^sim-3/ }).click()
  await expect(dialog().getByText('Commands')).toBeVisible()
  // Their servers forward no agent.
  const way = /^comes through the workstation: sshd on sim-[23] forwards no SSH agent$/
  await expect(hosts.getByRole('status')).toHaveText([way, way])
  const address = dialog().getByRole('textbox', { name: 'Address of sim-1' })
  await address.fill('10.0.0.2:port')
  await expect(dialog().getByRole('alert')).toHaveText(/^An address is HOST or HOST:PORT/)
  await expect(dialog().getByRole('button', { name: 'Copy to 2 hosts' })).toBeDisabled()
  await address.fill('10.0.0.2:22')
  await expect(hosts.getByRole('status')).toHaveText([way, way])
  await keepScreen(page, 'copy-base')
  await dialog().getByRole('button', { name: 'Copy to 2 hosts' }).click()
  await expect(dialog()).toBeHidden()
  for (const host of [1, 2]) {
    await expect(group('shop - generation 1')).toContainText(`sim-${host + 1}`, { timeout: 60_000 })
    expect(readFileSync(join(folder(host, 'shop', 1), 'root.img')).equals(image)).toBe(true)
  }
  await expect(jobRow(page, 'Copy generation 1 of shop from sim-1')).toHaveAttribute('data-state', 'succeeded')
})

test('what has it already is not offered, and each host has the actions of its Images tab', async () => {
  await page.getByRole('button', { name: 'Actions for generation 1 of shop on sim-2' }).click()
  await page.getByRole('menuitem', { name: /^Copy to other hosts/ }).click()
  const hosts = dialog().getByRole('list', { name: 'Hosts to copy to' })
  await expect(hosts.getByText('has it already')).toHaveCount(2)
  await expect(hosts.getByRole('checkbox', { disabled: true })).toHaveCount(2)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Actions for generation 1 of shop on sim-2' }).click()
  await page.getByRole('menuitem', { name: /^Delete/ }).click()
  await dialog()
    .getByRole('button', { name: /^Delete/ })
    .click()
  await expect(group('shop - generation 1')).not.toContainText('sim-2', { timeout: 60_000 })
})

test('the page and the copy are in the palette, and a host that is away says so', async () => {
  await page.keyboard.press('Control+k')
  await page.keyboard.type('copy generation 1 of shop')
  await page.getByRole('option', { name: 'Copy generation 1 of shop to other hosts: sim-3' }).click()
  await expect(dialog()).toContainText('from sim-3')
  await page.keyboard.press('Escape')
  await page.getByRole('tab', { name: 'Bases' }).press('Delete')
  await page.keyboard.press('Control+k')
  await page.keyboard.type('show bases')
  await page.getByRole('option', { name: 'Show bases of all hosts' }).click()
  await fleet.act('powerCut', { host: 'sim-3' })
  await expect(group('shop - generation 1').getByRole('row', { name: /sim-3/ })).toContainText('not connected', {
    timeout: 60_000,
  })
  await keepScreen(page, 'bases-away')
})
