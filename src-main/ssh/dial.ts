import { lookup } from 'node:dns/promises'
import { connect, isIP, type LookupFunction, type Socket } from 'node:net'
import ssh2, { type Algorithms, type NegotiatedAlgorithms, type ServerHostKeyAlgorithm } from 'ssh2'
import { ProblemError } from '../../src-shared/problem'
import { type Answers, withAsk } from './answers'
import { gatherCredentials, type Identity } from './auth'
import { type DialPhase, deadlineProblem, dialProblem, expiredPassword, type Place, type SshError } from './errors'
import { fingerprint, formatKnownHostsLine, keyAlgorithm } from './known-hosts'
import { keepaliveOptions, Link } from './link'
import { createLogin } from './login'
import { HostKeyError, type KnownKeys, type TrustStore } from './trust'

/** Whom to reach. `HostSettings` fits. */
export type Target = {
  /** How a person knows the host; its address without it. */
  name?: string
  address: string
  port: number
  user: string
  keyPath?: string | undefined
}

export type DialOptions = Identity & {
  /** There is no way to dial without one: ssh2 would then accept any host key. */
  trust: TrustStore
  /** Whom to ask for passphrases and passwords; without it a login takes only what needs no person. */
  answers?: Answers
  onPhase?: (phase: DialPhase) => void
  /** Hears what each phase found, a sentence each, for the transcript of a test. */
  onNote?: (words: string) => void
  signal?: AbortSignal
  /** Between keepalives; three unanswered ones end the link. */
  keepaliveMs?: number
  deadlines?: Partial<Record<DialPhase, number>>
  /** SHA-1 key exchange and CBC ciphers too, for a host that has nothing better. */
  legacyAlgorithms?: boolean
}

const defaultKeepaliveMs = 15_000
/** In milliseconds. Logging in may wait for a touch on a hardware key. */
const defaultDeadlines: Record<DialPhase, number> = { resolving: 10_000, connecting: 10_000, 'host-key': 15_000, auth: 60_000 }

/** ssh2's own defaults without `ssh-rsa`, which signs with SHA-1. */
const hostKeyAlgorithms: ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
]

/** What sshd of OpenSSH 5 and 6 may need; none of it is offered unless asked for. */
const legacy = {
  kex: ['diffie-hellman-group-exchange-sha1', 'diffie-hellman-group14-sha1', 'diffie-hellman-group1-sha1'],
  serverHostKey: ['ssh-rsa', 'ssh-dss'],
  cipher: ['aes256-cbc', 'aes192-cbc', 'aes128-cbc', '3des-cbc'],
} as const

/**
 * Connects and logs in. Rejects with a ProblemError: DNS_FAILED, CONNECTION_REFUSED, CONNECTION_TIMED_OUT (any phase past
 * its deadline), CONNECTION_LOST, NO_COMMON_ALGORITHM, UNEXPECTED_OUTPUT (no SSH server), a `HostKeyError` with the key
 * presented (nobody is asked while the connection waits: trust it, then dial again), AUTH_FAILED, KEY_UNREADABLE; with what
 * `answers` rejects with; or with the signal's reason.
 */
export async function dial(target: Target, options: DialOptions): Promise<Link> {
  const { address, port, user } = target
  const host = target.name ?? address
  const phases = createPhases({ host, address, port }, options)
  try {
    const [known, addresses] = await phases.run('resolving', () =>
      Promise.all([options.trust.lookup(address, port), lookup(address, { all: true })]),
    )
    if (!isIP(address)) options.onNote?.(`${address} is ${addresses.map((one) => one.address).join(', ')}.`)
    const socket = await phases.run('connecting', (signal) => openSocket(address, port, addresses, signal))
    options.onNote?.(`Connected to ${socket.remoteAddress}, port ${socket.remotePort}.`)
    const credentials = gatherCredentials(options, target.keyPath ? [target.keyPath] : [])
    return await phases.run('host-key', (signal, enter) => {
      const asked = options.answers
      const answers =
        asked &&
        withAsk(asked, async (question) => {
          phases.hold()
          const given = await asked.ask(question)
          enter('auth')
          return given
        })
      return handshake({ socket, signal, enter, known, credentials, answers, host, address, port, user, options })
    })
  } finally {
    phases.end()
  }
}

/** Runs the phases of one dial, each against its deadline and the caller's signal, and makes problems of what they throw. */
function createPhases(place: Place, options: DialOptions) {
  const stop = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let current: DialPhase = 'resolving'
  const onAbort = () => stop.abort(options.signal?.reason)
  options.signal?.throwIfAborted()
  options.signal?.addEventListener('abort', onAbort, { once: true })
  const enter = (phase: DialPhase) => {
    current = phase
    clearTimeout(timer)
    const deadlineMs = options.deadlines?.[phase] ?? defaultDeadlines[phase]
    timer = setTimeout(() => stop.abort(deadlineProblem(phase, place, deadlineMs)), deadlineMs)
    options.onPhase?.(phase)
  }
  return {
    async run<T>(phase: DialPhase, work: (signal: AbortSignal, enter: (next: DialPhase) => void) => Promise<T>): Promise<T> {
      if (stop.signal.aborted) throw stop.signal.reason
      enter(phase)
      const stopped = new Promise<never>((_resolve, reject) => {
        stop.signal.addEventListener('abort', () => reject(stop.signal.reason), { once: true })
      })
      try {
        return await Promise.race([work(stop.signal, enter), stopped])
      } catch (error) {
        if (stop.signal.aborted) throw stop.signal.reason
        throw error instanceof ProblemError ? error : dialProblem(error as SshError, current, place)
      }
    },
    /** No deadline until the next phase: a person is asked, and whoever asks sets the time. */
    hold: () => clearTimeout(timer),
    end() {
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', onAbort)
    },
  }
}

