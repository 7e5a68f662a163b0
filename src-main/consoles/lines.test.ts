import fc from 'fast-check'
import { expect, it } from 'vitest'
import { LineCutter, longestLineBytes } from './lines'

const text = fc.string({ unit: fc.constantFrom('a', 'b', 'ü', '\n', '\r', '\u001b') })
const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 })

/** The text in pieces of these sizes, over and over. */
function pieces(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const all: Buffer[] = []
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    all.push(bytes.subarray(at, at + size))
    at += size
  }
  return all
}

it('gives whole lines, each once and unchanged, however they come', () => {
  fc.assert(
    fc.property(text, cuts, (said, sizes) => {
      const lines = new LineCutter()
      const given = pieces(Buffer.from(said), sizes).map((piece) => Buffer.from(lines.push(piece)))
      for (const part of given) expect(part.length === 0 || /[\r\n]$/.test(part.toString('latin1'))).toBe(true)
      expect(Buffer.concat([...given, lines.rest]).toString()).toBe(said)
      expect(lines.rest.toString()).not.toMatch(/[\r\n]/)
    }),
  )
})

it('keeps no more than a line of a stream without line ends', () => {
  const lines = new LineCutter()
  let given = 0
  for (let chunk = 0; chunk < 1000; chunk++) {
    given += lines.push(Buffer.alloc(1000, 'x')).length
    expect(lines.rest.length).toBeLessThanOrEqual(longestLineBytes)
  }
  expect(given + lines.rest.length).toBe(1_000_000)
})
