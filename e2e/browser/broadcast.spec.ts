import { expect, type Locator, type Page } from '@playwright/test'
import { type App, startApp } from '../testing/app'
import { testOnFleet } from '../testing/life'
import { keepScreen, openConsoles, pane, row, shows, terminalText, typeLine } from '../testing/screen'

// Eight consoles are logged in to at once; then all that a broadcast refuses, asks, and does by itself.
const test = testOnFleet({ hosts: 1, guests: 28 }, { theme: 'system', broadcastMinutes: 60 })
test.describe.configure({ mode: 'serial' })

/** Eight guests that are logged in to, four that come later, and three for another app; found out by the first test. */
let names: string[] = []
let later: string[] = []
let spare: string[] = []

const bar = (page: Page) => page.getByRole('region', { name: 'Broadcast', exact: true })
const dialog = (page: Page) => page.getByRole('dialog')
const targets = (page: Page) => page.locator('section.pane.cast')
const prompt = /:~# *$/
const lastLine = async (where: Locator) => (await terminalText(where)).split('\n').at(-1) ?? ''

/** Puts the keys into a pane without typing. */
const focus = (page: Page, name: string) => pane(page, name).getByTestId('terminal').click()

/** Answers what is asked; the keys are back in a pane then. */
async function answer(page: Page, button: string | RegExp): Promise<void> {
  await dialog(page).getByRole('button', { name: button }).click()
  await expect(dialog(page)).toBeHidden()
  await expect(page.locator('section.pane :focus')).toHaveCount(1)
}

/** Turns the broadcast on by its key and says yes to what is asked. */
async function broadcastToAll(page: Page): Promise<void> {
  await page.keyboard.press('Control+Shift+B')
  await answer(page, /^Broadcast to/)
  await expect(bar(page)).toBeVisible()
}

/** Chooses from the menu of a pane, or from a menu in that. */
async function choose(page: Page, name: string, ...entries: string[]): Promise<void> {
  await page.getByRole('button', { name: `Menu of the console of ${name}` }).click()
  for (const entry of entries) await page.getByRole('menuitem', { name: entry, exact: true }).click()
  await expect(page.getByRole('menu')).toHaveCount(0)
}

