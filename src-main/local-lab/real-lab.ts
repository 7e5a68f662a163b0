import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { z } from 'zod'
import type { LabEvent } from '../../src-shared/contract/local-lab'
import type { HostSettings } from '../../src-shared/models/host'
import { ProblemError } from '../../src-shared/problem'

/** Where the lab's scripts are and what they see; the project's own and this process's environment unless given. */
export type RealLab = { folder?: string; environment?: NodeJS.ProcessEnv }

/** The lab's dom0 as a host to add, with the key it must show. */
export type RealLabHost = Omit<HostSettings, 'id'> & { port: number; hostKey: Buffer }

const execute = promisify(execFile)

/** What `lab/status` prints. */
const scriptStatusSchema = z.object({
  built: z.boolean(),
  running: z.boolean(),
  pid: z.number().nullable(),
  port: z.number(),
  key: z.string().nullable(),
  hostKey: z.string().nullable(),
})

/** `lab/` beside the packaged app, or in the project above this file (which the bundler may have moved). */
function findFolder(): string | undefined {
  const packaged = process.resourcesPath ? join(process.resourcesPath, 'lab') : ''
  if (existsSync(join(packaged, 'build')) && packaged) return packaged
  let above = import.meta.dirname
  while (!existsSync(join(above, 'lab', 'build'))) {
    if (above === dirname(above)) return undefined
    above = dirname(above)
  }
  return join(above, 'lab')
}

async function scriptStatus({ folder = findFolder(), environment = process.env }: RealLab) {
  if (!folder) throw new ProblemError('LAB_FAILED', "The lab's scripts are not part of this installation.")
  try {
    const { stdout } = await execute(join(folder, 'status'), { env: environment })
    return { folder, ...scriptStatusSchema.parse(JSON.parse(stdout)) }
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : ''
    throw new ProblemError('LAB_FAILED', `The state of the local lab cannot be read${said ? `: ${said}` : '.'}`, { cause })
  }
}

/** Can a lab be built here? The reason why not, or undefined. */
async function obstacle(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'The real Xen lab needs a Linux workstation.'
  if (!existsSync('/usr/bin/apt-get')) return 'Building the real Xen lab needs Debian or a system made from it.'
  if (process.getuid?.() === 0) return undefined
  try {
    await execute('sudo', ['-n', 'true'], { env: environment })
    return undefined
  } catch {
    return 'Building the real Xen lab needs root: run lab/build as root once, or allow this user sudo without a password.'
  }
}

/** What the welcome screen offers. Never throws: a lab that cannot be looked at is not possible, and says why. */
export async function labStatus(
  lab: RealLab = {},
): Promise<{ possible: boolean; reason?: string; built: boolean; running: boolean }> {
  try {
    const { built, running } = await scriptStatus(lab)
    const reason = built ? undefined : await obstacle(lab.environment ?? process.env)
    return { possible: reason === undefined, ...(reason ? { reason } : {}), built, running }
  } catch (thrown) {
    if (!(thrown instanceof ProblemError)) throw thrown
    return { possible: false, reason: thrown.message, built: false, running: false }
  }
}

/** The lab's dom0 as it was built, whether it runs or not; undefined before the first build. */
export async function knownLab(lab: RealLab = {}): Promise<RealLabHost | undefined> {
  try {
    const { port, key, hostKey } = await scriptStatus(lab)
    if (!key || !hostKey) return undefined
    const [, blob = ''] = (await readFile(hostKey, 'utf8')).split(' ')
    return {
      name: 'xen-lab',
      address: '127.0.0.1',
      port,
      user: 'root',
      keyPath: key,
      storageRoot: '/srv/domdeck',
      simulated: false,
      hostKey: Buffer.from(blob, 'base64'),
    }
  } catch (thrown) {
    if (thrown instanceof ProblemError) return undefined
    throw thrown
  }
}

/**
 * Builds the lab if need be and starts it; yields its lines and returns the host to add. The machine goes on when this
 * process ends. Aborting ends the script under way; a half build is taken up again the next time. Throws LAB_FAILED.
 */
export async function* startLab(signal?: AbortSignal, lab: RealLab = {}): AsyncGenerator<LabEvent, RealLabHost, undefined> {
  const environment = lab.environment ?? process.env
  const { folder, built } = await scriptStatus(lab)
  const reason = built ? undefined : await obstacle(environment)
  if (reason) throw new ProblemError('LAB_FAILED', reason)
  if (!built) {
    yield { type: 'line', text: 'Building the lab, once: about five minutes' }
    yield* linesOf(join(folder, 'build'), environment, signal)
  }
  yield* linesOf(join(folder, 'up'), environment, signal)
  const host = await knownLab(lab)
  if (!host) throw new ProblemError('LAB_FAILED', 'The lab started, but its keys are missing. Run lab/build again.')
  return host
}

/** Runs a script of the lab; yields what it prints on either stream, and throws LAB_FAILED with the end of that. */
async function* linesOf(
  program: string,
  environment: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): AsyncGenerator<LabEvent, void, undefined> {
  signal?.throwIfAborted()
  // A process group of its own, so that an abort reaches what the script has started.
  const child = spawn(program, { env: environment, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const ended = once(child, 'exit').then(
    ([exitCode]: (number | null)[]) => exitCode ?? -1,
    (cause: unknown) => {
      throw new ProblemError('LAB_FAILED', `${program} cannot be run.`, { cause })
    },
  )
  ended.catch(() => {})
  const lines = createInterface({ input: child.stdout })
  const stop = (): void => {
    // What the script has started may hold its output open for longer than itself.
    lines.close()
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM')
    } catch (thrown) {
      if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ESRCH')) throw thrown
    }
  }
  signal?.addEventListener('abort', stop, { once: true })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-4000)
  })
  try {
    for await (const text of lines) yield { type: 'line', text }
    const exitCode = await ended
    signal?.throwIfAborted()
    if (exitCode === 0) return
    const said = errors.trim().split('\n')
    throw new ProblemError('LAB_FAILED', said.at(-1) || `${program} failed.`, {
      context: { command: program, exitCode, output: said.slice(-20).join('\n') },
    })
  } finally {
    signal?.removeEventListener('abort', stop)
    // Nobody listens any more: what still runs would only be in the way of the next try. The machine itself is a daemon
    // in a session of its own.
    if (child.exitCode === null) stop()
  }
}
