import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, type Page, test as plain } from '@playwright/test'
import { startApp } from '../testing/app'
import { testOnFleet } from '../testing/life'
import { choose, inspector, keepScreen, openConsole, pane, row, shows } from '../testing/screen'

// The app around the fleet: settings, keys, palette, links, news, windows, crash reports, inventories.
const test = testOnFleet({ hosts: 2, guests: 6 })
test.describe.configure({ mode: 'serial' })

const settingsTab = async (page: Page, part: string): Promise<void> => {
  await page.getByRole('banner').getByRole('button', { name: 'Settings' }).click()
  await page.getByRole('tab', { name: part, exact: true }).click()
}
const notices = (page: Page) => page.getByRole('region', { name: 'Notices' })
const palette = (page: Page) => page.getByRole('dialog', { name: /Search hosts/ })
const fontSize = (page: Page, selector: string): Promise<number> =>
  page
    .locator(selector)
    .first()
    .evaluate((element) => Number.parseFloat(getComputedStyle(element).fontSize))
const stored = async (data: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(join(data, 'settings.json'), 'utf8')).preferences

test('settings take effect at once and are kept', async ({ app, page }) => {
  const console = await openConsole(page, 'web-01')
  await shows(console, /login: *$/)
  await settingsTab(page, 'Appearance')
  await page.getByRole('radio', { name: 'Light' }).click()
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light')
  const before = await fontSize(page, '.tree')
  await page.getByRole('radio', { name: 'Larger' }).click()
  expect(await fontSize(page, '.tree')).toBe(before + 2)

  await page.getByRole('tab', { name: 'Consoles', exact: true }).last().click()
  await page.getByRole('textbox', { name: 'Size of the font, px' }).fill('16')
  await page.getByRole('textbox', { name: 'Scrollback, lines' }).fill('900')
  await page.keyboard.press('Tab')
  await page.getByRole('combobox', { name: 'Font of consoles' }).click()
  await page.getByRole('option', { name: 'DejaVu Sans Mono' }).click()
  await expect.poll(() => fontSize(page, '.set-t')).toBe(16)
  await expect.poll(() => fontSize(page, '.xterm-rows')).toBe(16)
  await expect(page.locator('.xterm-rows').first()).toHaveCSS('font-family', /^"DejaVu Sans Mono"/)

  // Another font must be installed, have letters of one width, and be a name and nothing else.
  await page.getByRole('combobox', { name: 'Font of consoles' }).click()
  await page.getByRole('option', { name: 'Another one' }).click()
  const name = page.getByRole('textbox', { name: 'Name', exact: true })
  for (const [font, reason] of [
    ['No Such Font', 'not installed'],
    ['DejaVu Sans', 'differ in width'],
    ['x"; background: url(//evil)', 'letters, digits'],
  ] as const) {
    await name.fill(font)
    await expect(page.getByRole('tabpanel', { name: 'Consoles' }).last().getByRole('alert')).toContainText(reason)
  }
  await page.getByRole('tab', { name: 'Notifications' }).click()
  await page.getByRole('switch', { name: 'A long job of mine ends' }).click()
  await expect
    .poll(() => stored(app.data))
    .toMatchObject({
      theme: 'light',
      uiSize: 'larger',
      terminalFont: 'DejaVu Sans Mono',
      terminalFontSize: 16,
      scrollbackLines: 900,
      tellJobEnds: false,
    })

  await page.reload()
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light')
  await expect(page.locator('html')).toHaveAttribute('data-ui-size', 'larger')
  await shows(pane(page, 'web-01'), /login: *$/)
  expect(await fontSize(page, '.xterm-rows')).toBe(16)
})

test('keys are changed, swapped, refused and reset', async ({ page }) => {
  await settingsTab(page, 'Keys')
  const change = page.getByRole('button', { name: 'Change the keys of: Split the pane to the right' })
  const line = page.getByRole('row', { name: /Split the pane to the right/ })
  await change.click()
  await page.keyboard.press('Control+c')
  await expect(page.getByRole('alert')).toContainText('Ctrl+C is the guest’s')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('alert')).toBeHidden()
  await expect(line).toContainText('CtrlShiftE')

  await change.click()
  await page.keyboard.press('Control+Shift+O')
  await expect(page.getByRole('alert')).toContainText('is “Split the pane below” now')
  await keepScreenAs(page, 'settings-keys-conflict')
  await page.getByRole('button', { name: 'Leave it' }).click()
  await expect(line).toContainText('CtrlShiftE')
  await change.click()
  await page.keyboard.press('Control+Shift+O')
  await page.getByRole('button', { name: 'Swap' }).click()
  await expect(line).toContainText('CtrlShiftO')
  await expect(page.getByRole('row', { name: /Split the pane below/ })).toContainText('CtrlShiftE')

  await page.getByRole('tab', { name: 'Consoles', exact: true }).first().click()
  await pane(page, 'web-01').getByTestId('terminal').click()
  await page.keyboard.press('Control+Shift+O')
  const second = pane(page, 'web-01', 2)
  await expect(second).toBeVisible()
  const [left, right] = await Promise.all([pane(page, 'web-01').boundingBox(), second.boundingBox()])
  expect(right?.x ?? 0).toBeGreaterThan(left?.x ?? 0)
  await page.keyboard.press('Control+Shift+W')
  await settingsTab(page, 'Keys')
  await page.getByRole('button', { name: 'Reset all keys' }).click()
  await expect(line).toContainText('CtrlShiftE')
})

