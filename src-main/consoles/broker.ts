import type { ConsoleEvent, ConsoleStatus } from '../../src-shared/models/console'
import type { Connection } from '../../src-shared/models/host'
import { ProblemError, toProblem } from '../../src-shared/problem'
import type { RemoteProcess } from '../ssh/remote-process'
import { Attachment, type AttachmentOwner } from './attachment'
import type { ConsoleLane } from './lane'
import { pace, withoutEscape } from './pacer'
import { type ConsoleHost, openReader } from './reader'
import { Ring } from './ring'

export type BrokerOptions = {
  /** Names this Domdeck on hosts. */
  mark: string
  /** How long the reader stays after the last pane is closed, so that moving a pane does not cost a new attach. */
  lingerMs: number
  now(): number
  /** The console is closed for good; the next pane needs a new broker. */
  onClosed(): void
}

const firstRetryMs = 500
const slowestRetryMs = 30_000
/** This much goes to the panes at once; less waits for the end of the turn, for a message costs a page more than its bytes do. */
const messageBytes = 64 * 1024

/** A running xenconsole of ours. */
type Reader = { process: RemoteProcess; domid: number; said(): string; bytes: number }

/** The console of one guest: one reader on the host, any number of panes, one of them the writer. */
export class ConsoleBroker implements AttachmentOwner {
  readonly #ring = new Ring()
  readonly #attachments = new Set<Attachment>()
  #writer: Attachment | undefined
  #status: ConsoleStatus = { state: 'attaching' }
  #reader: Reader | undefined
  #paused = false
  /** Output of this turn of the event loop that no pane was given yet. */
  #keptBytes = 0
  #turn: NodeJS.Immediate | undefined
  /** Counts attempts to attach: what a superseded one finds out is not heeded. */
  #attempt = 0
  /** The domain that the last attempt was for. A new try needs another one, or a reason. */
  #triedDomid: number | undefined
  /** The last domain whose console was read: another one means a reboot. */
  #lastDomid: number | undefined
  /** Readers of one domain that ended, one after another, without a byte. */
  #fruitless = 0
  #retryMs = firstRetryMs
  #retryTimer: NodeJS.Timeout | undefined
  #pasting = 0
  readonly #changeWaiters = new Set<() => void>()
  #lingering: NodeJS.Timeout | undefined
  /** The host is silent on a connection that is kept. */
  #held = false
  #closed = false
  #host: ConsoleHost
  #leaveHost: () => void = () => undefined

  constructor(
    host: ConsoleHost,
    private readonly guestId: string,
    private readonly options: BrokerOptions,
  ) {
    this.#host = host
    this.bindHost(host)
  }

