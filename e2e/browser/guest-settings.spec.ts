import { readFile } from 'node:fs/promises'
import { expect, type Locator, type Page, test } from '@playwright/test'
import { type App, startApp } from '../testing/app'
import { type Fleet, startFleet } from '../testing/fleet'
import { axeFindings, choose, inspector, jobRow, keepScreen, row } from '../testing/screen'

// What can be changed about one guest, what differs, and its logs; in one life of a fleet, with a picture of each screen.
test.describe.configure({ mode: 'serial', timeout: 120_000 })

let app: App
let fleet: Fleet
let page: Page
test.beforeAll(async () => {
  fleet = await startFleet({ hosts: 1, guests: 20 })
  app = await startApp({ hosts: fleet.hosts, preferences: { theme: 'system' } })
  page = app.page
  await row(page, 'web-01').waitFor()
})
test.afterAll(async () => {
  await app?.close()
  await fleet?.stop()
})

const dialog = (): Locator => page.getByRole('dialog')
const differences = (): Locator => inspector(page).getByRole('region', { name: 'Differences from its file' })
const done = (title: string | RegExp) => expect(jobRow(page, title)).toHaveAttribute('data-state', 'succeeded')
const config = (name: string) => readFile(`${fleet.hosts[0]?.storageRoot}/guests/${name}/guest.cfg`, 'utf8')
async function more(entry: string): Promise<void> {
  await inspector(page).getByRole('button', { name: 'More', exact: true }).click()
  await page.getByRole('menuitem', { name: entry, exact: true }).click()
}
async function change(label: string): Promise<void> {
  await inspector(page)
    .getByRole('button', { name: `Change: ${label}` })
    .click()
}

test('memory changes at once, by keyboard, with its commands in sight', async () => {
  await choose(page, 'web-01')
  await change('Memory')
  const field = dialog().getByRole('textbox', { name: 'Memory' })
  await expect(dialog().getByRole('button', { name: 'Change' })).toBeDisabled()
  await field.fill('100')
  await dialog().getByText('Commands', { exact: true }).click()
  await expect(dialog().getByLabel('Commands of this job')).toContainText('xl mem-set')
  await keepScreen(page, 'change-memory')
  await field.press('Enter')
  await expect(dialog()).toBeHidden()
  await done('Give web-01 100 MB of memory')
  await expect(inspector(page)).toContainText('100 MB')
  expect(await config('web-01')).toContain('memory = 100\n')
})

test('what the guest cannot have is refused with the reason, and what no guest can before it is asked', async () => {
  await change('Memory')
  await dialog().getByRole('textbox', { name: 'Memory' }).fill('9')
  await expect(dialog()).toContainText('at least 16 MB')
  await expect(dialog().getByRole('button', { name: 'Change' })).toBeDisabled()
  await dialog().getByRole('textbox', { name: 'Memory' }).fill('999999')
  await dialog().getByRole('button', { name: 'Change' }).click()
  await expect(jobRow(page, 'Give web-01 999999 MB of memory')).toHaveAttribute('data-state', 'failed')
  expect(await config('web-01')).toContain('memory = 100\n')
})

test('it starts with its host, in the order asked for', async () => {
  await change('Boot with host')
  await dialog().getByRole('switch').click()
  await dialog().getByLabel('Order').fill('-1')
  await expect(dialog().getByRole('alert')).toContainText('0 to 999')
  await dialog().getByLabel('Order').fill('7')
  await keepScreen(page, 'change-autostart')
  await dialog().getByRole('button', { name: 'Change' }).click()
  await done('Start web-01 with its host')
  await expect(inspector(page)).toContainText('starts, order 7')
})

test('what happens after a crash is told from its next start on', async () => {
  await change('On crash')
  await dialog().getByRole('combobox', { name: 'On crash' }).click()
  await page.getByRole('option', { name: /^restart/ }).click()
  await expect(dialog()).toContainText('From its next start on')
  await keepScreen(page, 'change-crash-policy')
  await dialog().getByRole('button', { name: 'Change' }).click()
  await done('When web-01 crashes: restart')
  await expect(differences()).toContainText('On crash')
})

test('differences from the file are settled either way', async () => {
  await fleet.run(['xl', 'mem-set', 'web-01', '90m'])
  await differences().getByRole('button', { name: 'Compare again' }).click()
  await expect(differences()).toContainText('90 MB')
  await keepScreen(page, 'differences')
  await differences().getByRole('button', { name: 'Apply to the guest: Memory' }).click()
  await expect(differences()).not.toContainText('90 MB')
  await differences().getByRole('button', { name: 'Write to the file: On crash' }).click()
  await expect(differences()).toContainText('Runs as its file says.')
  expect(await config('web-01')).toContain('on_crash = "preserve"')
})

