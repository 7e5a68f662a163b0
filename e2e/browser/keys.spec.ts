import { expect, type Page } from '@playwright/test'
import { keyParts } from '../../src-renderer/frame/key-table'
import type { KeyActionId } from '../../src-renderer/frame/keymap'
import { decodeFrame } from '../../src-shared/console-frame'
import { testOnFleet } from '../testing/life'
import { keepScreen, logIn, openConsole, pane, shows, terminalText, typeLine } from '../testing/screen'

// Every key of the usual map, pressed in a console: it does what it says, and the guest does not get it. All others the guest gets.
const test = testOnFleet({ hosts: 1, guests: 12 }, { theme: 'system' })
test.describe.configure({ mode: 'serial' })

const tabs = (page: Page) => page.getByRole('tablist', { name: 'Open pages' }).getByRole('tab')
const panes = (page: Page) => page.getByRole('region', { name: /^Console / })
const names = (page: Page) => panes(page).evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')?.slice(8)))
const focusedName = (page: Page) =>
  page.evaluate(() => document.activeElement?.closest('section.pane')?.getAttribute('aria-label')?.slice(8))
const dialog = (page: Page, name: string) => page.getByRole('dialog', { name })
const box = async (page: Page, guest: string) => {
  const found = await pane(page, guest).boundingBox()
  if (!found) throw new Error(`the pane of ${guest} is not drawn`)
  return found
}
const fontSize = (page: Page) =>
  pane(page, 'web-01')
    .locator('.xterm-rows')
    .evaluate((rows) => Number.parseFloat(getComputedStyle(rows).fontSize))

/** `web-01 | web-02` over `api-01 | api-02` in the first tab, `cache-01` in the second; the keys go to web-01. */
let standard = ''
const sent: string[] = []

test.beforeAll(async ({ app: { page } }) => {
  page.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => {
      if (typeof payload === 'string') return
      const frame = decodeFrame(payload)
      if (frame?.kind === 'input') sent.push(Buffer.from(frame.bytes).toString('latin1'))
    }),
  )
  for (const guest of ['web-01', 'web-02', 'api-01', 'api-02']) await openConsole(page, guest)
  await page.getByRole('button', { name: 'New tab of consoles' }).click()
  await openConsole(page, 'cache-01')
  await tabs(page).first().click()
  await expect(panes(page)).toHaveCount(4)
  standard = (await page.evaluate(() => sessionStorage.getItem('layout'))) ?? ''
})

async function arrange(page: Page): Promise<void> {
  await page.evaluate((layout) => {
    sessionStorage.setItem('layout', layout)
  }, standard)
  await page.reload()
  await expect(panes(page)).toHaveCount(4)
  await pane(page, 'web-01').getByTestId('terminal').click()
  await expect(pane(page, 'web-01').locator(':focus')).toHaveCount(1)
}

type Effect = (page: Page) => Promise<void>
const paneCount =
  (count: number): Effect =>
  (page) =>
    expect(panes(page)).toHaveCount(count)
const tabTitles =
  (...titles: (string | RegExp)[]): Effect =>
  (page) =>
    expect(tabs(page)).toHaveText(titles)
const focusOn =
  (name: string): Effect =>
  (page) =>
    expect.poll(() => focusedName(page)).toBe(name)
const opens =
  (name: string): Effect =>
  async (page) => {
    await expect(dialog(page, name)).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(dialog(page, name)).toBeHidden()
  }
const first = /^web-01 \+3$/
const cursor = (page: Page) => pane(page, 'web-01').locator('.xterm-cursor')
/** The guest as it was before somebody logged in, for the next effect. */
async function logOut(page: Page): Promise<void> {
  await typeLine(pane(page, 'web-01'), 'exit')
  await shows(pane(page, 'web-01'), /login: *$/)
  sent.length = 0
}
const grouped =
  (...names: string[]): Effect =>
  (page) =>
    expect(page.locator('section.pane .grp')).toHaveText(names)
const broadcasts =
  (on: boolean): Effect =>
  (page) =>
    expect(page.getByRole('region', { name: 'Broadcast', exact: true })).toBeVisible({ visible: on })
