import { dirname } from 'node:path'
import { expect, type Locator, type Page, test } from '@playwright/test'
import { type App, startApp } from '../testing/app'
import { type Fleet, startFleet } from '../testing/fleet'
import { choose, inspector, jobRow, keepScreen, row } from '../testing/screen'

// A base is imported, edited and published; a guest on it is swapped, rolled back and its layer worked on; with a picture of each screen.
test.describe.configure({ mode: 'serial', timeout: 240_000 })

let app: App
let fleet: Fleet
let page: Page
let root: string
test.beforeAll(async () => {
  fleet = await startFleet({ hosts: 1, guests: 8 })
  root = fleet.hosts[0]?.storageRoot ?? ''
  await debugfs(
    `${dirname(root)}/home/debian-12.img`,
    'mkdir /var/lib/dpkg',
    ...put('/etc/motd', 'first'),
    ...put('/var/lib/dpkg/status', status('1.0-9')),
  )
  app = await startApp({ hosts: fleet.hosts, preferences: { theme: 'system' } })
  page = app.page
  await row(page, 'web-01').waitFor()
})
test.afterAll(async () => {
  await app?.close()
  await fleet?.stop()
})

const dialog = (): Locator => page.getByRole('dialog')
const done = (title: string | RegExp) =>
  expect(jobRow(page, title)).toHaveAttribute('data-state', 'succeeded', { timeout: 60_000 })
const generationRow = (number: number, base = 'shop-base') =>
  page.getByRole('row', { name: new RegExp(`${base} - generation ${number}`) })
const layerCard = () => inspector(page).getByRole('region', { name: 'Layer' })
const status = (version: string) =>
  `Package: hello\\nStatus: install ok installed\\nArchitecture: all\\nVersion: ${version}\\n\\n`
const put = (path: string, text: string) => [`put ${path} ${text}`]

/** Changes an image on the host; `put PATH TEXT` writes a file, `whiteout FOLDER NAME` is what overlayfs leaves of a deleted one. */
async function debugfs(image: string, ...commands: string[]): Promise<void> {
  const script = commands
    .map((command) => {
      const [, folder, name] = /^whiteout (\S+) (\S+)$/.exec(command) ?? []
      if (folder !== undefined) return `printf 'cd ${folder}\\nmknod ${name} c 0 0\\n' | debugfs -w -f - "$1" 2>/dev/null`
      const [, path, text] = /^put (\S+) (.*)$/s.exec(command) ?? []
      if (path === undefined) return `debugfs -w -R '${command}' "$1" 2>/dev/null`
      return `printf '${text}' >"$1.put"; debugfs -w -R 'rm ${path}' "$1" 2>/dev/null; debugfs -w -R "write $1.put ${path}" "$1" 2>/dev/null; rm "$1.put"`
    })
    .join('\n')
  await fleet.run(['sh', '-c', `PATH=$PATH:/usr/sbin:/sbin\n${script}`, 'sh', image])
}

async function images(): Promise<void> {
  await row(page, 'sim-1').dblclick()
  await page.getByRole('tab', { name: /^Images/ }).click()
}

async function onGeneration(number: number, entry: string, base = 'shop-base'): Promise<void> {
  await page.getByRole('button', { name: `Actions for generation ${number} of ${base}` }).click()
  await page.getByRole('menuitem', { name: new RegExp(`^${entry}`) }).click()
}

async function onLayer(entry: string): Promise<void> {
  await layerCard().getByRole('button', { name: 'More for this layer' }).click()
  await page.getByRole('menuitem', { name: entry, exact: true }).click()
}

test('a base is edited in a draft that boots on a console, and published as its next generation', async () => {
  await images()
  await page.getByRole('button', { name: 'Import base' }).last().click()
  await dialog()
    .getByRole('textbox', { name: 'Image' })
    .fill(`${dirname(root)}/home/debian-12.img`)
  await dialog().getByRole('textbox', { name: 'Name' }).fill('shop-base')
  await dialog().getByRole('button', { name: 'Import' }).click()
  await done('Import shop-base')
  await onGeneration(1, 'Clone & boot')
  await dialog().getByRole('textbox', { name: 'Names' }).fill('shop')
  const clone = dialog().getByRole('button', { name: /^Clone & boot/ })
  await expect(clone).toBeEnabled({ timeout: 60_000 })
  await clone.click()
  await done('Clone and boot shop')
  await images()
  await onGeneration(1, 'Edit')
  await keepScreen(page, 'edit-base')
  await dialog().getByRole('textbox', { name: 'Memory' }).fill('9')
  await expect(dialog()).toContainText('at least 16 MB')
  await dialog().getByRole('textbox', { name: 'Memory' }).fill('256')
  await dialog().getByRole('button', { name: /^Edit/ }).click()
  await done('Edit shop-base, from generation 1')
  await images()
  const drafts = page.getByRole('list', { name: 'Drafts' })
  await expect(drafts).toContainText('Draft of shop-base, from generation 1')
  await keepScreen(page, 'bases-with-draft')
  await drafts.getByRole('button', { name: 'Shut down' }).click()
  await expect(drafts).toContainText('shut down', { timeout: 60_000 })
  const image = `${root}/drafts/shop-base/root.img`
  await debugfs(image, ...put('/etc/motd', 'second'), ...put('/etc/fresh', 'f'), ...put('/var/lib/dpkg/status', status('1.0-10')))
  await drafts.getByRole('button', { name: 'Publish' }).click()
  await done('Publish the draft of shop-base')
  await expect(generationRow(2)).toBeVisible()
  await expect(drafts).toBeHidden()
  await expect(generationRow(1)).toContainText('shop')
})

