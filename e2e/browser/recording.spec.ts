import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, type Page } from '@playwright/test'
import { testOnFleet } from '../testing/life'
import { keepScreen, logIn, openConsole, pane, shows, typeLine } from '../testing/screen'

// A console is recorded, listed, played, saved and deleted.
const test = testOnFleet({ hosts: 1, guests: 10 }, { theme: 'system' })
test.describe.configure({ mode: 'serial' })

const console = (page: Page) => pane(page, 'web-01')
const dialog = (page: Page) => page.getByRole('dialog')

async function choose(page: Page, name: string | RegExp): Promise<void> {
  await console(page).getByRole('button', { name: 'Menu of the console of web-01' }).click()
  await page.getByRole('menuitem', { name: 'Record', exact: true }).click()
  await expect(page.getByRole('menu')).toHaveCount(2)
  await page
    .getByRole('menuitem', { name, exact: true })
    .or(page.getByRole('menuitemcheckbox', { name, exact: true }))
    .last()
    .click()
  await expect(page.getByRole('menu')).toHaveCount(0)
}

/** All recordings, as text. */
async function files(data: string): Promise<string[]> {
  const folder = join(data, 'recordings')
  const names = await readdir(folder)
  return Promise.all(names.sort().map((name) => readFile(join(folder, name), 'utf8')))
}

const printed = (cast: string): string =>
  cast
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line) as [number, string, string])
    .filter(([, code]) => code === 'o')
    .map(([, , text]) => text)
    .join('')

test('what a console prints is recorded, with a mark that says so, and nothing that is typed', async ({ app, page }) => {
  await openConsole(page, 'web-01')
  await shows(console(page), /login: *$/)
  await choose(page, 'Record')
  await expect(console(page).getByText('Recorded', { exact: true })).toBeAttached()
  await logIn(console(page))
  await typeLine(console(page), 'echo $((6*7))')
  await shows(console(page), /^42$/m)
  await keepScreen(page, 'console-recorded')
  await choose(page, 'End the recording')
  await expect(console(page).getByText('Recorded', { exact: true })).toHaveCount(0)
  const [cast = '', ...others] = await files(app.data)
  expect(others).toEqual([])
  expect(JSON.parse(cast.split('\n')[0] ?? '')).toMatchObject({ version: 2, title: 'web-01 on sim-1' })
  expect(printed(cast)).toMatch(/Password: [\s\S]*\r\n42\r\n/)
  expect(cast).not.toMatch(/, ?"i", ?/)
  // keepScreen has changed the size.
  expect(cast).toMatch(/,"r","\d+x\d+"\]/)
  expect((await stat(join(app.data, 'recordings'))).mode & 0o777).toBe(0o700)
})

test('it is found in the list and played, with seek and speed', async ({ page }) => {
  await choose(page, 'Recordings')
  await expect(dialog(page).getByRole('list', { name: 'Recordings' }).getByRole('listitem')).toHaveCount(1)
  await dialog(page).getByRole('textbox', { name: 'Find recordings' }).fill('nowhere')
  await expect(dialog(page).getByText('No recording is called so.')).toBeVisible()
  await dialog(page).getByRole('textbox', { name: 'Find recordings' }).fill('web-01')
  await keepScreen(page, 'recordings')
  await dialog(page).getByRole('button', { name: 'Play web-01 on sim-1' }).click()
  const rows = dialog(page).locator('.xterm-rows')
  const position = dialog(page).getByRole('slider', { name: 'Position' })
  await dialog(page).getByRole('radio', { name: '16×' }).click()
  await dialog(page).getByRole('switch', { name: 'Skip idle time' }).click()
  await expect(rows).toContainText('42', { timeout: 15_000 })
  await expect(dialog(page).getByRole('button', { name: 'Play', exact: true })).toBeVisible({ timeout: 15_000 })
  await keepScreen(page, 'recording-player')
  await position.focus()
  await page.keyboard.press('Home')
  await expect(rows).not.toContainText('42')
  await page.keyboard.press('End')
  await expect(rows).toContainText('42')
})

