import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ProblemError } from '../../../src-shared/problem'
import type { Argv } from '../../ssh/quote'
import type { RemoteProcess } from '../../ssh/remote-process'
import type { JobHost } from '../job-host'

/** A host that is a folder of this machine: programs run here, as they would behind SSH, each in a session of its own. */
export type LocalHost = JobHost & {
  readonly folder: string
  /** `settings.storageRoot` */
  readonly root: string
  /** The folder of a job. */
  jobFolder(id: string): string
  /** Cuts the link: every process that is open now loses its pipes and goes on, and nothing can be asked until `join`. */
  cut(): void
  join(): void
  /** Removes the folder. */
  remove(): void
}

/** Makes one under the folder for temporary files, or in `folder`, such as a mount of a test. */
export function makeLocalHost(folder = mkdtempSync(join(tmpdir(), 'domdeck-host-')), id = 'local'): LocalHost {
  const root = join(folder, 'root')
  mkdirSync(root, { recursive: true })
  const env = {
    PATH: process.env.PATH,
    DOMDECK_STATE: join(folder, 'state'),
    DOMDECK_RUN: join(folder, 'run'),
    DOMDECK_ETC_XEN: join(folder, 'etc-xen'),
    DOMDECK_DETACH: 'setsid',
  }
  const lost = () => new ProblemError('CONNECTION_LOST', 'The link was cut by a test.')
  const open = new Set<() => void>()
  let joined = true

  async function stream([program, ...args]: Argv): Promise<RemoteProcess> {
    if (!joined) throw lost()
    const child = spawn(program, args, { env, detached: true, stdio: 'pipe' })
    child.stdin.on('error', () => undefined)
    let leave = (): void => undefined
    const exited = new Promise<{ exitCode: number }>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code) => resolve({ exitCode: code ?? 255 }))
      leave = () => {
        reject(lost())
        for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.destroy()
      }
    })
    open.add(leave)
    exited.catch(() => undefined).finally(() => open.delete(leave))
    return {
      onStdout: (listener) => child.stdout.on('data', listener),
      onStderr: (listener) => child.stderr.on('data', listener),
      write: (bytes) => child.stdin.write(bytes),
      onDrain: (listener) => void child.stdin.on('drain', listener),
      end: () => child.stdin.end(),
      pause: () => child.stdout.pause(),
      resume: () => child.stdout.resume(),
      exited,
      close: leave,
    }
  }

  async function run(argv: Argv, { stdin }: { stdin?: string } = {}) {
    const opened = await stream(argv)
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    opened.onStdout((chunk) => stdout.push(chunk))
    opened.onStderr((chunk) => stderr.push(chunk))
    if (stdin !== undefined) opened.write(Buffer.from(stdin))
    opened.end()
    const { exitCode } = await opened.exited
    return { stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr), exitCode }
  }

  return {
    settings: { id, name: id, address: 'localhost', port: 22, user: 'root', storageRoot: root, simulated: false },
    // There is nothing to look at but its files.
    refresh: async () => undefined,
    guests: new Map(),
    folder,
    root,
    jobFolder: (jobId) => join(env.DOMDECK_STATE, 'jobs', jobId),
    run,
    stream,
    async ask(argv) {
      const { stdout, stderr, exitCode } = await run(argv)
      return { stdout: stdout.toString(), stderr: stderr.toString(), exitCode }
    },
    cut() {
      joined = false
      for (const leave of [...open]) leave()
    },
    join() {
      joined = true
    },
    // A job that was cut off may still be writing there.
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 40, retryDelay: 50 }),
  }
}
