import { expect, type Locator, type Page } from '@playwright/test'
import { testOnFleet } from '../testing/life'
import { choose, inspector, jobRow, keepScreen, row } from '../testing/screen'

// A guest with encrypted disks from the dialog to its layer card, with a picture of each screen. What it encrypts is shown on real Xen.
const test = testOnFleet({ hosts: 1, guests: 6 }, { theme: 'system' })
test.describe.configure({ mode: 'serial', timeout: 240_000 })

const start = (dialog: Locator): Locator => dialog.getByRole('button', { name: /^Clone & boot/ })
const box = (dialog: Locator, name: string): Locator => dialog.getByRole('checkbox', { name, exact: true })

async function openDialog(page: Page): Promise<Locator> {
  await row(page, 'sim-1').click()
  await inspector(page).getByRole('button', { name: 'Clone & boot' }).click()
  return page.getByRole('dialog', { name: 'Clone and boot' })
}

async function chooseBase(page: Page, dialog: Locator, name: string): Promise<void> {
  await dialog.getByRole('combobox', { name: 'Base' }).click()
  await page.getByRole('option', { name: new RegExp(name) }).click()
}

test('encryption is greyed where the base or the mode cannot, with the reason and what helps', async ({ page }) => {
  const dialog = await openDialog(page)
  await chooseBase(page, dialog, 'debian-12 - generation 2')
  for (const name of ['Layer', 'Swap']) await expect(box(dialog, name)).toBeDisabled()
  await expect(dialog).toContainText('The initrd of debian-12 generation 2 cannot encrypt. Edit the base, install cryptsetup-bin')
  await keepScreen(page, 'clone-no-encryption')
  await chooseBase(page, dialog, 'debian-12 - generation 3')
  await box(dialog, 'Layer').click()
  await box(dialog, 'Swap').click()
  await dialog.getByRole('radiogroup', { name: 'Mode' }).getByRole('radio', { name: 'Full copy' }).click()
  for (const name of ['Layer', 'Swap']) {
    await expect(box(dialog, name)).toBeDisabled()
    await expect(box(dialog, name)).not.toBeChecked()
  }
  await expect(dialog).toContainText('Only overlay and throwaway guests have encrypted disks.')
  await dialog.getByRole('radiogroup', { name: 'Mode' }).getByRole('radio', { name: 'Overlay' }).click()
  await box(dialog, 'Swap').click()
  await dialog.getByRole('textbox', { name: 'Swap, MB' }).fill('1')
  await expect(dialog).toContainText('A swap disk has at least 16 MB.')
  await expect(start(dialog)).toBeDisabled()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
})

test('a guest with an encrypted layer bears a lock, and what the host cannot do to it says why', async ({ page }) => {
  const dialog = await openDialog(page)
  await chooseBase(page, dialog, 'debian-12 - generation 3')
  await dialog.getByRole('textbox', { name: 'Names' }).fill('secret')
  await box(dialog, 'Layer').click()
  await box(dialog, 'Swap').click()
  await expect(dialog).toContainText('Each guest asks on its console for a passphrase')
  await expect(dialog.getByRole('region', { name: 'Preflight' })).toContainText(
    'each guest asks for its passphrase on its console',
  )
  await keepScreen(page, 'clone-encrypted')
  await box(dialog, 'Open consoles when booted').click()
  await start(dialog).click()
  await expect(jobRow(page, 'secret')).toHaveAttribute('data-state', 'succeeded')
  await choose(page, 'secret')
  await expect(inspector(page)).toContainText('Overlay, encrypted')
  await expect(inspector(page)).toContainText('encrypted in the guest')
  await expect(inspector(page)).toContainText(/Swap ?encrypted/)
  await inspector(page).getByRole('button', { name: 'More', exact: true }).click()
  await expect(page.getByRole('menuitem', { name: /^Save/ })).toBeDisabled()
  await expect(page.getByRole('menuitem', { name: /^Save/ })).toContainText('its memory holds the key')
  await page.keyboard.press('Escape')
  await inspector(page).getByRole('button', { name: 'More', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Destroy' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Destroy' }).click()
  const layer = inspector(page).getByRole('region', { name: 'Layer' })
  await expect(layer).toContainText('Encrypted: only the guest can read it.')
  await layer.getByRole('button', { name: 'More for this layer' }).click()
  for (const name of [/^Changed files/, /^Grow layer/, /^Check layer/, /^Promote to base/]) {
    await expect(page.getByRole('menuitem', { name })).toContainText('the host has no key')
  }
  await page.keyboard.press('Escape')
  await keepScreen(page, 'guest-encrypted')
  await row(page, 'sim-1').dblclick()
  await expect(page.getByRole('row', { name: /secret/ }).getByRole('img', { name: 'encrypted layer' })).toBeVisible()
  await keepScreen(page, 'host-encrypted')
})