test('a file of asciinema is played, and a broken one says where', async ({ page }) => {
  await dialog(page).getByRole('button', { name: 'All recordings' }).click()
  const open = async (name: string, text: string): Promise<void> =>
    dialog(page)
      .getByLabel('A recording in a file')
      .setInputFiles({ name, mimeType: 'application/x-asciicast', buffer: Buffer.from(text) })
  const head = '{"version": 2, "width": 60, "height": 10, "timestamp": 1504467315, "env": {"SHELL": "/bin/zsh"}}\n'
  await open('broken.cast', `${head}[0.1, "o", "one"]\n[0.2, "o"\n[0.3, "o", "two"]\n`)
  await expect(dialog(page)).toContainText('Line 3 is no event')
  await open(
    'demo.cast',
    `${head}[0.1, "o", "\\u001b[1;31mHello\\u001b[0m"]\n[0.2, "r", "40x8"]\n[0.3, "o", " there"]\n[0.4, "o", "cut`,
  )
  await expect(dialog(page).locator('.xterm-rows')).toContainText('Hello there')
  await expect(dialog(page)).toContainText('its last line is cut off')
  await dialog(page).getByRole('button', { name: 'All recordings' }).click()
})

test('it is saved as it is, and deleted after a question', async ({ app, page }) => {
  const saving = page.waitForEvent('download')
  await dialog(page)
    .getByRole('button', { name: /^Save web-01-/ })
    .click()
  const saved = await readFile(await (await saving).path(), 'utf8')
  expect([saved]).toEqual(await files(app.data))
  await dialog(page)
    .getByRole('button', { name: /^Delete web-01-/ })
    .click()
  await dialog(page).getByRole('button', { name: 'Keep' }).click()
  await dialog(page)
    .getByRole('button', { name: /^Delete web-01-/ })
    .click()
  await dialog(page).getByRole('button', { name: 'Delete', exact: true }).click()
  await expect(dialog(page).getByText('Nothing is recorded yet.')).toBeVisible()
  expect(await files(app.data)).toEqual([])
  await page.keyboard.press('Escape')
})

test('what is typed is recorded only after a warning, each time', async ({ app, page }) => {
  await choose(page, 'Record with what is typed')
  const warning = page.getByRole('alertdialog', { name: 'Record web-01 with what is typed?' })
  await expect(warning).toContainText('Passwords')
  await keepScreen(page, 'record-input')
  await warning.getByRole('button', { name: 'Record what is typed' }).click()
  await expect(console(page).getByText('Recorded with what is typed', { exact: true })).toBeAttached()
  await typeLine(console(page), 'pwd')
  await shows(console(page), /^\/root$/m)
  await choose(page, 'End the recording')
  await expect.poll(async () => (await files(app.data))[0]).toMatch(/,"i","p"\]/)
})

test('a guest that is always recorded is so from the next attach on', async ({ app, page }) => {
  await choose(page, 'Always record this guest')
  await expect(console(page).getByText('Recorded', { exact: true })).toBeAttached()
  await choose(page, 'End the recording')
  await expect(console(page).getByText('Recorded', { exact: true })).toHaveCount(0)
  await openConsole(page, 'web-02')
  await expect(pane(page, 'web-02').getByText('Recorded', { exact: true })).toHaveCount(0)
  const before = (await files(app.data)).length
  await console(page).getByTestId('terminal').click()
  await page.keyboard.press('Control+Shift+W')
  // The console stays attached for some seconds, so that a pane can move.
  await expect(async () => {
    await openConsole(page, 'web-01')
    try {
      await expect(console(page).getByText('Recorded', { exact: true })).toHaveCount(1, { timeout: 3_000 })
    } catch (error) {
      await console(page).getByTestId('terminal').click()
      await page.keyboard.press('Control+Shift+W')
      throw error
    }
  }).toPass({ intervals: [7_000], timeout: 60_000 })
  await typeLine(console(page), 'echo $((11*11))')
  await shows(console(page), /^121$/m)
  await expect.poll(async () => (await files(app.data)).length).toBeGreaterThan(before)
})
