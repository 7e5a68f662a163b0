import { lookup } from 'node:dns/promises'
import { connect, isIP, type LookupFunction, type Socket } from 'node:net'
import { userInfo } from 'node:os'
import type { Duplex } from 'node:stream'
import ssh2, { type NegotiatedAlgorithms } from 'ssh2'
import { ProblemError } from '../../src-shared/problem'
import { type Answers, withAsk } from './answers'
import { gatherCredentials, type Identity } from './auth'
import type { ConfigOwner } from './config'
import { type DialPhase, expiredPassword, lostWithJump, type SshError, sentence } from './errors'
import { algorithmsFor, judge } from './host-key'
import { type Hop, type HostNamed, Jumps, type OnPhase, type Passage, planRoute, type Target } from './jump'
import { fingerprint, keyAlgorithm } from './known-hosts'
import type { LentLogin, OwnLogin } from './lent-login'
import { Link } from './link'
import { createLogin } from './login'
import { createPhases } from './phases'
import { signerOf } from './signature'
import { HostKeyError, type KnownKeys, type TrustStore } from './trust'

export type DialOptions = Identity & {
  /** There is no way to dial without one: ssh2 would then accept any host key. */
  trust: TrustStore
  /** Whom to ask for passphrases and passwords; without it a login takes only what needs no person. */
  answers?: Answers
  /** `jump` names the jump host whose phase it is. */
  onPhase?: OnPhase
  /** Hears what each phase found, a sentence each, for the transcript of a test. */
  onNote?: (words: string) => void
  signal?: AbortSignal
  /** Between keepalives; after three unanswered ones the host is silent. */
  keepaliveMs?: number
  deadlines?: Partial<Record<DialPhase, number>>
  /** Links to jump hosts, to share; without it they are made for this dial alone. */
  jumps?: Jumps
  /** Hosts that a jump may name. */
  hostNamed?: HostNamed | undefined
  /** Instead of jump hosts: a connection that is up, and the name under which known_hosts keeps what lies behind it. */
  through?: { passage: Passage; knownAs: string } | undefined
  /** A login elsewhere that programs on the host may use: each session asks for the forwarding of this agent. Jump hosts have no part in it. */
  lends?: LentLogin | undefined
}

const defaultKeepaliveMs = 10_000
const defaultPort = 22
/** Whose `~/.ssh/config` it is. */
export function ownerOf({ homeDir, localUser, environment, systemFolder }: Identity): ConfigOwner {
  return {
    homeDir,
    localUser: localUser ?? userInfo().username,
    environment: environment ?? {},
    systemFolder: systemFolder ?? '/etc/ssh',
  }
}

/**
 * Connects and logs in, as `~/.ssh/config` says and through the jump hosts on the way. Rejects with a ProblemError: DNS_FAILED,
 * CONNECTION_REFUSED, CONNECTION_TIMED_OUT (any phase past its deadline), CONNECTION_LOST, NO_COMMON_ALGORITHM, UNEXPECTED_OUTPUT
 * (no SSH server), a `HostKeyError` with the key presented (nobody is asked while the connection waits: trust it, then dial again),
 * AUTH_FAILED, KEY_UNREADABLE, FORWARDING_REFUSED, and those of `planRoute`; with what `answers` rejects with; or with the signal's
 * reason. A problem of a jump host names it.
 */
export async function dial(target: Target, options: DialOptions): Promise<Link> {
  const { signal, hostNamed, onPhase } = options
  let told = ''
  const tell: OnPhase = (phase, jump) => {
    if (told === `${phase} ${jump}`) return
    told = `${phase} ${jump}`
    onPhase?.(phase, jump)
  }
  const { name = target.address, address, port = defaultPort } = target
  const planning = createPhases({ host: name, address, port }, { ...options, onPhase: tell })
  const route = await planning
    .run('resolving', () => planRoute(target, ownerOf(options), hostNamed))
    .finally(() => planning.end())
  const before = route.slice(0, -1)
  const dialNext = (hop: Hop, via: Passage | undefined, how: { signal?: AbortSignal; onPhase: OnPhase }) =>
    dialHop(hop, via, { ...options, ...how })
  const how = { ...(signal ? { signal } : {}), onPhase: tell }
  const last = route.at(-1) as Hop
  const { through } = options
  if (through) return dialNext({ ...last, knownAs: { host: through.knownAs, port: defaultPort } }, through.passage, how)
  const jumps = options.jumps ?? new Jumps({ idleMs: 0 })
  const via = before.length > 0 ? await jumps.enter(before, dialNext, how) : undefined
  return dialNext(last, via, how)
}

/** Tells what was found about a hop; of a jump host it says so. */
const noteOf =
  ({ jump }: Hop, { onNote }: DialOptions) =>
  (words: string): void =>
    onNote?.(jump === undefined ? words : `Jump host ${jump}: ${words}`)

