import { generateKeyPairSync } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2, { type Algorithms, type AuthContext, type ServerChannel } from 'ssh2'
import { formatKnownHostsLine } from '../known-hosts'

/** What the server does with one command; `faults` acts on the connection it came by. */
export type CommandHandler = (channel: ServerChannel, command: string, faults: Faults) => void

export type Faults = {
  /** A TCP reset. */
  cut(): void
  /** Reads no more: the connection stays up and says nothing. */
  stall(): void
  /** What was stalled is answered after all. */
  thaw(): void
}

export type FaultServer = Faults & {
  port: number
  hostKey: Buffer
  knownHostsLine: string
  /** A temporary HOME whose `.ssh/id_ecdsa` the server accepts. */
  homeDir: string
  /** Connections that logged in, and attempts that failed. */
  logins(): number
  refusals(): number
  /** TCP connections that are open. */
  connections(): number
  /** Commands asked for so far, in order. */
  commands(): string[]
  stop(): Promise<void>
}

export type FaultServerOptions = {
  onCommand?: CommandHandler
  /** Opens no session above this number per connection; 0 refuses all. */
  maxSessions?: number
  algorithms?: Algorithms
  /** Instead of the key check. */
  onAuthentication?: (attempt: AuthContext) => void
  /** Cuts the connection when a session or command is asked for. */
  cutOn?: 'session' | 'command'
  /** Refuses the command itself, as ForceCommand setups may. */
  refuseCommands?: boolean
}

/** An SSH server in this process that can be told to misbehave. */
export async function startFaultServer(options: FaultServerOptions = {}): Promise<FaultServer> {
  const homeDir = await mkdtemp(join(tmpdir(), 'domdeck-fault-'))
  const host = makeKey()
  const login = makeKey()
  await mkdir(join(homeDir, '.ssh'), { mode: 0o700 })
  await writeFile(join(homeDir, '.ssh', 'id_ecdsa'), login.pem, { mode: 0o600 })
  const sockets = new Set<Socket>()
  const commands: string[] = []
  let logins = 0
  let refusals = 0

  const ssh = new ssh2.Server({ hostKeys: [host.pem], ...(options.algorithms ? { algorithms: options.algorithms } : {}) })
  const faultsBySocket = new Map<string, Faults>()
  ssh.on('connection', (client, info) => {
    const faults = faultsBySocket.get(`${info.ip}:${info.port}`) ?? { cut: ignore, stall: ignore, thaw: ignore }
    let sessions = 0
    client.on('error', () => undefined)
    client.on('authentication', (attempt) => {
      if (options.onAuthentication) return options.onAuthentication(attempt)
      const known = attempt.method === 'publickey' && attempt.key.data.equals(login.publicKey)
      if (!known) {
        refusals += attempt.method === 'none' ? 0 : 1
        return attempt.reject(['publickey'])
      }
      attempt.accept()
    })
    client.on('ready', () => logins++)
    client.on('session', (accept, reject) => {
      if (options.cutOn === 'session') return faults.cut()
      if (sessions >= (options.maxSessions ?? Number.POSITIVE_INFINITY)) return reject()
      sessions++
      const session = accept()
      session.on('exec', (acceptCommand, rejectCommand, { command }) => {
        commands.push(command)
        if (options.cutOn === 'command') return faults.cut()
        if (options.refuseCommands) return rejectCommand()
        const channel = acceptCommand()
        channel.on('close', () => sessions--)
        options.onCommand?.(channel, command, faults)
      })
    })
  })

  const listener = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    faultsBySocket.set(`${socket.remoteAddress}:${socket.remotePort}`, faultsOf(socket))
    ssh.injectSocket(socket)
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const address = listener.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    hostKey: host.publicKey,
    knownHostsLine: formatKnownHostsLine('127.0.0.1', address.port, host.publicKey),
    homeDir,
    logins: () => logins,
    refusals: () => refusals,
    connections: () => sockets.size,
    commands: () => commands,
    cut: () => each(sockets, (faults) => faults.cut()),
    stall: () => each(sockets, (faults) => faults.stall()),
    thaw: () => each(sockets, (faults) => faults.thaw()),
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => listener.close(resolve))
      await rm(homeDir, { recursive: true, force: true })
    },
  }
}

/** A new key pair: a PEM that ssh2 reads, and the public half as SSH sends it. */
export function makeKey(): { pem: string; publicKey: Buffer } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = privateKey.export({ type: 'sec1', format: 'pem' }).toString()
  const parsed = ssh2.utils.parseKey(pem)
  if (parsed instanceof Error) throw parsed
  return { pem, publicKey: parsed.getPublicSSH() }
}

const ignore = () => undefined

/** Who read from a socket before it was stalled. */
const readers = new WeakMap<Socket, ((chunk: Buffer) => void)[]>()

function faultsOf(socket: Socket): Faults {
  return {
    cut: () => socket.resetAndDestroy(),
    stall: () => {
      // ssh2 reads by a listener; without it and paused, nothing is answered any more, keepalives included.
      readers.set(socket, socket.listeners('data') as ((chunk: Buffer) => void)[])
      socket.removeAllListeners('data')
      socket.pause()
    },
    thaw: () => {
      for (const reader of readers.get(socket) ?? []) socket.on('data', reader)
      socket.resume()
    },
  }
}

function each(sockets: Set<Socket>, act: (faults: Faults) => void): void {
  for (const socket of sockets) act(faultsOf(socket))
}
