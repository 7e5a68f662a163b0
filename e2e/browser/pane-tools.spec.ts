import { readFile, writeFile } from 'node:fs/promises'
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

/** The row of the terminal in which the selection is drawn. */
async function selectedRow(page: Page): Promise<string | undefined> {
  const terminal = console(page).getByTestId('terminal')
  return terminal.evaluate((element) => {
    const middle = (part: Element) => part.getBoundingClientRect().top + part.getBoundingClientRect().height / 2
    const drawn = element.querySelector('.xterm-selection > div')
    const rows = [...element.querySelectorAll('.xterm-rows > div')]
    return drawn ? (rows.find((row) => Math.abs(middle(row) - middle(drawn)) < 2)?.textContent ?? '') : undefined
  })
}

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
  // The window was made smaller and larger for that.
  await expect(count).toHaveText('1 of 10')
  await expect.poll(() => selectedRow(page)).toMatch(/^10\s*$/)
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

test('a read-only pane is so after a reload, and one that is none no more is not', async ({ page }) => {
  await choose(page, 'Read-only')
  await page.reload()
  await expect(console(page)).toContainText('Read-only')
  await shows(console(page), /^185$/m)
  await typeLine(console(page), 'echo $((6*37))')
  await console(page).getByRole('button', { name: 'Allow typing' }).click()
  await page.reload()
  await shows(console(page), /^185$/m)
  await expect(console(page)).not.toContainText('Read-only')
  await typeLine(console(page), 'echo $((7*37))')
  await shows(console(page), /^259$/m)
  expect(await terminalText(console(page))).not.toContain('6*37')
})

/** The middle of the text in the row of the terminal that begins so. */
async function textAt(page: Page, begin: RegExp): Promise<{ x: number; y: number }> {
  const row = console(page).locator('.xterm-rows > div').filter({ hasText: begin }).last()
  const box = await row.locator('span').first().boundingBox()
  if (!box) throw new Error(`${begin} is not drawn`)
  return { x: box.x + Math.min(box.width / 2, 40), y: box.y + box.height / 2 }
}

