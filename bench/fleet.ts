import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Change } from '../lab/simulated/churn'
import type { HostDescription } from '../lab/simulated/server'

/** A simulated fleet in a process of its own, so that its work is not ours. */
export type BenchFleet = {
  readonly hosts: readonly HostDescription[]
  /** Does something on a host from outside Domdeck (lab/simulated/main.ts); resolves when it is done. */
  act(act: { op: string; host: string; name?: string; argv?: readonly string[]; on?: boolean }): Promise<void>
  /** Changes all over the fleet, so many a second; `stop` ends them and resolves to what happened. */
  churn(perSecond: number): Promise<{ stop(): Promise<readonly Change[]> }>
  stop(): Promise<void>
}

type Answer = {
  ready?: true
  hosts?: HostDescription[]
  done?: boolean
  error?: string
  value?: unknown
}

/** Starts the fleet of the build. */
export async function startFleet(size: { hosts: number; guests: number }): Promise<BenchFleet> {
  const program = join(import.meta.dirname, '../out/main/simulated.js')
  const child = spawn(process.execPath, [program, '--hosts', String(size.hosts), '--guests', String(size.guests)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const waiting: ((answer: Answer) => void)[] = []
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(JSON.parse(line) as Answer))
  const answer = (): Promise<Answer> =>
    new Promise((resolve, reject) => {
      waiting.push(resolve)
      void ended.then(() => reject(new Error('The simulated fleet ended.')))
    })
  const { hosts } = await answer()
  if (!hosts) throw new Error('The simulated fleet did not describe itself.')
  const ask = async (act: object): Promise<unknown> => {
    const answered = answer()
    child.stdin.write(`${JSON.stringify(act)}\n`)
    const { done, error, value } = await answered
    if (!done) throw new Error(`${JSON.stringify(act)}: ${error}`)
    return value
  }
  return {
    hosts,
    async act(act) {
      const ran = (await ask(act)) as { exitCode: number; stderr: string } | undefined
      if (ran && ran.exitCode !== 0) throw new Error(`${JSON.stringify(act)}: ${ran.stderr}`)
    },
    async churn(count) {
      await ask({ op: 'churn', count })
      return { stop: async () => (await ask({ op: 'churn', on: false })) as Change[] }
    },
    async stop() {
      child.stdin.end()
      await ended
    },
  }
}

/** The key of a host description, as Domdeck pins it. */
export const hostKeyOf = ({ hostKeyLine }: HostDescription): Buffer => Buffer.from(hostKeyLine.split(' ')[2] ?? '', 'base64')
