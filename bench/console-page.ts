import { join } from 'node:path'
import type { Browser, Page } from '@playwright/test'
import { watching } from './app'
import { echoing, fontOf, isLastLine, openBare } from './in-page'

// What benches do with the consoles of a page.

/**
 * Playwright has Chromium tell it each WebSocket message, in base64, and takes it apart on the same cores, which costs a fifth of the
 * throughput and happens in nobody's browser. There is no public way to stop it.
 */
export async function stopListening(page: Page): Promise<void> {
  type Driver = { delegate: { _mainFrameSession: { _client: { send(method: string): Promise<unknown> } } } }
  const { _connection } = page as unknown as { _connection: { toImpl(page: Page): Driver } }
  await _connection.toImpl(page).delegate._mainFrameSession._client.send('Network.disable')
}

/** The pane of a guest. */
export const pane = (page: Page, name: string) => page.getByRole('region', { name: `Console ${name}`, exact: true })
/** What a guest says when it waits. */
export const promptOf = (name: string): string => `root@${name}:~#`

/** Opens the console of a guest and logs in. */
export async function logIn(page: Page, name: string): Promise<void> {
  await page.getByRole('treeitem', { name: new RegExp(` ${name}( |$)`) }).dblclick()
  const rows = pane(page, name).locator('.xterm-rows')
  const shows = (text: string) => rows.getByText(text).last().waitFor({ timeout: 60_000 })
  await shows('login:')
  await page.keyboard.type('root\n')
  await shows('Password:')
  await page.keyboard.type('root\n')
  await shows(promptOf(name))
}

/** Opens bare xterm.js in the same browser, as large as the console of a guest, and gives both the keyboard and the mouse, which are followed in each frame. */
export async function openBareLike(
  page: Page,
  browser: Browser,
  name: string,
): Promise<{ bare: Page; columns: number; rows: number }> {
  const size = (await pane(page, name).locator('.size').textContent()) ?? ''
  const [columns = 0, rows = 0] = size.split('×').map(Number)
  const fontFamily = await pane(page, name).locator('.xterm-rows').evaluate(fontOf)
  const bare = await browser.newPage({ viewport: { width: 1440, height: 1200 } })
  const xterm = join(import.meta.dirname, '../node_modules/@xterm/xterm')
  await bare.setContent('<!doctype html><body></body>')
  await bare.addStyleTag({ path: join(xterm, 'css/xterm.css') })
  await bare.addScriptTag({ path: join(xterm, 'lib/xterm.js') })
  await bare.evaluate(openBare, { cols: columns, rows, fontFamily })
  await bare.bringToFront()
  await bare.locator('.xterm').click()
  await page.bringToFront()
  await pane(page, name).locator('.xterm').click()
  return { bare, columns, rows }
}

/** Megabytes a second, as a person reads them. */
export const speed = (bytes: number, ms: number): string => `${(bytes / 1e3 / ms).toFixed(1)} MB/s`

/** Milliseconds from each of so many keys, typed one at a time, to its letter on the console of a guest, as drawn. */
export async function typeKeys(page: Page, name: string, keys: number): Promise<number[]> {
  const times: number[] = []
  for (let at = 0; at < keys; at++) {
    // A few letters a line; Ctrl+U takes them back.
    if (at % 20 === 0) {
      await page.keyboard.press('Control+u')
      await page.waitForFunction(isLastLine, { name, text: promptOf(name) })
    }
    times.push(await watching(page, echoing, { name, key: 'z' }, () => page.keyboard.press('z')))
  }
  return times
}