test('a swap says what differs, and which files of the guest hide it, before anything changes', async () => {
  await choose(page, 'shop')
  await inspector(page).getByRole('button', { name: 'More', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Destroy' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Destroy' }).click()
  await done('Destroy shop')
  const layer = `${root}/guests/shop/layer.img`
  await debugfs(
    layer,
    'mkdir /upper',
    'mkdir /upper/etc',
    ...put('/upper/etc/motd', 'mine'),
    ...put('/upper/etc/own', 'own'),
    'whiteout /upper/etc fresh',
  )
  await inspector(page).getByRole('button', { name: 'Generation 2 ready' }).click()
  const changes = dialog().getByRole('region', { name: 'What changes' })
  await expect(changes.getByRole('list', { name: 'Packages that differ from generation 1' })).toHaveText('hello1.0-9 to 1.0-10')
  await expect(changes.getByRole('list', { name: 'Changes that shop hides' })).toHaveText('/etc/freshnew/etc/motdchanged')
  await keepScreen(page, 'swap')
  await dialog().getByRole('button', { name: /^Swap/ }).click()
  await done('Swap shop to generation 2 of shop-base')
  await expect(inspector(page)).toContainText('shop-base - generation 2')
})

test('it is rolled back in one action, from the palette as well', async () => {
  await page.keyboard.press('Control+k')
  await page.keyboard.type('roll shop back')
  await page.getByRole('option', { name: /Roll shop back to generation 1/ }).click()
  await done('Swap shop to generation 1 of shop-base')
  await expect(inspector(page)).toContainText('shop-base - generation 1')
})

test('the layer shows its files, and is snapshot, restored and grown', async () => {
  await expect(layerCard()).toContainText('clean')
  await onLayer('Changed files')
  await expect(dialog().getByRole('list', { name: 'Paths in the layer' })).toHaveText('/etc/freshdeleted/etc/motd4 B/etc/own3 B')
  await keepScreen(page, 'layer-files')
  await dialog().getByRole('textbox', { name: 'Filter' }).fill('no such')
  await expect(dialog()).toContainText('No path matches.')
  await page.keyboard.press('Escape')
  await onLayer('Snapshot layer')
  await done('Snapshot the layer of shop')
  await expect(layerCard().getByRole('list', { name: 'Snapshots' }).getByRole('listitem')).toHaveCount(1)
  await keepScreen(page, 'layer-card')
  await onLayer('Grow layer')
  await dialog().getByRole('textbox', { name: 'Layer' }).fill('16')
  await expect(dialog()).toContainText('is not made smaller')
  await expect(dialog().getByRole('button', { name: 'Grow' })).toBeDisabled()
  await dialog().getByRole('textbox', { name: 'Layer' }).fill('4096')
  await keepScreen(page, 'layer-grow')
  await dialog().getByRole('button', { name: 'Grow' }).click()
  await done('Grow the layer of shop to 4096 MB')
  await expect(inspector(page)).toContainText('of 4 GB')
  await layerCard()
    .getByRole('button', { name: /^Restore the snapshot/ })
    .click()
  await expect(dialog()).toContainText('gone for good')
  await keepScreen(page, 'layer-restore')
  await dialog().getByRole('button', { name: 'Restore' }).click()
  await done('Restore the layer of shop')
  await expect(inspector(page)).toContainText('of 2 GB')
})

test('a layer that needs fsck says so', async () => {
  await debugfs(`${root}/guests/shop/layer.img`, 'ssv state 2')
  await onLayer('Snapshot layer')
  await expect(layerCard()).toContainText('Needs fsck.')
  await layerCard().getByRole('button', { name: 'Repair' }).scrollIntoViewIfNeeded()
  await keepScreen(page, 'layer-needs-fsck')
  await layerCard().getByRole('button', { name: 'Check', exact: true }).click()
  await done('Check the layer of shop')
  await expect(layerCard()).toContainText('clean')
})

test('the guest is promoted, and a generation that nobody uses is deleted', async () => {
  await onLayer('Promote to base')
  await dialog().getByRole('textbox', { name: 'Base' }).fill('-rf')
  await expect(dialog().getByRole('button', { name: 'Promote' })).toBeDisabled()
  await dialog().getByRole('textbox', { name: 'Base' }).fill('shop-two')
  await keepScreen(page, 'promote')
  await dialog().getByRole('button', { name: 'Promote' }).click()
  await done('Promote shop to shop-two')
  await images()
  await page.getByRole('button', { name: 'Actions for generation 1 of shop-base' }).click()
  await expect(page.getByRole('menuitem', { name: /^Delete/ })).toHaveAttribute('aria-disabled', 'true')
  await page.keyboard.press('Escape')
  // The tooltip of the button, which has the focus again, lies over the row above, and does not take its clicks.
  await onGeneration(2, 'Delete')
  await expect(dialog()).toContainText('shop can no longer roll back to it')
  await keepScreen(page, 'delete-generation')
  await dialog()
    .getByRole('button', { name: /^Delete/ })
    .click()
  await done('Delete generation 2 of shop-base')
  await expect(generationRow(2)).toBeHidden()
  await keepScreen(page, 'bases')
})