const sends =
  (text: string): Effect =>
  async (page) => {
    await expect.poll(() => sent.join('')).toBe(text)
    // The line is empty again for what comes after.
    await page.keyboard.press('Control+c')
    await expect.poll(() => sent.join('')).toBe(`${text}\x03`)
    sent.length = 0
  }

/** What each action with a key is seen to do, from the standard arrangement. */
const effects: Partial<Record<KeyActionId, Effect>> = {
  'palette-in-console': opens('Search hosts, guests, commands'),
  'jobs-in-console': (page) => expect(page.getByRole('tab', { name: 'Jobs' })).toHaveAttribute('aria-selected', 'true'),
  'region-next-in-console': (page) => expect(page.locator('[data-region=inspector] :focus')).toHaveCount(1),
  'region-previous-in-console': (page) => expect(page.locator('[data-region=side] :focus')).toHaveCount(1),
  'split-right': async (page) => {
    await paneCount(5)(page)
    expect((await pane(page, 'web-01', 2).boundingBox())?.x).toBeGreaterThan((await box(page, 'web-01')).x)
  },
  'split-below': async (page) => {
    await paneCount(5)(page)
    expect((await pane(page, 'web-01', 2).boundingBox())?.y).toBeGreaterThan((await box(page, 'web-01')).y)
  },
  'split-auto': paneCount(5),
  'pane-close': async (page) => {
    await paneCount(3)(page)
    await expect(pane(page, 'web-01')).toHaveCount(0)
  },
  'pane-maximise': async (page) => {
    await paneCount(1)(page)
    expect(await fontSize(page)).toBe(11)
  },
  'pane-zoom': async (page) => {
    await paneCount(1)(page)
    await expect.poll(() => fontSize(page)).toBeGreaterThan(12)
  },
  'pane-next': async (page) => focusOn((await names(page))[1] ?? '')(page),
  'pane-previous': async (page) => focusOn((await names(page)).at(-1) ?? '')(page),
  'pane-left': async (page) => expect.poll(() => focusedName(page)).not.toBe('web-01'),
  'pane-right': focusOn('web-02'),
  'pane-up': async (page) => expect.poll(() => focusedName(page)).toMatch(/^api/),
  'pane-down': async (page) => expect.poll(() => focusedName(page)).toMatch(/^api/),
  'rotate-right': async (page) =>
    expect.poll(async () => (await box(page, 'web-02')).y > (await box(page, 'web-01')).y).toBe(true),
  'rotate-left': async (page) =>
    expect.poll(async () => (await box(page, 'web-02')).y < (await box(page, 'web-01')).y).toBe(true),
  'move-left': paneCount(4),
  'move-right': async (page) => expect.poll(async () => (await box(page, 'web-01')).x > (await box(page, 'web-02')).x).toBe(true),
  'move-up': paneCount(4),
  'move-down': async (page) => expect.poll(async () => (await box(page, 'web-01')).y > (await box(page, 'web-02')).y).toBe(true),
  'tab-new': tabTitles(first, 'No console', 'cache-01'),
  'tab-next': focusOn('cache-01'),
  'tab-previous': focusOn('cache-01'),
  'tab-move-right': tabTitles('cache-01', first),
  'tab-move-left': tabTitles('cache-01', first),
  'tab-rename': opens('Rename the tab'),
  'group-all': grouped('All', 'All', 'All', 'All'),
  'ungroup-all': grouped(),
  'group-tab': grouped('Tab 1', 'Tab 1', 'Tab 1', 'Tab 1'),
  'ungroup-tab': grouped(),
  'broadcast-off': broadcasts(false),
  'broadcast-group': broadcasts(true),
  'broadcast-all': broadcasts(true),
  'insert-number': sends('1'),
  'insert-padded': sends('1'),
  search: (page) => expect(page.getByRole('textbox', { name: 'Search in this console' })).toBeFocused(),
  copy: (page) => expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe('web-01'),
  reset: async (page) => {
    await expect(cursor(page)).toHaveCount(1)
    expect(await terminalText(pane(page, 'web-01'))).toMatch(/^kept$/m)
    expect(sent).toEqual([])
    await logOut(page)
  },
  'reset-clear': async (page) => {
    await expect(cursor(page)).toHaveCount(1)
    await expect.poll(() => terminalText(pane(page, 'web-01'))).toBe('')
    expect(sent).toEqual([])
    await logOut(page)
  },
  scrollbar: (page) => expect(pane(page, 'web-01').locator('.scrollbar.vertical')).toBeHidden(),
  'pane-title': opens('Title of the pane'),
  'window-title': opens('Title of the window'),
  'font-larger': (page) => expect.poll(() => fontSize(page)).toBe(12),
  'font-smaller': (page) => expect.poll(() => fontSize(page)).toBe(10),
  'font-normal': (page) => expect.poll(() => fontSize(page)).toBe(11),
  layouts: opens('Layouts of consoles'),
  'full-screen': async (page) => {
    await expect.poll(() => page.evaluate(() => document.fullscreenElement !== null)).toBe(true)
    await page.keyboard.press('F11')
    await expect.poll(() => page.evaluate(() => document.fullscreenElement !== null)).toBe(false)
  },
  help: opens('Keys'),
}

