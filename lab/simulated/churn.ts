import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { oddName } from './plan'
import type { SimulatedHost } from './server'

/** Something that happened on a host: a guest more or a guest less, from the moment its command began (epoch milliseconds). */
export type Change = { host: string; name: string; is: 'made' | 'gone' | 'rebooted'; at: number }

export type Churn = {
  /** Ends it, and resolves to all that happened when the last command has ended. */
  stop(): Promise<readonly Change[]>
}

/** How long a domain is half made, or dying, before it runs or is gone. */
const transitionMs = 300

/**
 * Makes guests, reboots them and ends them, in turn on each host, as other administrators would: `perSecond` changes over the fleet.
 * The guests have names in every shape and no file that stays; every fourth of them is a while half made, and a while dying.
 */
export function startChurn(hosts: readonly SimulatedHost[], perSecond: number): Churn {
  const changes: Change[] = []
  const queues = new Map<SimulatedHost, Promise<void>>()
  const turns = new Map<SimulatedHost, number>()
  let failure: unknown
  let at = 0
  const began = performance.now()

  const tick = (): void => {
    // As many as are due by now, for a timer that fires late.
    const due = Math.floor(((performance.now() - began) / 1000) * perSecond)
    for (; at < due; at += 1) {
      const host = hosts[at % hosts.length]
      if (!host) return
      const turn = turns.get(host) ?? 0
      turns.set(host, turn + 1)
      const next = (queues.get(host) ?? Promise.resolve()).then(async () => {
        await change(host, turn, (made) => changes.push(made))
      })
      queues.set(
        host,
        next.catch((thrown: unknown) => {
          failure ??= thrown
        }),
      )
    }
  }
  const timer = setInterval(tick, 10)
  return {
    async stop() {
      clearInterval(timer)
      await Promise.all(queues.values())
      if (failure) throw failure
      return changes
    },
  }
}

async function change(host: SimulatedHost, turn: number, note: (change: Change) => void): Promise<void> {
  const round = Math.floor(turn / 3)
  const inSteps = round % 4 === 3
  const name = `churn ${oddName(round)}`
  const about = (is: Change['is']): Change => ({ host: host.description.name, name, is, at: Date.now() })
  const run = async (...argv: [string, ...string[]]): Promise<void> => {
    const { exitCode, stderr } = await host.run(argv)
    if (exitCode !== 0) throw new Error(`${argv.join(' ')} on ${host.description.name}: ${stderr}`)
  }
  switch (turn % 3) {
    case 0: {
      const config = join(host.folder, 'tmp', 'churn.cfg')
      await writeFile(config, `name = "${name}"\ntype = "pv"\nmemory = 64\nvcpus = 1\n`)
      note(about('made'))
      await run('xl', 'create', '-q', ...(inSteps ? (['-p'] as const) : []), config)
      if (!inSteps) return
      await passing()
      return run('xl', 'unpause', name)
    }
    case 1:
      note(about('rebooted'))
      return host.rebootGuest(name)
    default:
      if (inSteps) {
        await host.letDie(name)
        await passing()
      }
      note(about('gone'))
      return run('xl', 'destroy', name)
  }
}

const passing = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, transitionMs))
