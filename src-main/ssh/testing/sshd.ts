import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const program = '/usr/sbin/sshd'

/** Whether this machine has OpenSSH's server (Debian: openssh-server). */
export const haveSshd = existsSync(program)

/** A real sshd on loopback, in a temporary folder that is also the HOME of whoever dials it. */
export type TestSshd = {
  port: number
  user: string
  /** A temporary HOME with `.ssh/id_ed25519`, which the server accepts, and no known_hosts. */
  homeDir: string
  keyPath: string
  /** The public host key as SSH sends it, and its line for known_hosts. */
  hostKey: Buffer
  knownHostsLine: string
  /** What sshd logged so far (its LogLevel is VERBOSE). */
  log(): string
  /** Ends the server and its connections, and removes the folder. */
  stop(): Promise<void>
}

/** Starts it; `config` holds further lines of sshd_config, `hostKeyTypes` the host keys to make (the first is reported). */
export async function startSshd({
  config = [],
  hostKeyTypes = ['ed25519'],
}: {
  config?: string[]
  hostKeyTypes?: ('ed25519' | 'ecdsa' | 'rsa')[]
} = {}): Promise<TestSshd> {
  const folder = await mkdtemp(join(tmpdir(), 'domdeck-sshd-'))
  const homeDir = join(folder, 'home')
  const keyPath = join(homeDir, '.ssh', 'id_ed25519')
  await mkdir(join(homeDir, '.ssh'), { recursive: true, mode: 0o700 })
  const makeKey = (path: string, type: string) =>
    execFileSync('ssh-keygen', ['-q', '-t', type, ...(type === 'rsa' ? ['-b', '2048'] : []), '-N', '', '-C', 'test', '-f', path])
  makeKey(keyPath, 'ed25519')
  for (const type of hostKeyTypes) makeKey(join(folder, `host_${type}`), type)
  // sshd of root refuses to start without its privilege separation folder.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true })
  const port = await freePort()
  await writeFile(
    join(folder, 'sshd_config'),
    [
      ...config,
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      ...hostKeyTypes.map((type) => `HostKey ${join(folder, `host_${type}`)}`),
      `AuthorizedKeysFile ${keyPath}.pub`,
      'PidFile none',
      'UsePAM no',
      'StrictModes no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin yes',
      'MaxSessions 10',
      'LogLevel VERBOSE',
      '',
    ].join('\n'),
  )
  const server = spawn(program, ['-D', '-e', '-f', join(folder, 'sshd_config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  // A run of tests that is broken off must leave no server behind.
  const killAll = () => server.pid && killTree(server.pid)
  process.once('exit', killAll)
  let log = ''
  server.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString()
  })
  await untilListening(port, server, () => log)
  const [type = '', base64 = ''] = (await readFile(join(folder, `host_${hostKeyTypes[0]}.pub`), 'utf8')).split(' ')
  return {
    port,
    user: userInfo().username,
    homeDir,
    keyPath,
    hostKey: Buffer.from(base64, 'base64'),
    knownHostsLine: `[127.0.0.1]:${port} ${type} ${base64}`,
    log: () => log,
    async stop() {
      const ended = new Promise((resolve) => server.once('exit', resolve))
      process.off('exit', killAll)
      if (server.exitCode === null && server.signalCode === null) {
        killAll()
        await ended
      }
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
    },
  }
}

/** sshd puts every connection into a session of its own, so its process group is not enough. */
function killTree(root: number): void {
  const pairs = execFileSync('ps', ['-e', '-o', 'pid=,ppid='])
    .toString()
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
  const tree = [root]
  for (const parent of tree) {
    for (const [pid, ppid] of pairs) if (pid !== undefined && ppid === parent) tree.push(pid)
  }
  for (const pid of tree) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** A port that is free now; sshd cannot choose one itself. */
async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

async function untilListening(port: number, server: ChildProcess, log: () => string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (server.exitCode !== null) throw new Error(`sshd did not start: ${log()}`)
    const up = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => resolve(socket.destroy() !== undefined))
      socket.once('error', () => resolve(false))
    })
    if (up) return
    await wait(20)
  }
  throw new Error(`sshd did not listen on port ${port}: ${log()}`)
}