/** What must be done before an action is seen to do something. */
const before: Partial<Record<KeyActionId, Effect>> = {
  'ungroup-all': presses('Alt+Shift+G', grouped('All', 'All', 'All', 'All')),
  'ungroup-tab': presses('Alt+Shift+G', grouped('All', 'All', 'All', 'All')),
  'broadcast-off': presses('Control+Shift+B', broadcasts(true)),
  'broadcast-group': presses('Alt+Shift+G', grouped('All', 'All', 'All', 'All')),
  copy: async (page) => {
    await promptAnew(page)
    const prompt = pane(page, 'web-01')
      .locator('.xterm-rows > div')
      .filter({ hasText: /^web-01 login:/ })
    const found = await prompt.last().boundingBox()
    if (!found) throw new Error('the prompt is not drawn')
    await page.mouse.dblclick(found.x + 10, found.y + 8)
  },
  reset: leavesTerminalOdd,
  'reset-clear': leavesTerminalOdd,
}

function presses(keys: string, see: Effect): Effect {
  return async (page) => {
    await page.keyboard.press(keys)
    await see(page)
  }
}

/** On a slow machine a reload takes longer than the console waits for its panes, and what it had shown is gone. */
async function promptAnew(page: Page): Promise<void> {
  await page.keyboard.press('Enter')
  await shows(pane(page, 'web-01'), /login: *$/)
}

