import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pace, paceBytes, paceMs, withoutEscape } from './pacer'

describe('pace', () => {
  it('sends everything in order, in small pieces that do not cross a line, one at a time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 400, unit: fc.constantFrom('a', 'ä', '€', '\r', '\n') }), async (text) => {
        const bytes = new TextEncoder().encode(text)
        const pieces: Uint8Array[] = []
        const sleeps: number[] = []
        await pace(bytes, {
          write: (piece) => void pieces.push(piece),
          held: () => undefined,
          sleep: async (ms) => void sleeps.push(ms),
        })
        expect(Buffer.concat(pieces).equals(Buffer.from(bytes))).toBe(true)
        for (const piece of pieces) {
          expect(piece.length).toBeLessThanOrEqual(paceBytes)
          expect(Buffer.from(piece.subarray(0, -1)).toString('latin1')).not.toMatch(/[\r\n]/)
        }
        expect(sleeps).toEqual(pieces.slice(1).map(() => paceMs))
      }),
    )
  })

  it('never sends the byte that makes xenconsole detach, wherever it stands', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(0x1d, 0x61, 0x0d), { maxLength: 300, size: 'max' }), async (codes) => {
        const written: number[] = []
        await pace(Uint8Array.from(codes), {
          write: (piece) => void written.push(...piece),
          held: () => undefined,
          sleep: async () => undefined,
        })
        expect(written).toEqual(codes.filter((code) => code !== 0x1d))
      }),
    )
    expect([...withoutEscape(Uint8Array.of(0x1d))]).toEqual([])
  })

  it('waits while the console is held back', async () => {
    let release: () => void = () => undefined
    let holding: Promise<void> | undefined = new Promise((resolve) => {
      release = resolve
    })
    let written = 0
    const pasted = pace(new Uint8Array(100).fill(0x61), {
      write: (piece) => {
        written += piece.length
      },
      held: () => holding,
      sleep: async () => undefined,
    })
    await Promise.resolve()
    expect(written).toBe(0)
    holding = undefined
    release()
    await pasted
    expect(written).toBe(100)
  })

  it('stops when cancelled, between two pieces', async () => {
    const cancel = new AbortController()
    let written = 0
    const pasted = pace(new Uint8Array(1000).fill(0x61), {
      write: (piece) => {
        written += piece.length
        if (written === 2 * paceBytes) cancel.abort()
      },
      held: () => undefined,
      signal: cancel.signal,
      sleep: async () => undefined,
    })
    await expect(pasted).rejects.toThrow()
    expect(written).toBe(2 * paceBytes)
  })
})
