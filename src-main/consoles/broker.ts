import type { ConsoleEvent, ConsoleMark, ConsoleStatus, ConsoleWatch } from '../../src-shared/models/console'
import type { RunningRecording } from '../../src-shared/models/recording'
import { type Problem, ProblemError } from '../../src-shared/problem'
import type { TerminalSize } from '../ssh/remote-process'
import { Attachment, type AttachmentOwner } from './attachment'
import { type FlowSizes, flowSizes } from './flow'
import type { ConsoleLane } from './lane'
import { pace } from './pacer'
import { Ring } from './ring'
import type { ConsoleSource } from './source'
import { isWorse, TroubleFinder } from './trouble'
import { Watch } from './watch'

export type BrokerOptions = {
  /** How long the source stays after the last pane is closed, so that moving a pane does not cost a new attach. */
  lingerMs: number
  now(): number
  /** Whether it is a guest's kernel that prints: then its trouble is marked. */
  hasKernel: boolean
  sizes?: FlowSizes
  /** The console is closed for good; the next pane needs a new broker. */
  onClosed(): void
}

/** One console: one source, any number of panes, one of them the writer. */
export class ConsoleBroker implements AttachmentOwner {
  readonly #sizes: FlowSizes
  readonly #ring: Ring
  readonly #attachments = new Set<Attachment>()
  #writer: Attachment | undefined
  #status: ConsoleStatus = { state: 'attaching' }
  readonly #trouble = new TroubleFinder()
  #mark: ConsoleMark | undefined
  #paused = false
  /** Output of this turn of the event loop that no pane was given yet. */
  #keptBytes = 0
  #turn: NodeJS.Immediate | undefined
  #pasting = 0
  readonly #changeWaiters = new Set<() => void>()
  #lingering: NodeJS.Timeout | undefined
  #recording: RunningRecording | undefined
  #closed = false

  constructor(
    private readonly source: ConsoleSource,
    private readonly options: BrokerOptions,
  ) {
    this.#sizes = options.sizes ?? flowSizes
    this.#ring = new Ring(this.#sizes.ring, this.#sizes.block)
    source.start({
      output: (chunk) => this.#take(chunk),
      status: (status) => this.#tell(status),
      detached: () => this.#changed(),
    })
  }

