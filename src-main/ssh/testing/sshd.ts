import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { appendFile, chmod, chown, copyFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const program = '/usr/sbin/sshd'

/** Whether this machine has OpenSSH's server (Debian: openssh-server). */
export const haveSshd = existsSync(program)

/** A user who exists for the server alone, with a password: see `accountUid`. */
export type TestAccount = {
  name: string
  password: string
  /** Lines of PAM's `auth`; the password by default. */
  pam?: string[]
  sudoers?: string[]
}

/** Whose processes a test account's are. */
export const accountUid = 4242

/** Whether this machine lets a test have accounts: a server of root, in a mount namespace with an /etc of its own. */
export const haveAccounts =
  haveSshd &&
  process.getuid?.() === 0 &&
  spawnSync('unshare', ['--mount', 'mount', '--bind', tmpdir(), '/etc'], { stdio: 'ignore' }).status === 0

/** A real sshd on loopback, in a temporary folder that is also the HOME of whoever dials it. */
export type TestSshd = {
  port: number
  user: string
  /** A temporary HOME with a key in `.ssh`, which the server accepts, and no known_hosts. */
  homeDir: string
  keyPath: string
  /** The public host key as SSH sends it, and its line for known_hosts. */
  hostKey: Buffer
  knownHostsLine: string
  /** What sshd logged so far (its LogLevel is VERBOSE). */
  log(): string
  /** Ends every connection, those that log in too, and what runs on them; the server stays. */
  cut(): void
  /** Gives the test account another password from now on. */
  setPassword(password: string): Promise<void>
  /** Ends every connection, and leaves what root runs on them, as when the client has gone. */
  hangUp(): void
  /** Ends the server and its connections, and removes the folder. */
  stop(): Promise<void>
}

/**
 * Starts it; `config` holds further lines of sshd_config, `hostKeyTypes` the host keys to make (the first is reported). With an
 * `account` it asks PAM, and the machine's own /etc stays as it is.
 */
export async function startSshd({
  config = [],
  hostKeyTypes = ['ed25519'],
  clientKeyType = 'ed25519',
  account,
  port: givenPort,
}: {
  config?: string[]
  hostKeyTypes?: ('ed25519' | 'ecdsa' | 'rsa')[]
  clientKeyType?: 'ed25519' | 'ecdsa' | 'rsa'
  account?: TestAccount
  /** A port that an earlier server has left. */
  port?: number
} = {}): Promise<TestSshd> {
  const folder = await mkdtemp(join(tmpdir(), 'domdeck-sshd-'))
  // sshd reads it as the user that logs in.
  await chmod(folder, 0o755)
  const authorizedKeys = join(folder, 'authorized_keys')
  const homeDir = join(folder, 'home')
  const keyPath = join(homeDir, '.ssh', `id_${clientKeyType}`)
  await mkdir(join(homeDir, '.ssh'), { recursive: true, mode: 0o700 })
  const makeKey = (path: string, type: string) =>
    execFileSync('ssh-keygen', ['-q', '-t', type, ...(type === 'rsa' ? ['-b', '2048'] : []), '-N', '', '-C', 'test', '-f', path])
  makeKey(keyPath, clientKeyType)
  await copyFile(`${keyPath}.pub`, authorizedKeys)
  for (const type of hostKeyTypes) makeKey(join(folder, `host_${type}`), type)
  // sshd of root refuses to start without its privilege separation folder.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true })
  const port = givenPort ?? (await freePort())
  await writeFile(
    join(folder, 'sshd_config'),
    [
      ...config,
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      ...hostKeyTypes.map((type) => `HostKey ${join(folder, `host_${type}`)}`),
      `AuthorizedKeysFile ${authorizedKeys}`,
      'PidFile none',
      `UsePAM ${account ? 'yes' : 'no'}`,
      'StrictModes no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin yes',
      'MaxSessions 10',
      'LogLevel VERBOSE',
      '',
    ].join('\n'),
  )
  const command = [program, '-D', '-e', '-f', join(folder, 'sshd_config')] as const
  const etc = account && (await makeEtc(folder, account))
  const inside = ['--mount', 'sh', '-c', 'mount --bind "$0" /etc && exec "$@"']
  const [file, ...args] = etc ? (['unshare', ...inside, etc, ...command] as const) : command
  const server = spawn(file, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  // A run of tests that is broken off must leave no server behind.
  const killAll = () => server.pid && kill(treeOf(server.pid))
  process.once('exit', killAll)
  let log = ''
  server.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString()
  })
  await untilListening(port, server, () => log)
  const [type = '', base64 = ''] = (await readFile(join(folder, `host_${hostKeyTypes[0]}.pub`), 'utf8')).split(' ')
  return {
    port,
    user: account?.name ?? userInfo().username,
    homeDir,
    keyPath,
    hostKey: Buffer.from(base64, 'base64'),
    knownHostsLine: `[127.0.0.1]:${port} ${type} ${base64}`,
    log: () => log,
    async setPassword(password) {
      if (!etc || !account) throw new Error('There is no account.')
      const shadow = join(etc, 'shadow')
      const others = (await readFile(shadow, 'utf8')).split('\n').filter((line) => !line.startsWith(`${account.name}:`))
      await writeFile(shadow, [shadowLine({ ...account, password }), ...others].join('\n'))
    },
    cut: () => server.pid && kill(treeOf(server.pid).slice(1)),
    hangUp: () => server.pid && kill(childrenOf(server.pid)),
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

/** A copy of /etc in which the account exists. */
async function makeEtc(folder: string, account: TestAccount): Promise<string> {
  const { name, pam, sudoers } = account
  const etc = join(folder, 'etc')
  const home = join(folder, 'account')
  await cp('/etc', etc, { recursive: true, verbatimSymlinks: true })
  await mkdir(home)
  await chown(home, accountUid, accountUid)
  await appendFile(join(etc, 'passwd'), `${name}:x:${accountUid}:${accountUid}::${home}:/bin/sh\n`)
  await appendFile(join(etc, 'group'), `${name}:x:${accountUid}:\n`)
  await appendFile(join(etc, 'shadow'), `${shadowLine(account)}\n`)
  const auth = pam ?? ['required pam_unix.so nodelay']
  const service = [...auth.map((line) => `auth ${line}`), 'account required pam_unix.so', 'session required pam_permit.so', '']
  for (const one of ['sshd', 'sudo']) await writeFile(join(etc, 'pam.d', one), service.join('\n'))
  if (sudoers) {
    // sudo keeps its timestamps and whom it has lectured outside of /etc.
    const own = `Defaults timestampdir=${join(folder, 'sudo')}, lecture=never`
    await rm(join(etc, 'sudoers'), { force: true })
    await writeFile(join(etc, 'sudoers'), [own, ...sudoers, ''].join('\n'), { mode: 0o440 })
  }
  return etc
}

function shadowLine({ name, password }: TestAccount): string {
  const hash = execFileSync('openssl', ['passwd', '-6', '-stdin'], { input: password }).toString().trim()
  return `${name}:${hash}:19000:0:99999:7:::`
}

/** The process and all below it: sshd puts every connection into a session of its own, so its process group is not enough. */
function treeOf(root: number): number[] {
  const pairs = processes()
  const tree = [root]
  for (const parent of tree) {
    for (const [pid, ppid] of pairs) if (pid !== undefined && ppid === parent) tree.push(pid)
  }
  return tree
}

const childrenOf = (parent: number): number[] =>
  processes().flatMap(([pid, ppid]) => (pid !== undefined && ppid === parent ? [pid] : []))

/** Of each process of this machine, its id and that of its parent. */
function processes(): number[][] {
  return execFileSync('ps', ['-e', '-o', 'pid=,ppid='])
    .toString()
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
}

function kill(pids: readonly number[]): void {
  for (const pid of pids) {
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
