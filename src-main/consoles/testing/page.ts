import { decodeFrame, encodeFrame } from '../../../src-shared/console-frame'
import type { ByteLane } from '../../../src-shared/duplex'
import type { ConsoleEvent, ConsoleStatus } from '../../../src-shared/models/console'
import type { Consoles, PaneWanted } from '../consoles'
import type { ConsoleLane } from '../lane'

/** One page as the main side sees it: a lane, and panes that parse all they get unless told not to. */
export function openTestPage(consoles: Consoles) {
  let fromPage: (frame: Uint8Array) => void = () => undefined
  const closers: (() => void)[] = []
  const panes = new Map<number, TestPane>()
  const bytes: ByteLane = {
    send(wire) {
      const frame = decodeFrame(wire)
      if (frame?.kind === 'data') panes.get(frame.stream)?.receive(Buffer.from(frame.bytes))
    },
    onFrame: (listener) => {
      fromPage = listener
    },
    onClose: (listener) => void closers.push(listener),
  }
  const lane = consoles.openLane(bytes)
  return {
    lane,
    send: (frame: Uint8Array) => fromPage(frame),
    close: () => {
      for (const close of closers) close()
    },
    async open(
      hostId: string,
      guestId: string,
      who = 'ana',
      shell: Pick<PaneWanted, 'shell' | 'open' | 'size'> = {},
    ): Promise<TestPane> {
      const cancel = new AbortController()
      const events = consoles.attach(lane, { hostId, guestId, who, ...shell }, cancel.signal)
      const first = await events.next()
      if (first.done || first.value.type !== 'opened') throw new Error('The first event was not `opened`.')
      const pane = new TestPane(first.value.stream, lane, (frame) => fromPage(frame), cancel)
      panes.set(pane.stream, pane)
      void pane.follow(events)
      return pane
    },
  }
}

export class TestPane {
  output = Buffer.alloc(0)
  events: ConsoleEvent[] = []
  /** Whether it acknowledges; a page that hangs does not. */
  parses = true
  ended = false
  #unacked = 0

  constructor(
    readonly stream: number,
    readonly lane: ConsoleLane,
    private readonly send: (frame: Uint8Array) => void,
    private readonly cancel: AbortController,
  ) {}

  get text(): string {
    return this.output.toString('utf8')
  }

  get status(): ConsoleStatus | undefined {
    return this.events.findLast((event) => event.type === 'status')?.status
  }

  get writes(): boolean | undefined {
    return this.events.findLast((event) => event.type === 'writer')?.self
  }

  type(text: string): void {
    this.send(encodeFrame({ kind: 'input', stream: this.stream, bytes: Buffer.from(text) }))
  }

  receive(bytes: Buffer): void {
    this.output = Buffer.concat([this.output, bytes])
    this.#unacked += bytes.length
    if (this.parses) this.parse()
  }

  parse(): void {
    this.parses = true
    const count = this.#unacked
    this.#unacked = 0
    if (count > 0) setImmediate(() => this.send(encodeFrame({ kind: 'ack', stream: this.stream, count })))
  }

  close(): void {
    this.cancel.abort()
  }

  async follow(events: AsyncIterable<ConsoleEvent>): Promise<void> {
    for await (const event of events) this.events.push(event)
    this.ended = true
  }
}