/** The screens follow the system only while the settings say so. */
async function keepScreenAs(page: Page, name: string): Promise<void> {
  await page.evaluate(() => new BroadcastChannel('preferences').postMessage({ theme: 'system', uiSize: 'normal' }))
  await keepScreen(page, name)
}

for (const part of ['Appearance', 'Consoles', 'Keys', 'Notifications', 'Hosts', 'Files'])
  test(`the settings are drawn well: ${part}`, async ({ page }) => {
    await page.getByRole('banner').getByRole('button', { name: 'Settings' }).click()
    await page.getByRole('tablist', { name: 'Parts of the settings' }).getByRole('tab', { name: part }).click()
    await keepScreenAs(page, `settings-${part.toLowerCase()}`)
  })

test('large text cuts nothing off', async ({ page }) => {
  await settingsTab(page, 'Appearance')
  await page.getByRole('radio', { name: 'As the system' }).click()
  await page.getByRole('radio', { name: 'Larger' }).click()
  await row(page, 'web-02').first().click()
  await keepScreen(page, 'settings-larger')
  await page.getByRole('radio', { name: 'Normal' }).click()
})

test('the palette finds everything, what was chosen lately first, and does it', async ({ page }) => {
  await page.keyboard.press('Control+k')
  const found = palette(page).getByRole('option')
  await page.keyboard.type('theme')
  await expect(found.first()).toContainText('Theme: dark')
  await page.keyboard.type(' sys')
  await page.keyboard.press('Enter')
  await expect(palette(page)).toBeHidden()
  await page.keyboard.press('Control+k')
  await expect(palette(page).getByRole('group', { name: 'Recent' })).toBeVisible()
  await expect(found.first()).toContainText('Theme: as the system')
  await page.keyboard.type('theme')
  await expect(found.first()).toContainText('Theme: as the system')

  const type = async (text: string): Promise<void> => palette(page).getByRole('combobox').fill(text)
  await type('settings')
  await expect(found.first()).toContainText('Settings')
  await expect(found.first()).toContainText('Ctrl,')
  await type('web-02 sim-2')
  await expect(found.first()).toContainText('web-02')
  await expect(found.filter({ hasText: 'Start web-02' })).toBeVisible()
  await keepScreenAs(page, 'palette-guest')
  await type('reboot web-01')
  await expect(found.filter({ hasText: 'Reboot web-01' })).toHaveCount(2)
  await type('console web-03')
  await found.filter({ hasText: 'sim-2' }).first().click()
  await expect(pane(page, 'web-03')).toBeVisible()
  await page.keyboard.press('Control+Shift+k')
  await type('nothing is called so')
  await expect(palette(page)).toContainText('Nothing is named like that.')
  await page.keyboard.press('Escape')
})

