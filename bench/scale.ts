import { readFileSync } from 'node:fs'
import type { Browser, JSHandle, Page } from '@playwright/test'
import type { Change } from '../lab/simulated/churn'
import { planHost } from '../lab/simulated/plan'
import { type BenchHost, openBrowser, startShell, watching } from './app'
import type { Bench, Stage } from './bench'
import { type Figure, median, milliseconds, quantile, seconds } from './figures'
import { startFleet } from './fleet'
import { type Count, counting, scrolling, whenCounted } from './in-page'
import { type Meter, startMeter } from './meter'

const hosts = 50
const guests = 200
const changesASecond = 20
const churnSeconds = 60
const coldStarts = 5
/** All rows of hosts are in sight. */
const viewport = { width: 1440, height: 1600 }

/** A fleet as large as one administrator has. */
export const scale: Bench = {
  name: 'scale',
  title: `${hosts} hosts with ${guests} guests each, ${changesASecond} changes a second`,
  async run(stage) {
    const fleet = await startFleet({ hosts, guests })
    const browser = await openBrowser()
    const meters: Meter[] = []
    try {
      for (const { port } of fleet.hosts) meters.push(await startMeter(port))
      // The way to each host leads over its meter.
      const metered = fleet.hosts.map((host, at) => {
        const port = meters[at]?.port ?? host.port
        return { ...host, port, hostKeyLine: host.hostKeyLine.replace(`:${host.port}`, `:${port}`) }
      })
      const cold: number[] = []
      await Promise.all(fleet.hosts.map(({ name }) => fleet.act({ op: 'stall', host: name })))
      for (let round = 0; round < coldStarts; round++) cold.push(await coldStart(browser, metered))
      for (const meter of meters) meter.reset()
      await Promise.all(fleet.hosts.map(({ name }) => fleet.act({ op: 'stall', host: name, on: false })))
      stage.say(`cold starts: ${cold.map(milliseconds).join(', ')}`)

      const shell = await startShell(metered)
      try {
        const page = await browser.newPage({ viewport })
        const running = fleet.hosts.reduce((sum, _, at) => sum + planHost(at + 1, guests, 1).guests.filter(isRunning).length, 0)
        await page.goto(shell.address)
        const complete = await watching(page, whenCounted, { hosts, running }, async () => undefined)
        const connected = Math.min(...meters.map((meter) => meter.firstAt() ?? complete))
        const firstView = complete - connected
        stage.say(
          `first view: ${milliseconds(firstView)}, ${milliseconds(complete - shell.startedAt)} from the start of the shell`,
        )

        const fps = await scroll(page)
        stage.say(`scrolling: ${fps.toFixed(1)} fps`)
        const renderer = await rendererPid(browser)
        const cpuBefore = [cpuSeconds(shell.pid), cpuSeconds(renderer)]
        const churned = await churn(stage, page, fleet, meters)
        const [main = 0, own = 0] = [cpuSeconds(shell.pid), cpuSeconds(renderer)].map((now, at) => now - (cpuBefore[at] ?? 0))
        stage.say(`CPU under the churn: main side ${seconds(main)}, page ${seconds(own)}`)
        const mainMb = mostMemoryMb(shell.pid)
        const rendererMb = mostMemoryMb(renderer)
        return figures({ cold, firstView, fps, ...churned, mainMb, rendererMb })
      } finally {
        await shell.close()
      }
    } finally {
      await browser.close()
      for (const meter of meters) meter.close()
      await fleet.stop()
    }
  },
}

const isRunning = ({ state }: { state: string }): boolean => state === 'running'

/** Milliseconds from the start of the shell until the tree shows the saved hosts and follows a key. */
async function coldStart(browser: Browser, saved: readonly BenchHost[]): Promise<number> {
  const shell = await startShell(saved)
  const page = await browser.newPage({ viewport })
  try {
    await page.goto(shell.address)
    await page.locator(`[role=treeitem][aria-setsize="${saved.length}"]`).first().waitFor()
    await page.getByRole('tree').focus()
    await page.keyboard.press('End')
    await page.locator(`[role=treeitem][aria-posinset="${saved.length}"][aria-selected=true]`).waitFor()
    return Date.now() - shell.startedAt
  } finally {
    await page.close()
    await shell.close()
  }
}

/** Frames a second over the rows of all guests. */
async function scroll(page: Page): Promise<number> {
  const filter = page.getByRole('combobox', { name: /Filter the fleet/ })
  await filter.fill('mem:>0')
  await page.locator(`[role=treeitem][aria-setsize="${guests}"]`).first().waitFor()
  const fps = await watching(page, scrolling, { ms: 10_000, step: 40 }, async () => undefined)
  await filter.fill('')
  return fps
}

type Churned = { latencies: number[]; traffic: number }

