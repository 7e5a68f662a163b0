import type { ConsoleStatus } from '../../src-shared/models/console'
import type { Connection } from '../../src-shared/models/host'
import { ProblemError, toProblem } from '../../src-shared/problem'
import type { RemoteProcess } from '../ssh/remote-process'
import { consoleLog } from './console-log'
import { Gap, Tail } from './gap'
import { withoutEscape } from './pacer'
import { type ConsoleHost, type Opening, openReader } from './reader'
import type { ConsoleSource, SourceListener } from './source'

export type GuestSourceOptions = {
  /** Names this Domdeck on hosts. */
  mark: string
  now(): number
  /** Hosts other than this one where the guest runs. */
  elsewhere(hostId: string): readonly ConsoleHost[]
  /** The guest has moved there, and the source with it; false when it cannot. */
  move(host: ConsoleHost): boolean
}

const firstRetryMs = 500
const slowestRetryMs = 30_000

/** A running xenconsole of ours. */
type Reader = { process: RemoteProcess; domid: number; said(): string; bytes: number; gap?: Gap }

/** hvc0 of one guest: the one reader on its host, over reboots and lost links. */
export class GuestSource implements ConsoleSource {
  #listener: SourceListener | undefined
  #told: ConsoleStatus = { state: 'attaching' }
  #reader: Reader | undefined
  #paused = false
  readonly #awaitingRoom: (() => void)[] = []
  /** What was shown last. */
  readonly #tail = new Tail()
  /** The last reader did not end by itself: what it had read is lost with it. */
  #isCut = false
  /** Counts attempts to attach: what a superseded one finds out is not heeded. */
  #attempt = 0
  /** The domain that the last attempt was for. A new try needs another one, or a reason. */
  #triedDomid: number | undefined
  /** The last domain whose console was read: another one means a reboot. */
  #lastDomid: number | undefined
  /** Hosts that ran a guest of this UUID beside ours: from a copy of its config, and never the one that is followed. */
  #twins: ReadonlySet<string> = new Set()
  /** The host that the guest has moved to, until its console is read there. */
  #movedTo: string | undefined
  /** Readers of one domain that ended, one after another, without a byte. */
  #fruitless = 0
  #retryMs = firstRetryMs
  #retryTimer: NodeJS.Timeout | undefined
  /** The host is silent on a connection that is kept. */
  #held = false
  #closed = false
  #host: ConsoleHost
  #leaveHost: () => void = () => undefined

  constructor(
    host: ConsoleHost,
    private readonly guestId: string,
    private readonly options: GuestSourceOptions,
  ) {
    this.#host = host
  }

