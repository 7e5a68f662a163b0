import { ProblemError } from '../../src-shared/problem'
import { type ConfigOwner, defaultUser, readSshConfig, resolveConfig } from './config'
import type { DialPhase } from './errors'
import type { Link } from './link'

/** Whom to reach. `HostSettings` fits. What is given here wins over `~/.ssh/config`. */
export type Target = {
  /** How a person knows the host; its address without it. */
  name?: string
  /** A name, an address, or an alias of `~/.ssh/config`. */
  address: string
  port?: number | undefined
  user?: string | undefined
  keyPath?: string | undefined
  /** SHA-1 key exchange and CBC ciphers too, for a host that has nothing better. */
  legacyAlgorithms?: boolean | undefined
  /** Jump hosts instead of those of `~/.ssh/config`; see `parseJumps`. */
  jump?: string | undefined
}

/** One connection to make, with everything that the configuration says about it. The last of a route is the host itself. */
export type Hop = {
  /** In messages: `dom0-bru1`, or `the jump host bastion`. */
  host: string
  /** The name of a jump host as it is written; absent for the host itself. */
  jump?: string
  address: string
  port: number
  user: string
  /** The name and port under which known_hosts keeps it. */
  knownAs: { host: string; port: number }
  keyPath: string | undefined
  identityFiles: string[] | undefined
  identitiesOnly: boolean
  /** `none`, or a socket other than the person's own. */
  identityAgent: string | undefined
  legacyAlgorithms: boolean
}

/** A host of the fleet by its name, for jumping over it. */
export type HostNamed = (name: string) => Target | undefined

type Stop = { target: Target; fallbackUser: string; label: string }

/**
 * Jump hosts, the nearest first: each `[user@]host[:port]`, `ssh://…`, or the name of a host of the fleet. None for `none` and for
 * nothing. BAD_INPUT names the part that makes no sense. As with ssh, one is oneself there unless told otherwise.
 */
export function parseJumps(text: string, localUser: string, hostNamed: HostNamed = () => undefined): Stop[] {
  const trimmed = text.trim()
  if (trimmed === '' || trimmed.toLowerCase() === 'none') return []
  return trimmed.split(',').map((piece) => {
    const part = piece.trim()
    const named = hostNamed(part)
    if (named) return { target: named, fallbackUser: defaultUser, label: part }
    const [, user, bracketed, plain, digits] =
      /^(?:ssh:\/\/)?(?:([^@\s]+)@)?(?:\[([^\]\s]+)\]|([^:@[\]\s]+))(?::(\d{1,5}))?\/?$/i.exec(part) ?? []
    const address = bracketed ?? plain
    const port = digits === undefined ? undefined : Number(digits)
    if (!address || address.startsWith('-') || (port !== undefined && (port < 1 || port > 65535))) {
      throw new ProblemError('BAD_INPUT', `\`${part}\` is no jump host.`, {
        hint: 'A jump host is user@host:port, of which user and port may be left out, or the name of a host of the fleet; several have commas between.',
      })
    }
    return { target: { address, user, port }, fallbackUser: localUser, label: address }
  })
}

/**
 * The way to a host: its jump hosts, the nearest first, and itself last. As with ssh, the first of several jump hosts may have jump
 * hosts of its own. BAD_INPUT when the way goes in a circle, or when only a ProxyCommand leads there; SETTINGS_UNREADABLE: see `readSshConfig`.
 */
export async function planRoute(target: Target, owner: ConfigOwner, hostNamed?: HostNamed): Promise<Hop[]> {
  const files = await readSshConfig(owner)
  const trail: string[] = []
  const visit = ({ target: stop, fallbackUser, label }: Stop, given: Stop[] | undefined, isJump: boolean): Hop[] => {
    const config = resolveConfig(files, stop, owner)
    const { hostName, port = 22, user = fallbackUser, proxyCommand } = config
    const here = `${user}@${hostName}:${port}`
    const host = isJump ? `the jump host ${label}` : label
    if (trail.includes(here)) {
      throw new ProblemError('BAD_INPUT', `The way to ${trail[0]} goes in a circle: ${[...trail, here].join(', then ')}.`, {
        hint: 'Give the jump host a `ProxyJump none` in ~/.ssh/config, or another way in the settings of the host.',
      })
    }
    trail.push(here)
    const chosen = given ?? (stop.jump === undefined ? undefined : parseJumps(stop.jump, owner.localUser, hostNamed))
    if (!chosen && proxyCommand) {
      const { file, line } = proxyCommand
      throw new ProblemError(
        'BAD_INPUT',
        `Line ${line} of ${file} reaches ${host} by a ProxyCommand, which Domdeck does not run.`,
        {
          hint: 'Write ProxyJump there, or name a jump host (or `none`) in the settings of the host.',
        },
      )
    }
    const jumps = chosen ?? parseJumps(config.proxyJump ?? '', owner.localUser)
    const last = jumps.at(-1)
    const before = last ? visit(last, jumps.length > 1 ? jumps.slice(0, -1) : undefined, true) : []
    const { identityFiles, identitiesOnly, identityAgent, hostKeyAlias } = config
    const hop: Hop = {
      host,
      ...(isJump ? { jump: label } : {}),
      address: hostName,
      port,
      user,
      // As OpenSSH: an alias stands for name and port.
      knownAs: hostKeyAlias === undefined ? { host: hostName, port } : { host: hostKeyAlias, port: 22 },
      keyPath: stop.keyPath,
      identityFiles,
      identitiesOnly,
      identityAgent,
      legacyAlgorithms: stop.legacyAlgorithms ?? false,
    }
    return [...before, hop]
  }
  return visit({ target, fallbackUser: defaultUser, label: target.name ?? target.address }, undefined, false)
}