  /** Opens a pane. Its events begin with the number of its stream and the length of the history that comes first. */
  attach(lane: ConsoleLane, who: string): Attachment {
    clearTimeout(this.#lingering)
    const attachment = new Attachment(this, lane, who, this.#ring, this.#sizes)
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
    if (this.#recording) attachment.events.push({ type: 'recording', recording: this.#recording })
    if (this.#mark) attachment.events.push({ type: 'mark', mark: this.#mark, isNew: false })
    this.#regulate()
    return attachment
  }

  /** Tells the panes that the console is recorded now, or no more; the problem is why it ended. */
  tellRecording(recording: RunningRecording | undefined, problem?: Problem): void {
    this.#recording = recording
    for (const { events } of this.#attachments) events.push({ type: 'recording', recording, problem })
  }

  /** What a pane waits for from now on. BAD_INPUT for a broken pattern: then it waits on as before. */
  watch(attachment: Attachment, spec: ConsoleWatch | undefined): void {
    attachment.watch =
      spec &&
      new Watch(spec, {
        hit: (line) => attachment.events.push(line === undefined ? { type: 'watch-hit' } : { type: 'watch-hit', line }),
        failed: (problem) => attachment.events.push({ type: 'watch-failed', problem }),
        isHeld: () => this.#paused,
      })
    attachment.watch?.attached(isAttached(this.#status))
  }

  /** The guest is on another host now, and all panes with it. */
  tellMoved(hostId: string): void {
    for (const { events } of this.#attachments) events.push({ type: 'moved', hostId })
  }

  /** Somebody has seen the trouble. */
  dismissMark(): void {
    this.#setMark(undefined)
  }

  /** Makes this pane the writer; a paste of the one before stops. */
  takeWriter(attachment: Attachment): void {
    if (this.#writer === attachment || !this.#attachments.has(attachment)) return
    this.#writer = attachment
    for (const each of this.#attachments) each.events.push(this.#writerEvent(each))
    this.#changed()
  }

  /**
   * Makes a viewer without a pane the writer, where nobody writes but a pane of its own page; returns that pane. CONSOLE_BUSY says who
   * writes.
   */
  borrowWriter(viewer: Attachment, page: ConsoleLane): Attachment | undefined {
    const before = this.#writer
    if (before === viewer) return undefined
    if (before && before.lane !== page) {
      throw new ProblemError('CONSOLE_BUSY', `${before.who} is typing on the console of ${this.source.name}.`)
    }
    this.takeWriter(viewer)
    return before
  }

  /** Gives the keys back, unless somebody has taken them meanwhile. */
  handBack(viewer: Attachment, pane: Attachment): void {
    if (this.#writer === viewer) this.takeWriter(pane)
  }

  /** Tells the other side the size of the pane that writes. */
  resize(attachment: Attachment, size: TerminalSize): void {
    if (this.#writer === attachment) this.source.resize?.(size)
  }

  /**
   * Ends the foreign holder that the person saw and attaches; after a failure it just tries again, and opens a shell that is not open.
   * CONSOLE_BUSY when somebody holds the console still.
   */
  async evict(pid: number): Promise<void> {
    if (!['busy', 'failed', 'closed', 'ended'].includes(this.#status.state)) return
    await this.source.retry(this.#status.state === 'busy' ? pid : undefined)
    // Read anew: the attempt has changed it.
    const status = this.#status as ConsoleStatus
    if (status.state === 'busy') {
      throw new ProblemError(
        'CONSOLE_BUSY',
        `The console of ${this.source.name} is held by ${status.holder} (pid ${status.pid}).`,
      )
    }
  }

  /** Sends text at a guest's pace. CONSOLE_BUSY for a pane that is not the writer, CONSOLE_FAILED when the console goes away meanwhile. */
  async paste(attachment: Attachment, text: string, signal: AbortSignal | undefined): Promise<void> {
    const bytes = new TextEncoder().encode(text)
    const { source } = this
    let sentBytes = 0
    const check = (): void => {
      const upTo = sentBytes > 0 ? ` The guest has got ${sentBytes} of ${bytes.length} bytes.` : ''
      if (this.#writer !== attachment) {
        throw new ProblemError(
          'CONSOLE_BUSY',
          `${this.#writer?.who ?? 'Another pane'} is typing on the console of ${source.name}.${upTo}`,
        )
      }
      if (!source.attached) throw new ProblemError('CONSOLE_FAILED', `The console of ${source.name} is not attached.${upTo}`)
    }
    check()
    this.#pasting += 1
    try {
      await pace(bytes, {
        write: (piece) => {
          check()
          source.write(piece)
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
    this.source.write(bytes)
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

  /** Ends the source and all panes. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#lingering)
    clearImmediate(this.#turn)
    this.source.close()
    for (const attachment of [...this.#attachments]) attachment.close()
    clearTimeout(this.#lingering)
    this.options.onClosed()
  }

  #writerEvent(attachment: Attachment): ConsoleEvent {
    const self = this.#writer === attachment
    return self || !this.#writer ? { type: 'writer', self } : { type: 'writer', self, who: this.#writer.who }
  }

  #tell(status: ConsoleStatus): void {
    this.#status = status
    if (status.state === 'reattached' && status.movedTo === undefined) {
      // The guest has booted anew: what was wrong with it is over.
      this.#trouble.reset()
      this.#setMark(undefined)
    }
    for (const attachment of this.#attachments) {
      attachment.events.push({ type: 'status', status })
      attachment.watch?.attached(isAttached(status))
    }
    this.#changed()
  }

  #setMark(mark: ConsoleMark | undefined): void {
    if (mark === this.#mark) return
    this.#mark = mark
    const isNew = mark !== undefined
    for (const { events } of this.#attachments) events.push({ type: 'mark', mark, isNew })
  }

  #take(chunk: Uint8Array): void {
    this.#ring.append(chunk)
    const trouble = this.options.hasKernel ? this.#trouble.push(chunk) : undefined
    if (trouble && (!this.#mark || isWorse(trouble.kind, this.#mark.kind))) this.#setMark({ ...trouble, at: this.options.now() })
    for (const attachment of this.#attachments) attachment.watch?.output(chunk)
    this.#keptBytes += chunk.length
    if (this.#keptBytes >= this.#sizes.message) this.#passOn()
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

  /** Holds the source back while any pane has more than it can parse. */
  #regulate(): void {
    let isFull = false
    for (const attachment of this.#attachments) isFull ||= attachment.isFull
    if (isFull === this.#paused) return
    this.#paused = isFull
    if (isFull) this.source.pause()
    else this.source.resume()
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

function isAttached({ state }: ConsoleStatus): boolean {
  return state === 'attached' || state === 'reattached'
}