  start(listener: SourceListener): void {
    this.#listener = listener
    this.bindHost(this.#host)
  }

  /** A host whose settings were changed is another object; panes stay. */
  bindHost(host: ConsoleHost): void {
    this.#leaveHost()
    this.#host = host
    const stops = [
      host.on('change', () => this.#linkChanged(host.connection)),
      host.on('ready', () => void this.retry()),
      host.on('guests', () => {
        const domid = host.guests.get(this.guestId)?.domid
        if (domid === undefined || domid === this.#triedDomid) return
        // A reader that has given bytes may have more of the last boot to give; it ends by itself.
        if (!this.#reader || this.#reader.bytes === 0) void this.retry()
      }),
    ]
    this.#leaveHost = () => {
      for (const stop of stops) stop()
    }
    void this.retry()
  }

  get name(): string {
    return this.#host.guests.get(this.guestId)?.name ?? this.guestId
  }

  get attached(): boolean {
    return this.#reader !== undefined
  }

  write(bytes: Uint8Array): void {
    this.#reader?.process.write(withoutEscape(bytes))
  }

  pause(): void {
    this.#paused = true
    this.#reader?.process.pause()
  }

  resume(): void {
    this.#paused = false
    this.#reader?.process.resume()
    for (const go of this.#awaitingRoom.splice(0)) go()
  }

  close(): void {
    this.#closed = true
    this.#supersede()
    this.#leaveHost()
    this.#endReader()
  }

  async retry(evict?: number): Promise<void> {
    if (this.#closed) return
    this.#supersede()
    const attempt = this.#attempt
    const host = this.#host
    this.#endReader()
    if (host.connection.phase !== 'ready') return this.#tell({ state: 'link-lost', at: this.options.now() })
    const domid = host.guests.get(this.guestId)?.domid
    this.#triedDomid = domid
    if (domid === undefined) return this.#down()
    // A pane that waits for its guest, its host or another reader keeps saying so until there is news.
    if (!['guest-down', 'link-lost', 'busy'].includes(this.#told.state)) this.#tell({ state: 'attaching' })
    try {
      const opening = await openReader(host, { uuid: this.guestId, domid, mark: this.options.mark, evict })
      if (attempt !== this.#attempt) {
        if (opening.kind === 'reader') opening.process.close()
      } else if (opening.kind === 'reader') this.#read({ process: opening.process, said: opening.said, domid, bytes: 0 })
      else if (opening.kind === 'busy') {
        this.#busy(opening)
        // The holder will leave without a word.
        this.#retryLater()
      } else await this.#lookAgain(attempt, 'later')
    } catch (thrown) {
      if (attempt !== this.#attempt) return
      const problem = toProblem(thrown)
      if (problem.code === 'CONNECTION_LOST' || problem.code === 'HOST_NOT_READY') await this.#lookAgain(attempt, 'later')
      else this.#tell({ state: 'failed', problem })
    }
  }

  /** Another host has news: the guest may have moved there. */
  look(): void {
    if (this.#told.state === 'guest-down' || this.#told.state === 'link-lost') this.#follow()
  }

  #down(): void {
    if (!this.#follow()) this.#tell({ state: 'guest-down', at: this.options.now() })
  }

  /** Goes on where the guest runs now. A guest that was down before anybody looked is another one than its copy elsewhere. */
  #follow(): boolean {
    const { settings, connection, guests } = this.#host
    const wasHere = this.#lastDomid !== undefined || (connection.phase === 'ready' && !guests.has(this.guestId))
    const host = this.options.elsewhere(settings.id).find((other) => !this.#twins.has(other.settings.id))
    if (this.#closed || !wasHere || !host || !this.options.move(host)) return false
    this.#movedTo = host.settings.name
    this.bindHost(host)
    return true
  }

  #tell(status: ConsoleStatus): void {
    // The moment it went down is the first one.
    if (status.state === this.#told.state && (status.state === 'guest-down' || status.state === 'link-lost')) return
    this.#told = status
    this.#listener?.status(status)
  }

  #busy({ pid, holder, ageSeconds }: Extract<Opening, { kind: 'busy' }>): void {
    const before = this.#told
    // Asked for anew, its age is rounded anew.
    if (before.state === 'busy' && before.pid === pid && before.holder === holder) return
    const since = ageSeconds === undefined ? undefined : this.options.now() - ageSeconds * 1000
    this.#tell({ state: 'busy', pid, holder, since })
  }

  #read(reader: Reader): void {
    this.#reader = reader
    this.#retryMs = firstRetryMs
    const { domid, process } = reader
    if (this.#paused) process.pause()
    const isAnother = this.#movedTo !== undefined || (this.#lastDomid !== undefined && this.#lastDomid !== domid)
    if (isAnother) this.#fruitless = 0
    this.#tell(
      isAnother ? { state: 'reattached', domid, at: this.options.now(), movedTo: this.#movedTo } : { state: 'attached', domid },
    )
    this.#lastDomid = domid
    if (this.#isCut && this.#tail.bytes.length > 0) void this.#fillGap(reader, isAnother)
    this.#movedTo = undefined
    this.#twins = new Set(this.options.elsewhere(this.#host.settings.id).map(({ settings }) => settings.id))
    process.onStdout((chunk) => {
      if (this.#reader !== reader) return
      reader.bytes += chunk.length
      if (reader.gap) reader.gap.take(chunk)
      else this.#show(chunk)
    })
    process.exited.then(
      ({ exitCode }) => this.#ended(reader, exitCode),
      () => this.#ended(reader, undefined),
    )
  }

  #show(chunk: Buffer): void {
    this.#tail.add(chunk)
    this.#listener?.output(chunk)
  }

  /** What came while nobody read, or was lost on its way here, from the log of the host, before what the reader says. */
  async #fillGap(reader: Reader, isAnother: boolean): Promise<void> {
    const gap = new Gap({
      log: consoleLog(this.#host, this.name),
      tail: this.#tail,
      output: (chunk) => this.#show(chunk),
      room: () => (this.#paused ? new Promise((resolve) => this.#awaitingRoom.push(resolve)) : Promise.resolve()),
    })
    reader.gap = gap
    // A log that cannot be read is as good as none; if the link is why, the next reader finds the gap still open.
    const isFilled = await gap.fill().catch(() => false)
    if (this.#reader !== reader) return
    delete reader.gap
    this.#isCut = false
    // After a reboot or a move that is what the strip says; the last words of the old domain go unread by everybody.
    if (!isFilled && !isAnother) this.#tell({ state: 'attached', domid: reader.domid, missed: true })
  }

  /** xenconsole ends when the domain is gone, when somebody ended it, or with the link. */
  async #ended(reader: Reader, exitCode: number | undefined): Promise<void> {
    if (this.#reader !== reader) return
    this.#isCut ||= exitCode !== 0
    reader.gap?.end()
    this.#reader = undefined
    this.#listener?.detached()
    this.#fruitless = reader.bytes > 0 ? 0 : this.#fruitless + 1
    if (this.#fruitless > 1) {
      const output = reader.said()
      const why = output.split('\n').at(-1) || (exitCode === undefined ? 'its session was closed' : `exit status ${exitCode}`)
      const problem = new ProblemError('CONSOLE_FAILED', `xenconsole ends at once for ${this.name}: ${why}.`, {
        context: { host: this.#host.settings.name, command: `xenconsole ${reader.domid}`, ...(output ? { output } : {}) },
      }).problem
      this.#fruitless = 0
      return this.#tell({ state: 'failed', problem })
    }
    await this.#lookAgain(this.#attempt, 'now')
  }

  /** The console is gone, and the reason is on the host: the guest down, rebooted, or still there with somebody else at its console. */
  async #lookAgain(attempt: number, retry: 'now' | 'later'): Promise<void> {
    // What cannot be read is found out by the next attempt.
    await this.#host.refresh().catch(() => undefined)
    if (attempt !== this.#attempt) return
    if (this.#host.connection.phase !== 'ready') return this.#lost()
    if (this.#host.guests.get(this.guestId)?.domid === undefined) {
      this.#down()
    } else if (retry === 'now') await this.retry()
    // A domain that is being made or torn down is listed before, and after, it has a console.
    else this.#retryLater()
  }

  #retryLater(): void {
    this.#retryTimer = setTimeout(() => void this.retry(), this.#retryMs)
    this.#retryMs = Math.min(slowestRetryMs, this.#retryMs * 2)
  }

  #linkChanged(connection: Connection): void {
    if (connection.phase === 'waiting' && connection.held) {
      // The reader may speak again.
      this.#held = true
      this.#tell({ state: 'link-lost', at: this.options.now() })
    } else if (connection.phase !== 'ready') this.#lost()
    else if (this.#held) {
      this.#held = false
      if (this.#reader) this.#tell({ state: 'attached', domid: this.#reader.domid })
      else void this.retry()
    }
  }

  #lost(): void {
    this.#held = false
    this.#supersede()
    this.#endReader()
    this.#triedDomid = undefined
    this.#tell({ state: 'link-lost', at: this.options.now() })
  }

  #supersede(): void {
    this.#attempt += 1
    clearTimeout(this.#retryTimer)
  }

  #endReader(): void {
    const reader = this.#reader
    this.#reader = undefined
    this.#isCut ||= reader !== undefined
    reader?.gap?.end()
    reader?.process.close()
    if (reader) this.#listener?.detached()
  }
}
