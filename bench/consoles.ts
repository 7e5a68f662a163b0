import type { Page } from '@playwright/test'
import { type BenchApp, openApp, watching } from './app'
import type { Bench, Stage } from './bench'
import { logIn, openBareLike, pane, promptOf, speed, stopListening, typeKeys } from './console-page'
import { type Figure, median, milliseconds, quantile } from './figures'
import { startFleet } from './fleet'
import { bareFlood, flooding } from './in-page'

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

async function measureThroughput({ page, browser }: BenchApp, stage: Stage): Promise<Figure> {
  const { bare, columns, rows } = await openBareLike(page, browser, 'web-01')

  const product: number[] = []
  const alone: number[] = []
  // One after the other, so that both see the same machine; the first round of each warms up.
  for (let round = 0; round <= rounds; round++) {
    await bare.bringToFront()
    const bareMs = await bare.evaluate(bareFlood, floodBytes)
    await page.bringToFront()
    await page.keyboard.type(`flood ${floodBytes}`)
    const productMs = await watching(page, flooding, { prompts: { 'web-01': promptOf('web-01') } }, () =>
      page.keyboard.press('Enter'),
    )
    stage.say(`${milliseconds(productMs)} through Domdeck, ${milliseconds(bareMs)} bare${round === 0 ? ' (warm-up)' : ''}`)
    if (round === 0) continue
    product.push(productMs)
    alone.push(bareMs)
  }
  await bare.close()
  return {
    title: 'Console output, guest to parsed',
    measured: speed(floodBytes, median(product)),
    against: `${speed(floodBytes, median(alone))}, bare xterm.js`,
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
  const quiet = await typeKeys(page, name, keys)
  await pane(page, 'web-01').locator('.xterm').click()
  await page.keyboard.type('flood 1000000000000\n')
  await pane(page, 'web-01').locator('.xterm-rows').getByText('0123456789abcdef').last().waitFor()
  await pane(page, name).locator('.xterm').click()
  const busy = await typeKeys(page, name, keys)
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
