import type { Generation } from '../../src-shared/models/base'
import type { Guest } from '../../src-shared/models/guest'
import type { Connection, HostFacts, Host as HostModel, HostSettings } from '../../src-shared/models/host'
import { type Problem, type ProblemCode, ProblemError, toProblem } from '../../src-shared/problem'
import type { Argv } from '../ssh/quote'
import type { RemoteProcess } from '../ssh/remote-process'
import type { Finished, RunOptions } from '../ssh/run'
import { HostKeyError, type PresentedKey } from '../ssh/trust'
import { backoffMs } from './backoff'
import { type Answer, ControlShell } from './control-shell'
import { type AsRoot, findRoot } from './escalation'
import { parseProbe } from './facts'
import { Inventory } from './inventory'
import { Listeners } from './listeners'
import { scheduleLooks } from './looks'
import probeScript from './probe.sh?raw'
import type { Sessions } from './sessions'
import { parseSnapshot, snapshotCommand } from './snapshot'
import snapshotScript from './snapshot.sh?raw'

/** What a host needs of the world. */
export type HostServices = {
  /** Dials and authenticates; says which phase it is in. Rejects with the problem, or when the signal aborts. */
  dial(
    settings: HostSettings,
    options: { signal: AbortSignal; onPhase(phase: 'resolving' | 'connecting' | 'host-key' | 'auth'): void },
  ): Promise<Sessions>
  /** Writes a line to Domdeck's known_hosts. */
  addTrust(line: string): Promise<void>
  /** Between 0 and 1; spreads reconnects. */
  random?: () => number
}

/** What a host tells of, and with what. */
export type HostEvents = {
  /** Connection, facts, latency or warnings are others than before. */
  change: undefined
  guests: { changed: Guest[]; removed: string[] }
  bases: readonly Generation[]
  /** CPU use by guest id, 1 is one vCPU fully busy. */
  cpu: { at: number; use: Record<string, number> }
  /** Id of a job that begins on the host, or is being rolled back; whoever started it. */
  job: string
  /** Connected, and guests and facts read. */
  ready: undefined
  /** The connection is gone; it comes back by itself unless `connection` says blocked. */
  lost: Problem
}

/** Finds what xenstore does not announce: pause, memory, files. */
const pollMs = 10_000
/** For what every connection needs: a host that swaps or boots twenty guests is slow, and dialling again would not make it faster. */
const patienceMs = 60_000
/** Facts and latency are read anew with every so many polls. */
const pollsPerProbe = 6

/** Problems that another try may not have; all others wait for a person. */
const passing: ReadonlySet<ProblemCode> = new Set([
  'DNS_FAILED',
  'CONNECTION_REFUSED',
  'CONNECTION_TIMED_OUT',
  'CONNECTION_LOST',
  'SESSION_REFUSED',
  'COMMAND_FAILED',
])

/** One live connection: all that is gone when it is lost. */
type Live = { sessions: Sessions; asRoot: AsRoot; shell: ControlShell }

/** One dom0: its connection, its facts, its guests and bases as they change. Old data stays when the connection goes. */
export class Host {
  #connection: Connection = { phase: 'idle' }
  #facts: HostFacts | undefined
  #asOf: number | undefined
  #latencyMs: number | undefined
  #pollProblem: Problem | undefined
  #probeDue = false
  #presented: PresentedKey | undefined
  #attempts = 0
  #live: Live | undefined
  /** Aborted when this try or this connection is over, however it ends. */
  #life: AbortController | undefined
  #retryTimer: NodeJS.Timeout | undefined
  #pollTimer: NodeJS.Timeout | undefined
  /** Whether guests have been asked for on this connection. */
  #asked = false
  #nextRefresh: Promise<void> | undefined
  #thisRefresh: Promise<void> | undefined
  readonly #inventory: Inventory
  readonly #listeners = new Listeners<HostEvents>()

