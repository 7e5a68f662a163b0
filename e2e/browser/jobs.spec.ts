import { readFile, writeFile } from 'node:fs/promises'
import { expect, type Locator, type Page, test } from '@playwright/test'
import { type App, startApp } from '../testing/app'
import { type Fleet, startFleet } from '../testing/fleet'
import { axeFindings, choose, inspector, jobRow, keepScreen, row } from '../testing/screen'

// Two administrators, each at an app of their own, and the jobs page of one of them.
test.describe.configure({ mode: 'serial', timeout: 180_000 })

let fleet: Fleet
let anna: App
let ben: App
let page: Page
let other: Page
test.beforeAll(async () => {
  fleet = await startFleet({ hosts: 2, guests: 6 })
  anna = await startApp({ hosts: fleet.hosts, preferences: { theme: 'system' } })
  ben = await startApp({ hosts: fleet.hosts })
  page = anna.page
  other = ben.page
  await row(page, 'web-01').first().waitFor()
  await row(other, 'web-01').first().waitFor()
})
test.afterAll(async () => {
  await anna?.close()
  await ben?.close()
  await fleet?.stop()
})

const table = (): Locator => page.getByRole('table', { name: 'Jobs of all hosts' })
const line = (title: string | RegExp): Locator => table().locator('[data-job-row]', { hasText: title }).first()
const filter = (): Locator => page.getByRole('textbox', { name: /^Filter the jobs/ })
const detail = (): Locator => page.getByRole('main').getByRole('region', { name: /^Job / })

/** Lets the jobs of a host stand still, or go on. */
const freeze = (signal: 'STOP' | 'CONT', host = 'sim-1') =>
  fleet.run(
    [
      'sh',
      '-c',
      `for job in "$DOMDECK_STATE"/jobs/*; do [ -e "$job/status" ] || { read -r pid rest <"$job/pid"; kill -s ${signal} -- "-$pid"; }; done`,
    ],
    host,
  )

async function clone(on: Page, host: string, pattern: string, count: number): Promise<void> {
  await choose(on, host)
  await inspector(on).getByRole('button', { name: 'Clone & boot' }).click()
  const dialog = on.getByRole('dialog', { name: 'Clone and boot' })
  await dialog.getByRole('textbox', { name: 'Names' }).fill(pattern)
  await dialog.getByRole('textbox', { name: 'How many' }).fill(String(count))
  await dialog.getByRole('textbox', { name: 'Memory, MB' }).fill('128')
  await dialog.getByRole('checkbox', { name: 'Open consoles when booted' }).click()
  await dialog.getByRole('button', { name: /^Clone & boot/ }).click()
  await expect(dialog).toBeHidden()
}

test('the page opens from the keyboard, the palette and the tray, and says when there is nothing', async () => {
  const tab = page.getByRole('tab', { name: 'Jobs', exact: true })
  await page.keyboard.press('Control+j')
  await expect(tab).toHaveAttribute('aria-selected', 'true')
  await expect(page.getByRole('main')).toContainText('No job has run on the connected hosts yet.')
  await expect(page.getByRole('main')).toContainText('A host keeps its newest 200 jobs')
  await keepScreen(page, 'jobs-page-empty')
  await tab.focus()
  await page.keyboard.press('Delete')
  await expect(tab).toBeHidden()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('show jobs')
  await page.keyboard.press('Enter')
  await expect(tab).toHaveAttribute('aria-selected', 'true')
  await page.getByRole('tab', { name: 'Consoles' }).click()
  await page.getByRole('button', { name: 'History' }).click()
  await expect(tab).toHaveAttribute('aria-selected', 'true')
})

