import type { Generation } from '../../src-shared/models/base'
import type { CheckupStep } from '../../src-shared/models/checkup'
import type { Guest } from '../../src-shared/models/guest'
import type { Connection, HostFacts, Host as HostModel, HostPlace, HostSettings } from '../../src-shared/models/host'
import type { PackageImage } from '../../src-shared/models/package'
import { type Problem, ProblemError, toProblem } from '../../src-shared/problem'
import { type Answers, withAsk } from '../ssh/answers'
import type { Target } from '../ssh/jump'
import type { LentLogin } from '../ssh/lent-login'
import type { Argv } from '../ssh/quote'
import type { RemoteProcess, RemoteTerminal, TerminalSize } from '../ssh/remote-process'
import type { Finished, RunOptions } from '../ssh/run'
import { HostKeyError, type PresentedKey } from '../ssh/trust'
import { backoffMs } from './backoff'
import { type Borrowed, borrow, type Lendable } from './borrow'
import { checkUp } from './checkup'
import type { Answer } from './control-shell'
import { findRoot } from './escalation'
import { commandFailed, probe } from './facts'
import { Hold } from './hold'
import { Inventory } from './inventory'
import { Listeners } from './listeners'
import { type Live, openLive } from './live'
import { passes } from './passing'
import { withoutPlace } from './place'
import { Polling } from './polling'
import { Questions } from './questions'
import { reach } from './reach'
import type { HostServices } from './services'
import type { Sessions } from './sessions'
import { parseSnapshot } from './snapshot'
import { wakeLimitMs } from './wake'

/** What a host tells of, and with what. */
export type HostEvents = {
  /** Connection, facts, latency or warnings are others than before. */
  change: undefined
  guests: { changed: Guest[]; removed: string[] }
  bases: readonly Generation[]
  packages: readonly PackageImage[]
  /** CPU use by guest id, 1 is one vCPU fully busy. */
  cpu: { at: number; use: Record<string, number> }
  /** Id of a job that begins on the host, or is being rolled back; whoever started it. */
  job: string
  /** Connected, and guests and facts read. */
  ready: undefined
  /** Connected to a host that runs without Xen; `connection` says blocked. */
  bare: undefined
  /** The connection is gone; it comes back by itself unless `connection` says blocked. */
  lost: Problem
}

/** For what every connection needs: a host that swaps or boots twenty guests is slow, and dialling again would not make it faster. */
const patienceMs = 60_000

/** One dom0: its connection, its facts, its guests and bases as they change. Old data stays when the connection goes. */
export class Host {
  #connection: Connection = { phase: 'idle' }
  #facts: HostFacts | undefined
  #asOf: number | undefined
  #latencyMs: number | undefined
  #pollProblem: Problem | undefined
  #presented: PresentedKey | undefined
  #attempts = 0
  #sessions: Sessions | undefined
  #live: Live | undefined
  /** Aborted when this try or this connection is over, however it ends. */
  #life: AbortController | undefined
  /** While the host is silent. */
  #held: Hold | undefined
  #retryTimer: NodeJS.Timeout | undefined
  /** Whether guests have been asked for on this connection. */
  #asked = false
  #nextRefresh: Promise<void> | undefined
  #thisRefresh: Promise<void> | undefined
  #settings: HostSettings
  readonly #inventory: Inventory
  readonly #questions: Questions
  readonly #polling: Polling
  readonly #listeners = new Listeners<HostEvents>()

