import { expect, type Page } from '@playwright/test'
import { testOnFleet } from '../testing/life'
import { inspector, keepScreen, row, shows, typeLine } from '../testing/screen'

// A shell of dom0, one in a guest by SSH, and what becomes of them.
const test = testOnFleet({ hosts: 1, guests: 4 }, { theme: 'system' })
test.describe.configure({ mode: 'serial' })

const shell = (page: Page, name: string, kind = 'Shell', number = 1) =>
  page.getByRole('region', { name: number > 1 ? `${kind} ${name}, pane ${number}` : `${kind} ${name}`, exact: true })

async function command(page: Page, title: string): Promise<void> {
  await page.keyboard.press('Control+K')
  await page.getByPlaceholder('Search hosts, guests, commands').fill(title)
  await page.getByRole('option', { name: title }).first().click()
}

test('a shell of dom0 opens from the palette, says what it is, and has the size of its pane', async ({ page }) => {
  await expect(row(page, 'web-01')).toBeVisible()
  await command(page, 'Open a shell: sim-1')
  const pane = shell(page, 'sim-1')
  await expect(pane).toHaveAttribute('data-state', 'attached')
  await expect(pane).toContainText('dom0 shell, root')
  const size = await pane.locator('.size').textContent()
  const [columns, rows] = (size ?? '').split('×')
  await typeLine(pane, 'stty size; echo $((6*7)) "$TERM"')
  await shows(pane, new RegExp(`${rows} ${columns}.*42 xterm-256color`, 's'))
})

test('it follows the size of the pane; a split opens another one', async ({ page }) => {
  const pane = shell(page, 'sim-1')
  await page.keyboard.press('Control+Shift+E')
  const second = shell(page, 'sim-1', 'Shell', 2)
  await expect(second).toHaveAttribute('data-state', 'attached')
  const narrow = (await pane.locator('.size').textContent())?.split('×')
  await typeLine(pane, 'echo "now $(stty size)"')
  await shows(pane, new RegExp(`now ${narrow?.[1]} ${narrow?.[0]}`))
  await typeLine(second, 'exit 3')
  await expect(second.getByRole('status')).toContainText('The shell ended with status 3')
  await page.keyboard.press('Enter')
  await expect(second).toHaveAttribute('data-state', 'attached')
  await keepScreen(page, 'shells')
})

test('SSH into a guest through its host asks where, compares the key, asks the password, and is there', async ({ page }) => {
  await row(page, 'web-01').click()
  await inspector(page).getByRole('button', { name: 'More', exact: true }).click()
  await page.getByRole('menuitem', { name: 'SSH into it' }).click()
  const dialog = page.getByRole('dialog', { name: 'SSH into web-01' })
  await dialog.getByRole('textbox', { name: 'Address' }).fill('')
  await dialog.getByRole('button', { name: 'Open' }).click()
  await expect(dialog.getByRole('alert')).toContainText('Enter an address.')
  await dialog.getByRole('textbox', { name: 'Address' }).fill('10.0.0.7')
  await keepScreen(page, 'ssh-dialog')
  await dialog.getByRole('button', { name: 'Open' }).click()
  const key = page.getByRole('dialog', { name: 'Host key of web-01' })
  await expect(key).toContainText('SHA256:')
  await keepScreen(page, 'ssh-host-key')
  await key.getByRole('button', { name: 'Trust this key' }).click()
  const question = page.getByRole('dialog', { name: 'Log in to web-01' })
  await question.locator('input').first().fill('root')
  await question.getByRole('button', { name: 'Log in' }).click()
  const pane = shell(page, 'web-01', 'SSH')
  await expect(pane).toHaveAttribute('data-state', 'attached')
  await expect(pane).toContainText('SSH root@10.0.0.7')
  await typeLine(pane, 'echo $((40+2))')
  await shows(pane, /^42$/m)
})

test('a link that is cut ends shells, says so, and keeps what they said', async ({ page, fleet }) => {
  await fleet.act('cut')
  for (const pane of [shell(page, 'sim-1'), shell(page, 'web-01', 'SSH')]) {
    await expect(pane).toHaveAttribute('data-state', 'ended')
    await expect(pane.getByRole('status')).toContainText('The shell ended with its link')
  }
  await shows(shell(page, 'sim-1'), /42 xterm-256color/)
  await keepScreen(page, 'shells-ended')
})

test('a page that comes back opens no shell by itself', async ({ page }) => {
  await page.reload()
  const pane = shell(page, 'sim-1')
  // Found again with what it said while the main side has it; else not open.
  await expect(pane).toHaveAttribute('data-state', /^(ended|closed)$/)
  await pane.getByRole('button', { name: 'Open', exact: true }).click()
  await expect(pane).toHaveAttribute('data-state', 'attached', { timeout: 30_000 })
})
