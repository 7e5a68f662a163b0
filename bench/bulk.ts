import { openApp, watching } from './app'
import type { Bench } from './bench'
import { milliseconds } from './figures'
import { startFleet } from './fleet'
import { longestPause } from './in-page'
import { longestTask } from './tasks'

const hosts = 12
const guests = 60
const idleMs = 10_000

/** What a person at the page feels of a bulk on hundreds of guests. */
export const bulk: Bench = {
  name: 'bulk',
  title: 'a bulk action on 500 guests, in the page',
  async run(stage) {
    const fleet = await startFleet({ hosts, guests })
    try {
      const app = await openApp(fleet.hosts, 2200)
      try {
        const { page } = app
        const filter = page.getByRole('combobox', { name: /Filter the fleet/ })
        await filter.fill('state:running')
        await page.getByRole('treeitem', { level: 2 }).first().click()
        const idle = await watching(page, longestPause, { until: '', ms: idleMs }, async () => undefined)
        await page.keyboard.press('Control+a')
        const bar = page.getByRole('toolbar', { name: /guests selected/ })
        const count = Number(/\d+/.exec((await bar.getAttribute('aria-label')) ?? '')?.[0])
        stage.say(`${count} guests picked; the longest pause at rest was ${milliseconds(idle)}`)
        await bar.getByRole('button', { name: 'More' }).click()
        await page.getByRole('menuitem', { name: /^Pause/ }).click()
        const question = page.getByRole('alertdialog')
        await question.waitFor()
        const began = Date.now()
        let worst = 0
        const task = await longestTask(app.browser, page, async () => {
          worst = await watching(page, longestPause, { until: '[data-bulk]:not([data-state=running])', ms: 0 }, () =>
            question.getByRole('button', { name: 'Pause' }).click(),
          )
        })
        stage.say(
          `${count} guests paused in ${Math.round((Date.now() - began) / 1000)} s; the longest pause was ${milliseconds(worst)}`,
        )
        return [
          {
            title: `Page during a bulk on ${count} guests: its longest task`,
            measured: `${milliseconds(task)} (longest wait ${milliseconds(worst)})`,
            against: `longest wait ${milliseconds(idle)}, at rest`,
            value: task,
            unit: 'ms',
            target: { below: 50 },
            how:
              `${hosts} simulated hosts with ${guests} guests each; all that run are picked and paused. CPU time of the longest task of the page's ` +
              'thread, by a trace of the browser, from the click to the end of the last job. In brackets the longest time in which the page did not ' +
              'answer itself, which is longer when other programs want the processor: the 2 cores run the hosts as well.',
          },
        ]
      } finally {
        await app.close()
      }
    } finally {
      await fleet.stop()
    }
  },
}
