import fc from 'fast-check'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { ConsoleLog } from './console-log'
import { Gap, Tail } from './gap'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

/** No two kilobytes of it are alike. */
function words(from: number, bytes: number): Buffer {
  let text = ''
  for (let count = from; text.length < bytes; count++) text += `${(count * 2654435761) % 4294967296} of ${count}\n`
  return Buffer.from(text.slice(0, bytes))
}

type Case = {
  shown: number
  /** What was on its way when the link broke, and what the guest said until somebody read again. */
  lost: number
  unread: number
  /** What the guest says while the gap is filled, at each look at the log. */
  said: readonly number[]
  hasTimes: boolean
}

/**
 * A host: all that the guest says is in the log at once, and with its reader a moment later. While nobody reads, the first and the last half of
 * `mostKept` bytes are kept.
 */
function play({ shown, lost, unread, said, hasTimes }: Case, mostKept: number) {
  const before = words(0, shown + lost)
  let all = before
  const kept = words(1e6, unread)
  const add = (bytes: Buffer): void => {
    all = Buffer.concat([all, bytes])
    pending.push(bytes)
  }
  const pending: Buffer[] = []
  const inLog = (): Buffer => (hasTimes ? Buffer.from(all.toString().replace(/^(?=[\s\S])/gm, '[2026-01-02 03:04:05] ')) : all)
  const output: Buffer[] = []
  const tail = new Tail()
  tail.add(all.subarray(0, shown))
  let looks = 0
  const log: ConsoleLog = {
    async read(from, limit) {
      const count = said[looks++]
      if (count) add(words(2e6 + looks * 1e5, count))
      const file = inLog()
      const start = from < 0 ? Math.max(0, file.length + from) : from
      return { from: start, bytes: file.subarray(start, start + limit), size: file.length }
    },
  }
  const show = (chunk: Buffer): void => {
    output.push(chunk)
    tail.add(chunk)
  }
  const gap = new Gap({ log, tail, output: show, room: async () => undefined })
  add(kept)
  if (unread > mostKept) {
    pending.length = 0
    pending.push(kept.subarray(0, mostKept / 2), kept.subarray(-mostKept / 2))
  }
  const deliver = setInterval(() => {
    for (const chunk of pending.splice(0)) gap.take(chunk)
  }, 120)
  return {
    async end(): Promise<boolean> {
      const filled = gap.fill()
      let isOver = false
      filled.finally(() => {
        isOver = true
      })
      while (!isOver) await vi.advanceTimersByTimeAsync(60)
      await vi.advanceTimersByTimeAsync(240)
      clearInterval(deliver)
      return filled
    },
    output: () => Buffer.concat(output).toString(),
    missing: () => all.subarray(shown).toString(),
  }
}

it('shows each byte once, whatever was lost, kept, dropped or said meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        shown: fc.integer({ min: 64, max: 5000 }),
        lost: fc.integer({ min: 0, max: 60_000 }),
        unread: fc.integer({ min: 0, max: 60_000 }),
        said: fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 9000 })), { maxLength: 6 }),
        hasTimes: fc.boolean(),
      }),
      async (one) => {
        const played = play(one, 20_000)
        expect(await played.end()).toBe(true)
        expect(played.output()).toBe(played.missing())
      },
    ),
    { numRuns: 400 },
  )
})

it('reads megabytes that were dropped from the log', async () => {
  const played = play({ shown: 3000, lost: 200_000, unread: 9_000_000, said: [0, 0, 0, 500_000], hasTimes: false }, 2 ** 20)
  expect(await played.end()).toBe(true)
  expect(played.output() === played.missing()).toBe(true)
})

it.each([
  ['there is no log', undefined],
  ['the log does not have what was shown', Buffer.from('of another guest of that name\n')],
  ['too little was shown to find it again', Buffer.from('login: '.repeat(9))],
])('lets the reader through as it is where %s', async (_, file) => {
  const output: Buffer[] = []
  const tail = new Tail()
  tail.add(Buffer.from(file?.includes('login') ? 'login: ' : words(0, 2000)))
  const gap = new Gap({
    log: { read: async () => file && { from: 0, bytes: file, size: file.length } },
    tail,
    output: (chunk) => void output.push(chunk),
    room: async () => undefined,
  })
  const filled = gap.fill()
  gap.take(Buffer.from('one '))
  expect(await filled).toBe(false)
  gap.take(Buffer.from('two'))
  expect(Buffer.concat(output).toString()).toBe('one two')
})