type Address = { address: string; family: number }

function openSocket(address: string, port: number, addresses: Address[], signal: AbortSignal): Promise<Socket> {
  // Resolved already, as a phase of its own.
  const resolved: LookupFunction = (_name, lookupOptions, done) => {
    const [first] = addresses
    if (lookupOptions.all || !first) done(null, addresses)
    else done(null, first.address, first.family)
  }
  return new Promise((resolve, reject) => {
    // Node gives each address 250 ms, less than a round trip to some sites.
    const socket = connect({ host: address, port, lookup: resolved, autoSelectFamilyAttemptTimeout: 2_500, signal })
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      // From here to the handshake a reset must find a listener.
      socket.on('error', () => undefined)
      socket.setNoDelay(true)
      resolve(socket)
    })
  })
}

type Handshake = {
  socket: Socket
  signal: AbortSignal
  enter(phase: DialPhase): void
  known: KnownKeys
  credentials: ReturnType<typeof gatherCredentials>
  answers: Answers | undefined
  host: string
  address: string
  port: number
  user: string
  options: DialOptions
}

async function handshake(given: Handshake): Promise<Link> {
  const { socket, signal, enter, known, answers, host, address, port, user, options } = given
  const credentials = await given.credentials
  const keepaliveMs = options.keepaliveMs ?? defaultKeepaliveMs
  if (socket.destroyed) throw new Error('closed before the handshake')
  const client = new ssh2.Client()
  let negotiated: NegotiatedAlgorithms | undefined
  let refusedKey: ProblemError | undefined
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      socket.destroy()
      reject(error)
    }
    const login = createLogin({ credentials, user, host, answers, fail })
    signal.addEventListener('abort', () => fail(signal.reason), { once: true })
    // First of all: without a listener a reset would be an uncaught exception. It stays for the life of the client.
    client.on('error', (error: SshError) => {
      // The agent refused one signature; the next key follows.
      if (error.level === 'agent') return
      if (refusedKey) fail(refusedKey)
      else if (error.level === 'client-authentication') fail(login.refused('all'))
      else if (error.code === tooManyFailures && negotiated) fail(login.refused('too many'))
      else fail(error)
    })
    client.on('close', () => fail(new Error('closed by the host')))
    client.on('change password', () => fail(expiredPassword(user, host)))
    client.once('handshake', (algorithms: NegotiatedAlgorithms) => {
      negotiated = algorithms
      options.onNote?.(`Key exchange ${algorithms.kex}, cipher ${algorithms.cs.cipher}.`)
      enter('auth')
    })
    client.once('ready', () => resolve(new Link({ client, socket, host, keepaliveMs, negotiated })))
    client.connect({
      sock: socket,
      username: user,
      // Each phase has its own deadline.
      readyTimeout: 0,
      ...keepaliveOptions(keepaliveMs),
      algorithms: algorithmsFor(known.keyTypes, options.legacyAlgorithms ?? false),
      authHandler: login.handler,
      hostVerifier: (key: Buffer) => {
        refusedKey = judge(key, known, host, address, port)
        if (!refusedKey) options.onNote?.(`${keyAlgorithm(key)} ${fingerprint(key)} is trusted.`)
        return refusedKey === undefined
      },
    })
  })
}

/** SSH_DISCONNECT_PROTOCOL_ERROR, with which OpenSSH ends a login above MaxAuthTries. */
const tooManyFailures = 2

/** The problem with a presented key, or undefined when it is trusted. */
function judge(key: Buffer, known: KnownKeys, host: string, address: string, port: number): ProblemError | undefined {
  const verdict = known.judge(key)
  if (verdict.verdict === 'trusted') return undefined
  const algorithm = keyAlgorithm(key) ?? 'unknown'
  const presented = { algorithm, fingerprint: fingerprint(key), line: formatKnownHostsLine(address, port, key) }
  const shows = `${host} shows the ${algorithm} key ${presented.fingerprint}`
  if (verdict.verdict === 'changed') {
    const { file, line } = verdict.place
    return new HostKeyError('HOST_KEY_CHANGED', `${shows}, but line ${line} of ${file} has another one.`, presented)
  }
  if (verdict.verdict === 'revoked') {
    const { file, line } = verdict.place
    const hint = 'Do not connect. Ask whoever revoked it what the right key is.'
    return new HostKeyError('HOST_KEY_CHANGED', `${shows}, which line ${line} of ${file} marks as revoked.`, presented, hint)
  }
  const [other] = verdict.others
  return other
    ? new HostKeyError(
        'HOST_KEY_UNKNOWN',
        `${shows}. Line ${other.line} of ${other.file} has only a ${other.keyType} key for it, which it did not show.`,
        presented,
        'Find out why it shows another kind of key before you trust it.',
      )
    : new HostKeyError('HOST_KEY_UNKNOWN', `${shows}, which is in no known_hosts file.`, presented)
}

/** What to offer: host key types that are known come first, so that a trusted host is not met as an unknown one. */
function algorithmsFor(keyTypes: string[], withLegacy: boolean): Algorithms {
  const offered = [...hostKeyAlgorithms, ...(withLegacy ? legacy.serverHostKey : [])]
  const isKnown = (algorithm: string) => keyTypes.includes(algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm)
  const serverHostKey = [...offered.filter(isKnown), ...offered.filter((algorithm) => !isKnown(algorithm))]
  if (!withLegacy) return { serverHostKey }
  const append = <T>(list: readonly T[]) => ({ append: [...list], prepend: [], remove: [] })
  return { serverHostKey, kex: append(legacy.kex), cipher: append(legacy.cipher) }
}
