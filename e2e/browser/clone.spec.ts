import { spawnSync } from 'node:child_process'
import { expect, type Locator, type Page } from '@playwright/test'
import type { Fleet } from '../testing/fleet'
import { testOnFleet } from '../testing/life'
import { inspector, jobRow, keepScreen, logIn, pane, retry, row, shows, typeLine } from '../testing/screen'

// The jobs of one fleet, each on what the ones before left.
const test = testOnFleet({ hosts: 1, guests: 6 }, { theme: 'system' })
test.describe.configure({ mode: 'serial' })

const start = (dialog: Locator): Locator => dialog.getByRole('button', { name: /^Clone & boot/ })

/** Opens the dialog on the pretend host. */
async function openDialog(page: Page): Promise<Locator> {
  await row(page, 'sim-1').click()
  await inspector(page).getByRole('button', { name: 'Clone & boot' }).click()
  return page.getByRole('dialog', { name: 'Clone and boot' })
}

/** Guests in the storage folder of the pretend host. */
const guestFolders = async (fleet: Fleet): Promise<string[]> =>
  (await fleet.run(['ls', `${fleet.hosts[0]?.storageRoot}/guests`])).split('\n').filter(Boolean)

const hostile = [
  'web"',
  "web'01",
  'web`reboot`',
  '$(reboot)',
  '-rf',
  'two words',
  'two\nlines',
  '12345',
  'a'.repeat(64),
  'a'.repeat(300),
  'wéb',
  '网络',
  'web;reboot',
  '../etc',
  'web-{01..',
  'web-{a..}',
  'web-',
  'Web',
  '',
]

test('refuses names that no guest should have, with the reason at the field', async ({ fleet, page }) => {
  const before = await guestFolders(fleet)
  const dialog = await openDialog(page)
  await expect(start(dialog)).toBeEnabled()
  for (const name of hostile) {
    const input = dialog.getByRole('textbox', { name: 'Names' })
    await input.fill(name)
    await expect(input, name).toHaveAttribute('aria-invalid', 'true')
    // The sentence quotes what it is about, so that each name is judged by itself.
    const about = (await input.inputValue()).slice(0, 60)
    await expect
      .poll(() => input.getAttribute('aria-describedby').then((id) => page.locator(`[id="${id}"]`).textContent()))
      .toContain(about === '' ? 'Enter a name.' : JSON.stringify(about).slice(0, -1))
    await expect(start(dialog), name).toBeDisabled()
    await expect(dialog.getByRole('list', { name: 'Names of the guests' }), name).toBeHidden()
    await page.keyboard.press('Enter')
    await expect(dialog).toBeVisible()
  }
  await dialog.getByRole('textbox', { name: 'Names' }).fill('good')
  await expect(start(dialog)).toBeEnabled()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  expect(await guestFolders(fleet)).toEqual(before)
})

test('refuses numbers that are none of its own, with the reason', async ({ page }) => {
  const dialog = await openDialog(page)
  for (const [label, value, reason] of [
    ['How many', '65', 'One job makes at most 64 guests.'],
    ['Memory, MB', '8', 'A guest has at least 16 MB of memory.'],
    ['vCPU', '129', 'A guest has at most 128 vCPUs.'],
    ['Layer, MB', '1', 'A layer has at least 16 MB.'],
  ] as const) {
    const input = dialog.getByRole('textbox', { name: label })
    const good = await input.inputValue()
    await input.fill(value)
    await expect(dialog.getByText(reason), label).toBeVisible()
    await expect(start(dialog), label).toBeDisabled()
    await input.fill(good)
    await expect(start(dialog)).toBeEnabled()
  }
  await dialog.getByRole('button', { name: 'Cancel' }).click()
})

