import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Guest } from '../../../src-shared/models/guest'
import type { Connection } from '../../../src-shared/models/host'
import { ProblemError } from '../../../src-shared/problem'
import type { RemoteProcess } from '../../ssh/remote-process'
import type { ConsoleHost } from '../reader'

/**
 * A host whose commands run on this machine, with a shell script in place of xenconsole: it takes the lock as the real one
 * does (xen 4.17 tools/console/client), then runs what the test gave as the domain's console.
 */
export type PretendHost = ConsoleHost & {
  folder: string
  /** Starts a domain for the guest; `console` is a shell script on its stdin and stdout. */
  /** Without `tty` xenconsoled has not made the pty yet; `makeTty` does. */
  boot(guestId: string, domid: number, console: string, options?: { tty: boolean }): Promise<void>
  makeTty(domid: number): Promise<void>
  /** Ends the domain, and with it its console. */
  destroy(guestId: string): Promise<void>
  /** Cuts the link: what runs on the host runs on. */
  cut(): void
  reconnect(): void
  /** Pid of the running xenconsole of a domain. */
  consolePid(domid: number): Promise<number | undefined>
  /** Runs a shell command as somebody else on the host. */
  shell(script: string): { pid: number; kill(): void }
  remove(): Promise<void>
}

const xenconsole = `#!/bin/sh
for domid; do :; done
exec 8>"$DOMDECK_XEN_LOCK/xenconsole.$domid"
flock -n 8 || { echo "xenconsole: Could not lock xenconsole.$domid: Resource temporarily unavailable" >&2; exit 11; }
[ -e "$PRETEND/store/local/domain/$domid/console/tty" ] || { echo 'xenconsole: Could not read tty from store: No such file or directory' >&2; exit 2; }
echo $$ >"$PRETEND/$domid.pid"
echo "$*" >"$PRETEND/$domid.args"
. "$PRETEND/$domid.sh"
`
const xenstoreRead = `#!/bin/sh
exec cat "$PRETEND/store$1" 2>/dev/null
`