/** Makes one connection of a route; gives `via` back when it fails. */
async function dialHop(hop: Hop, via: Passage | undefined, options: DialOptions): Promise<Link> {
  const { host, address, port, knownAs } = hop
  const place = { host, address, port }
  const note = noteOf(hop, options)
  const phases = createPhases(place, { ...options, onPhase: (phase) => options.onPhase?.(phase, hop.jump) })
  const socketThere = async () => {
    if (via) {
      const channel = await phases.run('connecting', (signal) => via.link.forward(place, signal))
      note(`Connected to ${address}, port ${port}, through ${via.host}.`)
      return channel
    }
    const addresses = await phases.run('resolving', () => lookup(address, { all: true }))
    if (!isIP(address)) note(`${address} is ${addresses.map((one) => one.address).join(', ')}.`)
    const socket = await phases.run('connecting', (signal) => openSocket(address, port, addresses, signal))
    note(`Connected to ${socket.remoteAddress}, port ${socket.remotePort}.`)
    return socket
  }
  try {
    // Before anything is connected, so that the host's patience is not running.
    const known = await phases.run(via ? 'connecting' : 'resolving', () => options.trust.lookup(knownAs.host, knownAs.port))
    const socket = await socketThere()
    const { identityAgent } = hop
    const agentSocket = identityAgent === undefined ? options.agentSocket : identityAgent === 'none' ? undefined : identityAgent
    const credentials = gatherCredentials({ ...options, agentSocket }, hop)
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
      return handshake({ socket, signal, enter, known, credentials, answers, hop, via, options })
    })
  } catch (error) {
    const lost = via?.link.lost
    via?.release()
    if (via && lost && !options.signal?.aborted) throw lostWithJump(host, { host: via.host, detail: lost.detail })
    throw hop.jump === undefined ? error : startingWithCapital(error)
  } finally {
    phases.end()
  }
}

/** A jump host is named in words, which many a problem begins with. */
function startingWithCapital(error: unknown): unknown {
  if (!(error instanceof ProblemError)) return error
  const { code, detail, hint, context } = error.problem
  if (error instanceof HostKeyError) return new HostKeyError(error.keyCode, sentence(detail), error.presented, hint)
  return new ProblemError(code, sentence(detail), { hint, ...(context ? { context } : {}), cause: error.cause })
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
  socket: Duplex
  signal: AbortSignal
  enter(phase: DialPhase): void
  known: KnownKeys
  credentials: ReturnType<typeof gatherCredentials>
  answers: Answers | undefined
  hop: Hop
  via: Passage | undefined
  options: DialOptions
}

async function handshake(given: Handshake): Promise<Link> {
  const { socket, signal, enter, known, answers, hop, via, options } = given
  const { host, user } = hop
  const note = noteOf(hop, options)
  const credentials = await given.credentials
  const keepaliveMs = options.keepaliveMs ?? defaultKeepaliveMs
  if (socket.destroyed) throw new Error('closed before the handshake')
  const client = new ssh2.Client()
  let negotiated: NegotiatedAlgorithms | undefined
  let refusedKey: ProblemError | undefined
  let hostKey: Buffer | undefined
  const lends = hop.jump === undefined ? options.lends : undefined
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      socket.destroy()
      reject(error)
    }
    const login = createLogin({ credentials, hop, answers, fail })
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
      note(`Key exchange ${algorithms.kex}, cipher ${algorithms.cs.cipher}.`)
      enter('auth')
    })
    client.once('ready', () => {
      const usable = login.key()
      const ownLogin: OwnLogin | undefined = usable &&
        hostKey && {
          ...{ user, address: hop.address, port: hop.port, hostKey },
          ...{ publicKey: usable.key.getPublicSSH(), sign: signerOf(usable) },
        }
      resolve(new Link({ client, socket, host, user, via, keepaliveMs, negotiated, ownLogin }))
    })
    client.connect({
      sock: socket,
      username: user,
      // Each phase has its own deadline.
      readyTimeout: 0,
      // The link itself judges silence; ssh2 would close at once what may come back to life.
      keepaliveInterval: keepaliveMs,
      keepaliveCountMax: Number.POSITIVE_INFINITY,
      algorithms: algorithmsFor(known.keyTypes, hop.legacyAlgorithms),
      authHandler: login.handler,
      ...(lends ? { agent: lends, agentForward: true } : {}),
      hostVerifier: (key: Buffer) => {
        hostKey = key
        refusedKey = judge(key, known, hop)
        if (!refusedKey) note(`${keyAlgorithm(key)} ${fingerprint(key)} is trusted.`)
        return refusedKey === undefined
      },
    })
  })
}

/** SSH_DISCONNECT_PROTOCOL_ERROR, with which OpenSSH ends a login above MaxAuthTries. */
const tooManyFailures = 2
