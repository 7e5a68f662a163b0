import { type Problem, ProblemError } from '../../src-shared/problem'
import { withAsk } from './answers'
import { type DialOptions, dial } from './dial'
import { loginNeedsPerson } from './errors'
import type { Passage, Target } from './jump'
import type { OwnLogin } from './lent-login'
import type { Link, TerminalWanted } from './link'
import type { Argv } from './quote'
import type { RemoteProcess, RemoteTerminal } from './remote-process'
import { type Finished, type RunOptions, runToEnd } from './run'

export type PoolOptions = {
  /** OpenSSH allows 10 (MaxSessions); two are left for programs that were closed here but still run there. */
  maxSessionsPerLink?: number
  /** OpenSSH starts to drop unauthenticated connections at 10 (MaxStartups), counted over everybody. */
  maxParallelDials?: number
  /** How long a further link may be without a session before it is closed. */
  idleMs?: number
  /** How much later than the first link a further one may speak again after a silence. */
  silenceMs?: number
}

type Member = {
  link: Link
  /** How many sessions this link is good for; less than the limit after the host refused one. */
  capacity: number
  idleTimer?: NodeJS.Timeout | undefined
}

type Waiter = { use(member: Member): void; reject(error: unknown): void }

/**
 * Dials the first link of a host, telling its phases, and makes a pool on it. Errors are those of `dial`. Further links log in with what
 * is remembered and ask nobody: a host that wanted an answer which serves once keeps to its first link.
 */
export async function openPool(target: Target, options: DialOptions, poolOptions?: PoolOptions): Promise<SessionPool> {
  const host = target.name ?? target.address
  const { onPhase: _told, signal: _first, answers, ...further } = options
  let alone = false
  const watched =
    answers &&
    withAsk(answers, (question) => {
      alone ||= question.secret === undefined
      return answers.ask(question)
    })
  const first = await dial(target, { ...options, ...(watched ? { answers: watched } : {}) })
  const closed = new AbortController()
  const remembered =
    answers &&
    withAsk(answers, async () => {
      alone = true
      throw loginNeedsPerson(host)
    })
  const dialFurther = async (): Promise<Link> => {
    // Each try would be a failed login on the host, and enough of those lock the user out.
    if (alone) throw loginNeedsPerson(host)
    return dial(target, { ...further, ...(remembered ? { answers: remembered } : {}), signal: closed.signal })
  }
  const pool = new SessionPool(host, first, dialFurther, poolOptions)
  pool.onClose(() => closed.abort(new ProblemError('CONNECTION_LOST', 'The connection was closed.')))
  return pool
}

/**
 * The sessions of one host over as few connections as will do. A session goes to the first link with room; when there is
 * none, or the host refuses one, another link is dialled, and requests that come meanwhile share it.
 */
export class SessionPool {
  /** How one logged in on the first link, where that was by a public key alone. */
  readonly ownLogin: OwnLogin | undefined
  readonly #host: string
  readonly #dial: () => Promise<Link>
  readonly #limits: Required<PoolOptions>
  readonly #members: Member[] = []
  readonly #waiters: Waiter[] = []
  readonly #lostListeners: ((problem: Problem) => void)[] = []
  #silenceListener: ((silence: Problem | undefined) => void) | undefined
  readonly #closeListeners: (() => void)[] = []
  #dialing = 0
  #authentications = 0
  #ended: Problem | undefined
  #closed = false

