import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** How to reach a pretend host. */
export type SimulatedHost = {
  name: string
  address: string
  port: number
  user: string
  keyPath: string
  /** A line for known_hosts. */
  hostKeyLine: string
  storageRoot: string
}

export type Fleet = {
  hosts: readonly SimulatedHost[]
  /** What no SSH command does to a host (lab/simulated/README.md); rejects with the fleet's words when it cannot be done. */
  act(op: Act, more?: { host?: string; name?: string; on?: boolean; count?: number; ms?: number }): Promise<unknown>
  /** Runs a program of a host as an administrator at its own keyboard would; resolves to what it printed. */
  run(argv: readonly [string, ...string[]], host?: string): Promise<string>
  stop(): Promise<void>
}

type Act =
  | 'cut'
  | 'stall'
  | 'refuseSessions'
  | 'slow'
  | 'changeHostKey'
  | 'crashGuest'
  | 'addForeignGuest'
  | 'powerCut'
  | 'powerOn'
type Answer = { done: boolean; value?: unknown; error?: string }

const program = join(import.meta.dirname, '../../out/main/simulated.js')

/** Pretend dom0s that the app knows nothing of yet, and that a test can do harm to. */
export async function startFleet(size: { hosts: number; guests: number }): Promise<Fleet> {
  if (!existsSync(program)) throw new Error('The app is not built: run npm run build first.')
  const child = spawn(process.execPath, [program, '--hosts', String(size.hosts), '--guests', String(size.guests)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<unknown> => {
    const { value, done } = await lines.next()
    if (done) throw new Error('The simulated fleet has ended.')
    return JSON.parse(value)
  }
  const { hosts } = (await next()) as { hosts: SimulatedHost[] }
  const [first] = hosts
  const ask = async (act: object): Promise<unknown> => {
    child.stdin.write(`${JSON.stringify({ host: first?.name, ...act })}\n`)
    const answer = (await next()) as Answer
    if (!answer.done) throw new Error(answer.error)
    return answer.value
  }
  return {
    hosts,
    act: (op, more = {}) => ask({ op, ...more }),
    run: async (argv, host) => {
      const ran = (await ask({ op: 'run', argv, ...(host ? { host } : {}) })) as {
        stdout: string
        stderr: string
        exitCode: number
      }
      if (ran.exitCode !== 0) throw new Error(`${argv.join(' ')}: exit status ${ran.exitCode}: ${ran.stderr}`)
      return ran.stdout
    },
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.stdin.end()
      await ended
    },
  }
}
