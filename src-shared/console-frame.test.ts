import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ackEveryBytes, decodeFrame, encodeFrame, highWaterBytes, lowWaterBytes } from './console-frame'

const stream = fc.integer({ min: 0, max: 0xffff_ffff })

it('carries every frame unchanged', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('data' as const, 'input' as const),
      stream,
      fc.uint8Array({ maxLength: 5000 }),
      (kind, number, bytes) => {
        expect(decodeFrame(encodeFrame({ kind, stream: number, bytes }))).toEqual({ kind, stream: number, bytes })
      },
    ),
  )
  fc.assert(
    fc.property(stream, stream, (number, count) => {
      expect(decodeFrame(encodeFrame({ kind: 'ack', stream: number, count }))).toEqual({ kind: 'ack', stream: number, count })
    }),
  )
})

it('takes no broken frame for a good one', () => {
  for (const wire of [[], [0], [0, 1, 2, 3], [9, 0, 0, 0, 1, 5], [2, 0, 0, 0, 1, 5], [2, 0, 0, 0, 1, 0, 0, 0, 1, 1]])
    expect(decodeFrame(Uint8Array.from(wire))).toBeUndefined()
})

it('acknowledges often enough that a paused console can always resume', () => {
  expect(ackEveryBytes).toBeLessThanOrEqual(lowWaterBytes)
  expect(lowWaterBytes).toBeLessThan(highWaterBytes)
})
