import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeFrame, encodeFrame, highWaterBytes, lowWaterBytes } from '../../src-shared/console-frame'
import type { Connection } from '../../src-shared/models/host'
import { Attachment } from './attachment'
import { ConsoleBroker } from './broker'
import { acked, emptyFlow, type FlowSizes, sent } from './flow'
import { GuestSource } from './guest-source'
import { openLane } from './lane'
import type { ConsoleHost } from './reader'
import { Ring } from './ring'

describe('flow', () => {
  it('is full above the high water mark and until below the low one', () => {
    let flow = sent(emptyFlow, highWaterBytes)
    expect(flow.full).toBe(false)
    flow = sent(flow, 1)
    expect(flow.full).toBe(true)
    flow = acked(flow, highWaterBytes + 1 - lowWaterBytes)
    expect(flow.full).toBe(true)
    flow = acked(flow, 1)
    expect(flow.full).toBe(false)
  })

  it('gives no credit for acknowledging more than was sent', () => {
    const flow = acked(sent(emptyFlow, 10), 1_000_000)
    expect(sent(flow, highWaterBytes + 1).full).toBe(true)
  })
})

/** Small, so that a few steps fill a pane and turn the ring over. */
const sizes: FlowSizes = { ring: 600, block: 128, high: 400, low: 200, message: 300 }
const maxOutput = 500
const mostKept = sizes.ring + 2 * sizes.block + sizes.high + sizes.message + maxOutput
/** Every place of the stream can be told from those around it; a line end here and there, for the ring to begin behind. */
const stream = Buffer.from(Array.from({ length: 30_000 }, (_, place) => (place % 61 === 0 ? 0x0a : 0x20 + ((place * 7) % 89))))
const guestId = '11111111-2222-4333-8444-555555555555'

/** A guest on a host: it prints the stream for as long as somebody reads and does not hold it back. */
function makeGuest() {
  type Reader = { print: (chunk: Buffer) => void; paused: boolean; lose(): void }
  const listeners = new Map<string, () => void>()
  let reader: Reader | undefined
  let printed = 0
  let domid = 7
  let connection: Connection = { phase: 'ready', since: 0 }
  const enter = (next: Connection) => {
    connection = next
    listeners.get('change')?.()
    if (next.phase === 'ready') listeners.get('ready')?.()
  }
  const host = {
    settings: { name: 'dom0-a' },
    get connection() {
      return connection
    },
    get guests() {
      return new Map([[guestId, { domid }]])
    },
    on(event: string, listener: () => void) {
      listeners.set(event, listener)
      return () => undefined
    },
    refresh: async () => undefined,
    async stream() {
      const mine: Reader = { print: () => undefined, paused: false, lose: () => undefined }
      return {
        onStdout: (listener: Reader['print']) => {
          mine.print = listener
          reader = mine
        },
        onStderr: (listener: (chunk: Buffer) => void) => listener(Buffer.from('domdeck reader 1\n')),
        write: () => true,
        pause: () => {
          mine.paused = true
        },
        resume: () => {
          mine.paused = false
        },
        exited: new Promise((resolve) => {
          mine.lose = () => resolve({ exitCode: 0 })
        }),
        close: () => {
          if (reader === mine) reader = undefined
        },
      }
    },
  }
  return {
    host: host as unknown as ConsoleHost,
    get printed() {
      return printed
    },
    get isHeldBack() {
      return reader?.paused === true
    },
    print(bytes: number) {
      if (!reader || reader.paused) return
      reader.print(stream.subarray(printed, printed + bytes))
      printed += bytes
    },
    cut: () => enter({ phase: 'idle' }),
    join: () => enter({ phase: 'ready', since: 1 }),
    reboot() {
      domid += 1
      reader?.lose()
      reader = undefined
    },
  }
}

