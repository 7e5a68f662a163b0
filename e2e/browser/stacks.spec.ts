import { expect, type Locator, type Page, test } from '@playwright/test'
import { type App, startApp } from '../testing/app'
import { type Fleet, startFleet } from '../testing/fleet'
import { choose, inspector, jobRow, keepScreen, row } from '../testing/screen'

// A package image is made of one guest, attached to another, swapped, rolled back, detached and deleted; with a picture of each screen.
test.describe.configure({ mode: 'serial', timeout: 240_000 })

let app: App
let fleet: Fleet
let page: Page
let root: string
test.beforeAll(async () => {
  fleet = await startFleet({ hosts: 1, guests: 8 })
  root = fleet.hosts[0]?.storageRoot ?? ''
  app = await startApp({ hosts: fleet.hosts, preferences: { theme: 'system' } })
  page = app.page
  await row(page, 'web-01').waitFor()
  // The layers of a pretend fleet are empty files.
  for (const name of ['web-03', 'web-04']) {
    await fleet.run(['sh', '-c', 'PATH=$PATH:/usr/sbin:/sbin; mkfs.ext4 -q -F "$1"', 'sh', `${root}/guests/${name}/layer.img`])
  }
})
test.afterAll(async () => {
  await app?.close()
  await fleet?.stop()
})

const dialog = (): Locator => page.getByRole('dialog')
const done = (title: string | RegExp) =>
  expect(jobRow(page, title).first()).toHaveAttribute('data-state', 'succeeded', { timeout: 60_000 })
const version = (number: number) => page.getByRole('row', { name: new RegExp(`tools - version ${number}`) })

/** Runs debugfs commands on the layer of a guest that is off. */
async function debugfs(name: string, ...commands: string[]): Promise<void> {
  const script = `PATH=$PATH:/usr/sbin:/sbin; printf 'a program' >"$1.put"; printf '%s\\n' "$2" | debugfs -w -f - "$1" >/dev/null 2>&1; rm "$1.put"`
  const layer = `${root}/guests/${name}/layer.img`
  const text = commands.map((command) => command.replace('PUT', `${layer}.put`)).join('\n')
  await fleet.run(['sh', '-c', script, 'sh', layer, text])
}

async function images(): Promise<void> {
  await row(page, 'sim-1').dblclick()
  await page.getByRole('tab', { name: /^Images/ }).click()
}

async function onGuest(name: string, entry: string): Promise<void> {
  await choose(page, name)
  await inspector(page).getByRole('button', { name: 'More', exact: true }).click()
  await page.getByRole('menuitem', { name: entry }).click()
}