test('what is selected is copied by the menu, and pasted by it and by the middle button', async ({ page }) => {
  await typeLine(console(page), 'echo $((1000+1))')
  await shows(console(page), /^1001$/m)
  const { x, y } = await textAt(page, /^1001\s*$/)
  await page.mouse.dblclick(x, y)
  await choose(page, 'Copy what is selected')
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('1001')
  await choose(page, 'Paste')
  await shows(console(page), /# 1001$/)
  await console(page).getByTestId('terminal').click({ button: 'middle' })
  // Once, though both the browser and the page have it: what is typed after it comes after it.
  await shows(console(page), /# 10011001/)
  await page.keyboard.type('!')
  await shows(console(page), /# 10011001!$/)
  await page.keyboard.press('Control+C')
  await shows(console(page), /# *$/)
})

test('an address is shown before Ctrl and a click open it', async ({ page }) => {
  await typeLine(console(page), 'echo https://example.org/path')
  await shows(console(page), /^https:\/\/example.org\/path$/m)
  await page.context().route('https://example.org/**', (route) => route.fulfill({ body: 'there' }))
  const { x, y } = await textAt(page, /^https:\/\/example.org/)
  await page.mouse.move(x, y)
  await expect(console(page).getByText('Ctrl+click opens https://example.org/path')).toBeVisible()
  await page.mouse.click(x, y)
  expect(page.context().pages()).toHaveLength(1)
  const opened = page.context().waitForEvent('page')
  await page.keyboard.down('Control')
  await page.mouse.click(x, y)
  await page.keyboard.up('Control')
  const tab = await opened
  await tab.waitForURL('https://example.org/path')
  await tab.close()
})

test('a link whose text is another says where it leads before Ctrl and a click open it', async ({ page }) => {
  await typeLine(console(page), String.raw`printf '\033]8;;https://example.org/manual\033\134the manual\033]8;;\033\134 of it\n'`)
  await shows(console(page), /^the manual of it$/m)
  await page.context().route('https://example.org/**', (route) => route.fulfill({ body: 'there' }))
  const { x, y } = await textAt(page, /^the manual of it/)
  await page.mouse.move(x, y)
  await expect(console(page).getByText('Ctrl+click opens https://example.org/manual')).toBeVisible()
  await page.screenshot({ path: 'test-results/screens/console-hyperlink.png' })
  await page.mouse.click(x, y)
  expect(page.context().pages()).toHaveLength(1)
  const opened = page.context().waitForEvent('page')
  await page.keyboard.down('Control')
  await page.mouse.click(x, y)
  await page.keyboard.up('Control')
  const tab = await opened
  await tab.waitForURL('https://example.org/manual')
  await tab.close()
  // Behind its text it has ended.
  await page.mouse.move(x + 80, y)
  await expect(console(page).getByText(/^Ctrl\+click opens/)).toBeHidden()
})

test('the scrollbar goes, and its columns are the text’s', async ({ page }) => {
  const columns = async () => Number.parseInt((await console(page).locator('.size').textContent()) ?? '', 10)
  const bar = console(page).locator('.scrollbar.vertical')
  const before = await columns()
  await console(page).getByTestId('terminal').click()
  await page.keyboard.press('Control+Shift+S')
  await expect(bar).toBeHidden()
  await expect.poll(columns).toBeGreaterThan(before)
  const [text, slot] = await Promise.all([
    console(page).locator('.xterm-screen').boundingBox(),
    console(page).locator('.xterm-slot').boundingBox(),
  ])
  if (!text || !slot) throw new Error('the terminal is not drawn')
  expect(text.x + text.width).toBeLessThanOrEqual(slot.x + slot.width)
  await choose(page, 'Scrollbar')
  await expect(bar).toBeVisible()
  await expect.poll(columns).toBe(before)
})

/** Asks for a title by these keys and gives this one. */
async function entitle(page: Page, keys: string, name: string, title: string): Promise<void> {
  await page.keyboard.press(keys)
  await page.getByRole('dialog', { name }).getByRole('textbox').fill(title)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog', { name })).toBeHidden()
}

test('a pane, a tab and the window are called as somebody says, also after a reload, and never as a guest says', async ({
  page,
}) => {
  const header = console(page).locator('.ph .gn')
  const tab = page.getByRole('tablist', { name: 'Open pages' }).getByRole('tab').first()
  await console(page).getByTestId('terminal').click()
  await entitle(page, 'Control+Alt+X', 'Title of the pane', ' canary <b> ')
  await entitle(page, 'Control+Alt+A', 'Rename the tab', 'edge')
  await entitle(page, 'Control+Alt+W', 'Title of the window', 'Bruges')
  await typeLine(console(page), String.raw`printf '\033]0;evil\007\033]1;evil\007\033]2;evil\007\033]l evil\033\134done\n'`)
  await shows(console(page), /^done$/m)
  const called = async (): Promise<void> => {
    await expect(header).toHaveText(/^canary <b> web-01 @ /)
    await expect(tab).toContainText('edge')
    await expect(page).toHaveTitle('Bruges · Domdeck')
  }
  await called()
  await page.reload()
  await called()
  await keepScreen(page, 'console-titles')
  await console(page).getByTestId('terminal').click()
  await page.keyboard.press('Control+Alt+X')
  await page.getByRole('dialog').getByRole('textbox').fill('x'.repeat(41))
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog')).toContainText('The title of a pane has at most 40 characters.')
  await page.keyboard.press('Escape')
  await called()
  await entitle(page, 'Control+Alt+X', 'Title of the pane', '')
  await entitle(page, 'Control+Alt+A', 'Rename the tab', '')
  await entitle(page, 'Control+Alt+W', 'Title of the window', ' ')
  await expect(header).toHaveText(/^web-01 @ /)
  await expect(page).toHaveTitle('Domdeck')
  await page.reload()
  await expect(header).toHaveText(/^web-01 @ /)
  await expect(page).toHaveTitle('Domdeck')
})

test('each pane shows its cursor after a reload, before anybody clicks in one', async ({ page }) => {
  await page.reload()
  for (const name of ['web-01', 'web-02']) {
    await shows(pane(page, name), /(login:|#) *$/)
    await expect(pane(page, name).locator('.xterm-cursor')).toHaveCount(1)
  }
})

test('each line has its time beside it, also the lines above', async ({ page }) => {
  await typeLine(console(page), 'seq 100')
  await shows(console(page), /^100$/m)
  await choose(page, 'Show when each line came')
  const gutter = console(page).getByLabel('When each line came')
  await expect(gutter).toHaveText(/\d\d:\d\d:\d\d\s+\d\d:\d\d:\d\d/)
  const [times, text] = await Promise.all([gutter.boundingBox(), console(page).locator('.xterm-screen').boundingBox()])
  if (!times || !text) throw new Error('the gutter or the terminal is not drawn')
  expect(times.x + times.width).toBeLessThanOrEqual(text.x)
  await keepScreen(page, 'console-times')
  await choose(page, 'Show when each line came')
  await expect(gutter).toBeHidden()
})

/** A PNG as the browser reads it: its size, how many pixels are not of its background, and how many are red. */
function pictureFacts(page: Page, png: Buffer): Promise<{ width: number; height: number; painted: number; red: number }> {
  return page.evaluate(
    async (bytes) => {
      const picture = await createImageBitmap(new Blob([Uint8Array.from(bytes)], { type: 'image/png' }))
      const { width, height } = picture
      const context = new OffscreenCanvas(width, height).getContext('2d')
      if (!context) throw new Error('the browser reads no pictures')
      context.drawImage(picture, 0, 0)
      const { data } = context.getImageData(0, 0, width, height)
      let [painted, red] = [0, 0]
      for (let at = 0; at < data.length; at += 4) {
        const [r = 0, g = 0, b = 0] = data.subarray(at, at + 3)
        if (r !== data[0] || g !== data[1] || b !== data[2]) painted += 1
        if (r > 150 && g < r / 1.5 && b < r / 1.5) red += 1
      }
      return { width, height, painted, red }
    },
    [...png],
  )
}

test('what a pane shows is saved as text, as a page with its colours and as a picture', async ({ page }) => {
  const saved = async (name: string): Promise<Buffer> => {
    const saving = page.waitForEvent('download')
    await choose(page, 'Snapshot', name)
    return readFile(await (await saving).path())
  }
  await typeLine(console(page), String.raw`printf '\033[31mred\033[0m \074script\0761\074/script\076\n'`)
  await shows(console(page), /^red <script>/m)
  const text = await terminalText(console(page))
  expect((await saved('Save as text')).toString()).toBe(`${text}\n`)
  const html = (await saved('Save as HTML')).toString()
  expect(html).toMatch(/<span style="color:#[0-9a-f]{6}">red<\/span> &lt;script&gt;1&lt;\/script&gt;/)
  expect(html).not.toContain('<script')
  const png = await saved('Save a picture')
  await writeFile('test-results/screens/console-snapshot.png', png)
  const [columns = 0, rows = 0] = ((await console(page).locator('.size').textContent()) ?? '').split('×').map(Number)
  const seen = await pictureFacts(page, png)
  // Two pixels for each of a page: cells of about 7x16, and a margin of 8 around.
  expect(seen.height / 2 - 16).toBe(rows * 16)
  expect((seen.width / 2 - 16) / columns).toBeCloseTo(7.2, 0)
  expect(seen.painted).toBeGreaterThan(1_000)
  expect(seen.red).toBeGreaterThan(20)
})

test('the scrollback is kept, cut and cleared as the pane says', async ({ page }) => {
  await typeLine(console(page), 'seq 3000')
  await shows(console(page), /^1\n2\n3\n[\s\S]*^3000$/m)
  await choose(page, 'Scrollback', '1,000 lines')
  await expect.poll(async () => (await terminalText(console(page))).split('\n').length).toBeLessThan(1_200)
  await choose(page, 'Scrollback', 'Clear the scrollback')
  await expect.poll(() => terminalText(console(page))).not.toMatch(/^3000$/m)
})

test('a reset takes modes back and keeps the text, or clears it as well', async ({ page }) => {
  await typeLine(console(page), 'echo kept')
  await shows(console(page), /^kept$/m)
  const cursor = console(page).locator('.xterm-cursor')
  await typeLine(console(page), String.raw`printf '\033[?25l'`)
  await expect(cursor).toHaveCount(0)
  await page.keyboard.press('Control+Shift+R')
  await expect(cursor).toHaveCount(1)
  expect(await terminalText(console(page))).toMatch(/^kept$/m)
  await page.keyboard.press('Control+Shift+G')
  await expect.poll(() => terminalText(console(page))).toBe('')
  await typeLine(console(page), 'echo $((6*7))')
  await shows(console(page), /^42$/m)
})

test('every tool is in the palette', async ({ page }) => {
  await page.keyboard.press('Control+Shift+K')
  await page.keyboard.type('read-only')
  await page.getByRole('option', { name: /^Read-only/ }).click()
  await expect(console(page)).toContainText('Allow typing')
  await console(page).getByRole('button', { name: 'Allow typing' }).click()
})