/** A page with one pane, which parses and acknowledges only when told to. */
function openPage(broker: ConsoleBroker, printed: number) {
  let received = Buffer.alloc(0)
  let unparsed = 0
  let fromPage: (frame: Uint8Array) => void = () => undefined
  let gone: () => void = () => undefined
  const lane = openLane({
    send(wire) {
      const frame = decodeFrame(wire)
      if (frame?.kind !== 'data') return
      received = Buffer.concat([received, frame.bytes])
      unparsed += frame.bytes.length
    },
    onFrame: (listener) => {
      fromPage = listener
    },
    onClose: (listener) => {
      gone = listener
    },
  })
  const attachment = broker.attach(lane, 'ana')
  let historyBytes = 0
  void (async () => {
    for await (const event of attachment.events) if (event.type === 'history-end') historyBytes = event.bytes
  })()
  return {
    start: () => attachment.start(),
    close: () => gone(),
    ack: (count: number) => fromPage(encodeFrame({ kind: 'ack', stream: attachment.stream, count })),
    parse(share: number) {
      const count = Math.ceil(unparsed * share)
      unparsed -= count
      if (count > 0) this.ack(count)
    },
    get unparsed() {
      return unparsed
    },
    get historyBytes() {
      return historyBytes
    },
    /** Whether it has all that was printed since the start of its history, in order, and nothing twice. */
    hasAllUpTo: (end: number) => received.equals(stream.subarray(printed - historyBytes, end)),
  }
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('print' as const), bytes: fc.integer({ min: 1, max: maxOutput }) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('parse' as const),
      pane: fc.nat({ max: 5 }),
      share: fc.constantFrom(0.01, 0.3, 0.6, 1),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('open' as const), late: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('start' as const), pane: fc.nat({ max: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('close' as const), pane: fc.nat({ max: 5 }) }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      { do: 'cut' } as const,
      { do: 'join' } as const,
      { do: 'reboot' } as const,
      { do: 'turn' } as const,
    ),
  },
)

describe('flow control from the guest to the panes', () => {
  it('loses and doubles no byte, keeps within bounds and never stalls, whatever pages, links and guests do', {
    timeout: 120_000,
  }, async () => {
    const seen = { heldBack: 0, turnedOver: 0 }
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
        const guest = makeGuest()
        const source = new GuestSource(guest.host, guestId, { mark: 'm', now: () => 0, elsewhere: () => [], move: () => false })
        const broker = new ConsoleBroker(source, {
          lingerMs: 60_000,
          now: () => 0,
          hasKernel: true,
          sizes,
          onClosed: () => undefined,
        })
        let panes: ReturnType<typeof openPage>[] = []
        await turn()
        for (const each of steps) {
          if (each.do === 'print') guest.print(each.bytes)
          else if (each.do === 'turn') await turn()
          else if (each.do === 'cut') guest.cut()
          else if (each.do === 'reboot') guest.reboot()
          else if (each.do === 'join') {
            guest.join()
            await turn()
          } else if (each.do === 'open') {
            if (panes.length === 4) continue
            const pane = openPage(broker, guest.printed)
            panes.push(pane)
            await Promise.resolve()
            if (!each.late) pane.start()
          } else {
            const pane = panes[each.pane]
            if (each.do === 'parse') pane?.parse(each.share)
            else if (each.do === 'start') pane?.start()
            else if (pane) {
              pane.close()
              panes = panes.filter((other) => other !== pane)
            }
          }
          if (guest.isHeldBack) seen.heldBack += 1
          for (const { unparsed, historyBytes } of panes) {
            if (unparsed > sizes.high + 1) throw new Error(`A pane was sent ${unparsed} bytes too early.`)
            // What a new pane is given is all that is kept.
            if (historyBytes > mostKept) throw new Error(`${historyBytes} bytes are kept.`)
            if (historyBytes > 0 && historyBytes < guest.printed) seen.turnedOver += 1
          }
        }
        // When the panes parse all they get and the link stands, everything arrives and nothing is held back.
        guest.join()
        for (const pane of panes) pane.start()
        const hasAll = () => panes.every((pane) => pane.hasAllUpTo(guest.printed)) && !guest.isHeldBack
        for (let turns = 0; turns === 0 || (turns < 40 && !hasAll()); turns++) {
          await turn()
          for (const pane of panes) pane.parse(1)
        }
        if (!hasAll()) throw new Error('Not all has come, or the guest is held back for ever.')
        broker.close()
      }),
      { numRuns: 10_000 },
    )
    // The cases are worth something.
    expect(seen.heldBack).toBeGreaterThan(10_000)
    expect(seen.turnedOver).toBeGreaterThan(1_000)
  })
})

it('sends nothing before the page knows the number, and holds the host back if that takes long', () => {
  const messages: number[] = []
  const ring = new Ring()
  const lane = openLane({ send: (wire) => messages.push(wire.length), onFrame: () => undefined, onClose: () => undefined })
  const owner = { input: () => undefined, left: () => undefined, acked: (attachment: Attachment) => attachment.pump() }
  const attachment = new Attachment(owner, lane, 'ana', ring)
  ring.append(Buffer.alloc(highWaterBytes + 1, 'x'))
  attachment.pump()
  expect(messages).toEqual([])
  expect(attachment.isFull).toBe(true)
  attachment.start()
  expect(messages.length).toBeGreaterThan(0)
})
