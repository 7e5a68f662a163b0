import { expect, type Locator, type Page } from '@playwright/test'
import { testOnFleet } from '../testing/life'
import { inspector, keepScreen, openConsole, pane, row, shows, terminalText } from '../testing/screen'

// Sequences: built-in ones on one guest, one's own on the focused console, many guests at once, and after a clone.
const test = testOnFleet({ hosts: 1, guests: 6 }, { theme: 'system' })
test.describe.configure({ mode: 'serial' })

const guest = (dialog: Locator, name: string) => dialog.locator(`[data-guest="${name}"]`)

async function choose(page: Page, label: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name: label, exact: true }).click()
  await page.getByRole('option', { name: option, exact: true }).click()
}

async function fromPaneMenu(page: Page, name: string): Promise<Locator> {
  await pane(page, name)
    .getByRole('button', { name: `Menu of the console of ${name}` })
    .click()
  await page.getByRole('menuitem', { name: 'Run a sequence' }).click()
  return page.getByRole('dialog', { name: 'Run a sequence' })
}

test('logs in from the menu of a pane, and asks for what it needs', async ({ page }) => {
  const console = await openConsole(page, 'web-01')
  await shows(console, /login: *$/)
  const dialog = await fromPaneMenu(page, 'web-01')
  await dialog.getByRole('button', { name: /^Run/ }).click()
  await expect(dialog.getByRole('alert')).toContainText('Enter the password.')
  await dialog.getByRole('textbox', { name: 'Password' }).fill('s3cret')
  await dialog.getByRole('button', { name: /^Run/ }).click()
  const progress = page.getByRole('dialog', { name: 'Log in after boot' })
  await expect(guest(progress, 'web-01')).toHaveAttribute('data-state', 'succeeded')
  await progress.getByRole('button', { name: 'Close' }).last().click()
  await shows(console, /root@web-01:~# *$/)
  expect(await terminalText(console)).not.toContain('s3cret')
})

test('reports the address, which SSH then offers', async ({ page }) => {
  const dialog = await fromPaneMenu(page, 'web-01')
  await choose(page, 'Sequence', 'Report the IP')
  await dialog.getByRole('button', { name: /^Run/ }).click()
  const progress = page.getByRole('dialog', { name: 'Report the IP' })
  await expect(guest(progress, 'web-01')).toContainText(/address 10\.0\.\d+\.\d+/)
  await progress.getByRole('button', { name: 'Close' }).last().click()
  await row(page, 'web-01').click()
  await inspector(page).getByRole('button', { name: 'More', exact: true }).click()
  await page.getByRole('menuitem', { name: 'SSH into it' }).click()
  const ssh = page.getByRole('dialog', { name: 'SSH into web-01' })
  await expect(ssh.getByRole('textbox', { name: 'Address' })).toHaveValue(/^10\.0\./)
  await page.keyboard.press('Escape')
  await expect(ssh).toBeHidden()
})

test('a sequence of one’s own says what is wrong with it, is tried, fails in words, and is saved', async ({ page }) => {
  // In a terminal the key is the guest's.
  await row(page, 'web-01').click()
  await page.keyboard.press('Control+K')
  await page.getByPlaceholder('Search hosts, guests, commands').fill('Edit sequences')
  await page.getByRole('option', { name: 'Edit sequences' }).first().click()
  const form = page.getByRole('dialog', { name: 'Sequences' })
  await form.getByRole('button', { name: 'Save' }).click()
  await expect(form.getByRole('alert').first()).toContainText('Enter a name.')
  await form.getByRole('textbox', { name: 'Name', exact: true }).fill('Who am I')
  await form.getByRole('textbox', { name: 'Step 1: wait for' }).fill('(')
  await form.getByRole('checkbox', { name: 'Regular expression' }).click()
  await form.getByRole('button', { name: 'Save' }).click()
  await expect(form).toContainText('a parenthesis is not closed')
  await form.getByRole('textbox', { name: 'Step 1: wait for' }).fill('# *$')
  await form.getByRole('checkbox', { name: 'Press Enter meanwhile' }).click()
  await form.getByRole('button', { name: 'Add a text to send' }).click()
  await form.getByRole('textbox', { name: 'Step 2: send' }).fill('whoami\\r')
  await form.getByRole('button', { name: 'Add a wait', exact: true }).click()
  await form.getByRole('textbox', { name: 'Step 3: wait for' }).fill('nobody')
  await form.getByRole('textbox', { name: 'Limit of step 3' }).fill('2')
  await form.getByRole('button', { name: 'Try it on web-01' }).click()
  await page.getByRole('dialog', { name: 'Run a sequence' }).getByRole('button', { name: /^Run/ }).click()
  const progress = page.getByRole('dialog', { name: 'Who am I' })
  await expect(guest(progress, 'web-01')).toContainText('Step 3: “nobody” did not come within 2 s.')
  await expect(guest(progress, 'web-01').locator('pre')).toContainText('whoami')
  await progress.getByRole('button', { name: 'Close' }).last().click()
  await page.keyboard.press('Control+K')
  await page.getByPlaceholder('Search hosts, guests, commands').fill('Edit sequences')
  await page.getByRole('option', { name: 'Edit sequences' }).first().click()
  await expect(form.getByRole('textbox', { name: 'Name', exact: true })).toHaveValue('Who am I')
  await form.getByRole('textbox', { name: 'Step 3: wait for' }).fill('root')
  await form.getByRole('button', { name: 'Save' }).click()
  await expect(form).toBeHidden()
})

test('the form and the progress look right', async ({ page }) => {
  test.setTimeout(180_000)
  await page.keyboard.press('Control+K')
  await page.getByPlaceholder('Search hosts, guests, commands').fill('Edit sequences')
  await page.getByRole('option', { name: 'Edit sequences' }).first().click()
  await choose(page, 'Edit', 'Who am I')
  await keepScreen(page, 'sequences-form')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+K')
  await page.getByPlaceholder('Search hosts, guests, commands').fill('Show the sequence Who')
  await page
    .getByRole('option', { name: /Show the sequence Who am I/ })
    .first()
    .click()
  await keepScreen(page, 'sequences-failed')
  await page.keyboard.press('Escape')
})

test('a clone is logged in to after its first boot, with no pane of it', async ({ page }) => {
  await inspector(page).getByRole('button', { name: 'Clone & boot' }).click()
  const dialog = page.getByRole('dialog', { name: 'Clone and boot' })
  await dialog.getByRole('textbox', { name: 'Names' }).fill('fresh-01')
  await dialog.getByRole('checkbox', { name: 'Open consoles when booted' }).click()
  await choose(page, 'Then run', 'Log in after boot')
  await dialog.getByRole('textbox', { name: 'Password' }).fill('s3cret')
  await dialog.getByRole('button', { name: /^Clone & boot/ }).click()
  await expect(dialog).toBeHidden()
  await page.keyboard.press('Control+K')
  await page.getByPlaceholder('Search hosts, guests, commands').fill('Show the sequence Log in after boot on fresh-01')
  await page
    .getByRole('option', { name: /on fresh-01/ })
    .first()
    .click()
  const progress = page.getByRole('dialog', { name: 'Log in after boot' })
  await expect(guest(progress, 'fresh-01')).toHaveAttribute('data-state', 'succeeded', { timeout: 60_000 })
  await expect(pane(page, 'fresh-01')).toHaveCount(0)
})