  constructor(
    readonly settings: HostSettings,
    private readonly services: HostServices,
  ) {
    this.#inventory = new Inventory(settings.id, settings.storageRoot)
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

  /** Starts to connect, or tries again at once; nothing if it is connected or on the way. */
  connect(): void {
    if (this.#life) return
    clearTimeout(this.#retryTimer)
    this.#attempts = 0
    void this.#try()
  }

  /** Ends the connection or the wait for it. Jobs on the host run on. */
  disconnect(): void {
    clearTimeout(this.#retryTimer)
    this.#end()
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

  /** Asks the control shell as root; see `ControlShell.ask`. HOST_NOT_READY without a connection. */
  async ask(argv: Argv, options?: { timeoutMs?: number }): Promise<Answer> {
    return this.#connected().shell.ask(argv, options)
  }

  /** Runs a command as root on a session of its own. */
  async run(argv: Argv, options?: RunOptions): Promise<Finished> {
    const { sessions, asRoot } = this.#connected()
    return sessions.run(asRoot(argv), options)
  }

  /** Starts a command as root on a session of its own. */
  async stream(argv: Argv, options?: { signal?: AbortSignal }): Promise<RemoteProcess> {
    const { sessions, asRoot } = this.#connected()
    return sessions.stream(asRoot(argv), options)
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

  #connected(): Live {
    if (this.#live && this.#connection.phase === 'ready') return this.#live
    throw new ProblemError('HOST_NOT_READY', `${this.settings.name} is not connected.`)
  }

  async #try(): Promise<void> {
    const life = new AbortController()
    const { signal } = life
    this.#life = life
    this.#presented = undefined
    try {
      this.#enter({ phase: 'resolving' })
      const sessions = await this.services.dial(this.settings, {
        signal,
        onPhase: (phase) => signal.aborted || phase === this.#connection.phase || this.#enter({ phase }),
      })
      signal.addEventListener('abort', () => sessions.close(), { once: true })
      if (signal.aborted) return sessions.close()
      sessions.onLost((problem) => signal.aborted || this.#failed(problem))
      this.#enter({ phase: 'probing' })
      const asRoot = await findRoot(sessions, this.settings, patienceMs)
      if (signal.aborted) return
      this.#live = { sessions, asRoot, shell: this.#openShell(sessions, asRoot, signal) }
      this.#inventory.distrust()
      await this.#probe(this.#live)
      await this.refresh()
      if (signal.aborted) return
      this.#attempts = 0
      this.#enter({ phase: 'ready', since: Date.now() })
      this.#listeners.emit('ready', undefined)
      this.#pollAgain(signal, 1)
    } catch (thrown) {
      if (!signal.aborted) this.#failed(toProblem(thrown), thrown instanceof HostKeyError ? thrown.presented : undefined)
    }
  }

  #openShell(sessions: Sessions, asRoot: AsRoot, signal: AbortSignal): ControlShell {
    const looks = scheduleLooks(() => this.refresh().catch(() => undefined))
    const shell = new ControlShell({
      hostName: this.settings.name,
      open: () => sessions.stream(asRoot(['sh'])),
      // The body in parentheses is a subshell: the script's variables, `set` and `exit` stay its own.
      functions: `${snapshotCommand}() (\n${snapshotScript}\n)`,
      killGroup: (group) => sessions.run(asRoot(['kill', '-TERM', '--', `-${group}`]), { timeoutMs: 10_000 }),
      onJob: (jobId) => signal.aborted || this.#listeners.emit('job', jobId),
      onEvent: () => {
        // Before the first look there is nothing to compare with, and that look is still to come.
        if (!signal.aborted && this.#asked) looks.eventCame()
      },
    })
    signal.addEventListener(
      'abort',
      () => {
        looks.stop()
        shell.close()
      },
      { once: true },
    )
    return shell
  }

  #failed(problem: Problem, presented?: PresentedKey): void {
    const wasReady = this.#connection.phase === 'ready'
    this.#end()
    if (passing.has(problem.code)) {
      this.#attempts += 1
      const waitMs = backoffMs(this.#attempts, this.services.random)
      this.#retryTimer = setTimeout(() => void this.#try(), waitMs)
      this.#enter({ phase: 'waiting', until: Date.now() + waitMs, attempt: this.#attempts, problem })
    } else {
      this.#presented = presented
      const { algorithm, fingerprint } = presented ?? {}
      const presentedKey = algorithm !== undefined && fingerprint !== undefined ? { algorithm, fingerprint } : undefined
      this.#enter({ phase: 'blocked', problem, ...(presentedKey ? { presentedKey } : {}) })
    }
    if (wasReady) this.#listeners.emit('lost', problem)
  }

  #end(): void {
    clearTimeout(this.#pollTimer)
    this.#life?.abort()
    this.#life = undefined
    this.#live = undefined
    this.#asked = false
    this.#nextRefresh = undefined
    this.#thisRefresh = undefined
  }

  async #probe({ shell }: Live): Promise<void> {
    this.#probeDue = false
    const { name, storageRoot } = this.settings
    // The first question opens the shell; the second is one round trip and nothing else.
    await shell.ask([':'], { timeoutMs: patienceMs })
    const startedAt = performance.now()
    await shell.ask([':'])
    const latencyMs = performance.now() - startedAt
    const { stdout, stderr, exitCode } = await shell.ask(['sh', '-c', probeScript, 'probe.sh', storageRoot], {
      timeoutMs: patienceMs,
    })
    const received = { hostName: name, at: Date.now(), latencyMs }
    if (exitCode !== 0) throw commandFailed(name, 'probe.sh', exitCode, stderr)
    this.#facts = parseProbe(stdout, received)
    this.#latencyMs = latencyMs
    this.#listeners.emit('change', undefined)
  }

  #pollAgain(signal: AbortSignal, count: number): void {
    this.#pollTimer = setTimeout(async () => {
      try {
        const live = this.#live
        if (live && (this.#probeDue || count % pollsPerProbe === 0)) await this.#probe(live)
        await this.refresh()
      } catch (thrown) {
        this.#note(signal, toProblem(thrown))
      }
      if (!signal.aborted) this.#pollAgain(signal, count + 1)
    }, pollMs)
  }

  #note(signal: AbortSignal, problem: Problem | undefined): void {
    if (signal.aborted || this.#pollProblem?.detail === problem?.detail) return
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
    if (!life || !shell) throw new ProblemError('HOST_NOT_READY', `${name} is not connected.`)
    this.#asked = true
    const { stdout, stderr, exitCode } = await shell.ask(this.#inventory.question(), { timeoutMs: patienceMs })
    if (life.signal.aborted) return
    if (exitCode !== 0) throw commandFailed(name, 'xl list', exitCode, stderr)
    const warningsBefore = this.#inventory.warnings.join('\n')
    const change = this.#inventory.take(parseSnapshot(stdout, name), performance.now() / 1000)
    this.#asOf = Date.now()
    if (change.changed.length > 0 || change.removed.length > 0) {
      this.#listeners.emit('guests', { changed: change.changed, removed: change.removed })
    }
    if (change.generations) this.#listeners.emit('bases', change.generations)
    if (change.cpu) this.#listeners.emit('cpu', { at: this.#asOf, use: change.cpu })
    if (this.#inventory.warnings.join('\n') !== warningsBefore) this.#listeners.emit('change', undefined)
    this.#note(life.signal, undefined)
    // Free memory is another now; it is read with the next poll, for a host that makes guests has better things to do.
    if (change.domainsChanged) this.#probeDue = true
  }
}

function commandFailed(hostName: string, command: string, exitCode: number, output: string): ProblemError {
  const said = output.trim().split('\n').at(-1) ?? ''
  return new ProblemError('COMMAND_FAILED', `${command} failed on ${hostName}: ${said || `exit status ${exitCode}`}.`, {
    context: { host: hostName, command, exitCode, output },
  })
}
