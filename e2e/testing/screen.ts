import { mkdir } from 'node:fs/promises'
import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Locator, type Page } from '@playwright/test'
import { spills } from './spills'

/** The row of a host or a guest in the fleet tree. */
export const row = (page: Page, name: string): Locator =>
  page.getByRole('tree', { name: 'Fleet' }).getByRole('treeitem', { name: new RegExp(`(^| )${name}( |$)`) })

/** Puts the cursor of the tree on a host or guest that may be far from what is drawn. */
export async function choose(page: Page, name: string): Promise<void> {
  const filter = page.getByRole('combobox', { name: /Filter the fleet/ })
  await filter.fill(name)
  await row(page, name).first().click()
  await filter.fill('')
}

/** The right column. */
export const inspector = (page: Page): Locator => page.getByRole('complementary', { name: 'Inspector' })

/** A pane of the console dock; `number` from the second of one guest on. */
export const pane = (page: Page, guest: string, number = 1): Locator =>
  page.getByRole('region', { name: number > 1 ? `Console ${guest}, pane ${number}` : `Console ${guest}`, exact: true })

/** All lines of a pane's terminal, with its scrollback. */
export const terminalText = (where: Locator): Promise<string> =>
  where.getByTestId('terminal').evaluate((element) => (element as HTMLElement & { terminalText(): string }).terminalText())

/** Waits until the terminal of a pane shows this. */
export const shows = (where: Locator, what: RegExp): Promise<void> => expect.poll(() => terminalText(where)).toMatch(what)

/** Types a line into a pane, as at a keyboard. */
export async function typeLine(where: Locator, line: string): Promise<void> {
  await where.getByTestId('terminal').click()
  await where.page().keyboard.type(line)
  await where.page().keyboard.press('Enter')
}

/** Logs in to a pretend guest, whose console greets the first who reads it. */
export async function logIn(where: Locator): Promise<void> {
  await shows(where, /login: *$/)
  await typeLine(where, 'root')
  await shows(where, /Password: *$/)
  await typeLine(where, 'root')
  await shows(where, /:~# *$/)
}

/** Opens the console of a guest from the tree. */
export async function openConsole(page: Page, guest: string): Promise<Locator> {
  await row(page, guest).first().dblclick()
  const opened = pane(page, guest)
  await expect(opened).toBeVisible()
  return opened
}

/** Opens the consoles of several running guests as a grid, in this order, and waits until each shows its prompt. */
export async function openConsoles(page: Page, guests: readonly string[], prompt = /login: *$/): Promise<Locator[]> {
  for (const guest of guests) await openConsole(page, guest)
  const opened = guests.map((guest) => pane(page, guest))
  for (const one of opened) await shows(one, prompt)
  return opened
}

/** Has a host that is reachable again tried at once; it may come back by itself before the button is hit. */
export async function retry(page: Page, host: string): Promise<void> {
  const button = page.getByRole('button', { name: `Retry now: ${host}` })
  await button.click({ timeout: 3_000 }).catch(() => undefined)
  await expect(button).toBeHidden({ timeout: 60_000 })
}

/** The row of a job in the tray. */
export const jobRow = (page: Page, title: string | RegExp): Locator => page.locator('[data-job]', { hasText: title }).first()

const sizes = [
  { width: 1440, height: 900 },
  { width: 1024, height: 700 },
] as const

/** What axe finds on the page as it is, in a form that reads well when it is not empty. */
export async function axeFindings(page: Page): Promise<string[]> {
  // Axe is half a megabyte, which the builder would put on the page anew, twice, each time.
  const there = await page.evaluate(() => 'axe' in window)
  // Legacy mode runs in this page alone; the other one opens a page without our cookie.
  const axe = new AxeBuilder({ page, ...(there ? { axeSource: '0' } : {}) })
  const { violations } = await axe
    .options({ resultTypes: ['violations'] })
    .setLegacyMode(true)
    .analyze()
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)} ${node.failureSummary}`))
}

/**
 * Keeps a picture of the screen as it is, in both themes and both sizes, asks axe about each theme and each size once, and looks for
 * what is cut off. The theme must be the system's. The page ends as it began: dark, 1440x900.
 */
export async function keepScreen(page: Page, name: string): Promise<void> {
  await mkdir('test-results/screens', { recursive: true })
  for (const size of [...sizes].reverse()) {
    await page.setViewportSize(size)
    for (const theme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: theme })
      await expect(page.locator('html')).toHaveAttribute('data-theme', theme)
      await page.mouse.move(0, 0)
      await page.screenshot({
        path: `test-results/screens/${name}-${theme}-${size.width}x${size.height}.png`,
        animations: 'disabled',
      })
      if ((theme === 'dark') === (size === sizes[0]))
        expect.soft(await axeFindings(page), `axe: ${name}, ${theme}, ${size.width}x${size.height}`).toEqual([])
    }
    expect.soft(await spills(page), `cut: ${name}, ${size.width}x${size.height}`).toEqual([])
  }
}