  constructor(
    settings: HostSettings,
    private readonly services: HostServices,
  ) {
    this.#settings = settings
    this.#inventory = new Inventory(settings.id, settings.storageRoot)
    this.#questions = new Questions({
      hostId: settings.id,
      hostName: () => this.settings.name,
      keychain: services.keychain,
      deadlineMs: services.answerDeadlineMs,
      onAsk: (question) => this.#enter({ phase: 'asking', question }),
    })
    this.#polling = new Polling({
      // What is asked of a silent host would only be given up.
      refresh: async () => (this.#held ? undefined : this.refresh()),
      probe: async () => (this.#live && !this.#held ? this.#probe(this.#live) : undefined),
      onError: (thrown) => this.#note(toProblem(thrown)),
    })
  }

  get settings(): HostSettings {
    return this.#settings
  }

  get connection(): Connection {
    return this.#connection
  }

  get facts(): HostFacts | undefined {
    return this.#facts
  }

  /** By id. */
  get guests(): ReadonlyMap<string, Guest> {
    return this.#inventory.guests
  }

  /** By base, oldest first. */
  get generations(): readonly Generation[] {
    return this.#inventory.generations
  }

  /** By name, lowest version first. */
  get packages(): readonly PackageImage[] {
    return this.#inventory.packages
  }

  /** The host as the page sees it. */
  get model(): HostModel {
    const warnings = [...(this.#pollProblem ? [this.#pollProblem.detail] : []), ...this.#inventory.warnings]
    return {
      settings: this.settings,
      connection: this.#connection,
      ...(this.#facts === undefined ? {} : { facts: this.#facts }),
      ...(this.#asOf === undefined ? {} : { asOf: this.#asOf }),
      ...(this.#latencyMs === undefined ? {} : { latencyMs: this.#latencyMs }),
      ...(warnings.length === 0 ? {} : { warnings }),
    }
  }

  /** It stands elsewhere in the fleet from now on; nothing changes on the host, nor in its connection. */
  arrange(place: HostPlace): void {
    this.#settings = { ...withoutPlace(this.#settings), ...place }
    this.#listeners.emit('change', undefined)
  }

  /** Starts to connect, or tries again at once; nothing if it is connected or on the way. */
  connect(): void {
    if (this.#held) this.#letGo()
    if (this.#isBare) this.#end()
    if (this.#life) return
    clearTimeout(this.#retryTimer)
    this.#attempts = 0
    void this.#try()
  }

  /** Finds out now whether the connection is there, as after a sleep. What is not is made anew at once, without a wait left from before. */
  async wake(): Promise<void> {
    const held = this.#held
    this.#attempts = 0
    await this.#sessions?.probe(wakeLimitMs)
    if (held && this.#held === held) held.again()
    else if (this.#connection.phase === 'waiting' && !this.#held) this.connect()
  }

  /** Ends the connection or the wait for it, and forgets what was answered. Jobs on the host run on. */
  disconnect(): void {
    clearTimeout(this.#retryTimer)
    this.#end()
    this.#questions.forget()
    if (this.#connection.phase !== 'idle') this.#enter({ phase: 'idle' })
  }

  /** Trusts the key that the host has shown, if it is the one the person saw, and connects. A changed key is never trusted here. */
  async trust(fingerprint: string): Promise<void> {
    const presented = this.#presented
    if (!presented || this.#connection.phase !== 'blocked') {
      throw new ProblemError('BAD_INPUT', `${this.settings.name} waits for no host key to be trusted.`)
    }
    if (this.#connection.problem.code !== 'HOST_KEY_UNKNOWN')
      throw new ProblemError('HOST_KEY_CHANGED', this.#connection.problem.detail)
    if (presented.fingerprint !== fingerprint) {
      throw new ProblemError('BAD_INPUT', `${this.settings.name} shows ${presented.fingerprint} now, not ${fingerprint}.`, {
        hint: 'Compare the new fingerprint with the one on the host.',
      })
    }
    await this.services.addTrust(presented.line)
    this.connect()
  }

  /** Gives the login what it asks for; see `Questions.answer` for what is refused. Dials again if the login has ended meanwhile. */
  answer(questionId: string, answers: readonly string[], remember?: boolean): void {
    const { phase, ...asking } = this.#connection
    const waits = this.#questions.answer(questionId, answers, remember)
    if (!waits) this.connect()
    else if (phase === 'asking' && 'question' in asking)
      this.#enter({ phase: asking.question.kind === 'sudo' ? 'probing' : 'auth' })
  }

  /** Tests the way to the host on a connection of its own; see `checkUp`. Passwords that were given before serve, and nobody is asked. */
  checkUp(signal?: AbortSignal): AsyncIterable<CheckupStep> {
    const { name } = this.settings
    const answers = withAsk(this.#questions.answers, async ({ title }) => {
      throw new ProblemError('AUTH_FAILED', `${name} wants an answer, and a test asks nobody: ${title}.`, {
        hint: 'Connect first. What you answer then serves for the test too, unless it is a code that serves once.',
      })
    })
    return checkUp(this.settings, { services: this.services, answers, signal })
  }

  /** Domdeck's login here, for another host to use once; or why it cannot, in a few words. */
  get lendable(): Lendable | string {
    const { name } = this.settings
    if (!this.#live || !this.#sessions || this.#connection.phase !== 'ready') return `${name} is not connected`
    const { ownLogin } = this.#sessions
    if (!ownLogin) return `Domdeck logs in to ${name} with more than a public key, and lends no password`
    const { asRoot } = this.#live.root
    return asRoot ? { login: ownLogin, asRoot } : `sudo on ${name} wants a password, which is not lent`
  }

  /** Connects once more, lending a login elsewhere to what runs on this connection; see `borrow`. What was answered before serves, and nobody is asked. */
  borrow(lends: LentLogin): Promise<Borrowed> {
    const { name } = this.settings
    const answers = withAsk(this.#questions.answers, async () => {
      throw new ProblemError('AUTH_FAILED', `${name} wants an answer at each login, and nobody is asked here.`)
    })
    return borrow(this.settings, { services: this.services, answers, lends })
  }

  /** Takes other settings of the same host. Another way to reach it, or another storage root, ends the connection and begins anew. */
  async update(settings: HostSettings): Promise<void> {
    const before = this.#settings
    const differs = (...names: (keyof HostSettings)[]) => names.some((name) => before[name] !== settings[name])
    const wasIdle = this.#connection.phase === 'idle'
    this.#settings = settings
    this.#inventory.storageRoot = settings.storageRoot
    if (differs('address', 'port', 'user')) {
      // What somebody answered to one account is nobody else's to hear.
      this.disconnect()
      await this.#questions.discard()
    } else if (differs('keyPath', 'jump', 'legacyAlgorithms', 'storageRoot')) this.#end()
    else return this.#listeners.emit('change', undefined)
    if (wasIdle) this.#listeners.emit('change', undefined)
    else this.connect()
  }

  /** Asks the control shell as root; see `ControlShell.ask`. HOST_NOT_READY without a connection. */
  async ask(argv: Argv, options?: { timeoutMs?: number }): Promise<Answer> {
    return this.#connected().shell.ask(argv, options)
  }

  /** Runs a command as root on a session of its own. */
  async run(argv: Argv, options?: RunOptions): Promise<Finished> {
    return this.#connected().root.run(argv, options)
  }

  /** Starts a command as root on a session of its own. */
  async stream(argv: Argv, options?: { signal?: AbortSignal }): Promise<RemoteProcess> {
    return this.#connected().root.stream(argv, options)
  }

  /** Opens a login shell on a pty: of the user who logs in, or root's. */
  async openShell(as: 'login' | 'root', size: TerminalSize, options?: { signal?: AbortSignal }): Promise<RemoteTerminal> {
    const { root, login } = this.#connected()
    return as === 'root' ? root.shell(size, options) : login(size, options)
  }

  /**
   * Logs in to a guest through this host, with a key check and a login of its own; see `dial`. `target` is as the host reaches it. Its
   * host key is kept under the id of the guest, for addresses behind a host change hands.
   */
  async dialGuest(guestId: string, target: Target, options: { signal: AbortSignal; answers: Answers }): Promise<Sessions> {
    const { passage } = this.#connected()
    return this.services.dialThrough({ passage: passage(), knownAs: guestId }, { ...target, jump: 'none' }, options)
  }

  /** Trusts a host key that a guest has shown, by its line for known_hosts. */
  trustGuest(line: string): Promise<void> {
    return this.services.addTrust(line)
  }

  /** Reads guests and bases anew. What changed on the host before the call is there when it resolves. */
  refresh(): Promise<void> {
    // A reading that is under way may have passed the change already: one more after it, shared by all who ask.
    this.#nextRefresh ??= (this.#thisRefresh ?? Promise.resolve()).then(
      () => this.#startRefresh(),
      () => this.#startRefresh(),
    )
    return this.#nextRefresh
  }

  /** Calls the listener at each such event until the returned function is called. */
  on<Name extends keyof HostEvents>(event: Name, listener: (payload: HostEvents[Name]) => void): () => void {
    return this.#listeners.on(event, listener)
  }

  #enter(connection: Connection): void {
    this.#connection = connection
    this.#listeners.emit('change', undefined)
  }

  /** Whether it is connected without Xen, where only `ask`, `run`, `stream` and shells work. */
  get #isBare(): boolean {
    return this.#live !== undefined && this.#connection.phase === 'blocked'
  }

  #connected(): Live {
    if (this.#live && (this.#connection.phase === 'ready' || this.#isBare)) return this.#live
    throw new ProblemError('HOST_NOT_READY', `${this.settings.name} is not connected.`)
  }

  async #try(): Promise<void> {
    const life = new AbortController()
    const { signal } = life
    this.#life = life
    this.#presented = undefined
    this.#questions.drop()
    try {
      this.#enter({ phase: 'resolving' })
      const loading = this.#questions.load()
      if (loading) await loading
      if (signal.aborted) return
      const answers = withAsk(this.#questions.answers, async (question) => {
        signal.throwIfAborted()
        return this.#questions.answers.ask(question)
      })
      const sessions = await this.services.dial(this.settings, {
        signal,
        answers,
        onPhase: (phase, jump) => signal.aborted || this.#enter({ phase, ...(jump === undefined ? {} : { jump }) }),
      })
      signal.addEventListener('abort', () => sessions.close(), { once: true })
      if (signal.aborted) return sessions.close()
      this.#sessions = sessions
      sessions.onLost((problem) => signal.aborted || this.#failed(problem))
      sessions.onSilence((silence) => {
        if (signal.aborted) return
        if (!silence) this.#goOn()
        else if (this.#connection.phase === 'ready') this.#hold(silence, this.#connection.since)
        else if (!this.#held) this.#failed(silence)
      })
      this.#enter({ phase: 'probing' })
      const root = await findRoot(
        sessions,
        { user: sessions.user ?? this.settings.user ?? 'root', name: this.settings.name },
        answers,
        patienceMs,
      )
      if (signal.aborted) return
      this.#live = openLive(sessions, root, {
        hostName: this.settings.name,
        signal,
        look: async () => {
          await this.refresh()
          return this.#inventory.settled
        },
        wantsLooks: () => this.#asked,
        onJob: (jobId) => this.#listeners.emit('job', jobId),
      })
      this.#inventory.distrust()
      if (!(await this.#probeXen(this.#live))) return
      await this.refresh()
      if (signal.aborted) return
      // What cannot be kept in the keychain costs a question at the next start, and no connection.
      await this.#questions.settle().catch((thrown: unknown) => signal.aborted || this.#note(toProblem(thrown)))
      if (signal.aborted) return
      this.#attempts = 0
      this.#enter({ phase: 'ready', since: Date.now() })
      this.#listeners.emit('ready', undefined)
      this.#polling.start(signal)
    } catch (thrown) {
      if (!signal.aborted) this.#failed(toProblem(thrown), thrown instanceof HostKeyError ? thrown.presented : undefined)
    }
  }

  #hold(silence: Problem, since: number): void {
    this.#held = new Hold({
      silence,
      since,
      reach: (signal) => reach(this.services, this.settings, signal),
      random: this.services.random,
      tell: (connection) => this.#enter(connection),
      onFound: () => this.connect(),
      onRefused: (problem, presented) => this.#failed(problem, presented),
    })
  }

  /** It speaks again, and nothing has been lost. */
  #goOn(): void {
    const held = this.#held
    if (!held) return
    held.end()
    this.#held = undefined
    this.#enter({ phase: 'ready', since: held.options.since })
    this.refresh().catch((thrown: unknown) => this.#note(toProblem(thrown)))
  }

  /** Nobody waits any longer for the silent connection. */
  #letGo(): void {
    const silence = this.#held?.options.silence
    this.#end()
    if (silence) this.#listeners.emit('lost', silence)
  }

  #failed(problem: Problem, presented?: PresentedKey): void {
    const wasReady = this.#connection.phase === 'ready' || this.#held !== undefined
    this.#end()
    const question = this.#questions.leave(problem.detail)
    // Dialling again by itself would only ask again, and count as a failed login on the host.
    if (question) this.#enter({ phase: 'asking', question })
    else if (passes(problem)) {
      this.#attempts += 1
      const waitMs = backoffMs(this.#attempts, this.services.random)
      this.#retryTimer = setTimeout(() => void this.#try(), waitMs)
      this.#enter({ phase: 'waiting', until: Date.now() + waitMs, attempt: this.#attempts, problem })
    } else {
      this.#presented = presented
      const presentedKey = presented && { algorithm: presented.algorithm, fingerprint: presented.fingerprint, of: presented.of }
      this.#enter({ phase: 'blocked', problem, ...(presentedKey ? { presentedKey } : {}) })
    }
    if (wasReady) this.#listeners.emit('lost', problem)
  }

  #end(): void {
    this.#held?.end()
    this.#held = undefined
    this.#life?.abort()
    this.#life = undefined
    this.#sessions = undefined
    this.#live = undefined
    this.#asked = false
    this.#nextRefresh = undefined
    this.#thisRefresh = undefined
  }

  async #probe({ shell }: Live): Promise<void> {
    this.#polling.probeDue = false
    const { facts, latencyMs } = await probe(shell, this.settings, patienceMs)
    this.#facts = facts
    this.#latencyMs = latencyMs
    this.#listeners.emit('change', undefined)
  }

  /** False where no Xen runs: the connection is kept for what needs none, so that the host can be booted into it. */
  async #probeXen(live: Live): Promise<boolean> {
    try {
      await this.#probe(live)
      return true
    } catch (thrown) {
      const problem = toProblem(thrown)
      if (problem.code !== 'NOT_XEN') throw thrown
      this.#attempts = 0
      this.#enter({ phase: 'blocked', problem })
      this.#listeners.emit('bare', undefined)
      return false
    }
  }

  #note(problem: Problem | undefined): void {
    if (this.#pollProblem?.detail === problem?.detail) return
    this.#pollProblem = problem
    this.#listeners.emit('change', undefined)
  }

  #startRefresh(): Promise<void> {
    this.#nextRefresh = undefined
    this.#thisRefresh = this.#readInventory()
    return this.#thisRefresh
  }

  async #readInventory(): Promise<void> {
    const { name } = this.settings
    const life = this.#life
    const shell = this.#live?.shell
    if (!life || !shell || this.#held) throw new ProblemError('HOST_NOT_READY', `${name} is not connected.`)
    this.#asked = true
    const { stdout, stderr, exitCode } = await shell.ask(this.#inventory.question(performance.now() / 1000), {
      timeoutMs: patienceMs,
    })
    if (life.signal.aborted) return
    if (exitCode !== 0) throw commandFailed(name, 'xl list', exitCode, stderr)
    const warningsBefore = this.#inventory.warnings.join('\n')
    const change = this.#inventory.take(parseSnapshot(stdout, name), performance.now() / 1000)
    this.#asOf = Date.now()
    if (change.changed.length > 0 || change.removed.length > 0) {
      this.#listeners.emit('guests', { changed: change.changed, removed: change.removed })
    }
    if (change.generations) this.#listeners.emit('bases', change.generations)
    if (change.packages) this.#listeners.emit('packages', change.packages)
    if (change.cpu) this.#listeners.emit('cpu', { at: this.#asOf, use: change.cpu })
    if (this.#inventory.warnings.join('\n') !== warningsBefore) this.#listeners.emit('change', undefined)
    this.#note(undefined)
    // Free memory is another now.
    if (change.domainsChanged) this.#polling.probeDue = true
  }
}