async function churn(
  stage: Stage,
  page: Page,
  fleet: Awaited<ReturnType<typeof startFleet>>,
  meters: readonly Meter[],
): Promise<Churned> {
  // The first host is open; closed, all hosts are in sight.
  await page.getByRole('tree').focus()
  await page.keyboard.press('Home')
  await page.keyboard.press('ArrowLeft')
  await page.locator(`[role=treeitem][aria-posinset="${hosts}"][aria-level="1"]`).waitFor()
  const counts: JSHandle<{ stop(): Count[] }> = await page.evaluateHandle(counting)
  const bytesBefore = meters.map((meter) => meter.bytes())
  const began = Date.now()
  const going = await fleet.churn(changesASecond)
  await new Promise((resolve) => setTimeout(resolve, churnSeconds * 1000))
  const changes = await going.stop()
  const tookSeconds = (Date.now() - began) / 1000
  // The last changes are seen as well.
  await new Promise((resolve) => setTimeout(resolve, 3000))
  const rates = meters.map((meter, at) => (meter.bytes() - (bytesBefore[at] ?? 0)) / tookSeconds)
  const { latencies, unseen } = match(changes, await counts.evaluate((one) => one.stop()))
  stage.say(
    `${changes.length} changes in ${seconds(tookSeconds)}, ${latencies.length} of them of a number of guests; ${unseen} of these not seen before the next; ` +
      `median ${milliseconds(median(latencies))}, p99 ${milliseconds(quantile(latencies, 0.99))}, worst ${milliseconds(quantile(latencies, 1))}`,
  )
  return { latencies, traffic: quantile(rates, 1) }
}

/** How long each change took to the page; one that was overtaken by the next took at least until then. */
function match(changes: readonly Change[], counts: readonly Count[]): { latencies: number[]; unseen: number } {
  const latencies: number[] = []
  let unseen = 0
  for (const host of new Set(changes.map((change) => change.host))) {
    const seen = counts.filter((count) => count.host === host)
    const before = seen[0]?.guests ?? 0
    const ofHost = changes.filter((change) => change.host === host && change.is !== 'rebooted')
    for (const [index, { is, at }] of ofHost.entries()) {
      const next = ofHost[index + 1]?.at ?? Number.POSITIVE_INFINITY
      const found = seen.find((count) => count.at >= at && count.at < next && count.guests === before + (is === 'made' ? 1 : 0))
      if (found) latencies.push(found.at - at)
      else if (Number.isFinite(next)) {
        latencies.push(next - at)
        unseen += 1
      } else throw new Error(`The last change on ${host} was never seen.`)
    }
  }
  return { latencies, unseen }
}

/** The most memory that a process has had resident. */
function mostMemoryMb(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}

/** CPU that a process has used, from clock ticks of 10 ms. */
function cpuSeconds(pid: number): number {
  const [user, system] = (readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1) ?? '').split(' ').slice(11, 13)
  return (Number(user) + Number(system)) / 100
}

/** The process of the page: the largest of its kind, for the browser keeps a spare one. */
async function rendererPid(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
  return renderers.reduce((most, pid) => (mostMemoryMb(pid) > mostMemoryMb(most) ? pid : most))
}

type Measured = Churned & { cold: number[]; firstView: number; fps: number; mainMb: number; rendererMb: number }

function figures({ cold, firstView, fps, latencies, traffic, mainMb, rendererMb }: Measured): Figure[] {
  const fleet = `${hosts} × ${guests}`
  const against = ''
  const from = 'from the start of the command to the number beside the name of the host in the page'
  return [
    {
      title: 'Cold start to a tree that answers',
      measured: milliseconds(median(cold)),
      against,
      value: median(cold),
      unit: 'ms',
      target: { below: 1500 },
      how: `from the start of the browser shell with ${hosts} saved hosts, none of which answers, until its page in a browser that runs already shows them and a key moves the cursor. Median of ${coldStarts}.`,
    },
    {
      title: `First complete view of ${fleet}`,
      measured: seconds(firstView / 1000),
      against,
      value: firstView,
      unit: 'ms',
      target: { below: 3000 },
      how: 'from the first connection to any host until the head of the page counts all guests that run, of all hosts; all SSH servers and all that runs on the hosts are on this machine too.',
    },
    {
      title: `Change to the page, ${fleet}, median`,
      measured: milliseconds(median(latencies)),
      against,
      value: median(latencies),
      unit: 'ms',
      target: { below: 300 },
      how: `while ${changesASecond} guests a second are made, rebooted and ended over the fleet, ${from}; ${latencies.length} changes.`,
    },
    {
      title: `Change to the page, ${fleet}, p99`,
      measured: milliseconds(quantile(latencies, 0.99)),
      against,
      value: quantile(latencies, 0.99),
      unit: 'ms',
      target: { below: 1000 },
      how: 'the same.',
    },
    {
      title: `Scrolling the tree of ${fleet}`,
      measured: `${fps.toFixed(1)} fps`,
      against,
      value: fps,
      unit: 'fps',
      target: { atLeast: 55 },
      how: 'all hosts open by a filter, 40 pixels a frame for 10 s.',
    },
    {
      title: `Memory of the main side, ${fleet}`,
      measured: `${mainMb.toFixed(0)} MB`,
      against,
      value: mainMb,
      unit: 'MB',
      target: { below: 350 },
      how: 'the most that was resident, from the start to the end of the churn.',
    },
    {
      title: `Memory of the page, ${fleet}`,
      measured: `${rendererMb.toFixed(0)} MB`,
      against,
      value: rendererMb,
      unit: 'MB',
      target: { below: 400 },
      how: "the most that was resident of Chromium's process for the page, its share of the program itself included.",
    },
    {
      title: `Traffic of a host, ${fleet}`,
      measured: `${(traffic / 1000).toFixed(2)} kB/s`,
      against,
      value: traffic,
      unit: 'B/s',
      target: { below: 3000 },
      how: 'under the churn; bytes of SSH in both directions, of the host with the most.',
    },
  ]
}
