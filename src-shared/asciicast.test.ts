import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type CastEvent, parseCast } from './asciicast'

const head = '{"version": 2, "width": 80, "height": 24, "timestamp": 1504467315, "env": {"TERM": "xterm-256color"}}'

it('reads what asciinema writes', () => {
  const { header, events, cutOff } = parseCast(
    `${head}\n[0.248848, "o", "\\u001b[1;31mHello \\u001b[32mWorld!\\u001b[0m\\n"]\n[1.5, "r", "100x50"]\n[1.6, "x", "later"]\n[2, "i", "é"]\n`,
  )
  expect(header).toMatchObject({ version: 2, width: 80, height: 24, timestamp: 1504467315 })
  expect(events).toEqual([
    { time: 0.248848, code: 'o', data: '\x1b[1;31mHello \x1b[32mWorld!\x1b[0m\n' },
    { time: 1.5, code: 'r', data: '100x50' },
    { time: 2, code: 'i', data: 'é' },
  ])
  expect(cutOff).toBe(false)
})

it('names the line that is wrong', () => {
  const said = (text: string): string => {
    try {
      parseCast(text)
    } catch (thrown) {
      return (thrown as Error).message
    }
    throw new Error('It was read.')
  }
  expect(said('')).toContain('Line 1 is no header')
  expect(said('hello\n')).toContain('Line 1 is no header')
  expect(said('{"version": 3, "term": {"cols": 80}}\n')).toContain('version 3')
  expect(said('{"version": 2, "width": 0, "height": 24}\n')).toContain('width')
  expect(said(`${head}\n[1, "o", "a"]\n\n[2, "o"]\n[3, "o", "b"]\n`)).toBe(
    'Line 4 is no event: it should be [seconds, "o", "text"].',
  )
  expect(said(`${head}\n[-1, "o", "a"]\n`)).toContain('Line 2 has no time')
  expect(said(`${head}\n[1, "r", "99999x1"]\n`)).toContain('Line 2 has no size')
  expect(said(`${head}\n[1, 2, 3]\n`)).toContain('Line 2 has no code')
})

it('plays what is there of a file that was cut at any byte', () => {
  const event = fc.record({
    time: fc.double({ min: 0, max: 1e6, noNaN: true }),
    code: fc.constantFrom('o' as const, 'i' as const),
    data: fc.string({ unit: 'binary', minLength: 1 }),
  })
  fc.assert(
    fc.property(fc.array(event, { maxLength: 20 }), fc.nat(), (events, cut) => {
      const bytes = new TextEncoder().encode(
        `${head}\n${events.map(({ time, code, data }) => `${JSON.stringify([time, code, data])}\n`).join('')}`,
      )
      const from = head.length + 1
      const text = new TextDecoder().decode(bytes.subarray(0, from + (cut % (bytes.length - from + 1))))
      const read: readonly CastEvent[] = parseCast(text).events
      expect(read).toEqual(
        events.slice(0, read.length).map((one) => ({ ...one, time: one.time === 0 ? expect.closeTo(0) : one.time })),
      )
      // Only the line that was cut can be missing.
      expect(read.length).toBeGreaterThanOrEqual(text.split('\n').length - 2)
    }),
    { numRuns: 300 },
  )
})