  /** A host whose settings were changed is another object; panes stay. */
  bindHost(host: ConsoleHost): void {
    this.#leaveHost()
    this.#host = host
    const stops = [
      host.on('change', () => this.#linkChanged(host.connection)),
      host.on('ready', () => void this.#connect()),
      host.on('guests', () => {
        const domid = host.guests.get(this.guestId)?.domid
        if (domid === undefined || domid === this.#triedDomid) return
        // A reader that has given bytes may have more of the last boot to give; it ends by itself.
        if (!this.#reader || this.#reader.bytes === 0) void this.#connect()
      }),
    ]
    this.#leaveHost = () => {
      for (const stop of stops) stop()
    }
    void this.#connect()
  }

  /** Opens a pane. Its events begin with the number of its stream and the length of the history that comes first. */
  attach(lane: ConsoleLane, who: string): Attachment {
    clearTimeout(this.#lingering)
    const attachment = new Attachment(this, lane, who, this.#ring)
    if (attachment.closed) {
      this.#lingerIfAlone()
      return attachment
    }
    this.#attachments.add(attachment)
    attachment.events.push({ type: 'opened', stream: attachment.stream })
    attachment.events.push({ type: 'history-end', bytes: this.#ring.end - this.#ring.start })
    attachment.events.push({ type: 'status', status: this.#status })
    this.#writer ??= attachment
    attachment.events.push(this.#writerEvent(attachment))
    this.#regulate()
    return attachment
  }

  /** Makes this pane the writer; a paste of the one before stops. */
  takeWriter(attachment: Attachment): void {
    if (this.#writer === attachment || !this.#attachments.has(attachment)) return
    this.#writer = attachment
    for (const each of this.#attachments) each.events.push(this.#writerEvent(each))
    this.#changed()
  }

  /**
   * Ends the foreign holder that the person saw and attaches; after a failure it just tries again. CONSOLE_BUSY when somebody
   * holds the console still.
   */
  async evict(pid: number): Promise<void> {
    if (this.#status.state !== 'busy' && this.#status.state !== 'failed') return
    await this.#connect(this.#status.state === 'busy' ? pid : undefined)
    // Read anew: the attempt has changed it.
    const status = this.#status as ConsoleStatus
    if (status.state === 'busy') {
      throw new ProblemError('CONSOLE_BUSY', `The console of ${this.#name} is held by ${status.holder} (pid ${status.pid}).`)
    }
  }

  /** Sends text at a guest's pace. CONSOLE_BUSY for a pane that is not the writer, CONSOLE_FAILED when the console goes away meanwhile. */
  async paste(attachment: Attachment, text: string, signal: AbortSignal | undefined): Promise<void> {
    const bytes = new TextEncoder().encode(text)
    let sentBytes = 0
    const check = (): RemoteProcess => {
      const upTo = sentBytes > 0 ? ` The guest has got ${sentBytes} of ${bytes.length} bytes.` : ''
      if (this.#writer !== attachment) {
        throw new ProblemError(
          'CONSOLE_BUSY',
          `${this.#writer?.who ?? 'Another pane'} is typing on the console of ${this.#name}.${upTo}`,
        )
      }
      if (!this.#reader) throw new ProblemError('CONSOLE_FAILED', `The console of ${this.#name} is not attached.${upTo}`)
      return this.#reader.process
    }
    check()
    this.#pasting += 1
    try {
      await pace(bytes, {
        write: (piece) => {
          check().write(piece)
          sentBytes += piece.length
        },
        held: () => {
          check()
          return this.#paused ? this.#nextChange(signal) : undefined
        },
        signal,
      })
    } finally {
      this.#pasting -= 1
    }
  }

  input(attachment: Attachment, bytes: Uint8Array): void {
    if (this.#writer !== attachment) {
      // Two panes of one page are one person: whichever is typed in writes.
      if (this.#writer?.lane !== attachment.lane || this.#pasting > 0) return
      this.takeWriter(attachment)
    }
    this.#reader?.process.write(withoutEscape(bytes))
  }

  acked(attachment: Attachment): void {
    attachment.pump()
    this.#regulate()
  }

  left(attachment: Attachment): void {
    if (!this.#attachments.delete(attachment)) return
    if (this.#writer === attachment) {
      this.#writer = undefined
      const others = [...this.#attachments]
      const heir = others.find((other) => other.lane === attachment.lane) ?? others[0]
      if (heir) this.takeWriter(heir)
    }
    this.#regulate()
    this.#lingerIfAlone()
  }

  #lingerIfAlone(): void {
    clearTimeout(this.#lingering)
    if (this.#attachments.size === 0) this.#lingering = setTimeout(() => this.close(), this.options.lingerMs)
  }

  /** Ends the reader and all panes. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#supersede()
    clearTimeout(this.#lingering)
    this.#leaveHost()
    this.#endReader()
    for (const attachment of [...this.#attachments]) attachment.close()
    clearTimeout(this.#lingering)
    this.options.onClosed()
  }

  get #name(): string {
    return this.#host.guests.get(this.guestId)?.name ?? this.guestId
  }

  #writerEvent(attachment: Attachment): ConsoleEvent {
    const self = this.#writer === attachment
    return self || !this.#writer ? { type: 'writer', self } : { type: 'writer', self, who: this.#writer.who }
  }

  #tell(status: ConsoleStatus): void {
    // The moment it went down is the first one.
    if (status.state === this.#status.state && (status.state === 'guest-down' || status.state === 'link-lost')) return
    this.#status = status
    for (const attachment of this.#attachments) attachment.events.push({ type: 'status', status })
    this.#changed()
  }

  async #connect(evict?: number): Promise<void> {
    if (this.#closed) return
    this.#supersede()
    const attempt = this.#attempt
    const host = this.#host
    this.#endReader()
    if (host.connection.phase !== 'ready') return this.#tell({ state: 'link-lost', at: this.options.now() })
    const domid = host.guests.get(this.guestId)?.domid
    this.#triedDomid = domid
    if (domid === undefined) return this.#tell({ state: 'guest-down', at: this.options.now() })
    // A pane that waits for its guest, its host or another reader keeps saying so until there is news.
    if (!['guest-down', 'link-lost', 'busy'].includes(this.#status.state)) this.#tell({ state: 'attaching' })
    try {
      const opening = await openReader(host, { uuid: this.guestId, domid, mark: this.options.mark, evict })
      if (attempt !== this.#attempt) {
        if (opening.kind === 'reader') opening.process.close()
      } else if (opening.kind === 'reader') this.#read({ process: opening.process, said: opening.said, domid, bytes: 0 })
      else if (opening.kind === 'busy') {
        this.#tell({ state: 'busy', pid: opening.pid, holder: opening.holder })
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

  #read(reader: Reader): void {
    this.#reader = reader
    this.#paused = false
    this.#retryMs = firstRetryMs
    const { domid, process } = reader
    const rebooted = this.#lastDomid !== undefined && this.#lastDomid !== domid
    if (rebooted) this.#fruitless = 0
    this.#lastDomid = domid
    this.#tell(rebooted ? { state: 'reattached', domid, at: this.options.now() } : { state: 'attached', domid })
    process.onStdout((chunk) => {
      if (this.#reader !== reader) return
      reader.bytes += chunk.length
      this.#take(chunk)
    })
    process.exited.then(
      ({ exitCode }) => this.#ended(reader, exitCode),
      () => this.#ended(reader, undefined),
    )
    this.#regulate()
  }

  #take(chunk: Uint8Array): void {
    this.#ring.append(chunk)
    this.#keptBytes += chunk.length
    if (this.#keptBytes >= messageBytes) this.#passOn()
    else this.#turn ??= setImmediate(() => this.#passOn())
  }

  #passOn(): void {
    clearImmediate(this.#turn)
    this.#turn = undefined
    this.#keptBytes = 0
    let needed = this.#ring.end
    for (const attachment of this.#attachments) {
      attachment.pump()
      needed = Math.min(needed, attachment.place)
    }
    this.#ring.trim(needed)
    this.#regulate()
  }

  /** xenconsole ends when the domain is gone, when somebody ended it, or with the link. */
  async #ended(reader: Reader, exitCode: number | undefined): Promise<void> {
    if (this.#reader !== reader) return
    this.#reader = undefined
    this.#changed()
    this.#fruitless = reader.bytes > 0 ? 0 : this.#fruitless + 1
    if (this.#fruitless > 1) {
      const output = reader.said()
      const why = output.split('\n').at(-1) || (exitCode === undefined ? 'its session was closed' : `exit status ${exitCode}`)
      const problem = new ProblemError('CONSOLE_FAILED', `xenconsole ends at once for ${this.#name}: ${why}.`, {
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
      this.#tell({ state: 'guest-down', at: this.options.now() })
    } else if (retry === 'now') await this.#connect()
    // A domain that is being made or torn down is listed before, and after, it has a console.
    else this.#retryLater()
  }

  #retryLater(): void {
    this.#retryTimer = setTimeout(() => void this.#connect(), this.#retryMs)
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
      else void this.#connect()
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
    reader?.process.close()
    if (reader) this.#changed()
  }

  /** Holds the host's output back while any pane has more than it can parse. */
  #regulate(): void {
    let isFull = false
    for (const attachment of this.#attachments) isFull ||= attachment.isFull
    if (!this.#reader || isFull === this.#paused) return
    this.#paused = isFull
    if (isFull) this.#reader.process.pause()
    else this.#reader.process.resume()
    this.#changed()
  }

  #changed(): void {
    for (const wake of this.#changeWaiters) wake()
  }

  #nextChange(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#changeWaiters.delete(done)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      this.#changeWaiters.add(done)
      signal?.addEventListener('abort', done)
    })
  }
}