test('a check that fails blocks, and says what to do', async ({ page }) => {
  const dialog = await openDialog(page)
  await dialog.getByRole('textbox', { name: 'Names' }).fill('web-{01..}')
  const checks = dialog.getByRole('region', { name: 'Preflight' })
  await expect(checks).toContainText('taken on this host: web-01')
  await expect(checks).toContainText('Choose another pattern')
  await expect(checks.getByRole('status')).toContainText('1 failed')
  await expect(start(dialog)).toBeDisabled()
  await dialog.getByRole('textbox', { name: 'Names' }).fill('fresh')
  await dialog.getByRole('textbox', { name: 'Memory, MB' }).fill('1000000')
  await expect(checks).toContainText(/MB free, 976 GB needed/)
  await expect(start(dialog)).toBeDisabled()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
})

test('a mode that the host cannot do is greyed, with the reason; a full copy is a disk of its own', async ({ page }) => {
  // Two screens are kept.
  test.setTimeout(120_000)
  const dialog = await openDialog(page)
  const modes = dialog.getByRole('radiogroup', { name: 'Mode' })
  const cannot = dialog.getByRole('list', { name: 'Modes that this host cannot do' })
  await expect(cannot.getByRole('listitem')).toHaveText([
    'Reflink: /srv is ext4: no reflink',
    'LVM thin: there is no LVM thin pool',
    'qcow2: there is no qemu for Xen (qemu-system-xen)',
  ])
  for (const name of ['Reflink', 'LVM thin', 'qcow2']) await expect(modes.getByRole('radio', { name })).toBeDisabled()
  // A name that is wrong does not bring them back.
  await dialog.getByRole('textbox', { name: 'Names' }).fill('No')
  await expect(modes.getByRole('radio', { name: 'Reflink' })).toBeDisabled()
  await dialog.getByRole('textbox', { name: 'Names' }).fill('own')
  await modes.getByRole('radio', { name: 'Full copy' }).click()
  const size = dialog.getByRole('textbox', { name: 'Disk, MB' })
  const least = Number(await size.inputValue())
  await size.fill(String(least - 1))
  await expect(dialog.getByRole('region', { name: 'Preflight' })).toContainText(`${least - 1} MB, the base has ${least} MB`)
  await expect(start(dialog)).toBeDisabled()
  await size.fill(String(least))
  await expect(start(dialog)).toBeEnabled()
  await keepScreen(page, 'clone-modes')
  await dialog.getByRole('checkbox', { name: 'Open consoles when booted' }).click()
  await start(dialog).click()
  await expect(jobRow(page, 'own')).toHaveAttribute('data-state', 'succeeded')
  await row(page, 'own').click()
  await expect(inspector(page)).toContainText('copied from it, and independent')
  await inspector(page).getByRole('button', { name: 'More', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await expect(page.getByRole('alertdialog')).toHaveAccessibleName(/^Delete own and its .* disk\?$/)
  await page.keyboard.press('Escape')
  await jobRow(page, 'own')
    .getByRole('button', { name: /^Dismiss/ })
    .click()
})

test('four guests in one job: names, commands, ticks, and consoles that open by themselves', async ({ page }) => {
  const dialog = await openDialog(page)
  await dialog.getByRole('textbox', { name: 'Names' }).fill('shop-{08..}')
  await dialog.getByRole('textbox', { name: 'How many' }).fill('4')
  const names = dialog.getByRole('list', { name: 'Names of the guests' })
  await expect(names.getByRole('listitem')).toHaveText(['shop-08', 'shop-09', 'shop-10', 'shop-11'])
  await expect(start(dialog)).toBeEnabled()
  const commands = dialog.getByRole('region', { name: 'Commands of this job' })
  await expect(commands).toContainText('xl create')
  await expect(commands).toContainText('shop-11')
  await dialog.getByRole('button', { name: 'Copy as script' }).click()
  await expect(dialog.getByRole('button', { name: 'Copied' })).toBeVisible()
  const script = await page.evaluate(() => navigator.clipboard.readText())
  expect(script).toContain('shop-08')
  expect(spawnSync('sh', ['-n'], { input: script }).status).toBe(0)

  await start(dialog).click()
  await expect(dialog).toBeHidden()
  const job = jobRow(page, 'shop-08..shop-11')
  for (const name of ['shop-08', 'shop-09', 'shop-10', 'shop-11']) {
    await expect(job).toContainText(name)
    await expect(row(page, name).getByRole('img', { name: 'running' })).toBeVisible()
    await expect(pane(page, name)).toBeVisible()
  }
  await expect(job).toHaveAttribute('data-state', 'succeeded')
  await expect(page.getByRole('region', { name: 'Jobs' })).toContainText('1 finished')
  await logIn(pane(page, 'shop-08'))
  await typeLine(pane(page, 'shop-08'), 'hostname')
  await shows(pane(page, 'shop-08'), /^shop-08$/m)
})

test('the log of a job, what it ran, and the history', async ({ page }) => {
  await jobRow(page, 'shop-08..shop-11').getByRole('button', { name: 'Log' }).click()
  const log = page.getByRole('dialog', { name: /shop-08/ })
  await expect(log.getByRole('region', { name: /^Log of/ })).toContainText('xl create')
  await log.getByRole('button', { name: 'Copy as script' }).click()
  await expect(log.getByRole('button', { name: 'Copied' })).toBeVisible()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('shop-08')
  await log.getByRole('button', { name: 'Close' }).click()
  await page.getByRole('button', { name: 'History' }).click()
  const history = page.getByRole('table', { name: 'Jobs of all hosts' })
  await expect(history.getByRole('row', { name: /shop-08/ })).toContainText('sim-1')
  await page.getByRole('tab', { name: 'Consoles' }).click()
  await jobRow(page, 'shop-08..shop-11')
    .getByRole('button', { name: /^Dismiss/ })
    .click()
  await expect(page.locator('[data-job]')).toHaveCount(0)
})

/** Starts a job of many guests that take a while, with no consoles. */
async function startLongJob(page: Page, pattern: string): Promise<Locator> {
  const dialog = await openDialog(page)
  await dialog.getByRole('textbox', { name: 'Names' }).fill(pattern)
  await dialog.getByRole('textbox', { name: 'How many' }).fill('48')
  await dialog.getByRole('textbox', { name: 'Memory, MB' }).fill('128')
  await dialog.getByRole('checkbox', { name: 'Open consoles when booted' }).click()
  await expect(start(dialog)).toBeEnabled()
  await start(dialog).click()
  await expect(dialog).toBeHidden()
  return jobRow(page, pattern.replace('{01..}', '01'))
}

test('a job that is cancelled leaves nothing', async ({ fleet, page }) => {
  const before = await guestFolders(fleet)
  const job = await startLongJob(page, 'stop-{01..}')
  await expect(job).toHaveAttribute('data-state', 'running')
  await expect(row(page, 'stop-01')).toBeVisible()
  await job.getByRole('button', { name: 'Cancel' }).click()
  await expect(job).toHaveAttribute('data-state', 'cancelled', { timeout: 30_000 })
  await expect(job).toContainText('Cancelled, nothing left')
  await expect(row(page, 'stop-01')).toHaveCount(0)
  expect(await guestFolders(fleet)).toEqual(before)
  expect(await fleet.run(['xl', 'list'])).not.toContain('stop-')
})

test('a job that a power cut interrupts can be rolled back', async ({ fleet, page }) => {
  const before = await guestFolders(fleet)
  const job = await startLongJob(page, 'dark-{01..}')
  await expect(job).toHaveAttribute('data-state', 'running')
  await expect.poll(() => guestFolders(fleet)).toContain('dark-01')
  await fleet.act('powerCut')
  await expect(job).toHaveAttribute('data-state', 'unknown')
  await expect(job).toContainText('Link lost')
  await fleet.act('powerOn')
  await retry(page, 'sim-1')
  await expect(job).toHaveAttribute('data-state', 'interrupted', { timeout: 30_000 })
  await expect(job).toContainText('Interrupted: roll it back')
  await expect(page.getByRole('region', { name: 'Jobs' })).toContainText('1 to roll back')
  await job.getByRole('button', { name: 'Roll back' }).click()
  await expect(job).toContainText('rolled back, nothing left', { timeout: 30_000 })
  await expect(job.getByRole('button', { name: 'Roll back' })).toHaveCount(0)
  expect(await guestFolders(fleet)).toEqual(before)
  await expect(row(page, 'dark-01')).toHaveCount(0)
})
