import { type ChildProcess, spawn } from 'node:child_process'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import ssh2, { type AuthenticationType, type ClientInfo, type Connection, type ServerChannel, type Session } from 'ssh2'
import { type KeyPair, makeKeyPair } from './keys'

/** The SSH server of one pretend host, with the faults that tests switch on. */
export type SshHost = {
  readonly port: number
  readonly hostKey: KeyPair
  /** Drops every connection, as when a cable is pulled and put back. */
  cut(): void
  /** While on, nothing comes in and nothing goes out, and no connection ends. */
  stall(on: boolean): void
  /** Refuses the next `count` sessions. */
  refuseSessions(count: number): void
  /** Delays the start of every command by `ms`. */
  slow(ms: number): void
  /** Answers with another host key from now on, and drops every connection. */
  changeHostKey(): void
  /** While off, drops every connection and refuses new ones. */
  power(on: boolean): void
  close(): Promise<void>
}

/** OpenSSH's MaxSessions. */
const maxSessions = 10

/**
 * Starts an SSH server on a free port of 127.0.0.1 that lets in user root with `clientKey` and runs each command by
 * `sh -c` with exactly `environment`, in `home`, as sshd does.
 */
export async function startSshHost(options: {
  clientKey: KeyPair
  home: string
  environment: Record<string, string>
  /** Lets root in by this password, too. */
  password?: string
  /** The port of this machine that stands for an address behind the host; undefined where nobody answers. */
  behind?: (address: string, port: number) => number | undefined
}): Promise<SshHost> {
  const allowed = Buffer.from(options.clientKey.public.split(' ')[1] ?? '', 'base64')
  const sockets = new Set<Socket>()
  let hostKey = makeKeyPair()
  let stalled = false
  let powered = true
  let refusals = 0
  let delayMs = 0

  const serverWith = (key: KeyPair) =>
    new ssh2.Server({ hostKeys: [key.private], ident: 'OpenSSH_9.2p1 Debian-2+deb12u7 (simulated)' }, serveClient)
  let server = serverWith(hostKey)

  function serveClient(client: Connection, from: ClientInfo): void {
    let sessions = 0
    // A client that vanishes in the middle of a handshake is no news.
    client.on('error', () => {})
    client.on('authentication', (attempt) => {
      const methods: AuthenticationType[] = options.password === undefined ? ['publickey'] : ['publickey', 'password']
      if (attempt.username !== 'root') return attempt.reject(methods)
      if (attempt.method === 'password' && options.password !== undefined && attempt.password === options.password) {
        return attempt.accept()
      }
      if (attempt.method !== 'publickey') return attempt.reject(methods)
      const offered = attempt.key
      if (offered.algo !== 'ssh-ed25519' || !offered.data.equals(allowed)) return attempt.reject(methods)
      if (!attempt.signature) return attempt.accept()
      const key = ssh2.utils.parseKey(options.clientKey.public)
      if (key instanceof Error || key.verify(attempt.blob ?? Buffer.alloc(0), attempt.signature) !== true) return attempt.reject()
      attempt.accept()
    })
    client.on('tcpip', (accept, reject, { destIP, destPort }) => {
      const port = options.behind?.(destIP, destPort)
      if (port === undefined) return reject()
      const socket = connect(port, '127.0.0.1')
      const channel = accept()
      for (const end of [socket, channel]) end.on('error', () => {})
      socket.pipe(channel).pipe(socket)
      channel.on('close', () => socket.destroy())
    })
    client.on('session', (accept, reject) => {
      if (refusals > 0 || sessions >= maxSessions) {
        if (refusals > 0) refusals -= 1
        reject()
        return
      }
      sessions += 1
      const session = accept()
      session.on('close', () => {
        sessions -= 1
      })
      serveSession(session, `${from.ip} ${from.port} 127.0.0.1 ${port}`)
    })
  }

  function serveSession(session: Session, sshConnection: string): void {
    let child: ChildProcess | undefined
    let pty: Pty | undefined
    const start = (channel: ServerChannel, argv: string[]) => {
      const begin = () => {
        const environment = { ...options.environment, SSH_CONNECTION: sshConnection }
        child = runCommand(channel, argv, options.home, environment, pty)
      }
      if (delayMs > 0) setTimeout(begin, delayMs)
      else begin()
    }
    session.on('pty', (accept, _reject, { term, rows, cols }) => {
      pty = { term, rows, columns: cols }
      accept?.()
    })
    session.on('window-change', (_accept, _reject, { rows, cols }) => {
      if (pty) Object.assign(pty, { rows, columns: cols })
      if (child) resize(child, { rows, columns: cols })
    })
    session.on('env', (_accept, reject) => reject?.())
    session.on('exec', (accept, _reject, info) => start(accept(), ['-c', info.command]))
    session.on('shell', (accept) => start(accept(), []))
    session.on('sftp', (_accept, reject) => reject())
    session.on('signal', (accept, _reject, info) => {
      accept?.()
      if (child?.pid !== undefined && child.exitCode === null) process.kill(-child.pid, `SIG${info.name}` as NodeJS.Signals)
    })
  }

  // sshd answers at once; without it each answer would wait for the acknowledgement of the one before, some 40 ms.
  const listener = createServer({ noDelay: true }, (socket) => {
    if (!powered) {
      socket.resetAndDestroy()
      return
    }
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    server.injectSocket(socket)
    if (stalled) hold(socket, true)
  })
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject)
    listener.listen(0, '127.0.0.1', resolve)
  })
  const { port } = listener.address() as AddressInfo
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy()
  }

  return {
    port,
    get hostKey() {
      return hostKey
    },
    cut,
    stall(on) {
      stalled = on
      for (const socket of sockets) hold(socket, on)
    },
    refuseSessions(count) {
      refusals = count
    },
    slow(ms) {
      delayMs = ms
    },
    changeHostKey() {
      hostKey = makeKeyPair()
      server = serverWith(hostKey)
      cut()
    },
    power(on) {
      powered = on
      if (!on) cut()
    },
    async close() {
      cut()
      await new Promise<void>((resolve) => listener.close(() => resolve()))
    },
  }
}

