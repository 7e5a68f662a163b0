import { expect, type Locator, type Page, test } from '@playwright/test'
import { type App, startApp } from '../testing/app'
import { type Fleet, startFleet } from '../testing/fleet'
import { inspector, retry, row } from '../testing/screen'

// Every screen on hosts that are slow, full, cut off or frozen: it ends in words, keeps what it had, and none waits without end.
test.describe.configure({ mode: 'serial', timeout: 180_000 })

// The first is sound, so that a move leads there.
const [slow, full, frozen] = ['sim-2', 'sim-3', 'sim-4'] as const

let app: App
let fleet: Fleet
test.beforeAll(async () => {
  fleet = await startFleet({ hosts: 4, guests: 4 })
  app = await startApp({ hosts: fleet.hosts })
  await expect(row(app.page, 'web-01')).toHaveCount(4)
})
test.afterAll(async () => {
  await app?.close()
  await fleet?.stop()
})

const centre = (page: Page): Locator => page.getByRole('main')
const dialog = (page: Page): Locator => page.getByRole('dialog')
const follow = (page: Page, hash: string): Promise<void> =>
  page.evaluate((to) => {
    window.location.hash = to
  }, hash)

async function hostPart(page: Page, host: string, part: string): Promise<void> {
  await follow(page, `#/host/${host}`)
  await page
    .getByRole('tablist', { name: `Parts of ${host}` })
    .getByRole('tab', { name: new RegExp(`^${part}`) })
    .click()
}
async function ofHost(page: Page, host: string, entry: string): Promise<void> {
  await follow(page, `#/host/${host}`)
  await centre(page).getByRole('button', { name: 'More for this host' }).click()
  await page.getByRole('menuitem', { name: entry, exact: true }).click()
}
async function ofGuest(page: Page, host: string, entry: string): Promise<void> {
  await guest(page, host)
  await inspector(page).getByRole('button', { name: 'More', exact: true }).click()
  await page.getByRole('menuitem', { name: entry, exact: true }).click()
}
async function guest(page: Page, host: string): Promise<void> {
  await follow(page, `#/guest/web-01?host=${host}`)
  await expect(inspector(page).getByRole('heading', { level: 2 })).toHaveText('web-01')
  await expect(inspector(page)).toContainText(host)
}

type Screen = {
  open(page: Page, host: string): Promise<void>
  where(page: Page): Locator
  /** What it shows once the host has answered, now or before. */
  shows: RegExp
  /** What it says of the age of that while the host is away. */
  age?: RegExp
  /** Asks the host when it opens. */
  asks?: true
  /** Needs a session of its own, besides the control shell. */
  session?: true
  /** The button that asks once more. */
  again?: string
}

const shownAsOf = /Shown as of \d\d:\d\d/

const screens: Record<string, Screen> = {
  'the overview of a host': {
    open: (page, host) => hostPart(page, host, 'Overview'),
    where: centre,
    shows: /Xen 4\.17/,
    age: shownAsOf,
  },
  'the guests of a host': {
    open: (page, host) => hostPart(page, host, 'Guests'),
    where: centre,
    shows: /web-01/,
    age: shownAsOf,
  },
  'the images of a host': {
    open: (page, host) => hostPart(page, host, 'Images'),
    where: centre,
    shows: /debian-12/,
    age: shownAsOf,
  },
  'the jobs of a host': {
    open: (page, host) => hostPart(page, host, 'Jobs'),
    where: centre,
    shows: /Describe web-01/,
    age: shownAsOf,
  },
  'all jobs': {
    open: (page) => page.keyboard.press('Control+j'),
    where: centre,
    shows: /Describe web-01/,
    age: /Not connected: sim-4 \(as of \d\d:\d\d\)/,
  },
  'host keys': { open: (page, host) => ofHost(page, host, 'Host keys'), where: dialog, shows: /SHA256:/ },
  settings: { open: (page) => page.keyboard.press('Control+,'), where: centre, shows: /Appearance/ },
  'a guest, against its file': { open: guest, where: inspector, shows: /Runs as its file says/, asks: true },
  'a test of the connection': {
    open: (page, host) => ofHost(page, host, 'Test the connection'),
    where: dialog,
    shows: /All tools that Domdeck uses are there/,
    asks: true,
    session: true,
    again: 'Test again',
  },
  'a clone': {
    open: async (page, host) => {
      await guest(page, host)
      await inspector(page).getByRole('button', { name: 'Clone & boot' }).click()
      await dialog(page).getByRole('textbox', { name: 'Names' }).fill('new')
    },
    where: dialog,
    shows: /\d passed/,
    asks: true,
    session: true,
    again: 'Check again',
  },
  'a move': {
    open: (page, host) => ofGuest(page, host, 'Move to another host'),
    where: dialog,
    shows: /\d failed/,
    asks: true,
    session: true,
    again: 'Check again',
  },
  'the logs of a guest': {
    open: (page, host) => ofGuest(page, host, 'Logs'),
    where: dialog,
    shows: /Waiting for domain web-01/,
    asks: true,
    session: true,
    again: 'Read again',
  },
  'the log of a hypervisor': {
    open: (page, host) => ofHost(page, host, 'Hypervisor log'),
    where: dialog,
    shows: /\(XEN\)/,
    asks: true,
    session: true,
    again: 'Read again',
  },
}
const all = Object.entries(screens)
/** Those that ask, each in a window of its own: a move is planned as a clone is, and the log of a hypervisor is read as that of a guest. */
const asking = all.filter(([name, { asks }]) => asks && name !== 'a move' && name !== 'the log of a hypervisor')