export async function makePretendHost(id = 'dom0-a'): Promise<PretendHost> {
  const folder = await mkdtemp(join(tmpdir(), 'domdeck-consoles-'))
  await Promise.all(['bin', 'lock', 'store'].map((name) => mkdir(join(folder, name))))
  for (const [name, text] of Object.entries({ xenconsole, 'xenstore-read': xenstoreRead })) {
    await writeFile(join(folder, 'bin', name), text)
    await chmod(join(folder, 'bin', name), 0o755)
  }
  const env = {
    PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
    PRETEND: folder,
    DOMDECK_XENCONSOLE: join(folder, 'bin/xenconsole'),
    DOMDECK_XEN_LOCK: join(folder, 'lock'),
    DOMDECK_ROOT: folder,
  }
  const guests = new Map<string, Guest>()
  let connection: Connection = { phase: 'ready', since: 0 }
  const listeners = new Map<string, Set<(payload: never) => void>>()
  const links = new Set<() => void>()
  const started = new Set<number>()
  const emit = (event: string, payload?: unknown) => {
    for (const listener of [...(listeners.get(event) ?? [])]) listener(payload as never)
  }
  const makeTty = (domid: number) => writeFile(join(folder, `store/local/domain/${domid}/console/tty`), '/dev/pts/1\n')
  const setDomid = (guestId: string, domid: number | undefined) => {
    const guest: Guest = {
      hostId: id,
      id: guestId,
      name: 'web-07',
      state: domid === undefined ? 'halted' : 'running',
      ...(domid === undefined ? {} : { domid }),
      memoryMb: 256,
      vcpus: 1,
      disks: [],
      nics: [],
    }
    guests.set(guestId, guest)
    emit('guests', { changed: [guest], removed: [] })
  }
  const pidOf = async (domid: number) => {
    const path = join(folder, `${domid}.pid`)
    const pid = existsSync(path) ? Number(await readFile(path, 'utf8')) : 0
    return pid > 0 && isAlive(pid) ? pid : undefined
  }

  return {
    folder,
    settings: { id, name: id, address: 'localhost', port: 22, user: 'root', storageRoot: '/srv/domdeck', simulated: true },
    get connection() {
      return connection
    },
    guests,
    async refresh() {
      if (connection.phase !== 'ready') throw new ProblemError('HOST_NOT_READY', `${id} is not connected.`)
    },
    async stream(argv) {
      if (connection.phase !== 'ready') throw new ProblemError('HOST_NOT_READY', `${id} is not connected.`)
      const child = spawn(argv[0], argv.slice(1), { env, stdio: 'pipe' })
      if (child.pid) started.add(child.pid)
      let left: ((error: Error) => void) | undefined
      const exited = new Promise<{ exitCode: number }>((resolve, reject) => {
        left = reject
        child.on('close', (code) => resolve({ exitCode: code ?? 143 }))
      })
      exited.catch(() => undefined)
      const lost = () => left?.(new ProblemError('CONNECTION_LOST', `${id} is lost.`))
      links.add(lost)
      child.stdin.on('error', () => undefined)
      const remote: RemoteProcess = {
        onStdout: (listener) => void child.stdout.on('data', (chunk: Buffer) => links.has(lost) && listener(chunk)),
        onStderr: (listener) => void child.stderr.on('data', listener),
        write: (bytes) => !links.has(lost) || child.stdin.write(bytes),
        onDrain: (listener) => void child.stdin.on('drain', listener),
        end: () => void child.stdin.end(),
        pause: () => void child.stdout.pause(),
        resume: () => void child.stdout.resume(),
        exited,
        close() {
          if (links.delete(lost)) child.stdin.end()
          lost()
        },
      }
      return remote
    },
    ask: () => Promise.reject(new Error('not asked here')),
    async run(argv) {
      if (connection.phase !== 'ready') throw new ProblemError('HOST_NOT_READY', `${id} is not connected.`)
      const { status, stdout, stderr } = spawnSync(argv[0], argv.slice(1), { env })
      return { exitCode: status ?? 143, stdout, stderr }
    },
    openShell: () => Promise.reject(new Error('no shell here')),
    dialGuest: () => Promise.reject(new Error('no guest to dial here')),
    trustGuest: () => Promise.reject(new Error('no guest to trust here')),
    on(event, listener) {
      const all = listeners.get(event) ?? new Set()
      listeners.set(event, all.add(listener as (payload: never) => void))
      return () => void all.delete(listener as (payload: never) => void)
    },
    async boot(guestId, domid, console, { tty } = { tty: true }) {
      await writeFile(join(folder, `${domid}.sh`), console)
      await mkdir(join(folder, `store/local/domain/${domid}/console`), { recursive: true })
      if (tty) await makeTty(domid)
      await writeFile(join(folder, `store/local/domain/${domid}/vm`), `/vm/${guestId}\n`)
      setDomid(guestId, domid)
    },
    makeTty,
    async destroy(guestId) {
      const domid = guests.get(guestId)?.domid
      if (domid === undefined) return
      await rm(join(folder, `store/local/domain/${domid}`), { recursive: true })
      guests.set(guestId, { ...(guests.get(guestId) as Guest), state: 'halted', domid: undefined } as unknown as Guest)
      const pid = await pidOf(domid)
      if (pid) process.kill(pid)
      emit('guests', { changed: [guests.get(guestId)], removed: [] })
    },
    cut() {
      connection = { phase: 'idle' }
      for (const lose of [...links]) {
        links.delete(lose)
        lose()
      }
      emit('change')
      emit('lost')
    },
    reconnect() {
      connection = { phase: 'ready', since: 1 }
      emit('change')
      emit('ready')
    },
    consolePid: pidOf,
    shell(script) {
      const child = spawn('sh', ['-c', script], { env, stdio: ['pipe', 'ignore', 'ignore'] })
      started.add(child.pid as number)
      return { pid: child.pid as number, kill: () => void child.kill() }
    },
    async remove() {
      for (const file of await readdir(folder)) {
        if (file.endsWith('.pid')) started.add(Number(readFileSync(join(folder, file), 'utf8')))
      }
      for (const pid of started) if (pid > 0 && isAlive(pid)) process.kill(pid, 'SIGKILL')
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
    },
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
