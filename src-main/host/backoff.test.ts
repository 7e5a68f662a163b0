import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { backoffMs } from './backoff'

describe('the wait before a reconnect', () => {
  it('doubles from a second to a minute', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8, 5000].map((attempt) => backoffMs(attempt, () => 1))).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000,
    ])
  })

  it('is spread, but never less than half', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
        const whole = backoffMs(attempt, () => 1)
        const wait = backoffMs(attempt, () => random)
        expect(wait).toBeGreaterThanOrEqual(whole / 2)
        expect(wait).toBeLessThanOrEqual(whole)
      }),
    )
  })
})