/** Waits until this part of the page says what it should, and nothing on the page waits any more. */
async function ends(page: Page, { where }: Screen, words: RegExp): Promise<void> {
  await expect(where(page)).toContainText(words)
  await expect(page.locator('.wait, [aria-busy="true"]')).toHaveCount(0)
}

async function close(page: Page): Promise<void> {
  await page.keyboard.press('Escape')
  await expect(dialog(page)).toHaveCount(0)
}

/** Opens one screen after the other on a host. */
async function walk(page: Page, host: string, words: (screen: Screen) => RegExp): Promise<void> {
  for (const [name, screen] of all) {
    await test.step(`${name} on ${host}`, async () => {
      await screen.open(page, host)
      await ends(page, screen, words(screen))
      await close(page)
    })
  }
}

/** A bulk over the guests of one name on all hosts. */
async function tagAll(page: Page, name: string): Promise<void> {
  const filter = page.getByRole('combobox', { name: /Filter the fleet/ })
  await filter.fill(name)
  await page.getByRole('button', { name: 'Select all that match' }).click()
  const bar = page.getByRole('toolbar', { name: '4 guests selected' })
  await bar.getByRole('button', { name: 'More', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Add tags' }).click()
  await page.getByRole('textbox', { name: 'Tags' }).fill('tried')
  await page.getByRole('button', { name: 'Add tags' }).last().click()
  await filter.fill('')
}

test('in peace each host runs a job', async () => {
  const { page } = app
  await tagAll(page, 'web-01')
  await expect(page.locator('[data-bulk]')).toHaveAttribute('data-state', 'ended')
})

test('a host that begins each command 2 s late answers everywhere, and one that opens no further session says so', async () => {
  await fleet.act('slow', { host: slow, ms: 2_000 })
  await fleet.act('refuseSessions', { host: full, count: 100_000 })
  const other = (await app.another()).page
  await Promise.all([
    walk(app.page, slow, ({ shows }) => shows),
    walk(other, full, ({ shows, session }) => (session ? /opens no further session/ : shows)),
  ])
})

test('what was asked of a host that freezes and then is cut off ends in words, and goes on when it is back', async () => {
  const windows = await Promise.all(asking.map(async () => (await app.another()).page))
  const at = (index: number) => windows[index] as Page
  await Promise.all(windows.map((page) => row(page, frozen).waitFor()))
  await fleet.act('stall', { host: frozen, on: true })
  await Promise.all(asking.map(([, { open }], index) => open(at(index), frozen)))
  await tagAll(app.page, 'web-02')
  for (const [index, [, { where }]] of asking.entries()) await expect(where(at(index))).not.toBeEmpty()
  await fleet.act('cut', { host: frozen })
  const words = /was lost|closed the connection|Compared once the host is connected/
  for (const [index, [, screen]] of asking.entries()) await ends(at(index), screen, words)
  await expect(app.page.locator('[data-bulk]').first()).toContainText('2 of 4 done, 2 failed')

  for (const [name, screen] of all.filter(([, { asks }]) => !asks)) {
    await test.step(`${name} while ${frozen} is away`, async () => {
      await screen.open(app.page, frozen)
      await ends(app.page, screen, screen.shows)
      if (screen.age) await expect(screen.where(app.page)).toContainText(screen.age)
      await close(app.page)
    })
  }

  await fleet.act('stall', { host: frozen, on: false })
  await retry(app.page, frozen)
  for (const [index, [, screen]] of asking.entries()) {
    if (screen.again) await screen.where(at(index)).getByRole('button', { name: screen.again }).click()
  }
  for (const [index, [, screen]] of asking.entries()) await ends(at(index), screen, screen.shows)
})