test('links show hosts, guests and consoles, and do nothing else', async ({ page }) => {
  const follow = (hash: string): Promise<void> =>
    page.evaluate((to) => {
      window.location.hash = to
    }, hash)
  await follow('#/guest/web-04?host=sim-2')
  await expect(inspector(page).getByRole('heading', { level: 2 })).toHaveText('web-04')
  await expect(inspector(page)).toContainText('sim-2')
  expect(new URL(page.url()).hash).toBe('')
  await follow('#/console/web-02?host=sim-1')
  await expect(pane(page, 'web-02')).toBeVisible()
  await follow('#/host/sim-2')
  await expect(page.getByRole('tab', { name: 'sim-2' })).toHaveAttribute('aria-selected', 'true')

  for (const [hash, words] of [
    ['#/guest/web-01', '2 guests are named web-01, on sim-1, sim-2.'],
    ['#/guest/nobody', 'There is no guest nobody in this fleet.'],
    ['#/reboot/web-01', 'it names neither a host, a guest nor a console'],
    ['#/guest/%3Cimg%20onerror%3D1%3E?host=sim-1', 'There is no guest <img onerror=1> on sim-1.'],
  ] as const) {
    await follow(hash)
    await expect(notices(page)).toContainText(words)
    await notices(page).getByRole('button', { name: 'Dismiss' }).first().click()
  }

  await choose(page, 'sim-1')
  await inspector(page).getByRole('button', { name: 'More for this host' }).click()
  await page.getByRole('menuitem', { name: 'Copy link' }).click()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`${new URL(page.url()).origin}/#/host/sim-1`)
  await follow('#/guest/api-02?host=sim-1')
  await inspector(page).getByRole('button', { name: 'More', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Copy link' }).click()
  const link = await page.evaluate(() => navigator.clipboard.readText())
  expect(link).toMatch(/#\/guest\/[0-9a-f-]{36}\?host=sim-1$/)

  // In a page of its own, before the fleet is there.
  const other = await page.context().newPage()
  await other.goto(link)
  await expect(inspector(other).getByRole('heading', { level: 2 })).toHaveText('api-02')
  await other.close()
})

test('another window has panes of its own, the same settings, and reads only what is typed in here', async ({ page }) => {
  await openConsole(page, 'web-04')
  await page.keyboard.press('Control+Shift+K')
  await palette(page).getByRole('combobox').fill('new window')
  const [other] = await Promise.all([
    page.waitForEvent('popup').catch(() => undefined),
    page.context().waitForEvent('page'),
    page.keyboard.press('Enter'),
  ]).then(([, opened]) => [opened])
  if (!other) throw new Error('no window opened')
  await expect(row(other, 'web-04').first()).toBeVisible()
  await expect(other.getByRole('region', { name: /^Console / })).toHaveCount(0)
  await openConsole(other, 'web-04')
  await expect(pane(other, 'web-04')).toContainText('Read-only')
  await other.reload()
  await expect(other.getByRole('region', { name: /^Console / })).toHaveCount(1)
  await settingsTab(other, 'Appearance')
  await other.getByRole('radio', { name: 'Light' }).click()
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light')
  await other.getByRole('radio', { name: 'As the system' }).click()
  await other.close()
  await page.reload()
  await expect(pane(page, 'web-04')).toBeVisible()
  expect(await page.getByRole('region', { name: /^Console / }).count()).toBeGreaterThan(1)
})

test('a guest that crashes is told of on the page, and on the desktop while nobody looks', async ({ fleet, page }) => {
  await page.evaluate(() => {
    const told: string[] = []
    class Told {
      static permission = 'granted'
      onclick: (() => void) | undefined
      constructor(title: string, { body }: { body: string }) {
        told.push(`${title}: ${body}`)
      }
      close(): void {}
    }
    Object.assign(window, { Notification: Told, told })
    document.hasFocus = () => false
  })
  await fleet.act('crashGuest', { host: 'sim-1', name: 'web-04' })
  await expect(notices(page)).toContainText('web-04 crashed')
  // Its console is open, so what its kernel said is told of first.
  expect(await page.evaluate(() => (window as unknown as { told: string[] }).told)).toEqual([
    expect.stringMatching(/^web-04: kernel panic: .*Fatal exception/),
    'web-04 crashed: On sim-1.',
  ])
  await keepScreenAs(page, 'notice-crash')
  await notices(page).getByRole('button', { name: 'Show' }).click()
  await expect(inspector(page).getByRole('heading', { level: 2 })).toHaveText('web-04')
  await expect(notices(page).getByText('web-04 crashed')).toBeHidden()
})

test('a mistake in the page says so, is kept without words of guests, and can be deleted', async ({ page }) => {
  await page.evaluate(() => {
    Array.prototype.flatMap = () => {
      throw new TypeError('made to fail')
    }
  })
  await page.keyboard.press('Control+Shift+K')
  await expect(page.getByRole('heading', { name: /made a mistake/ })).toBeVisible()
  await keepScreenAs(page, 'crash')
  await page.getByRole('button', { name: 'Copy details' }).click()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('TypeError: made to fail')
  await page.getByRole('button', { name: 'Reload' }).click()
  await expect(row(page, 'web-01').first()).toBeVisible()
  await settingsTab(page, 'Files')
  const panel = page.getByRole('tabpanel', { name: 'Files' })
  await panel.locator('summary', { hasText: 'TypeError: made to fail' }).click()
  await expect(panel.getByRole('region', { name: 'Crash report', exact: true })).toContainText('made to fail')
  await keepScreenAs(page, 'settings-crash')
  await panel.getByRole('button', { name: 'Delete all' }).click()
  await expect(panel).toContainText('Nothing has gone wrong')
})

test('an inventory is exported, shown before it is imported, and imported', async ({ page }) => {
  await settingsTab(page, 'Hosts')
  const save = async (form: string): Promise<string> => {
    await page.getByRole('button', { name: 'Export' }).click()
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: form }).click()])
    return readFile(await file.path(), 'utf8')
  }
  const json = await save('Domdeck (JSON)')
  expect(JSON.parse(json).hosts.map(({ name }: { name: string }) => name)).toEqual(['sim-1', 'sim-2'])
  expect(await save('Ansible (INI)')).toMatch(/^sim-1 ansible_host=127\.0\.0\.1 ansible_port=\d+ /m)
  expect(await save('Ansible (YAML)')).toContain('    "sim-1":\n      ansible_host: "127.0.0.1"')

  await page.getByRole('button', { name: 'Import', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Import hosts' })
  const go = dialog.getByRole('button', { name: /^Import \d/ })
  await expect(go).toBeDisabled()
  await keepScreenAs(page, 'import-hosts-empty')
  const text = dialog.getByRole('textbox', { name: 'Inventory' })
  await text.fill('all:\n  hosts:\n')
  await expect(dialog).toContainText('looks like YAML')
  await dialog
    .getByLabel('Inventory file')
    .setInputFiles({ name: 'hosts.json', mimeType: 'application/json', buffer: Buffer.from(json) })
  await expect(dialog.locator('[data-verdict=same]')).toHaveCount(2)
  await expect(go).toBeDisabled()
  const ini =
    '[lab]\nnew-1 ansible_host=127.0.0.1 ansible_port=1 ansible_password=x\n-rf\nsim-1 ansible_host=127.0.0.1\nbad$(reboot)\n'
  await dialog.locator('.drop').evaluate((target, dropped) => {
    const data = new DataTransfer()
    data.items.add(new File([dropped], 'hosts.ini', { type: 'text/plain' }))
    target.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data }))
  }, ini)
  await expect(dialog.locator('[data-verdict=add]')).toContainText('new-1')
  await expect(dialog.locator('[data-verdict=refuse]')).toHaveCount(2)
  await expect(dialog).toContainText('Passwords in it were left out')
  await keepScreenAs(page, 'import-hosts-preview')
  await expect(row(page, 'new-1')).toBeHidden()
  await go.click()
  await expect(dialog).toBeHidden()
  await expect(row(page, 'new-1')).toBeVisible()

  await page.getByRole('button', { name: 'Import', exact: true }).click()
  const [known] = JSON.parse(json).hosts
  const hello = {
    name: 'Say hello',
    fields: [],
    steps: [
      { do: 'wait', text: 'login:', regex: false, withinS: 60 },
      { do: 'send', text: String.raw`echo hello\r` },
    ],
  }
  await text.fill(
    JSON.stringify({
      format: 'domdeck-inventory',
      version: 1,
      hosts: [{ ...known, storageRoot: '/srv/elsewhere' }],
      sequences: [hello],
    }),
  )
  await expect(dialog.locator('[data-verdict=change]')).toContainText('becomes /srv/elsewhere')
  await expect(dialog.locator('[data-verdict=add]')).toHaveText(
    /Say hello\s*sequence of 2 steps\s*add\s*Wait for login:, Send echo hello\\r\./,
  )
  await expect(go).toHaveText('Import 1 host and 1 sequence')
  await keepScreenAs(page, 'import-sequence')
  await go.click()
  await expect(dialog).toBeHidden()
  expect(JSON.parse(await save('Domdeck (JSON)')).sequences).toEqual([hello])
  const line = page.getByRole('row', { name: /^sim-1/ })
  await expect(line).toContainText('/srv/elsewhere')
  await line.getByRole('button', { name: 'Edit sim-1' }).click()
  const edit = page.getByRole('dialog')
  await expect(edit.getByRole('textbox', { name: 'Storage root' })).toHaveValue('/srv/elsewhere')
  await page.keyboard.press('Escape')
})

plain.describe('without hosts', () => {
  plain('the tour is three sentences, and settings can be reached; broken ones are set aside and said', async () => {
    const app = await startApp({ settingsText: '{"version":1,"hosts":[' })
    const { page } = app
    try {
      await expect(notices(page)).toContainText('settings.json.broken-')
      await page.keyboard.press('Control+k')
      await palette(page).getByRole('combobox').fill('as the system')
      await page.keyboard.press('Enter')
      await keepScreen(page, 'welcome-broken-settings')
      const tour = (await page.locator('.wel header p').textContent()) ?? ''
      expect(tour.match(/[.!?](\s|$)/g)).toHaveLength(3)
      await page.keyboard.press('Control+,')
      await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible()
      await page.getByRole('tab', { name: 'Files' }).click()
      await expect(page.getByRole('tabpanel', { name: 'Files' })).toContainText('is not understood (it is no JSON)')
      await expect(page.getByRole('tabpanel', { name: 'Files' })).toContainText(app.data)
      await page.getByRole('tab', { name: 'Settings' }).press('Delete')
      await expect(page.getByRole('heading', { name: 'Welcome to Domdeck' })).toBeVisible()
    } finally {
      await app.close()
    }
  })
})