test('pause and unpause', async () => {
  await more('Pause')
  await expect(row(page, 'web-01')).toContainText('paused')
  await inspector(page).getByRole('button', { name: 'Unpause' }).click()
  await done('Unpause web-01')
  await expect(inspector(page).getByRole('button', { name: 'Console' })).toBeVisible()
})

test('a saved guest is one of its own, and goes on when it is started', async () => {
  await more('Save')
  await done('Save web-01')
  await expect(row(page, 'web-01')).toContainText('saved')
  await expect(inspector(page)).toContainText('of memory')
  await keepScreen(page, 'saved-guest')
  await inspector(page).getByRole('button', { name: 'Start' }).click()
  await done('Restore web-01')
  await expect(row(page, 'web-01').getByRole('img', { name: 'running' })).toBeVisible()
})

test('what was saved is discarded after a question that names what is lost', async () => {
  await more('Save')
  await expect(row(page, 'web-01')).toContainText('saved')
  await more('Discard saved memory')
  const question = page.getByRole('alertdialog')
  await expect(question).toHaveAccessibleName('Discard the saved memory of web-01?')
  await expect(question.getByRole('button', { name: 'Cancel' })).toBeFocused()
  await question.getByRole('button', { name: 'Discard' }).click()
  await expect(row(page, 'web-01')).toContainText('halted')
})

test('a stopped guest is renamed; names that are none are refused', async () => {
  await more('Rename')
  const name = dialog().getByLabel('New name')
  for (const bad of ['-rf', '007', '$(reboot)', 'a b']) {
    await name.fill(bad)
    await expect(dialog().getByRole('alert')).toBeVisible()
    await expect(dialog().getByRole('button', { name: 'Rename' })).toBeDisabled()
  }
  await keepScreen(page, 'rename')
  await name.fill('shop')
  await name.press('Enter')
  await done('Rename web-01 to shop')
  await expect(row(page, 'shop')).toBeVisible()
  await expect(row(page, 'web-01')).toHaveCount(0)
})

test('what others made is adopted', async () => {
  await fleet.act('addForeignGuest', { name: 'theirs' })
  await row(page, 'theirs').click()
  await more('Adopt')
  await done('Adopt theirs')
  await expect(inspector(page)).toContainText('adopted')
  await inspector(page).getByRole('button', { name: 'More', exact: true }).click()
  await expect(page.getByRole('menuitem', { name: 'Adopt', exact: true })).toHaveCount(0)
  await keepScreen(page, 'guest-menu')
  await page.keyboard.press('Escape')
})

test('a move is refused where no other host is connected', async () => {
  await choose(page, 'web-04')
  await more('Move to another host')
  await expect(dialog()).toContainText('There is no other connected host that web-04 could move to.')
  await page.keyboard.press('Escape')
})

test('the logs of a guest are followed and searched', async () => {
  await choose(page, 'web-02')
  if (await inspector(page).getByRole('button', { name: 'Start' }).isVisible()) {
    await inspector(page).getByRole('button', { name: 'Start' }).click()
    await done('Start web-02')
  }
  await more('Logs')
  await expect(dialog().getByText('Waiting for domain web-02')).toBeVisible()
  await fleet.run(['sh', '-c', 'echo "Domain 2 has crashed <b>" >>"$DOMDECK_ROOT/var/log/xen/xl-web-02.log"'])
  await expect(dialog().getByText('has crashed <b>')).toBeVisible()
  await dialog().getByLabel('Search the log').fill('CRASHED')
  await expect(dialog().getByText('Waiting for domain')).toBeHidden()
  await expect(dialog().getByText('1 line', { exact: false })).toBeVisible()
  await dialog().getByLabel('Search the log').fill('nowhere')
  await expect(dialog().getByText('No line holds')).toBeVisible()
  await dialog().getByLabel('Search the log').fill('')
  await keepScreen(page, 'guest-logs')
  await page.keyboard.press('Escape')
})

test('the log of the hypervisor opens from the palette', async () => {
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').fill('hypervisor log')
  await page.keyboard.press('Enter')
  await expect(dialog().getByText('(XEN)').first()).toBeVisible()
  expect(await axeFindings(page)).toEqual([])
  await page.keyboard.press('Escape')
})