/** A jump host that is connected, for one link through it. */
export type Passage = { link: Link; host: string; release(): void }

export type OnPhase = (phase: DialPhase, jump?: string) => void
type DialHop = (hop: Hop, via: Passage | undefined, options: { signal: AbortSignal; onPhase: OnPhase }) => Promise<Link>

type Shared = {
  users: number
  link: Promise<Link>
  stop: AbortController
  listeners: Set<OnPhase>
  /** The phase it is in. */
  now: Parameters<OnPhase> | 'up' | undefined
  /** Whoever began it has given up, and may have taken along the person who was asked for a passphrase. */
  orphaned: boolean
  idleTimer?: NodeJS.Timeout
}

/** Links to jump hosts, each made once and shared by all links through it. */
export class Jumps {
  readonly #shared = new Map<string, Shared>()
  readonly #idleMs: number

  /** A link that nobody uses any more stays `idleMs`, so that the next dial costs no further login. */
  constructor({ idleMs = 60_000 }: { idleMs?: number } = {}) {
    this.#idleMs = idleMs
  }

  /** Links that are up or on their way. */
  get size(): number {
    return this.#shared.size
  }

  /**
   * Connects to the last hop of a route through those before it, or joins whoever does so already. Rejects with the problem of the hop
   * that failed, or the signal's reason; the others go on. The passage must be released.
   */
  async enter(route: readonly Hop[], dialHop: DialHop, options: { signal?: AbortSignal; onPhase?: OnPhase }): Promise<Passage> {
    const { signal, onPhase } = options
    const hop = route.at(-1)
    if (!hop) throw new Error('a route has at least one hop')
    signal?.throwIfAborted()
    // By where it leads, whatever it is called.
    const key = JSON.stringify(route.map(({ host: _host, jump: _jump, ...where }) => where))
    const begun = this.#shared.get(key)
    const shared = begun ?? this.#begin(key, hop, route.slice(0, -1), dialHop)
    shared.users++
    clearTimeout(shared.idleTimer)
    if (onPhase) {
      shared.listeners.add(onPhase)
      if (Array.isArray(shared.now)) onPhase(...shared.now)
    }
    let left = false
    const release = () => {
      if (left) return
      left = true
      this.#leave(key, shared)
    }
    let onAbort = () => {}
    try {
      const aborted = new Promise<never>((_resolve, reject) => {
        onAbort = () => reject(signal?.reason)
        signal?.addEventListener('abort', onAbort, { once: true })
      })
      return { link: await Promise.race([shared.link, aborted]), host: hop.host, release }
    } catch (error) {
      if (!begun && signal?.aborted) shared.orphaned = true
      release()
      if (begun && shared.orphaned && !signal?.aborted) return this.enter(route, dialHop, options)
      throw error
    } finally {
      signal?.removeEventListener('abort', onAbort)
      if (onPhase) shared.listeners.delete(onPhase)
    }
  }

  /** Probes all that are up; see `Link.probe`. */
  async probe(limitMs: number): Promise<void> {
    const up = [...this.#shared.values()].filter(({ now }) => now === 'up')
    await Promise.all(up.map(async ({ link }) => (await link).probe(limitMs)))
  }

  /** Ends all of them, used or not. */
  close(): void {
    for (const [key, shared] of [...this.#shared]) this.#end(key, shared)
  }

  #begin(key: string, hop: Hop, before: Hop[], dialHop: DialHop): Shared {
    const stop = new AbortController()
    const listeners = new Set<OnPhase>()
    const options = {
      signal: stop.signal,
      onPhase: (...now: Parameters<OnPhase>) => {
        shared.now = now
        for (const listener of listeners) listener(...now)
      },
    }
    const dialled = async (): Promise<Link> => {
      const via = before.length > 0 ? await this.enter(before, dialHop, options) : undefined
      return dialHop(hop, via, options)
    }
    const shared: Shared = { users: 0, stop, listeners, now: undefined, orphaned: false, link: Promise.resolve().then(dialled) }
    this.#shared.set(key, shared)
    const forget = () => {
      clearTimeout(shared.idleTimer)
      if (this.#shared.get(key) === shared) this.#shared.delete(key)
    }
    shared.link.then((link) => {
      shared.now = 'up'
      link.onLost(forget)
    }, forget)
    return shared
  }

  #leave(key: string, shared: Shared): void {
    shared.users--
    if (shared.users > 0 || this.#shared.get(key) !== shared) return
    // Before it is up nobody waits for it any more.
    if (shared.now !== 'up') this.#end(key, shared)
    else shared.idleTimer = setTimeout(() => this.#end(key, shared), this.#idleMs).unref()
  }

  #end(key: string, shared: Shared): void {
    clearTimeout(shared.idleTimer)
    if (this.#shared.get(key) === shared) this.#shared.delete(key)
    shared.stop.abort(new ProblemError('CONNECTION_LOST', 'The connection to the jump host was closed.'))
    shared.link.then(
      (link) => link.close(),
      () => undefined,
    )
  }
}
