import { fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { HostSettings } from '../../src-shared/models/host'
import { ProblemError } from '../../src-shared/problem'

/** A pretend host as the fleet describes it: what to add to Domdeck, and the host key to pin. */
export type SimulatedHost = Omit<HostSettings, 'id'> & { port: number; hostKey: Buffer }

export type RunningSimulation = {
  readonly hosts: readonly SimulatedHost[]
  /** Ends the fleet and removes its files. Also done when this process ends, however it ends. */
  stop(): Promise<void>
}

/** The first line that `lab/simulated/main.ts` prints. */
const readySchema = z.object({
  ready: z.literal(true),
  hosts: z.array(
    z.object({
      name: z.string(),
      address: z.string(),
      port: z.number(),
      user: z.string(),
      keyPath: z.string(),
      hostKeyLine: z.string(),
      storageRoot: z.string(),
    }),
  ),
})

const hint = 'The simulated fleet needs Linux with bash, awk, flock and setsid, and room below the temporary folder.'

/**
 * Starts a simulated fleet in a process of its own, so that a busy fleet never holds up the app.
 * `program` is the bundled fleet, beside the running bundle unless given. Throws LAB_FAILED.
 */
export async function startSimulation(
  { hosts, guests, seed = 1 }: { hosts: number; guests: number; seed?: number },
  program: string = findProgram(),
): Promise<RunningSimulation> {
  const child = fork(program, ['--hosts', String(hosts), '--guests', String(guests), '--seed', String(seed)], {
    stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  // When it is gone already, there is nobody left to close the input of.
  child.stdin?.on('error', () => {})
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-2000)
  })
  const firstLine = new Promise<string>((resolve, reject) => {
    if (child.stdout) createInterface({ input: child.stdout }).once('line', resolve)
    child.once('error', reject)
    void ended.then(() => reject(new Error(errors || 'It ended without a word.')))
  })
  try {
    const described = readySchema.parse(JSON.parse(await firstLine))
    return {
      hosts: described.hosts.map(({ hostKeyLine, ...host }) => ({
        ...host,
        simulated: true,
        hostKey: Buffer.from(hostKeyLine.split(' ')[2] ?? '', 'base64'),
      })),
      async stop() {
        child.stdin?.end()
        await ended
      },
    }
  } catch (thrown) {
    child.kill()
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    throw new ProblemError('LAB_FAILED', `The simulated fleet did not start: ${reason.split('\n')[0]}`, {
      hint,
      cause: thrown,
      context: { output: errors },
    })
  }
}

// This text may be in the bundle of an entry or in a chunk one folder below.
function findProgram(): string {
  const places = ['./simulated.js', '../simulated.js'].map((place) => fileURLToPath(new URL(place, import.meta.url)))
  const found = places.find((place) => existsSync(place))
  if (!found)
    throw new ProblemError('LAB_FAILED', `The simulated fleet is not built: ${places[0]} is missing.`, {
      hint: 'Run npm run build.',
    })
  return found
}
