import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeFrame, highWaterBytes, lowWaterBytes } from '../../src-shared/console-frame'
import { Attachment } from './attachment'
import { acked, emptyFlow, sent } from './flow'
import { openLane } from './lane'
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

/** A pane whose page parses and acknowledges only when told to. */
function pane(ring: Ring) {
  const frames: Uint8Array[] = []
  let fromPage: (frame: Uint8Array) => void = () => undefined
  const lane = openLane({
    send: (frame) => frames.push(frame),
    onFrame: (listener) => {
      fromPage = listener
    },
    onClose: () => undefined,
  })
  const owner = { input: () => undefined, left: () => undefined, acked: (attachment: Attachment) => attachment.pump() }
  const attachment = new Attachment(owner, lane, 'ana', ring)
  let received = Buffer.alloc(0)
  let unparsed = 0
  return {
    attachment,
    take() {
      for (const frame of frames.splice(0)) {
        const decoded = decodeFrame(frame)
        if (decoded?.kind !== 'data') continue
        received = Buffer.concat([received, decoded.bytes])
        unparsed += decoded.bytes.length
      }
      return unparsed
    },
    parse(share: number) {
      const count = Math.ceil(this.take() * share)
      unparsed -= count
      const wire = new Uint8Array(9)
      const view = new DataView(wire.buffer)
      wire[0] = 2
      view.setUint32(1, attachment.stream)
      view.setUint32(5, count)
      if (count > 0) fromPage(wire)
    },
    received: () => received,
  }
}

// A few of them fill a pane.
const maxOutput = 300_000
const pattern = Buffer.from(Array.from({ length: 251 + maxOutput }, (_, index) => index % 251))

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('output' as const), bytes: fc.integer({ min: 1, max: maxOutput }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('parse' as const),
      pane: fc.nat(),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('open' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('close' as const), pane: fc.nat() }) },
)

describe('flow control from the ring to the panes', () => {
  it('loses no byte, keeps within bounds and never stalls, whatever the panes do', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const ring = new Ring(150_000)
        const panes = new Map<ReturnType<typeof pane>, number>()
        const sent: Buffer[] = []
        let next = 0
        const pick = (index: number) => [...panes.keys()][index % Math.max(1, panes.size)]
        for (const each of steps) {
          if (each.kind === 'open' && panes.size < 4) {
            const opened = pane(ring)
            panes.set(opened, ring.start)
            opened.attachment.start()
          }
          if (each.kind === 'close') {
            const closing = pick(each.pane)
            if (closing) panes.delete(closing)
          }
          if (each.kind === 'parse') pick(each.pane)?.parse(each.share)
          // The host gives nothing while any pane is full.
          if (each.kind === 'output' && ![...panes.keys()].some(({ attachment }) => attachment.isFull)) {
            const chunk = pattern.subarray(next % 251, (next % 251) + each.bytes)
            next += each.bytes
            sent.push(chunk)
            ring.append(chunk)
            for (const { attachment } of panes.keys()) attachment.pump()
            ring.trim(Math.min(ring.end, ...[...panes.keys()].map(({ attachment }) => attachment.place)))
          }
          for (const each of panes.keys()) expect(each.take()).toBeLessThanOrEqual(highWaterBytes + 1)
          expect(ring.end - ring.start).toBeLessThanOrEqual(150_000 + 2 * 65_536 + highWaterBytes + maxOutput)
        }
        const all = Buffer.concat(sent)
        // When the panes parse all they get, everything arrives and nothing is held back.
        for (const [each, from] of panes) {
          for (let turns = 0; each.attachment.place < ring.end && turns < 100; turns++) each.parse(1)
          each.parse(1)
          expect(each.attachment.isFull).toBe(false)
          expect(each.received().equals(all.subarray(from))).toBe(true)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('sends nothing before the page knows the number, and holds the host back if that takes long', () => {
    const ring = new Ring()
    const opened = pane(ring)
    ring.append(Buffer.alloc(highWaterBytes + 1, 'x'))
    opened.attachment.pump()
    expect(opened.take()).toBe(0)
    expect(opened.attachment.isFull).toBe(true)
    opened.attachment.start()
    expect(opened.take()).toBe(highWaterBytes + 1)
  })
})
