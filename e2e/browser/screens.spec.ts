import { expect, type Page, test } from '@playwright/test'
import { type App, startApp } from '../testing/app'
import { type Fleet, startFleet } from '../testing/fleet'
import { choose, inspector, jobRow, keepScreen, logIn, openConsole, pane, retry, row, shows, typeLine } from '../testing/screen'

// A picture of every screen in both themes and sizes, and axe finds nothing on any of them.
test.describe.configure({ mode: 'serial', timeout: 180_000 })

test.describe('before there is a host', () => {
  let app: App
  let fleet: Fleet
  let page: Page
  test.beforeAll(async () => {
    fleet = await startFleet({ hosts: 1, guests: 8 })
    app = await startApp({ preferences: { theme: 'system' } })
    page = app.page
  })
  test.afterAll(async () => {
    await app?.close()
    await fleet?.stop()
  })

  test('welcome', async () => {
    await expect(page.getByRole('heading', { name: 'Welcome to Domdeck' })).toBeVisible()
    await keepScreen(page, 'welcome')
  })

  test('add host, from the form to the connection', async () => {
    const [host] = fleet.hosts
    if (!host) throw new Error('no host')
    await page.getByRole('button', { name: 'Add host' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Address').fill('-oProxyCommand=reboot')
    await dialog.getByLabel('Storage root').fill('/srv/$(reboot)')
    await dialog.getByRole('button', { name: 'Add and connect' }).click()
    await expect(dialog.getByRole('alert').first()).toBeVisible()
    await keepScreen(page, 'add-host-refused')
    await dialog.getByLabel('Address').fill(host.address)
    await dialog.getByLabel('Storage root').fill(host.storageRoot)
    await dialog.getByLabel('Name').fill('dom0-lab')
    await dialog.getByRole('textbox', { name: 'Port' }).fill(String(host.port))
    await dialog.getByLabel('Private key').fill(host.keyPath)
    await keepScreen(page, 'add-host')
    await dialog.getByRole('button', { name: 'Add and connect' }).click()
    await expect(page.getByText(/^SHA256:/)).toBeVisible()
    await keepScreen(page, 'host-key-unknown')
    await page.getByRole('button', { name: 'Trust this key' }).click()
    await expect(page.getByText('Connected', { exact: true })).toBeVisible()
    await keepScreen(page, 'host-connected')
    await page.getByRole('button', { name: 'Open dom0-lab' }).click()
  })

  test('a host whose key has changed', async () => {
    await fleet.act('changeHostKey')
    await page.getByRole('button', { name: 'Review: dom0-lab' }).click()
    await expect(page.getByRole('dialog').getByText('Host key changed')).toBeVisible()
    await keepScreen(page, 'host-key-changed')
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    await keepScreen(page, 'host-page-blocked')
  })
})

test.describe('a fleet', () => {
  let app: App
  let fleet: Fleet
  let page: Page
  test.beforeAll(async () => {
    fleet = await startFleet({ hosts: 2, guests: 24 })
    app = await startApp({ hosts: fleet.hosts, preferences: { theme: 'system' } })
    page = app.page
  })
  test.afterAll(async () => {
    await app?.close()
    await fleet?.stop()
  })
  const centre = () => page.getByRole('main', { name: 'Workspace' })

  test('a guest of ours, one of others, a host, and nothing open', async () => {
    await expect(row(page, 'sim-2')).toBeVisible()
    await expect(row(page, 'web-01').first()).toBeVisible()
    await keepScreen(page, 'fleet-nothing-chosen')
    await row(page, 'web-01').first().click()
    await expect(inspector(page).getByRole('heading', { name: 'web-01' })).toBeVisible()
    await keepScreen(page, 'fleet-guest')
    await row(page, 'db-01').first().click()
    await keepScreen(page, 'fleet-foreign-guest')
    await row(page, 'sim-1').click()
    await keepScreen(page, 'fleet-host')
  })

  test('several picked, the palette, and a filter that nothing passes', async () => {
    await row(page, 'web-01').first().click()
    await row(page, 'web-04')
      .first()
      .click({ modifiers: ['Shift'] })
    await expect(page.getByRole('toolbar', { name: '4 guests selected' })).toBeVisible()
    await keepScreen(page, 'fleet-selection')
    await page.keyboard.press('Control+k')
    await page.keyboard.type('web')
    await expect(page.getByRole('option').first()).toBeVisible()
    await keepScreen(page, 'palette')
    await page.keyboard.press('Escape')
    await page.getByRole('combobox', { name: /Filter the fleet/ }).fill('nothing-like-it')
    await expect(page.getByText('No host or guest matches.')).toBeVisible()
    await keepScreen(page, 'fleet-no-match')
    await page.keyboard.press('Escape')
  })

  test('the page of a host', async () => {
    await row(page, 'sim-1').dblclick()
    for (const part of ['Overview', 'Guests', 'Images', 'Jobs']) {
      await centre()
        .getByRole('tab', { name: new RegExp(`^${part}`) })
        .click()
      await expect(centre().getByRole('tabpanel').last()).toBeVisible()
      await keepScreen(page, `host-${part.toLowerCase()}`)
    }
    await centre()
      .getByRole('tab', { name: /^Overview/ })
      .click()
  })

  test('import of a base', async () => {
    await page.getByRole('button', { name: 'Import base' }).first().click()
    const dialog = page.getByRole('dialog', { name: 'Import a base' })
    await keepScreen(page, 'import-empty')
    await dialog.getByRole('textbox', { name: 'Image' }).fill('/nowhere/none.img')
    await dialog.getByLabel('Name').fill('debian-12')
    await expect(dialog.getByText('failed: ').first()).toBeAttached()
    await keepScreen(page, 'import-fail')
    const image = (await fleet.run(['sh', '-c', 'echo "$PWD/debian-12.img"'])).trim()
    await dialog.getByRole('textbox', { name: 'Image' }).fill(image)
    await expect(dialog.getByRole('button', { name: /^Import/ })).toBeEnabled()
    await keepScreen(page, 'import-pass')
    await dialog.getByRole('button', { name: 'Cancel' }).click()
  })

  test('clone: checks that pass, warn and fail', async () => {
    await inspector(page).getByRole('button', { name: 'Clone & boot' }).click()
    const dialog = page.getByRole('dialog', { name: 'Clone and boot' })
    await dialog.getByRole('textbox', { name: 'Names' }).fill('shop-{08..}')
    await expect(dialog.getByRole('button', { name: /^Clone & boot/ })).toBeEnabled()
    await keepScreen(page, 'clone-pass')
    await dialog.getByRole('radio', { name: 'Throwaway (RAM)' }).click()
    await dialog.getByRole('textbox', { name: 'Layer, MB' }).fill('208')
    await page.keyboard.press('Tab')
    await expect(dialog.getByText('warning: ')).toBeAttached()
    await keepScreen(page, 'clone-warn')
    await dialog.getByRole('textbox', { name: 'Names' }).fill('web-{01..}')
    await expect(dialog.getByText('taken on this host: web-01')).toBeVisible()
    await keepScreen(page, 'clone-fail')
    await dialog.getByRole('textbox', { name: 'Names' }).fill('$(reboot)')
    await expect(dialog.getByRole('alert')).toBeVisible()
    await keepScreen(page, 'clone-name-refused')
    await dialog.getByRole('button', { name: 'Cancel' }).click()
  })

  test('what is asked before guests go', async () => {
    await row(page, 'web-01').first().click()
    await inspector(page).getByRole('button', { name: 'More', exact: true }).click()
    await keepScreen(page, 'guest-menu')
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await expect(page.getByRole('alertdialog')).toBeVisible()
    await keepScreen(page, 'confirm-delete')
    await page.keyboard.press('Escape')
  })

  test('consoles in three panes, with a strip, a search and a paste', async () => {
    const first = await openConsole(page, 'web-01')
    await logIn(first)
    await typeLine(first, 'help')
    await openConsole(page, 'web-02')
    await openConsole(page, 'web-04')
    await shows(pane(page, 'web-04'), /login: *$/)
    await choose(page, 'web-02')
    await inspector(page).getByRole('button', { name: 'Reboot' }).click()
    await expect(pane(page, 'web-02').getByRole('status')).toContainText('reattached')
    await shows(pane(page, 'web-02'), /login: *$/)
    await first.getByTestId('terminal').click()
    await keepScreen(page, 'consoles')
    await page.keyboard.press('Control+Shift+F')
    await page.keyboard.type('simulated')
    await pane(page, 'web-04').getByRole('button', { name: 'Menu of the console of web-04' }).click()
    await keepScreen(page, 'consoles-search-and-menu')
    await page.keyboard.press('Escape')
    await first.getByRole('textbox', { name: 'Search in this console' }).press('Escape')
    await page.evaluate(() => navigator.clipboard.writeText('apt-get update\napt-get -y upgrade\n'))
    await first.getByTestId('terminal').click()
    await page.keyboard.press('Control+Shift+V')
    await expect(page.getByRole('dialog', { name: /^Paste/ })).toBeVisible()
    await keepScreen(page, 'consoles-paste')
    await page.keyboard.press('Escape')
    const second = await app.another()
    const there = await openConsole(second.page, 'web-01')
    await there.getByRole('button', { name: 'Take over' }).click()
    await expect(first).toContainText('Read-only')
    await fleet.run(['xl', 'destroy', 'web-04'])
    await expect(pane(page, 'web-04').getByRole('status')).toContainText('not running')
    await keepScreen(page, 'consoles-read-only-and-down')
    await second.context.close()
  })

  test('jobs that run, fail and were interrupted; log', async () => {
    // More memory than the host has: xl create fails, and the job says why.
    await fleet.run(['sed', '-i', 's/^memory *=.*/memory = 9999999/', `${fleet.hosts[0]?.storageRoot}/guests/web-03/guest.cfg`])
    await choose(page, 'web-03')
    await inspector(page).getByRole('button', { name: 'Start' }).click()
    await expect(jobRow(page, 'Start web-03')).toHaveAttribute('data-state', 'failed')

    const many = async (host: string, pattern: string) => {
      await choose(page, host)
      await inspector(page).getByRole('button', { name: 'Clone & boot' }).click()
      const dialog = page.getByRole('dialog', { name: 'Clone and boot' })
      await dialog.getByRole('textbox', { name: 'Names' }).fill(pattern)
      await dialog.getByRole('textbox', { name: 'How many' }).fill('64')
      await dialog.getByRole('textbox', { name: 'Memory, MB' }).fill('128')
      await dialog.getByRole('checkbox', { name: 'Open consoles when booted' }).click()
      await dialog.getByRole('button', { name: /^Clone & boot/ }).click()
      await expect(dialog).toBeHidden()
    }
    await many('sim-2', 'lost-{01..}')
    const lost = jobRow(page, 'lost-01')
    await expect(lost).toHaveAttribute('data-state', 'running')
    await fleet.act('powerCut', { host: 'sim-2' })
    await expect(lost).toHaveAttribute('data-state', 'unknown')
    await keepScreen(page, 'jobs-link-lost')
    await fleet.act('powerOn', { host: 'sim-2' })
    await retry(page, 'sim-2')
    await expect(lost).toHaveAttribute('data-state', 'interrupted', { timeout: 30_000 })

    await many('sim-1', 'shop-{01..}')
    const running = jobRow(page, 'shop-01')
    await expect(running.getByRole('img', { name: 'done' }).or(running.locator('.gts .green')).first()).toBeVisible()
    // Stands still while its picture is taken.
    const freeze = (signal: string) =>
      fleet.run([
        'sh',
        '-c',
        `for job in "$DOMDECK_STATE"/jobs/*; do [ -e "$job/status" ] || { read -r pid rest <"$job/pid"; kill -s ${signal} -- "-$pid"; }; done`,
      ])
    await freeze('STOP')
    await keepScreen(page, 'jobs')
    await page.getByRole('button', { name: 'Collapse jobs' }).click()
    await keepScreen(page, 'jobs-collapsed')
    await page.getByRole('button', { name: 'Expand jobs' }).click()
    await freeze('CONT')
    await expect(running).toHaveAttribute('data-state', 'succeeded', { timeout: 60_000 })
    await jobRow(page, 'Start web-03').getByRole('button', { name: 'Log' }).click()
    await expect(page.getByRole('region', { name: /^Log of/ })).toBeVisible()
    await keepScreen(page, 'job-log')
    await page.keyboard.press('Escape')
    await choose(page, 'sim-1')
    await inspector(page).getByRole('button', { name: 'Open page' }).click()
    await centre().getByRole('tab', { name: /^Jobs/ }).click()
    await keepScreen(page, 'host-jobs-many')
  })

  test('a host that does not answer', async () => {
    await fleet.act('powerCut', { host: 'sim-1' })
    await choose(page, 'sim-1')
    await expect(row(page, 'sim-1')).toContainText(/connection lost|connection refused|no answer/)
    await centre()
      .getByRole('tab', { name: /^Overview/ })
      .click()
    await keepScreen(page, 'host-offline')
    await centre().getByRole('tab', { name: 'Consoles' }).click()
    await keepScreen(page, 'consoles-offline')
  })
})
