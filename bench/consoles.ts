import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { type BenchApp, openApp, watching } from './app'
import type { Bench, Stage } from './bench'
import { type Figure, median, milliseconds, quantile } from './figures'
import { startFleet } from './fleet'
import { bareFlood, echoing, flooding, fontOf, isLastLine, openBare } from './in-page'

// xterm.js takes no more than 50 MB at once.
const floodBytes = 32 * 2 ** 20
const rounds = 5
const keys = 300

/** What a pane parses from a flooding guest against bare xterm.js, and how fast a key echoes beside such a pane. */
export const consoles: Bench = {
  name: 'consoles',
  title: 'output of a guest through the whole product; echo while another pane floods',
  async run(stage) {
    const fleet = await startFleet({ hosts: 1, guests: 8 })
    try {
      const app = await openApp(fleet.hosts)
      try {
        await stopListening(app.page)
        await logIn(app.page, 'web-01')
        const throughput = await measureThroughput(app, stage)
        await logIn(app.page, 'web-02')
        return [throughput, await measureEcho(app.page, stage)]
      } finally {
        await app.close()
      }
    } finally {
      await fleet.stop()
    }
  },
}

/**
 * Playwright has Chromium tell it each WebSocket message, in base64, and takes it apart on the same cores, which costs a fifth of the
 * throughput and happens in nobody's browser. There is no public way to stop it.
 */
async function stopListening(page: Page): Promise<void> {
  type Driver = { delegate: { _mainFrameSession: { _client: { send(method: string): Promise<unknown> } } } }
  const { _connection } = page as unknown as { _connection: { toImpl(page: Page): Driver } }
  await _connection.toImpl(page).delegate._mainFrameSession._client.send('Network.disable')
}

const pane = (page: Page, name: string) => page.getByRole('region', { name: `Console ${name}`, exact: true })
const promptOf = (name: string): string => `root@${name}:~#`

async function logIn(page: Page, name: string): Promise<void> {
  await page.getByRole('treeitem', { name: new RegExp(` ${name}( |$)`) }).dblclick()
  const rows = pane(page, name).locator('.xterm-rows')
  const shows = (text: string) => rows.getByText(text).last().waitFor({ timeout: 60_000 })
  await shows('login:')
  await page.keyboard.type('root\n')
  await shows('Password:')
  await page.keyboard.type('root\n')
  await shows(promptOf(name))
}

async function measureThroughput({ page, browser }: BenchApp, stage: Stage): Promise<Figure> {
  const size = (await pane(page, 'web-01').locator('.size').textContent()) ?? ''
  const [columns = 0, rows = 0] = size.split('×').map(Number)
  const fontFamily = await pane(page, 'web-01').locator('.xterm-rows').evaluate(fontOf)
  const bare = await browser.newPage({ viewport: { width: 1440, height: 1200 } })
  const xterm = join(import.meta.dirname, '../node_modules/@xterm/xterm')
  await bare.setContent('<!doctype html><body></body>')
  await bare.addStyleTag({ path: join(xterm, 'css/xterm.css') })
  await bare.addScriptTag({ path: join(xterm, 'lib/xterm.js') })
  await bare.evaluate(openBare, { cols: columns, rows, fontFamily })
  // Both have the keyboard and the mouse, which are followed in each frame.
  await bare.bringToFront()
  await bare.locator('.xterm').click()
  await page.bringToFront()
  await pane(page, 'web-01').locator('.xterm').click()

  const product: number[] = []
  const alone: number[] = []
  // One after the other, so that both see the same machine; the first round of each warms up.
  for (let round = 0; round <= rounds; round++) {
    await bare.bringToFront()
    const bareMs = await bare.evaluate(bareFlood, floodBytes)
    await page.bringToFront()
    await page.keyboard.type(`flood ${floodBytes}`)
    const productMs = await watching(page, flooding, { name: 'web-01', prompt: promptOf('web-01') }, () =>
      page.keyboard.press('Enter'),
    )
    stage.say(`${milliseconds(productMs)} through Domdeck, ${milliseconds(bareMs)} bare${round === 0 ? ' (warm-up)' : ''}`)
    if (round === 0) continue
    product.push(productMs)
    alone.push(bareMs)
  }
  await bare.close()
  const speed = (ms: number): string => `${(floodBytes / 1e3 / ms).toFixed(1)} MB/s`
  return {
    title: 'Console output, guest to parsed',
    measured: speed(median(product)),
    against: `${speed(median(alone))}, bare xterm.js`,
    value: (100 * median(alone)) / median(product),
    unit: '%',
    target: { atLeast: 80 },
    how:
      `a simulated guest prints ${floodBytes / 2 ** 20} MB of 62-character lines; from the key Enter in the page to the prompt after ` +
      `the last line, over SSH, the main side, the WebSocket and xterm.js, all on this machine. Against xterm.js alone, ${columns}×${rows} ` +
      `too, in the same browser, with the same options, keyboard and mouse, given the same bytes at once. Nobody listens to the WebSocket ` +
      `in between, as Playwright would. Median of ${rounds}, taken in turns.`,
  }
}

async function measureEcho(page: Page, stage: Stage): Promise<Figure> {
  const name = 'web-02'
  const quiet = await typeKeys(page, name)
  await pane(page, 'web-01').locator('.xterm').click()
  await page.keyboard.type('flood 1000000000000\n')
  await pane(page, 'web-01').locator('.xterm-rows').getByText('0123456789abcdef').last().waitFor()
  await pane(page, name).locator('.xterm').click()
  const busy = await typeKeys(page, name)
  await pane(page, 'web-01').locator('.xterm').click()
  await page.keyboard.press('Control+c')
  await pane(page, 'web-01').locator('.xterm-rows').getByText(promptOf('web-01')).last().waitFor()
  const words = (values: number[]): string =>
    `${milliseconds(quantile(values, 0.99))} (median ${milliseconds(median(values))}, worst ${milliseconds(quantile(values, 1))})`
  stage.say(`quiet: ${words(quiet)}; flooding: ${words(busy)}`)
  return {
    title: 'Typed echo beside a flooding pane, p99',
    measured: words(busy),
    against: `${words(quiet)}, without the flood`,
    value: quantile(busy, 0.99),
    unit: 'ms',
    target: { below: 50 },
    how:
      `${keys} keys typed into one pane of two, one at a time, each from the browser's time stamp of the key to the letter drawn, while ` +
      'a simulated guest prints into the other pane as fast as it is let.',
  }
}

async function typeKeys(page: Page, name: string): Promise<number[]> {
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