test('a job of the other administrator appears here as it goes, and who waits says for whom', async () => {
  await clone(other, 'sim-1', 'long-{01..}', 24)
  await expect(line('long-01')).toBeVisible()
  await freeze('STOP')
  await expect(line('long-01')).toHaveAttribute('data-state', 'running')
  await line('long-01').click()
  await expect(detail()).toContainText(/Step \d of 5/)

  await choose(page, 'sim-1')
  await inspector(page).getByRole('button', { name: 'Clone & boot' }).click()
  const dialog = page.getByRole('dialog', { name: 'Clone and boot' })
  await dialog.getByRole('textbox', { name: 'Names' }).fill('next-{01..}')
  await dialog.getByRole('textbox', { name: 'How many' }).fill('2')
  await dialog.getByRole('checkbox', { name: 'Open consoles when booted' }).click()
  const forWhom = /ait(s|ing) for \S+@\S+: Clone and boot long-01\.\.long-24 \(step \d of 5, since \d\d:\d\d\)/
  await expect(dialog).toContainText(forWhom)
  await keepScreen(page, 'jobs-wait-dialog')
  await dialog.getByRole('button', { name: /^Clone & boot/ }).click()
  await expect(jobRow(other, 'next-01')).toContainText(forWhom)
  await line('next-01').click()
  await expect(detail()).toContainText(forWhom)
  await detail().getByRole('tab', { name: 'Log' }).click()
  await expect(detail().getByRole('region', { name: /^Log of/ })).toContainText(/Waiting for \S+@\S+: Clone and boot long-01/)
  await keepScreen(page, 'jobs-page-waiting')

  // The other one ends it; both see it.
  await jobRow(other, 'next-01').getByRole('button', { name: 'Cancel' }).click()
  await expect(line('next-01')).toHaveAttribute('data-state', 'cancelled')
  await expect(detail()).toContainText(/cancelled by \S+@\S+/)
  await freeze('CONT')
  await expect(line('long-01')).toHaveAttribute('data-state', 'succeeded', { timeout: 60_000 })
  await expect(jobRow(other, 'long-01')).toHaveAttribute('data-state', 'succeeded')
  await expect(row(page, 'long-24')).toBeAttached()
})