  constructor(host: string, first: Link, dialFurther: () => Promise<Link>, options: PoolOptions = {}) {
    this.ownLogin = first.ownLogin
    this.#host = host
    this.#dial = dialFurther
    this.#limits = { maxSessionsPerLink: 8, maxParallelDials: 4, idleMs: 60_000, silenceMs: 15_000, ...options }
    this.#join(first)
    first.onLost((problem) => this.#lose(problem))
    first.onSilence((silence) => {
      if (this.#silenceListener) this.#silenceListener(silence)
      else if (silence) first.giveUp()
      // Whoever is silent still, soon after the host has spoken again, is dead.
      if (!silence) for (const { link } of this.#members) this.#watchSilence(link)
    })
  }

  /** Links that are up. */
  get links(): number {
    return this.#members.length
  }

  /** Logins made so far; each may have cost a person a touch on a hardware key. */
  get authentications(): number {
    return this.#authentications
  }

  /** Runs a command to its end; `timeoutMs` covers the wait for a session too. Errors: `runToEnd`, and those of `dial` for a further link. */
  run(argv: Argv, options?: RunOptions): Promise<Finished> {
    return runToEnd((signal) => this.stream(argv, { signal }), argv[0], this.#host, options)
  }

  /**
   * Starts a command; see `Link.stream`. SESSION_REFUSED only when the host opens not one session on a link, or when it has no room
   * left and a further login would need a person.
   */
  stream(argv: Argv, options: { signal?: AbortSignal } = {}): Promise<RemoteProcess> {
    return this.#onLinkWithRoom((link) => link.stream(argv, options), options.signal)
  }

  /** Starts a command, or the login shell, on a pty; see `Link.terminal`. Errors as for `stream`. */
  terminal(wanted: TerminalWanted, options: { signal?: AbortSignal } = {}): Promise<RemoteTerminal> {
    return this.#onLinkWithRoom((link) => link.terminal(wanted, options), options.signal)
  }

  async #onLinkWithRoom<Process>(start: (link: Link) => Promise<Process>, signal: AbortSignal | undefined): Promise<Process> {
    signal?.throwIfAborted()
    return new Promise((resolve, reject) => {
      const settled = () => signal?.removeEventListener('abort', onAbort)
      const waiter: Waiter = {
        use: (member) => {
          start(member.link).then(
            (process) => {
              settled()
              resolve(process)
            },
            (error) => {
              if (this.#canGoElsewhere(member, error)) {
                this.#waiters.unshift(waiter)
              } else {
                settled()
                reject(error)
              }
              this.#pump()
            },
          )
        },
        reject: (error) => {
          settled()
          reject(error)
        },
      }
      const onAbort = () => {
        const at = this.#waiters.indexOf(waiter)
        if (at >= 0) this.#waiters.splice(at, 1)
        waiter.reject(signal?.reason)
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#waiters.push(waiter)
      this.#pump()
    })
  }

  /** The way to what lies behind the host, on the first connection and for as long as that is up. */
  passage(): Passage {
    const link = this.#members[0]?.link
    if (!link || this.#ended) throw new ProblemError('CONNECTION_LOST', `The connection to ${this.#host} is closed.`)
    return { link, host: this.#host, release: () => undefined }
  }

  /** The first connection is gone, and with it the pool: nothing new is started. Processes on further links live until `close`. */
  onLost(listener: (problem: Problem) => void): void {
    this.#lostListeners.push(listener)
    const problem = this.#ended
    if (problem && !this.#closed) queueMicrotask(() => listener(problem))
  }

  /** Probes all links; see `Link.probe`. False when the pool is at its end. */
  async probe(limitMs: number): Promise<boolean> {
    await Promise.all(this.#members.map(({ link }) => link.probe(limitMs)))
    return this.#ended === undefined
  }

  /**
   * Called when the host falls silent on its first link, and with undefined when it speaks again: until somebody closes the pool, all its
   * links are kept, and what runs on them goes on. Without a listener silence ends them.
   */
  onSilence(listener: (silence: Problem | undefined) => void): void {
    this.#silenceListener = listener
  }

  /** Called by `close`. */
  onClose(listener: () => void): void {
    this.#closeListeners.push(listener)
  }

  /** Ends all connections. Programs on them are left, not killed. `onLost` is not called. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#ended ??= new ProblemError('CONNECTION_LOST', `The connection to ${this.#host} was closed.`).problem
    this.#pump()
    for (const member of this.#members.splice(0)) {
      clearTimeout(member.idleTimer)
      member.link.close()
    }
    for (const listener of this.#closeListeners) listener()
  }

  #lose(problem: Problem): void {
    if (this.#ended) return
    this.#ended = problem
    this.#pump()
    for (const listener of this.#lostListeners) listener(problem)
  }

  #join(link: Link): void {
    const member: Member = { link, capacity: this.#limits.maxSessionsPerLink }
    const isFirst = this.#authentications++ === 0
    this.#members.push(member)
    link.onLost(() => this.#leave(member))
    link.onSessionEnd(() => {
      // The host has room again.
      member.capacity = this.#limits.maxSessionsPerLink
      if (!isFirst && link.sessions === 0) this.#closeWhenIdle(member)
      this.#pump()
    })
    if (!isFirst) link.onSilence((silence) => silence && this.#watchSilence(link))
    // One that nobody waits for any more must not stay for ever either.
    if (!isFirst) this.#closeWhenIdle(member)
  }

  /** Ends a further link that is still silent after a while, unless the whole host is. */
  #watchSilence(link: Link): void {
    if (!link.silence) return
    const timer = setTimeout(() => {
      if (link.silence && !this.#members[0]?.link.silence) link.giveUp()
    }, this.#limits.silenceMs)
    timer.unref()
  }

  #leave(member: Member): void {
    clearTimeout(member.idleTimer)
    const at = this.#members.indexOf(member)
    if (at >= 0) this.#members.splice(at, 1)
    this.#pump()
  }

  #closeWhenIdle(member: Member): void {
    clearTimeout(member.idleTimer)
    member.idleTimer = setTimeout(() => {
      if (member.link.sessions > 0) return
      this.#leave(member)
      member.link.close()
    }, this.#limits.idleMs)
    member.idleTimer.unref()
  }

  /** A failed start: true when another link can make it good. Until a session of this link ends, it is full. */
  #canGoElsewhere(member: Member, error: unknown): boolean {
    if (!(error instanceof ProblemError && error.code === 'SESSION_REFUSED')) return false
    const allowed = member.link.sessions
    if (allowed === 0) {
      // Not one session: further links would be refused alike.
      for (const waiter of this.#waiters.splice(0)) waiter.reject(error)
      return false
    }
    member.capacity = Math.min(member.capacity, allowed)
    return true
  }

  /** Gives waiting requests to links with room, and dials for the rest. */
  #pump(): void {
    const ended = this.#ended
    if (ended) {
      for (const waiter of this.#waiters.splice(0)) waiter.reject(lostError(ended))
      return
    }
    while (this.#waiters.length > 0) {
      const member = this.#members.find(({ link, capacity }) => !link.lost && link.sessions < capacity)
      if (!member) break
      this.#waiters.shift()?.use(member)
    }
    const wanted = Math.ceil(this.#waiters.length / this.#limits.maxSessionsPerLink)
    while (this.#dialing < Math.min(wanted, this.#limits.maxParallelDials)) this.#dialFurther()
  }

  #dialFurther(): void {
    this.#dialing++
    this.#dial().then(
      (link) => {
        this.#dialing--
        if (this.#ended) link.close()
        else this.#join(link)
        this.#pump()
      },
      (error) => {
        this.#dialing--
        // Those whom the dials still under way can serve go on waiting; without this, the rest would dial for ever.
        const served = this.#dialing * this.#limits.maxSessionsPerLink
        for (const waiter of this.#waiters.splice(served)) waiter.reject(error)
        this.#pump()
      },
    )
  }
}

function lostError(problem: Problem): ProblemError {
  return new ProblemError('CONNECTION_LOST', problem.detail, problem.context ? { context: problem.context } : {})
}