/** Corking holds what goes out, pausing what comes in. */
function hold(socket: Socket, on: boolean): void {
  if (on) {
    socket.pause()
    socket.cork()
  } else {
    socket.uncork()
    socket.resume()
  }
}

type Pty = { term: string; rows: number; columns: number }

/**
 * Runs one command on a channel as sshd does: a process group of its own, which a lost channel does not kill but leaves
 * with a closed input and output; the channel ends when the command has ended and nobody holds its output any more. On a pty, which
 * util-linux's `script` makes, a lost channel hangs up.
 */
function runCommand(
  channel: ServerChannel,
  argv: string[],
  home: string,
  environment: Record<string, string>,
  pty: Pty | undefined,
): ChildProcess {
  const child = pty
    ? spawn('/usr/bin/script', ['-qefc', onPty, '/dev/null'], {
        cwd: home,
        env: {
          ...environment,
          TERM: pty.term,
          SIM_COMMAND: argv[1] ?? 'exec sh -i',
          SIM_ROWS: String(pty.rows),
          SIM_COLUMNS: String(pty.columns),
        },
        detached: true,
        stdio: 'pipe',
      })
    : spawn('/bin/sh', argv, { cwd: home, env: environment, detached: true, stdio: 'pipe' })
  // Writing to a command that reads no more, or to a channel that is gone, is an everyday thing.
  for (const stream of [child.stdin, child.stdout, child.stderr, channel]) stream.on('error', () => {})
  channel.pipe(child.stdin)
  child.stdout.pipe(channel, { end: false })
  child.stderr.pipe(channel.stderr, { end: false })
  channel.on('close', () => {
    child.stdin.destroy()
    child.stdout.destroy()
    child.stderr.destroy()
    if (pty && child.exitCode === null) child.kill('SIGHUP')
  })
  child.on('error', () => channel.close())
  child.on('close', (code, signal) => {
    if (signal) channel.exit(signal.replace(/^SIG/, ''), false, '')
    else channel.exit(code ?? 255)
    channel.end()
  })
  return child
}

/** The size first, then what was asked for. */
const onPty = 'stty rows "$SIM_ROWS" cols "$SIM_COLUMNS"; exec sh -c "$SIM_COMMAND"'

/** Sets the size of the pty whose other end the child of `script` has; the kernel tells the programs on it. */
function resize({ pid }: ChildProcess, { rows, columns }: Omit<Pty, 'term'>): void {
  const command = 'stty -F "$(readlink "/proc/$(cut -d" " -f1 "/proc/$0/task/$0/children")/fd/0")" rows "$1" cols "$2"'
  spawn('/bin/sh', ['-c', command, String(pid), String(rows), String(columns)], { stdio: 'ignore' })
}