test('a failed job tells command, output and next step, and runs again with the same input', async () => {
  // More memory than the host has: xl create fails, and the job says why.
  const config = `${fleet.hosts[1]?.storageRoot}/guests`
  const guest = (await fleet.run(['sh', '-c', `grep -l '"' ${config}/*/guest.cfg | head -n 1`], 'sim-2')).trim()
  const name = guest.split('/').at(-2) ?? ''
  await fleet.run(
    ['sh', '-c', 'xl destroy "$1" 2>/dev/null; sed -i.kept "s/^memory *=.*/memory = 9999999/" "$2"', 'sh', name, guest],
    'sim-2',
  )
  await page.getByRole('combobox', { name: /Filter the fleet/ }).fill(name)
  await row(page, name).last().click()
  await inspector(page).getByRole('button', { name: 'Start' }).click()
  await page.getByRole('combobox', { name: /Filter the fleet/ }).fill('')
  await expect(line(`Start ${name}`)).toHaveAttribute('data-state', 'failed')
  await line(`Start ${name}`).click()
  await expect(detail()).toContainText('The host has not enough free memory')
  await expect(detail()).toContainText('Shut down another guest, or give this one less memory.')
  await expect(detail()).toContainText('Retry begins with the first step')

  await detail().getByRole('tab', { name: 'Script' }).click()
  await expect(detail().getByRole('region', { name: /^Script of/ })).toContainText(`name=${name}`)
  await detail().getByRole('button', { name: 'Copy as script' }).click()
  const script = await page.evaluate(() => navigator.clipboard.readText())
  expect(script).toMatch(/^#!\/bin\/sh/)
  expect(script).toContain(`name=${name}`)
  await keepScreen(page, 'jobs-page-script')

  await fleet.run(['mv', `${guest}.kept`, guest], 'sim-2')
  await detail().getByRole('button', { name: 'Retry' }).click()
  const asked = page.getByRole('dialog', { name: `Run again: Start ${name}?` })
  await expect(asked.getByRole('region', { name: 'Commands' })).toContainText(`name=${name}`)
  await keepScreen(page, 'jobs-retry')
  await asked.getByRole('button', { name: 'Retry' }).click()
  await expect(table().locator('[data-job-row][data-state=succeeded]', { hasText: `Start ${name}` })).toBeVisible()
})

test('a job that somebody runs by hand is there too, with the command that failed and its output', async () => {
  await detail().getByRole('tab', { name: 'Script' }).click()
  await detail()
    .getByRole('button', { name: /^Cop(y as script|ied)$/ })
    .click()
  const script = await page.evaluate(() => navigator.clipboard.readText())
  const broken = `${fleet.hosts[1]?.storageRoot}/broken.sh`
  const work = `begin\nstep "Check"\nrun sh -c 'echo "no such thing" >&2; exit 3'\n`
  await writeFile(
    broken,
    script.replace(/\nbegin\n.*\nfinish\n/s, () => `\n${work}\nfinish\n`),
  )
  await fleet.run(['sh', '-c', 'sh "$1" || [ $? = 1 ]', 'sh', broken], 'sim-2')
  await filter().fill('by:hand')
  await expect(table().locator('[data-job-row]')).toHaveCount(1)
  await table().locator('[data-job-row]').getByRole('button').click()
  await detail().getByRole('tab', { name: 'Steps' }).click()
  await expect(detail()).toContainText('by root by hand')
  await expect(detail()).toContainText('ended with exit code 3')
  await expect(detail()).toContainText('no such thing\nexit status 3')
  await keepScreen(page, 'jobs-page-failed')
  await filter().fill('')
})

test('the log can be searched, copied and saved', async () => {
  await line('long-01').click()
  await detail().getByRole('tab', { name: 'Log' }).click()
  const log = detail().getByRole('region', { name: /^Log of/ })
  await expect(log).toContainText('$ xl create')
  const search = detail().getByRole('textbox', { name: /^Search the log/ })
  await search.fill('XL CREATE')
  await expect(detail()).toContainText('1 of 24')
  await expect(log.locator('mark.on')).toBeInViewport()
  await page.keyboard.press('Shift+Enter')
  await expect(detail()).toContainText('24 of 24')
  await expect(log.locator('mark.on')).toBeInViewport()
  await keepScreen(page, 'jobs-page-log')
  await search.fill('$(reboot)')
  await expect(detail()).toContainText('Not found')
  await page.keyboard.press('Escape')
  await detail().getByRole('button', { name: 'Copy log' }).click()
  const copied = await page.evaluate(() => navigator.clipboard.readText())
  const saving = page.waitForEvent('download')
  await detail().getByRole('button', { name: 'Save' }).click()
  const saved = await saving
  expect(saved.suggestedFilename()).toMatch(/^domdeck-job-[0-9A-Z]{26}\.log$/)
  expect(await readFile(await saved.path(), 'utf8')).toBe(copied)
})

test('words and keys filter the table, and the arrows walk through it', async () => {
  await filter().fill('state:cancelled op:clone host:sim-1 since:1h')
  await expect(table().locator('[data-job-row]')).toHaveCount(1)
  await expect(page.getByRole('main')).toContainText(/1 of \d jobs/)
  await filter().fill('since:whenever')
  await expect(page.getByRole('main')).toContainText('since:whenever is not understood')
  await filter().fill('no such job')
  await expect(page.getByRole('main')).toContainText('No job matches.')
  expect(await axeFindings(page)).toEqual([])
  await page.getByRole('button', { name: 'Clear the filter' }).last().click()
  await filter().press('ArrowDown')
  const rows = table().locator('[data-job-row]')
  await page.keyboard.press('Home')
  await expect(rows.first().getByRole('button')).toBeFocused()
  await page.keyboard.press('ArrowDown')
  await expect(rows.nth(1)).toHaveAttribute('aria-current', 'true')
  await expect(rows.nth(1).getByRole('button')).toBeFocused()
  await page.keyboard.press('End')
  await expect(rows.last().getByRole('button')).toBeFocused()
})

test('a clone whose names are taken by now must be planned anew', async () => {
  await clone(other, 'sim-1', 'next-{01..}', 1)
  await expect(jobRow(other, 'next-01')).toHaveAttribute('data-state', 'succeeded', { timeout: 30_000 })
  await expect(row(page, 'next-01')).toBeAttached()
  await filter().fill('state:cancelled next')
  await line('next-01').click()
  await detail().getByRole('tab', { name: 'Steps' }).click()
  await expect(detail()).toContainText('next-01 is on the host by now. Plan the clone again, with other names.')
  await expect(detail().getByRole('button', { name: 'Retry' })).toHaveCount(0)
  await keepScreen(page, 'jobs-page-outdated')
  await detail().getByRole('button', { name: 'Plan again' }).click()
  await expect(page.getByRole('dialog', { name: 'Clone and boot' })).toBeVisible()
  await page.keyboard.press('Escape')
})

test('a finished clone is undone: its guests are named, counted, deleted, and then nothing is left to undo', async () => {
  await clone(page, 'sim-2', 'brief-{01..}', 2)
  await page.keyboard.press('Control+j')
  await filter().fill('clone brief')
  await expect(line('brief-01')).toHaveAttribute('data-state', 'succeeded', { timeout: 30_000 })
  await line('brief-01').click()
  await detail().getByRole('button', { name: 'Undo' }).click()
  const asked = page.getByRole('dialog', { name: /^Undo: Clone and boot brief-01/ })
  await expect(asked).toContainText('Deletes brief-01, brief-02: what this job made')
  await expect(asked.getByRole('button', { name: 'Cancel' })).toBeFocused()
  await expect(asked.getByRole('button', { name: 'Undo' })).toBeDisabled()
  await keepScreen(page, 'jobs-undo')
  await asked.getByRole('textbox', { name: 'Type 2 to confirm' }).fill('2')
  await asked.getByRole('button', { name: 'Undo' }).click()
  for (const name of ['brief-01', 'brief-02'])
    await expect(jobRow(other, `Delete ${name}`)).toHaveAttribute('data-state', 'succeeded')
  await expect(row(page, 'brief-01')).toHaveCount(0)
  await expect(detail()).toContainText('There is nothing of it that another job can take back exactly.')
  await expect(detail().getByRole('button', { name: 'Undo' })).toHaveCount(0)
  await filter().fill('')
})

test('a table of hundreds draws what is in sight, and the keys reach its end', async () => {
  const old = `for n in $(seq 100 299); do
    job=$DOMDECK_STATE/jobs/01KAHV6M00ZZZZZZZZZZZZZ$n
    mkdir "$job"
    printf '{"operation":"guest.start","title":"Old %s <b>$(reboot)</b>","targets":["web"],"steps":[],"by":"anna","from":"ws-3"}\\n' "$n" >"$job/job.json"
    printf 'started 17600%s00\\nended succeeded 17600%s07\\n' "$n" "$n" >"$job/events"
    echo succeeded >"$job/status"
  done`
  await fleet.run(['sh', '-c', old], 'sim-2')
  await page.getByRole('tab', { name: 'Consoles' }).click()
  await page.keyboard.press('Control+j')
  await filter().fill('by:anna@ws-3')
  const drawn = table().locator('[data-job-row]')
  await expect(line('Old 299 <b>$(reboot)</b>')).toBeVisible()
  await expect.poll(async () => Number(await table().getAttribute('aria-rowcount'))).toBeGreaterThan(190)
  expect(await drawn.count()).toBeLessThan(60)
  await filter().press('ArrowDown')
  await page.keyboard.press('End')
  await expect(drawn.last()).toHaveAttribute('aria-current', 'true')
  await expect(drawn.last().getByRole('button')).toBeFocused()
  await expect(drawn.last()).toBeInViewport()
  await page.keyboard.press('PageUp')
  await expect(table().locator('[aria-current] button')).toBeFocused()
  await keepScreen(page, 'jobs-page-many')
  await filter().fill('')
})

test('a slow host delays nobody: its jobs come when they come', async () => {
  await page.getByRole('tab', { name: 'Consoles' }).click()
  await fleet.act('stall', { host: 'sim-2', on: true })
  await page.keyboard.press('Control+j')
  await expect(page.getByRole('main')).toContainText('Reading sim-2')
  await filter().fill('long-01')
  await line('long-01').click()
  await expect(detail()).toContainText('Finished')
  await fleet.act('stall', { host: 'sim-2', on: false })
  await expect(page.getByRole('main')).not.toContainText('Reading sim-2')
  await filter().fill('')
})

test('the audit names who did what with which commands, and the host that is away', async () => {
  await fleet.act('powerCut', { host: 'sim-2' })
  await expect(page.getByRole('main')).toContainText(/Not connected: sim-2 \(as of \d\d:\d\d\)/)
  // What it said before stays.
  await expect(line('brief-01')).toBeVisible()
  await page.getByRole('button', { name: 'Audit export' }).click()
  const dialog = page.getByRole('dialog', { name: 'Audit export' })
  await expect(dialog).toContainText('named as missing in the file: sim-2')
  await keepScreen(page, 'jobs-audit')
  for (const bad of ['', '2026-02-31', '$(reboot)', 'x'.repeat(300)]) {
    await dialog.getByRole('textbox', { name: 'First day' }).fill(bad)
    await expect(dialog.getByRole('alert')).toContainText('Enter a day')
    await expect(dialog.getByRole('button', { name: 'Save file' })).toBeDisabled()
  }
  const today = await dialog.getByRole('textbox', { name: 'Last day' }).inputValue()
  await dialog.getByRole('textbox', { name: 'First day' }).fill(today)
  const save = async (): Promise<[string, string]> => {
    const saving = page.waitForEvent('download')
    await dialog.getByRole('button', { name: 'Save file' }).click()
    const saved = await saving
    return [saved.suggestedFilename(), await readFile(await saved.path(), 'utf8')]
  }
  const [csvName, csv] = await save()
  expect(csvName).toBe(`domdeck-audit-${today}-${today}.csv`)
  expect(csv).toMatch(/^sim-1,[0-9A-Z]{26},guest\.clone,Clone and boot long-01\.\.long-24,.*,command,"?xl create/m)
  expect(csv).toMatch(/^sim-2,.*,missing,/m)
  await expect(dialog).toContainText('Named as missing: sim-2')
  await dialog.getByRole('radio', { name: 'JSON' }).click()
  const [, json] = await save()
  const audit = JSON.parse(json)
  expect(audit).toMatchObject({ hosts: ['sim-1'], missing: [{ host: 'sim-2' }] })
  const cancelled = audit.jobs.find((job: { state: string }) => job.state === 'cancelled')
  expect(cancelled.cancelledBy).toBe(cancelled.who)
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
})

test('an interrupted job shows where it stopped, and is rolled back from the page', async () => {
  // Held in the middle of its work: the create of a guest waits for the lock of the pretend xl, until the power goes.
  await fleet.run(['sh', '-c', 'flock "$SIM_HOST/xen/lock" sleep 300 >/dev/null 2>&1 &'], 'sim-1')
  await clone(page, 'sim-1', 'dark-{01..}', 2)
  await page.keyboard.press('Control+j')
  await expect(line('dark-01')).toBeVisible()
  await line('dark-01').click()
  await expect(detail().getByRole('img', { name: 'running' }).first()).toBeVisible({ timeout: 60_000 })
  await fleet.act('powerCut', { host: 'sim-1' })
  await expect(line('dark-01')).toHaveAttribute('data-state', 'unknown')
  await fleet.act('powerOn', { host: 'sim-1' })
  await expect(line('dark-01')).toHaveAttribute('data-state', 'interrupted', { timeout: 60_000 })
  await expect(detail().getByRole('img', { name: 'running' })).toHaveCount(0)
  await expect(detail().getByRole('img', { name: 'failed' }).first()).toBeVisible()
  await expect(detail()).toContainText('Roll it back first')
  await keepScreen(page, 'jobs-page-interrupted')
  await detail().getByRole('button', { name: 'Roll back' }).click()
  await expect(detail()).toContainText(/rolled back by \S+@\S+/, { timeout: 30_000 })
  await expect(jobRow(other, 'dark-01')).toContainText('rolled back, nothing left')
  await expect(detail().getByRole('button', { name: 'Retry' })).toBeVisible()
})
