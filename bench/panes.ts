import { readFile } from 'node:fs/promises'
import { setTimeout as elapsed } from 'node:timers/promises'
import type { Page } from '@playwright/test'
import { type BenchApp, openApp, watching } from './app'
import type { Bench, Stage } from './bench'
import { logIn, openBareLike, pane, promptOf, speed, stopListening, typeKeys } from './console-page'
import { type Figure, median, milliseconds, quantile } from './figures'
import { startFleet } from './fleet'
import { bareFlood, drawing, flooding } from './in-page'

const floodBytes = 32 * 2 ** 20
const rounds = 1
const keys = 30

/** Many panes on one page: eight that flood together, and then 24 of which twelve flood. */
export const panes: Bench = {
  name: 'panes',
  title: 'eight panes that flood together; 24 panes of which twelve flood',
  async run(stage) {
    const fleet = await startFleet({ hosts: 1, guests: 36 })
    try {
      const app = await openApp(fleet.hosts)
      try {
        await stopListening(app.page)
        const names = await runningGuests(app.page, 24)
        for (const name of names.slice(0, 8)) await logIn(app.page, name)
        const together = await measureTogether(app, names.slice(0, 8), stage)
        for (const name of names.slice(8, 13)) await logIn(app.page, name)
        for (const name of names.slice(13)) await open(app.page, name)
        return [together, ...(await measureMany(app, names, stage))]
      } finally {
        await app.close()
      }
    } finally {
      await fleet.stop()
    }
  },
}

async function runningGuests(page: Page, count: number): Promise<string[]> {
  const rows = page.getByRole('treeitem').filter({ has: page.getByRole('img', { name: 'running' }) })
  await rows.nth(count - 1).waitFor({ timeout: 60_000 })
  const titles = await rows.locator('.nm').evaluateAll((cells) => cells.map((cell) => cell.getAttribute('title') ?? ''))
  return titles.slice(0, count)
}

async function open(page: Page, name: string): Promise<void> {
  await page.getByRole('treeitem', { name: new RegExp(` ${name}( |$)`) }).dblclick()
  await pane(page, name).waitFor()
}

/** All eight begin at one Enter, which is broadcast to them. */
async function measureTogether({ page, browser }: BenchApp, names: readonly string[], stage: Stage): Promise<Figure> {
  const [first = ''] = names
  const { bare, columns, rows } = await openBareLike(page, browser, first)
  // So many panes are asked about, and the prompts of root in them with it.
  await page.keyboard.press('Control+Shift+B')
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Broadcast to/ })
    .click()
  const prompts = Object.fromEntries(names.map((name) => [name, promptOf(name)]))
  const product: number[] = []
  const alone: number[] = []
  for (let round = 0; round <= rounds; round++) {
    await bare.bringToFront()
    const bareMs = await bare.evaluate(bareFlood, floodBytes)
    await page.bringToFront()
    await page.keyboard.type(`flood ${floodBytes / names.length}`)
    const productMs = await watching(page, flooding, { prompts }, () => page.keyboard.press('Enter'))
    stage.say(`${milliseconds(productMs)} through Domdeck, ${milliseconds(bareMs)} bare${round === 0 ? ' (warm-up)' : ''}`)
    if (round === 0) continue
    product.push(productMs)
    alone.push(bareMs)
  }
  await bare.close()
  await page.keyboard.press('Control+Shift+D')
  return {
    title: 'Output of eight guests at once',
    measured: speed(floodBytes, median(product)),
    against: `${speed(floodBytes, median(alone))}, one bare xterm.js`,
    value: (100 * median(alone)) / median(product),
    unit: '%',
    target: { atLeast: 80 },
    how:
      `eight simulated guests print ${floodBytes / names.length / 2 ** 20} MB each, begun by one broadcast Enter, until the last shows its prompt, as for one console. ` +
      `Against one xterm.js alone of ${columns}×${rows}, as a pane is, given all the bytes at once. Median of ${rounds}, taken in turns.`,
  }
}

async function measureMany({ page, pid }: BenchApp, names: readonly string[], stage: Stage): Promise<Figure[]> {
  const flooded = names.slice(0, 12)
  const [quiet = ''] = names.slice(12)
  for (const name of flooded) {
    await pane(page, name).locator('.xterm').click()
    await page.keyboard.type('flood 1000000000000\n')
  }
  await elapsed(2_000)
  const before = await megabytes(page, pid)
  const frames = await watching(page, drawing, { ms: 5_000 }, async () => undefined)
  const after = await megabytes(page, pid)
  await pane(page, quiet).locator('.xterm').click()
  const echoes = await typeKeys(page, quiet, keys)
  stage.say(`${frames.toFixed(1)} frames a second; ${before.toFixed(0)} MB, 20 s later ${after.toFixed(0)} MB`)
  const many = `${names.length} panes are open, and in ${flooded.length} of them a simulated guest prints as fast as it is let.`
  return [
    {
      title: 'Frames beside twelve flooding panes',
      measured: `${frames.toFixed(1)} a second`,
      against: '',
      value: frames,
      unit: 'fps',
      target: { atLeast: 50 },
      how: `${many} Frames of the page over 20 s.`,
    },
    {
      title: 'Typed echo beside twelve flooding panes, p99',
      measured: `${milliseconds(quantile(echoes, 0.99))} (median ${milliseconds(median(echoes))}, worst ${milliseconds(quantile(echoes, 1))})`,
      against: '',
      value: quantile(echoes, 0.99),
      unit: 'ms',
      target: { below: 50 },
      how: `${many} ${keys} keys typed one at a time into a quiet one.`,
    },
    {
      title: 'Memory that twelve floods add in 20 s',
      measured: `${(after - before).toFixed(0)} MB (from ${before.toFixed(0)} MB)`,
      against: '',
      value: after - before,
      unit: 'MB',
      target: { atMost: 50 },
      how: `${many} Resident memory of the main side and JavaScript heap of the page after a collection, once 5 s into the flood and once 20 s later.`,
    },
  ]
}

/** Resident memory of the main side, and the heap of the page without what is garbage. */
async function megabytes(page: Page, pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const resident = Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1]) / 1024
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  await session.detach()
  return resident + usedSize / 2 ** 20
}
