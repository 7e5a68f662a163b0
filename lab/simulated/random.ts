/** Numbers that look random and are the same for the same seed, so that a fleet can be made again. */
export type Random = {
  /** At least 0, less than 1. */
  next(): number
  /** A whole number, `from` and `to` included. */
  between(from: number, to: number): number
  pick<T>(items: readonly [T, ...T[]]): T
  /** `digits` lower case hex digits. */
  hex(digits: number): string
  uuid(): string
}

/** mulberry32: 32 bits of state are plenty for names and sizes. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (from: number, to: number) => from + Math.floor(next() * (to - from + 1))
  const hex = (digits: number) => Array.from({ length: digits }, () => between(0, 15).toString(16)).join('')
  return {
    next,
    between,
    hex,
    pick: (items) => items[between(0, items.length - 1)] ?? items[0],
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${'89ab'.charAt(between(0, 3))}${hex(3)}-${hex(12)}`,
  }
}
