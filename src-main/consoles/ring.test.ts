import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Ring, safeStart } from './ring'

function readAll(ring: Ring, from = ring.start): Buffer {
  const pieces: Uint8Array[] = []
  for (let place = from; place < ring.end; place += pieces.at(-1)?.length ?? 0) pieces.push(ring.read(place))
  return Buffer.concat(pieces)
}

describe('Ring', () => {
  it('gives back the end of all that was put in, whatever the pieces were', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 90_000 }), { maxLength: 8, size: 'max' }), (sizes) => {
        let next = 0
        const chunks = sizes.map((size) => Buffer.alloc(size).map(() => next++ % 251))
        const ring = new Ring(100_000)
        for (const chunk of chunks) {
          ring.append(chunk)
          ring.trim(ring.end)
        }
        const all = Buffer.concat(chunks)
        const kept = readAll(ring)
        expect(ring.end).toBe(all.length)
        expect(kept.equals(all.subarray(all.length - kept.length))).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('keeps at least its capacity, and little more', () => {
    const ring = new Ring(200_000)
    const line = Buffer.from(`${'x'.repeat(99)}\n`)
    for (let count = 0; count < 20_000; count++) {
      ring.append(line)
      ring.trim(ring.end)
    }
    const kept = ring.end - ring.start
    expect(kept).toBeGreaterThanOrEqual(200_000 - 4096)
    expect(kept).toBeLessThanOrEqual(200_000 + 64 * 1024)
  })

  it('keeps what a pane has yet to get, however old', () => {
    const ring = new Ring(1000)
    const all = Buffer.alloc(300_000, 'abcdefg\n')
    ring.append(all)
    ring.trim(10)
    expect(readAll(ring, 10).equals(all.subarray(10))).toBe(true)
  })

  it('does not change what it has given away', () => {
    const ring = new Ring(1000)
    ring.append(Buffer.from('first'))
    const given = ring.read(0)
    ring.append(Buffer.alloc(200_000, 'z'))
    ring.trim(ring.end)
    expect(Buffer.from(given).toString()).toBe('first')
  })

  it('begins a replay behind a line end', () => {
    const ring = new Ring(1000)
    const lines = Array.from({ length: 5000 }, (_, index) => `\x1b[3${index % 8}mline ${index} äöü\x1b[0m\n`).join('')
    ring.append(Buffer.from(lines))
    ring.trim(ring.end)
    expect(ring.start).toBeGreaterThan(0)
    const [firstLine = ''] = readAll(ring).toString('utf8').split('\n')
    expect(lines.split('\n')).toContain(firstLine)
  })
})

describe('safeStart', () => {
  it('without a line end, does not begin inside a character', () => {
    const bytes = Buffer.from('€uro').subarray(1)
    expect(bytes.subarray(safeStart(bytes)).toString('utf8')).toBe('uro')
  })
})