/** A program of the guest hides the cursor, and ends. */
async function leavesTerminalOdd(page: Page): Promise<void> {
  const guest = pane(page, 'web-01')
  await promptAnew(page)
  await logIn(guest)
  await typeLine(guest, String.raw`printf 'kept\n\033[?25l'`)
  await shows(guest, /^kept\n.*# *$/m)
  await expect(cursor(page)).toHaveCount(0)
}

/** The edge between web-01 and what is beside it moves by one cell. */
for (const [side, axis, sign] of [
  ['left', 'width', -1],
  ['right', 'width', 1],
  ['up', 'height', -1],
  ['down', 'height', 1],
] as const)
  effects[`edge-${side}`] = async (page) => {
    await expect
      .poll(async () => {
        const own = await box(page, 'web-01')
        const across = await box(page, axis === 'width' ? 'web-02' : 'api-01')
        return Math.sign(own[axis] - across[axis])
      })
      .toBe(sign)
  }

/** Keys as Playwright names them. */
const pressed = (keys: string): string =>
  keys
    .replace('Ctrl+', 'Control+')
    .replace(/(Left|Right|Up|Down)$/, (side) => (/Page(Up|Down)$/.test(keys) ? side : `Arrow${side}`))
    .replace(/Plus$/, '+')

/** Seen elsewhere, by what they need: a second page. */
const elsewhere = new Set<string>(['new-window', 'close-window'])

const rows = keyParts.flatMap(({ title, actions }) =>
  actions
    .filter((action) => action.where !== 'page' && action.keys !== '' && !('desktopOnly' in action))
    .flatMap(({ id, keys }) => keys.split(' ').map((one: string) => ({ part: title, id, keys: one }))),
)

for (const part of new Set(rows.map((row) => row.part)))
  test(`${part}: each key does what it says, and is no guest’s`, async ({ page }) => {
    test.setTimeout(240_000)
    for (const { id, keys } of rows.filter((row) => row.part === part && !elsewhere.has(row.id))) {
      await test.step(`${keys}: ${id}`, async () => {
        const effect = effects[id]
        if (!effect) throw new Error(`What ${keys} (${id}) does is not looked for.`)
        await arrange(page)
        await before[id]?.(page)
        sent.length = 0
        await page.keyboard.press(pressed(keys))
        await effect(page)
        expect(sent).toEqual([])
      })
    }
  })

test('another window opens by each of its keys, takes a pane, and is closed', async ({ page }) => {
  await arrange(page)
  for (const keys of ['Control+Shift+I', 'Alt+Shift+I']) {
    const opened = page.context().waitForEvent('page')
    await page.keyboard.press(keys)
    const other = await opened
    await expect(other.getByText('No console is open')).toBeVisible()
    const closed = other.waitForEvent('close')
    // The window is gone before the key is let go.
    await other.keyboard.down(keys === 'Alt+Shift+I' ? 'Alt' : 'Control')
    await other.keyboard.down('Shift')
    await other.keyboard.down('q').catch(() => undefined)
    await closed
  }
  const opened = page.context().waitForEvent('page')
  await page.keyboard.press('Control+Shift+K')
  await page.keyboard.type('window of its own')
  await page.keyboard.press('Enter')
  const other = await opened
  await expect(pane(other, 'web-01')).toBeVisible()
  await expect(panes(page)).toHaveCount(3)
  await expect(panes(other)).toHaveCount(1)
  await other.close()
})

/** Keys that are the guest's, and the bytes that a terminal has for them. Ctrl+V is the browser's, Ctrl+Q ends it. */
const guestKeys: readonly (readonly [string, string])[] = [
  ...[...'abcdefghijklmnoprstuwxyz'].map(
    (letter) => [`Control+${letter}`, String.fromCharCode(letter.charCodeAt(0) - 96)] as const,
  ),
  ...[...'abcdefghijkmnopqrstuvwxyz'].map((letter) => [`Alt+${letter}`, `\x1b${letter}`] as const),
  ['Control+]', '\x1d'],
  // Hides the window of the desktop app; a browser cannot.
  ['Control+Alt+Shift+A', '\x1b\x01'],
  ['Tab', '\t'],
  ['Shift+Tab', '\x1b[Z'],
  ['Enter', '\r'],
  ['Escape', '\x1b'],
  ['Backspace', '\x7f'],
  ['ArrowUp', '\x1b[A'],
  ['Control+ArrowLeft', '\x1b[1;5D'],
  ['Home', '\x1b[H'],
  ['Delete', '\x1b[3~'],
  ['PageDown', '\x1b[6~'],
  ['F2', '\x1bOQ'],
  ['F3', '\x1bOR'],
  ['F4', '\x1bOS'],
  ['F5', '\x1b[15~'],
  ['F6', '\x1b[17~'],
  ['F7', '\x1b[18~'],
  ['F8', '\x1b[19~'],
  ['F9', '\x1b[20~'],
  ['F10', '\x1b[21~'],
  ['F12', '\x1b[24~'],
  ['q', 'q'],
  ['/', '/'],
]

test('all other keys go to the guest, as a terminal sends them', async ({ page }) => {
  await arrange(page)
  const console = pane(page, 'web-01')
  await promptAnew(page)
  await logIn(console)
  await page.keyboard.type('echo no')
  await page.keyboard.press('Control+c')
  await page.keyboard.type('echo $((6*7))')
  await page.keyboard.press('Enter')
  await shows(console, /\^C[\s\S]*^42$/m)
  for (const [keys, bytes] of guestKeys) {
    sent.length = 0
    await page.keyboard.press(keys)
    await expect.poll(() => sent.join(''), keys).toBe(bytes)
  }
})

test('the sheet of keys is searched, and tells what was changed', async ({ page }) => {
  await arrange(page)
  await page.keyboard.press('F1')
  await expect(dialog(page, 'Keys').getByRole('listitem')).not.toHaveCount(0)
  await keepScreen(page, 'keys')
  await page.keyboard.type('rotate meta')
  await expect(dialog(page, 'Keys').getByRole('listitem')).toHaveCount(2)
  await page.keyboard.press('Escape')
})
