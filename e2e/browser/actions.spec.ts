import { expect, type Locator, type Page } from '@playwright/test'
import { testOnFleet } from '../testing/life'
import { inspector, jobRow, row } from '../testing/screen'

// What the inspector and the selection bar do to guests, in one life of a fleet.
const test = testOnFleet({ hosts: 1, guests: 20 })
test.describe.configure({ mode: 'serial' })

const running = (page: Page, name: string) => row(page, name).getByRole('img', { name: 'running' })
const question = (page: Page): Locator => page.getByRole('alertdialog')

test('start, shut down and reboot', async ({ fleet, page }) => {
  await row(page, 'web-03').click()
  await inspector(page).getByRole('button', { name: 'Start' }).click()
  await expect(jobRow(page, 'Start web-03')).toHaveAttribute('data-state', 'succeeded')
  await expect(running(page, 'web-03')).toBeVisible()
  const domid = async (): Promise<string> => (await fleet.run(['xl', 'domid', 'web-03'])).trim()
  const before = await domid()
  await inspector(page).getByRole('button', { name: 'Reboot' }).click()
  await expect(jobRow(page, 'Reboot web-03')).toHaveAttribute('data-state', 'succeeded')
  expect(await domid()).not.toBe(before)
  await expect(inspector(page)).toContainText(`domid ${await domid()}`)
  await inspector(page).getByRole('button', { name: 'Shut down' }).click()
  await expect(row(page, 'web-03')).toContainText('halted')
  await expect(inspector(page).getByRole('button', { name: 'Shut down' })).toBeDisabled()
  await expect(inspector(page).getByRole('button', { name: 'Start' })).toBeEnabled()
})

test('destroy names the guest and what is lost, with the focus on Cancel', async ({ page }) => {
  await row(page, 'web-01').click()
  await inspector(page).getByRole('button', { name: 'More', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Destroy' }).click()
  await expect(question(page)).toHaveAccessibleName('Destroy web-01 at once, without a shutdown?')
  await expect(question(page)).toHaveAccessibleDescription(/not written to disk is lost/)
  await expect(question(page).getByRole('button', { name: 'Cancel' })).toBeFocused()
  // Enter at once does no harm.
  await page.keyboard.press('Enter')
  await expect(question(page)).toBeHidden()
  await expect(running(page, 'web-01')).toBeVisible()
  await inspector(page).getByRole('button', { name: 'More', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Destroy' }).click()
  await question(page).getByRole('button', { name: 'Destroy' }).click()
  await expect(row(page, 'web-01')).toContainText('halted')
})

test('delete names the guest and its layer, and keeps the base', async ({ fleet, page }) => {
  // A write to a file changes its ctime (%C@); their sums take seconds.
  const bases = () =>
    fleet.run(['sh', '-c', `find "${fleet.hosts[0]?.storageRoot}/bases" -type f -printf '%p %i %s %b %C@\\n' | sort`])
  const before = await bases()
  await row(page, 'web-01').click()
  await inspector(page).getByRole('button', { name: 'More', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await expect(question(page)).toHaveAccessibleName(/^Delete web-01 and its .* layer\?$/)
  await expect(question(page)).toHaveAccessibleDescription(/gone for good. The base stays untouched/)
  await expect(question(page).getByRole('button', { name: 'Cancel' })).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(row(page, 'web-01')).toBeVisible()
  await inspector(page).getByRole('button', { name: 'More', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await question(page).getByRole('button', { name: 'Delete' }).click()
  // Files are gone without a word of xenstore; the row must not wait for the next poll.
  await expect(jobRow(page, 'Delete web-01')).toHaveAttribute('data-state', 'succeeded')
  await expect(row(page, 'web-01')).toHaveCount(0, { timeout: 5_000 })
  expect(await bases()).toBe(before)
})

test('what others made is not deleted', async ({ fleet, page }) => {
  await fleet.act('addForeignGuest', { name: 'theirs' })
  await row(page, 'theirs').click()
  await inspector(page).getByRole('button', { name: 'More', exact: true }).click()
  const entry = page.getByRole('menuitem', { name: /Delete/ })
  await expect(entry).toContainText('not made by Domdeck')
  await expect(entry).toHaveAttribute('aria-disabled', 'true')
  await page.keyboard.press('Escape')
})

test('several at once: shut down, start, and what they lose when they go', async ({ page }) => {
  await row(page, 'cache-01').click()
  await row(page, 'cache-03').click({ modifiers: ['Shift'] })
  const bar = page.getByRole('toolbar', { name: '3 guests selected' })
  await bar.getByRole('button', { name: 'Shut down 3' }).click()
  await expect(question(page)).toHaveAccessibleName('Shut down 3 guests on 1 host?')
  await question(page).getByRole('button', { name: 'Shut down' }).click()
  for (const name of ['cache-01', 'cache-02', 'cache-03']) await expect(row(page, name)).toContainText('halted')
  await bar.getByRole('button', { name: 'More', exact: true }).click()
  await page.getByRole('menuitem', { name: /^Start/ }).click()
  await question(page).getByRole('button', { name: 'Start' }).click()
  for (const name of ['cache-01', 'cache-02', 'cache-03']) await expect(running(page, name)).toBeVisible()
  await bar.getByRole('button', { name: 'More', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await expect(question(page)).toHaveAccessibleName(/^Delete 3 guests and their layers/)
  await expect(question(page)).toContainText('cache-01, cache-02, cache-03')
  await expect(question(page).getByRole('button', { name: 'Cancel' })).toBeFocused()
  await question(page).getByRole('button', { name: 'Delete' }).click()
  for (const name of ['cache-01', 'cache-02', 'cache-03']) await expect(row(page, name)).toHaveCount(0)
  await expect(bar).toBeHidden()
  await expect(row(page, 'cache-04')).toBeVisible()
})