test('eight consoles are logged in to at once, and each gives its own answer', async ({ fleet, page }) => {
  const running = (await fleet.run(['xl', 'list'])).split('\n').flatMap((line) => {
    const [name = '', , , , state = ''] = line.split(/\s+/)
    return /^[rb-]-----$|^[r-]b----$/.test(state) && name !== 'Domain-0' ? [name] : []
  })
  names = running.slice(0, 8)
  later = running.slice(8, 12)
  spare = running.slice(12, 15)
  expect([names.length, later.length, spare.length]).toEqual([8, 4, 3])
  const first = names[0] ?? ''
  const consoles = await openConsoles(page, names)
  await focus(page, first)

  await page.keyboard.press('Control+Shift+B')
  const question = dialog(page)
  await expect(question).toHaveAccessibleName('Broadcast to 8 panes?')
  for (const name of names) await expect(question).toContainText(name)
  await expect(question.getByRole('button', { name: 'Cancel' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(question).toBeHidden()
  await expect(bar(page)).toBeHidden()
  await expect(targets(page)).toHaveCount(0)

  await broadcastToAll(page)
  await expect(question).toBeHidden()
  await expect(bar(page)).toContainText('Broadcasting to 8 panes')
  for (const name of names) await expect(bar(page)).toContainText(name)
  await expect(targets(page)).toHaveCount(8)
  await expect(pane(page, first)).toContainText('Broadcasting to 8 panes')
  for (const name of names.slice(1)) await expect(pane(page, name)).toContainText(`Follows ${first}`)

  await typeLine(pane(page, first), 'root')
  for (const one of consoles) await shows(one, /login: root\n+Password: *$/)
  await page.keyboard.type('root')
  await page.keyboard.press('Enter')
  for (const one of consoles) await shows(one, prompt)
})

test('a prompt of root is asked about once, and no is no', async ({ page }) => {
  await focus(page, names[0] ?? '')
  await page.keyboard.press('h')
  const question = dialog(page)
  await expect(question).toHaveAccessibleName('Type into 8 panes?')
  for (const name of names) await expect(question).toContainText(new RegExp(`A prompt of root waits in [^:]*${name}`))
  await answer(page, 'Cancel')
  await expect(bar(page)).toContainText('Broadcasting to 8 panes')
  for (const name of names) expect(await lastLine(pane(page, name))).not.toMatch(/h$/)

  await page.keyboard.press('h')
  await answer(page, 'Type into 8 panes')
  await page.keyboard.type('ostname')
  await page.keyboard.press('Enter')
  for (const name of names) await shows(pane(page, name), new RegExp(`^root@${name}:~# hostname\\n${name}$`, 'm'))
})

test('every key comes in its order, and a paste between them', async ({ page }) => {
  const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'
  await typeLine(pane(page, names[0] ?? ''), `echo ${letters}`)
  const digits = '0123456789'.repeat(60)
  await page.evaluate((text) => navigator.clipboard.writeText(text), `echo ${digits}`)
  // More than is sent as if it were typed: what follows waits for it in each pane.
  await page.keyboard.press('Control+Shift+V')
  await shows(pane(page, names[0] ?? ''), /echo 0123/)
  await page.keyboard.type('-end')
  await page.keyboard.press('Enter')
  for (const name of names) {
    await shows(pane(page, name), new RegExp(`^${letters}$`, 'm'))
    await shows(pane(page, name), new RegExp(`# echo ${digits}-end\\n${digits}-end$`, 'm'))
  }
})

test('several lines are previewed with everyone who would get them', async ({ page }) => {
  await page.evaluate(() => navigator.clipboard.writeText('echo $((20+1))\necho $((20+2))\n'))
  await focus(page, names[0] ?? '')
  await page.keyboard.press('Control+Shift+V')
  const question = dialog(page)
  await expect(question).toHaveAccessibleName('Paste 2 lines into 8 panes?')
  await expect(question).toContainText('echo $((20+2))')
  for (const name of names) await expect(question).toContainText(name)
  await answer(page, 'Cancel')
  for (const name of names) expect(await terminalText(pane(page, name))).not.toMatch(/20\+1/)
  await page.keyboard.press('Control+Shift+V')
  await answer(page, 'Paste 2 lines into 8 panes')
  for (const name of names) await shows(pane(page, name), /^21\n.*\n22$/m)
})

test('one pane after another is taken out, and put in again', async ({ page }) => {
  const [first = '', second = '', third = ''] = names
  await bar(page)
    .getByRole('button', { name: `Take ${second} out of the broadcast` })
    .click()
  await expect(bar(page)).toContainText('Broadcasting to 7 panes')
  await expect(bar(page)).toContainText(`${second}: left out`)
  await expect(targets(page)).toHaveCount(7)
  await typeLine(pane(page, first), 'echo $((3*100))')
  await shows(pane(page, third), /^300$/m)
  expect(await terminalText(pane(page, second))).not.toContain('3*100')
  // What is typed where no frame is goes nowhere else.
  await typeLine(pane(page, second), 'echo $((4*100))')
  await shows(pane(page, second), /^400$/m)
  for (const name of [first, third]) expect(await terminalText(pane(page, name))).not.toContain('4*100')
  await bar(page)
    .getByRole('button', { name: `Put ${second} into the broadcast` })
    .click()
  await expect(bar(page)).toContainText('Broadcasting to 8 panes')
})

test('what one cannot see gets nothing: behind a maximised pane, and in another tab', async ({ page }) => {
  const [first = '', second = ''] = names
  await focus(page, first)
  await page.keyboard.press('Control+Shift+X')
  await expect(bar(page)).toContainText('Broadcasting to 1 pane')
  await expect(bar(page)).toContainText(`${second}: behind ${first}`)
  await typeLine(pane(page, first), 'echo $((5*100))')
  await shows(pane(page, first), /^500$/m)
  await page.keyboard.press('Control+Shift+X')
  await expect(targets(page)).toHaveCount(8)
  for (const name of names.slice(1)) expect(await terminalText(pane(page, name))).not.toContain('5*100')

  await choose(page, second, 'Move to a new tab')
  await expect(bar(page)).toContainText('Broadcasting to 1 pane')
  await expect(bar(page)).toContainText(`${first}: in another tab`)
  await page.keyboard.press('Alt+PageUp')
  await expect(bar(page)).toContainText('Broadcasting to 7 panes')
  await expect(bar(page)).toContainText(`${second}: in another tab`)
  await typeLine(pane(page, first), 'echo $((6*100))')
  await shows(pane(page, names[2] ?? ''), /^600$/m)
  await page.keyboard.press('Alt+PageDown')
  expect(await terminalText(pane(page, second))).not.toContain('6*100')
  await page.getByRole('button', { name: `Menu of the console of ${second}` }).click()
  await page.getByRole('menuitem', { name: /^Move to tab/ }).click()
  await expect(targets(page)).toHaveCount(8)
})

test('nobody is interrupted: where somebody else types is read-only', async ({ app, page }) => {
  const [first = '', second = ''] = names
  const { page: other, context } = await app.another()
  await row(other, second).dblclick()
  await pane(other, second).getByRole('button', { name: 'Take over' }).click()
  await expect(bar(page)).toContainText(new RegExp(`${second}: read-only, \\S+ is typing`))
  await expect(targets(page)).toHaveCount(7)
  await typeLine(pane(page, first), 'echo $((7*100))')
  await shows(pane(page, names[2] ?? ''), /^700$/m)
  await typeLine(pane(other, second), 'echo $((7*111))')
  await shows(pane(page, second), /^777$/m)
  expect(await terminalText(pane(page, second))).not.toContain('7*100')
  await context.close()
  await expect(targets(page)).toHaveCount(8)
})

test('a guest that is down is named', async ({ fleet, page }) => {
  const [first = '', second = ''] = names
  await fleet.run(['xl', 'destroy', second])
  await expect(bar(page)).toContainText(`${second}: not running`)
  await expect(targets(page)).toHaveCount(7)
  await typeLine(pane(page, first), 'echo $((8*100))')
  await shows(pane(page, names[2] ?? ''), /^800$/m)
})

test('a pane that is opened later hears nothing before it is put in', async ({ page }) => {
  await openConsoles(page, later)
  const [fresh = ''] = later
  for (const name of later) await expect(bar(page)).toContainText(`${name}: left out`)
  await focus(page, names[0] ?? '')
  await page.keyboard.type('echo quiet')
  await page.keyboard.press('Control+c')
  for (const name of later) expect(await lastLine(pane(page, name))).toMatch(/login: *$/)
  for (const name of later)
    await bar(page)
      .getByRole('button', { name: `Put ${name} into the broadcast` })
      .click()
  await expect(bar(page)).toContainText('Broadcasting to 11 panes')
  // Another view of a console: the guest must not hear every key twice.
  await focus(page, fresh)
  await page.keyboard.press('Control+Shift+E')
  await bar(page)
    .getByRole('button', { name: `Put ${fresh} into the broadcast` })
    .click()
  await expect(bar(page)).toContainText(`${fresh}: shows the same console as another pane`)
  await pane(page, fresh, 2).getByTestId('terminal').click()
  await page.keyboard.press('Control+Shift+W')
  await expect(pane(page, fresh, 2)).toBeHidden()
})

test('each pane gets its own number, in reading order', async ({ page }) => {
  const places = await page.locator('section.pane').evaluateAll((all) =>
    all.map((one) => {
      const { x, y } = one.getBoundingClientRect()
      return { x, y, name: (one.getAttribute('aria-label') ?? '').replace('Console ', '') }
    }),
  )
  const order = places.sort((one, other) => one.y - other.y || one.x - other.x).map(({ name }) => name)
  const heard = order.filter((name) => name !== names[1])
  await focus(page, names[0] ?? '')
  // New prompts: a line that is edited loses its end when its pane is made narrow.
  await page.keyboard.press('Control+c')
  for (const name of heard) await expect.poll(() => lastLine(pane(page, name))).toMatch(/(login:|#) *$/)
  await page.keyboard.press('Alt+Shift+1')
  for (const name of heard)
    await expect.poll(() => lastLine(pane(page, name))).toMatch(new RegExp(`[:#] ?${order.indexOf(name) + 1}$`))
  await page.keyboard.press('Control+c')
  await page.keyboard.press('Meta+0')
  for (const name of heard)
    await expect
      .poll(() => lastLine(pane(page, name)))
      .toMatch(new RegExp(`[:#] ?${String(order.indexOf(name) + 1).padStart(2, '0')}$`))
  await page.keyboard.press('Control+c')
  for (const name of heard) await expect.poll(() => lastLine(pane(page, name))).toMatch(/[:#] *$/)
})

test('a key ends it at once, and so does a click', async ({ page }) => {
  const [first = '', , third = ''] = names
  await focus(page, first)
  await page.keyboard.press('Control+Shift+D')
  await expect(bar(page)).toBeHidden()
  await expect(targets(page)).toHaveCount(0)
  // Not a key of the guest either.
  await page.keyboard.press('Control+Shift+D')
  await typeLine(pane(page, first), 'echo $((9*100))')
  await shows(pane(page, first), /^900$/m)
  expect(await terminalText(pane(page, third))).not.toContain('9*100')
  await page.keyboard.press('Alt+Shift+0')
  await expect.poll(() => lastLine(pane(page, first))).toMatch(/# ?\d\d$/)
  await page.keyboard.press('Control+c')
  await broadcastToAll(page)
  await pane(page, first).getByRole('button', { name: 'Stop' }).click()
  await expect(bar(page)).toBeHidden()
})

test('panes are grouped by hand, and a broadcast goes to one group', async ({ page }) => {
  const [first = '', , third = '', fourth = ''] = names
  await choose(page, first, 'Group', 'New group')
  await dialog(page).getByRole('button', { name: 'Make' }).click()
  await expect(dialog(page)).toContainText('Enter a name for the group.')
  await dialog(page).getByLabel('Name').fill('canary')
  await dialog(page).getByRole('button', { name: 'Make' }).click()
  await expect(pane(page, first)).toContainText('canary')
  await choose(page, third, 'Group', 'Join the group canary')
  await expect(pane(page, third)).toContainText('canary')
  await choose(page, fourth, 'Group', 'New group')
  await dialog(page).getByLabel('Name').fill('Canary')
  await dialog(page).getByRole('button', { name: 'Make' }).click()
  await expect(dialog(page)).toContainText('There is a group canary already')
  await dialog(page).getByLabel('Name').fill('$(reboot)')
  await page.keyboard.press('Enter')
  await expect(pane(page, fourth)).toContainText('$(reboot)')

  await focus(page, first)
  await page.keyboard.press('Control+Shift+M')
  await expect(dialog(page)).toHaveAccessibleName('Broadcast to 2 panes?')
  await answer(page, 'Broadcast to 2 panes')
  await expect(bar(page)).toContainText(/Broadcasting to 2 panes.*of canary/)
  await typeLine(pane(page, first), 'echo $((11*100))')
  await shows(pane(page, third), /^1100$/m)
  expect(await terminalText(pane(page, fourth))).not.toContain('11*100')
  await page.keyboard.press('Control+Shift+D')

  await choose(page, third, 'Group', 'Rename the group canary')
  await dialog(page).getByLabel('Name').fill('eyes')
  await page.keyboard.press('Enter')
  await expect(pane(page, first)).toContainText('eyes')
  await page.reload()
  await expect(pane(page, first)).toContainText('eyes')
  await choose(page, first, 'Group', 'Leave the group eyes')
  await expect(pane(page, first)).not.toContainText('eyes')
  await focus(page, first)
  await page.keyboard.press('Control+Shift+M')
  await expect(page.getByText(`${first} is in no group. Its menu puts it into one.`)).toBeVisible()
})

test('all panes are grouped and ungrouped by Terminator’s keys, and from the palette', async ({ page }) => {
  const grouped = page.locator('section.pane .grp')
  await focus(page, names[0] ?? '')
  await page.keyboard.press('Meta+g')
  await expect(grouped).toHaveText(Array.from({ length: 12 }, () => 'All'))
  await page.keyboard.press('Shift+Meta+G')
  await expect(grouped).toHaveCount(0)
  await page.keyboard.press('Meta+t')
  await expect(grouped).toHaveText(Array.from({ length: 12 }, () => 'Tab 1'))
  await page.keyboard.press('Alt+Shift+J')
  await expect(grouped).toHaveCount(0)
  for (const title of ['Group all panes', 'Ungroup all panes']) {
    await page.keyboard.press('Control+Shift+K')
    await page.keyboard.type(title)
    await page
      .getByRole('option', { name: new RegExp(`^${title}`) })
      .first()
      .click()
    await expect(grouped).toHaveCount(title === 'Group all panes' ? 12 : 0)
  }
})

test.describe('three consoles of another app', () => {
  let app: App
  let page: Page
  test.beforeAll(async ({ fleet }) => {
    app = await startApp({ hosts: fleet.hosts, preferences: { theme: 'system', broadcastMinutes: 0.1 } })
    page = app.page
    await openConsoles(page, spare)
  })
  test.afterAll(() => app?.close())

  test('a broadcast ends by itself when nobody types', async () => {
    const [first = '', second = ''] = spare
    await focus(page, first)
    await page.keyboard.press('Control+Shift+B')
    await expect(bar(page)).toContainText(/auto-off in \d s/)
    await page.keyboard.type('ro')
    for (const name of spare) await shows(pane(page, name), /login: ro$/)
    await expect(bar(page)).toBeHidden({ timeout: 15_000 })
    await expect(page.getByText('It ended by itself: nothing was typed for a while.')).toBeVisible()
    await page.keyboard.type('ot')
    await shows(pane(page, first), /login: root$/)
    expect(await lastLine(pane(page, second))).toMatch(/login: ro$/)
  })

  test('how long that takes is a setting', async () => {
    await page.keyboard.press('Control+Shift+K')
    await page.keyboard.type('Settings: Consoles')
    await page
      .getByRole('option', { name: /^Settings: Consoles/ })
      .first()
      .click()
    await page.getByRole('textbox', { name: 'Broadcast ends after, min' }).fill('7')
    await page.keyboard.press('Tab')
    await page
      .getByRole('tab', { name: /^Consoles/ })
      .first()
      .click()
    const [first = '', second = ''] = spare
    for (const name of [first, second]) {
      await choose(page, name, 'Group', name === first ? 'New group' : 'Join the group canary')
      if (name !== first) continue
      await dialog(page).getByLabel('Name').fill('canary')
      await page.keyboard.press('Enter')
    }
    await expect(pane(page, second)).toContainText('canary')
    await focus(page, first)
    await page.keyboard.press('Control+Shift+M')
    await expect(bar(page)).toContainText('auto-off in 7 min')
    await expect(targets(page)).toHaveCount(2)
    await keepScreen(page, 'broadcast')
    await page.setViewportSize({ width: 1024, height: 700 })
    // How many hear it is never cut, nor is the group while there is room for another row.
    for (const words of ['Broadcasting to 2 panes', 'of canary']) {
      const told = bar(page).getByText(words, { exact: true })
      expect(await told.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0)
      await expect(told).toBeInViewport({ ratio: 1 })
    }
    await page.setViewportSize({ width: 1440, height: 900 })
  })

  test('a question names everyone', async () => {
    await page.evaluate(() => navigator.clipboard.writeText('echo one\necho two\n'))
    await focus(page, spare[0] ?? '')
    await page.keyboard.press('Control+Shift+V')
    await expect(dialog(page)).toHaveAccessibleName('Paste 2 lines into 2 panes?')
    await keepScreen(page, 'broadcast-question')
    await answer(page, 'Cancel')
  })
})