async function onVersion(number: number, entry: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for version ${number} of tools` }).click()
  await page.getByRole('menuitem', { name: new RegExp(`^${entry}`) }).click()
}

async function onStack(entry: string): Promise<void> {
  await inspector(page).getByRole('button', { name: 'Actions for tools in the stack' }).click()
  await page.getByRole('menuitem', { name: entry }).click()
}

async function fromPalette(words: string, option: RegExp): Promise<void> {
  await page.keyboard.press('Control+k')
  await page.keyboard.type(words)
  await page.getByRole('option', { name: option }).click()
}

test('a package image is made of the programs in the layer of a guest', async () => {
  await images()
  await expect(page.getByText('No package image on sim-1 yet.')).toBeVisible()
  await debugfs('web-03', 'mkdir /upper', 'mkdir /upper/etc', 'write PUT /upper/etc/motd')
  await onGuest('web-03', 'Make package image')
  await expect(dialog()).toContainText('Its layer holds no program')
  await page.keyboard.press('Escape')
  await debugfs('web-03', 'mkdir /upper/opt', 'write PUT /upper/opt/tool', 'cd /upper/opt', 'mknod old c 0 0')
  await onGuest('web-03', 'Make package image')
  await expect(dialog().getByRole('list', { name: 'Paths that go into it' })).toHaveText('/opt/olddeleted/opt/tool')
  await expect(dialog()).toContainText('/etc 1')
  await dialog().getByRole('textbox', { name: 'Name' }).fill('-rf')
  await expect(dialog()).toContainText('starts with a letter or a digit')
  await expect(dialog().getByRole('button', { name: /^Make/ })).toBeDisabled()
  await dialog().getByRole('textbox', { name: 'Name' }).fill('tools')
  await dialog().getByRole('textbox', { name: 'Note' }).fill('the tool of the web guests')
  await keepScreen(page, 'package-make')
  await dialog().getByRole('button', { name: /^Make/ }).click()
  await images()
  await expect(version(1)).toContainText('debian-12 - generation 1', { timeout: 60_000 })
  await choose(page, 'web-03')
  await fromPalette('make a package image of', /Make a package image of web-03/)
  await dialog().getByRole('textbox', { name: 'Name' }).fill('tools')
  await expect(dialog()).toContainText('a version after 1')
  await dialog().getByRole('button', { name: /^Make/ }).click()
  await images()
  await expect(version(2)).toContainText('nobody', { timeout: 60_000 })
})

test('it is attached to a guest, and its newer version is ready for it', async () => {
  await onGuest('web-04', 'Destroy')
  await page.getByRole('alertdialog').getByRole('button', { name: 'Destroy' }).click()
  await done('Destroy web-04')
  await images()
  await onVersion(1, 'Attach to guests')
  await expect(dialog().getByRole('button', { name: /^Attach/ })).toBeDisabled()
  await dialog().getByRole('checkbox', { name: 'web-04' }).click()
  await expect(dialog().getByRole('region', { name: 'What changes' })).toContainText('Gets version 1 of tools')
  await expect(dialog().getByRole('button', { name: /^Attach/ })).toBeEnabled()
  await keepScreen(page, 'stack-attach')
  await dialog()
    .getByRole('button', { name: /^Attach/ })
    .click()
  await done('Attach version 1 of tools to web-04')
  await expect(version(1)).toContainText('web-04')
  await keepScreen(page, 'package-images')
  await choose(page, 'web-04')
  await expect(inspector(page)).toContainText('tools - version 1')
  await keepScreen(page, 'stack-inspector')
  await inspector(page).getByRole('button', { name: 'Version 2 ready' }).click()
  await expect(dialog().getByRole('region', { name: 'What changes' })).toContainText('Version 1 to 2 of tools')
  await dialog().getByRole('button', { name: /^Swap/ }).click()
  await done('Attach version 2 of tools to web-04')
  await expect(inspector(page)).toContainText('tools - version 2')
})

test('it is rolled back in one action, from the palette as well', async () => {
  await fromPalette('roll web-04 back', /Roll web-04 back to version 1 of tools/)
  await expect(inspector(page)).toContainText('tools - version 1', { timeout: 60_000 })
})

test('another generation of the base warns of it, and asks before it is swapped there', async () => {
  await inspector(page).getByRole('button', { name: 'Generation 3 ready' }).click()
  await expect(dialog().getByRole('region', { name: 'What changes' })).toContainText(
    'tools/1 in its stack was made for another generation',
  )
  await keepScreen(page, 'stack-misfit')
  await dialog().getByRole('button', { name: /^Swap/ }).click()
  await done('Swap web-04 to generation 3 of debian-12')
  await onStack('Swap version')
  await expect(dialog()).toContainText('its programs may miss what they were made with')
  await expect(dialog().getByRole('button', { name: /^(Swap|Attach)/ })).toBeDisabled()
  await dialog()
    .getByRole('checkbox', { name: /Attach it anyway to 1 guest/ })
    .click()
  await expect(dialog().getByRole('button', { name: /^Swap/ })).toBeEnabled()
  await keepScreen(page, 'stack-anyway')
  await dialog().getByRole('button', { name: /^Swap/ }).click()
  await expect(inspector(page)).toContainText('tools - version 2', { timeout: 60_000 })
})

test('a guest that runs is told what comes with its next start', async () => {
  await onGuest('web-04', 'Start')
  await done('Start web-04')
  await onStack('Roll back to version 1')
  await expect(inspector(page)).toContainText('version 1 at its next start', { timeout: 60_000 })
  await keepScreen(page, 'stack-next-start')
  await onStack('Take the open change back')
  await expect(inspector(page)).not.toContainText('at its next start', { timeout: 60_000 })
  await onGuest('web-04', 'Destroy')
  await page.getByRole('alertdialog').getByRole('button', { name: 'Destroy' }).click()
})

test('it is detached, and deleted when nobody has it', async () => {
  await images()
  await page.getByRole('button', { name: 'Actions for version 2 of tools' }).click()
  await expect(page.getByRole('menuitem', { name: /^Delete/ })).toHaveAttribute('aria-disabled', 'true')
  await page.keyboard.press('Escape')
  await choose(page, 'web-04')
  await expect(inspector(page)).toContainText('Off', { ignoreCase: true, timeout: 60_000 })
  await onStack('Detach')
  await expect(dialog()).toContainText('stays in its layer')
  await dialog()
    .getByRole('button', { name: /^Detach/ })
    .click()
  await done('Detach tools from web-04')
  await expect(inspector(page)).not.toContainText('tools - version')
  await images()
  await onVersion(2, 'Delete')
  await expect(dialog()).toContainText('gone for good')
  await dialog()
    .getByRole('button', { name: /^Delete/ })
    .click()
  await done('Delete version 2 of tools')
  await expect(version(2)).toBeHidden()
})
