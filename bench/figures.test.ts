import { describe, expect, it } from 'vitest'
import { isMet, median, quantile } from './figures'

describe('figures', () => {
  it('take the nearest value that was measured', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 3, 2])).toBe(2)
    expect(
      quantile(
        Array.from({ length: 200 }, (_, at) => at + 1),
        0.99,
      ),
    ).toBe(198)
    expect(quantile([7], 0.99)).toBe(7)
    expect(() => median([])).toThrow('Nothing was measured.')
  })

  it('meet a target at its edge only where the target includes it', () => {
    expect(isMet({ value: 15, target: { atLeast: 15 } })).toBe(true)
    expect(isMet({ value: 14.9, target: { atLeast: 15 } })).toBe(false)
    expect(isMet({ value: 15, target: { atMost: 15 } })).toBe(true)
    expect(isMet({ value: 50, target: { below: 50 } })).toBe(false)
  })
})
