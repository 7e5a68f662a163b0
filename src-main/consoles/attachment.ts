import type { ConsoleEvent } from '../../src-shared/models/console'
import { EventQueue } from '../host/event-queue'
import { acked, emptyFlow, type Flow, type FlowSizes, flowSizes, room, sent } from './flow'
import type { ConsoleLane, StreamEnd } from './lane'
import type { Ring } from './ring'
import type { Watch } from './watch'

/** What a pane may ask of its console. */
export type AttachmentOwner = {
  input(attachment: Attachment, bytes: Uint8Array): void
  acked(attachment: Attachment): void
  left(attachment: Attachment): void
}

/** One pane on a console: a place in its stream, and how much of it the pane has yet to parse. */
export class Attachment implements StreamEnd {
  readonly stream: number
  readonly events = new EventQueue<ConsoleEvent>()
  #watch: Watch | undefined
  #place: number
  #flow: Flow = emptyFlow
  #started = false
  #closed = false

  constructor(
    readonly owner: AttachmentOwner,
    readonly lane: ConsoleLane,
    readonly who: string,
    private readonly ring: Ring,
    private readonly sizes: FlowSizes = flowSizes,
  ) {
    this.#place = ring.start
    this.stream = lane.open(this)
  }

  /** The next byte this pane needs. */
  get place(): number {
    return this.#place
  }

  /** What it waits for. */
  get watch(): Watch | undefined {
    return this.#watch
  }

  set watch(watch: Watch | undefined) {
    this.#watch?.close()
    this.#watch = watch
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Whether the console must wait for this pane. Bytes that wait in the ring for longer than a turn make it so: there is no other queue. */
  get isFull(): boolean {
    return this.#flow.full || (!this.#started && this.ring.end - this.#place > this.sizes.high)
  }

  /** The page knows the number now: bytes may come. */
  start(): void {
    this.#started = true
    this.owner.acked(this)
  }

  /** Sends what the pane has room for. */
  pump(): void {
    if (!this.#started || this.#closed) return
    while (this.#place < this.ring.end && !this.#flow.full) {
      const piece = this.ring.read(this.#place).subarray(0, room(this.#flow, this.sizes))
      this.#place += piece.length
      this.#flow = sent(this.#flow, piece.length, this.sizes)
      this.lane.send(this.stream, piece)
    }
  }

  input(bytes: Uint8Array): void {
    this.owner.input(this, bytes)
  }

  ack(bytes: number): void {
    this.#flow = acked(this.#flow, bytes, this.sizes)
    this.owner.acked(this)
  }

  /** Ends the events and leaves the console; nothing the second time. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.watch = undefined
    this.lane.forget(this.stream)
    this.events.end()
    this.owner.left(this)
  }
}
