import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createFeeder, pieceBytes, politeMs } from './feeder'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function terminal() {
  const written: Uint8Array[] = []
  const state = { polite: false, parsed: 0 }
  const feeder = createFeeder({
    write(piece, parsed) {
      written.push(piece)
      parsed()
    },
    onParsed: (count) => {
      state.parsed += count
    },
    isPolite: () => state.polite,
  })
  return { feeder, state, written, all: () => Buffer.concat(written) }
}

describe('feeding a terminal', () => {
  it('gives it everything in order, whoever types meanwhile, and counts it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 40_000 }), fc.boolean(), fc.boolean()), { maxLength: 12 }),
        (steps) => {
          const { feeder, state, all } = terminal()
          let next = 0
          const sent: Uint8Array[] = []
          for (const [size, polite, wait] of steps) {
            state.polite = polite
            const chunk = new Uint8Array(size).map(() => next++ % 251)
            sent.push(chunk)
            feeder.push(chunk)
            if (wait) vi.advanceTimersByTime(politeMs)
          }
          vi.runAllTimers()
          const expected = Buffer.concat(sent)
          expect(all().equals(expected)).toBe(true)
          expect(state.parsed).toBe(expected.length)
        },
      ),
      { numRuns: 50 },
    )
  })

  it('writes what waits when no more will come', () => {
    const { feeder, state, all } = terminal()
    state.polite = true
    feeder.push(new Uint8Array(5 * pieceBytes))
    feeder.flush()
    expect(all()).toHaveLength(5 * pieceBytes)
    expect(state.parsed).toBe(5 * pieceBytes)
  })

  it('lets a pane that is typed in go first: one piece at a time', () => {
    const { feeder, state, written } = terminal()
    state.polite = true
    feeder.push(new Uint8Array(3 * pieceBytes))
    expect(written).toHaveLength(1)
    vi.advanceTimersByTime(politeMs)
    expect(written).toHaveLength(2)
    state.polite = false
    vi.advanceTimersByTime(politeMs)
    expect(written).toHaveLength(3)
  })
})
