import { expect, type Page } from '@playwright/test'
import { testOnFleet } from '../testing/life'
import { keepScreen, logIn, openConsole, pane, shows, terminalText, typeLine } from '../testing/screen'

// What one does with one pane besides typing and arranging.
const test = testOnFleet({ hosts: 1, guests: 10 }, { theme: 'system' })
test.describe.configure({ mode: 'serial' })

const console = (page: Page) => pane(page, 'web-01')

/** Chooses from the menu of the pane; with two names, from the menu that the first one opens. */
async function choose(page: Page, ...names: string[]): Promise<void> {
  await console(page).getByRole('button', { name: 'Menu of the console of web-01' }).click()
  for (const [index, name] of names.entries()) {
    const entry = page.getByRole('menuitem', { name: new RegExp(`^${name}`) })
    const toggle = page.getByRole('menuitemcheckbox', { name: new RegExp(`^${name}`) })
    await entry.or(toggle).first().click()
    if (index < names.length - 1) await expect(page.getByRole('menu')).toHaveCount(2)
  }
  await expect(page.getByRole('menu')).toHaveCount(0)
}

const fontSize = (page: Page): Promise<number> =>
  console(page)
    .locator('.xterm-rows')
    .evaluate((rows) => Number.parseFloat(getComputedStyle(rows).fontSize))

test('matches are counted, gone through both ways, and a broken expression says why', async ({ page }) => {
  await openConsole(page, 'web-01')
  await logIn(console(page))
  await typeLine(console(page), 'seq 30')
  await shows(console(page), /^30\n.*# *$/m)
  await page.keyboard.press('Control+Shift+F')
  const input = console(page).getByRole('textbox', { name: 'Search in this console' })
  const count = console(page).getByRole('search').getByRole('status')
  await input.fill('1\\d')
  await expect(count).toHaveText('not found')
  await console(page).getByRole('button', { name: 'Regular expression' }).click()
  await expect(count).toHaveText(/^\d+ of \d+$/)
  await input.fill('^1\\d$')
  await expect(count).toHaveText('10 of 10')
  await input.press('Enter')
  await expect(count).toHaveText('9 of 10')
  await input.press('Shift+Enter')
  await input.press('Shift+Enter')
  await expect(count).toHaveText('1 of 10')
  await keepScreen(page, 'console-search')
  await input.fill('(')
  await expect(count).toHaveText('Unterminated group')
  await console(page).getByRole('button', { name: 'Regular expression' }).click()
  await input.fill('LINUX')
  await expect(count).toHaveText(/^\d+ of \d+$/)
  await console(page).getByRole('button', { name: 'Capitals matter' }).click()
  await expect(count).toHaveText('not found')
  await console(page).getByRole('button', { name: 'Capitals matter' }).click()
  await input.fill('pass')
  await expect(count).toHaveText(/ of /)
  await console(page).getByRole('button', { name: 'Whole words' }).click()
  await expect(count).toHaveText('not found')
  await input.press('Escape')
  await expect(input).toBeHidden()
})

test('the font of one pane, and of all, is larger and smaller by keys, wheel and menu', async ({ page }) => {
  await console(page).getByTestId('terminal').click()
  expect(await fontSize(page)).toBe(11)
  await page.keyboard.press('Control++')
  await page.keyboard.press('Control+=')
  await expect.poll(() => fontSize(page)).toBe(13)
  await page.keyboard.press('Control+-')
  await expect.poll(() => fontSize(page)).toBe(12)
  await page.keyboard.press('Control+0')
  await expect.poll(() => fontSize(page)).toBe(11)
  await page.keyboard.down('Control')
  await page.mouse.wheel(0, -100)
  await page.keyboard.up('Control')
  await expect.poll(() => fontSize(page)).toBe(12)
  await choose(page, 'Font size', 'Larger font in all panes')
  await expect.poll(() => fontSize(page)).toBe(12)
  await openConsole(page, 'web-02')
  await expect
    .poll(() =>
      pane(page, 'web-02')
        .locator('.xterm-rows')
        .evaluate((rows) => getComputedStyle(rows).fontSize),
    )
    .toBe('12px')
  await choose(page, 'Font size', 'Usual font size in all panes')
  await expect.poll(() => fontSize(page)).toBe(11)
})

test('nothing that is typed or pasted leaves a read-only pane', async ({ page }) => {
  await choose(page, 'Read-only')
  await expect(console(page)).toContainText('Read-only')
  await typeLine(console(page), 'echo $((3*37))')
  await page.evaluate(() => navigator.clipboard.writeText('echo $((4*37))'))
  await page.keyboard.press('Control+Shift+V')
  await keepScreen(page, 'console-read-only')
  await console(page).getByRole('button', { name: 'Allow typing' }).click()
  await typeLine(console(page), 'echo $((5*37))')
  await shows(console(page), /^185$/m)
  expect(await terminalText(console(page))).not.toMatch(/\*37\)\)[\s\S]*\*37\)\)/)
})
