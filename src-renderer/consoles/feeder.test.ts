import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFeeder, type Feeder, pieceBytes } from './feeder'
import { createTurns } from './turns'

const frameMs = 16

/** Panes on one page: a piece takes a millisecond to parse, and frames come when the test says so. */
function page() {
  let now = 0
  let drawnAt = 0
  let frame: (() => void) | undefined
  /** What xterm's parser is to do. */
  const parses: (() => void)[] = []
  const state = { typing: '' }
  const turns = createTurns({
    nextFrame(run) {
      expect(frame, 'a frame is asked for once').toBeUndefined()
      frame = run
    },
    now: () => now,
    isTyping: () => state.typing !== '',
  })
  function pane(name: string) {
    const written: Uint8Array[] = []
    const facts = { parsed: 0 }
    const feeder: Feeder = createFeeder({
      write: (piece, parsed) =>
        parses.push(() => {
          now += piece.length / pieceBytes
          written.push(piece)
          parsed()
        }),
      onParsed: (count) => {
        facts.parsed += count
      },
      isFirst: () => state.typing === name,
      turns,
    })
    return { feeder, facts, pieces: () => written.length, all: () => Buffer.concat(written) }
  }
  const parse = (): void => {
    for (let next = parses.shift(); next; next = parses.shift()) next()
  }
  return {
    state,
    pane,
    parse,
    wait: (ms: number) => {
      now += ms
    },
    /** Draws a frame, which takes so long, and parses what that let through. */
    frame: (ms = frameMs) => {
      now = Math.max(now, drawnAt + ms)
      drawnAt = now
      const run = frame
      frame = undefined
      run?.()
      parse()
    },
    /** Frame after frame until nothing waits. */
    rest: () => {
      parse()
      while (frame) {
        now += frameMs
        const run = frame
        frame = undefined
        run()
        parse()
      }
    },
  }
}

const flood = (pieces: number) => new Uint8Array(pieces * pieceBytes)

describe('feeding terminals', () => {
  it('gives each everything in its order, whoever types meanwhile, and counts it', () => {
    const step = fc.record({
      pane: fc.integer({ min: 0, max: 2 }),
      size: fc.integer({ min: 1, max: 40_000 }),
      typing: fc.constantFrom('', '', 'p0', 'p1', 'elsewhere'),
      next: fc.constantFrom('nothing', 'parse', 'frame', 'flush', 'wait'),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const here = page()
        const panes = ['p0', 'p1', 'p2'].map((name) => ({ ...here.pane(name), sent: [] as Uint8Array[] }))
        let count = 0
        for (const { pane: at, size, typing, next } of steps) {
          here.state.typing = typing
          const pane = panes[at]
          const chunk = new Uint8Array(size).map(() => count++ % 251)
          pane?.sent.push(chunk)
          pane?.feeder.push(chunk)
          if (next === 'parse') here.parse()
          if (next === 'frame') here.frame()
          if (next === 'flush') pane?.feeder.flush()
          if (next === 'wait') here.wait(500)
        }
        here.rest()
        for (const { sent, all, facts } of panes) {
          const expected = Buffer.concat(sent)
          expect(all().equals(expected)).toBe(true)
          expect(facts.parsed).toBe(expected.length)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('lets a pane that floods alone write on and on', () => {
    const here = page()
    const one = here.pane('one')
    one.feeder.push(flood(1))
    here.rest()
    here.wait(200)
    one.feeder.push(flood(100))
    here.parse()
    expect(one.pieces()).toBe(101)
  })

  it('gives panes that flood their turns, some of them in a frame, and each its share', () => {
    const here = page()
    const panes = Array.from({ length: 12 }, (_, at) => here.pane(`p${at}`))
    for (const { feeder } of panes) feeder.push(flood(200))
    const drawn: number[] = []
    for (let frame = 0; frame < 60; frame++) {
      const before = panes.map(({ pieces }) => pieces())
      here.frame(1.5 * frameMs)
      drawn.push(panes.filter(({ pieces }, at) => pieces() > (before[at] ?? 0)).length)
    }
    // Frames are slow all the time: one pane in each.
    expect(drawn.slice(10).every((count) => count === 1)).toBe(true)
    const shares = panes.map(({ pieces }) => pieces())
    expect(Math.min(...shares)).toBeGreaterThan(Math.max(...shares) / 2)
    here.rest()
    expect(panes.map(({ pieces }) => pieces())).toEqual(panes.map(() => 200))
  })

  it('draws more panes in a frame where frames are fast', () => {
    const here = page()
    const panes = Array.from({ length: 12 }, (_, at) => here.pane(`p${at}`))
    for (let frame = 0; frame < 200; frame++) {
      for (const { feeder } of panes) feeder.push(new Uint8Array(100))
      here.frame()
    }
    const before = panes.map(({ pieces }) => pieces())
    for (const { feeder } of panes) feeder.push(new Uint8Array(100))
    here.frame()
    expect(panes.filter(({ pieces }, at) => pieces() > (before[at] ?? 0)).length).toBeGreaterThan(6)
  })

  it('lets a pane that is typed in write at once, and one piece of all the others in a frame', () => {
    const here = page()
    const [typed, ...others] = ['typed', 'a', 'b'].map(here.pane)
    here.state.typing = 'typed'
    for (const { feeder } of others) feeder.push(flood(3))
    for (let frame = 1; frame <= 4; frame++) {
      here.frame(33)
      const before = others.reduce((sum, { pieces }) => sum + pieces(), 0)
      here.frame(33)
      expect(others.reduce((sum, { pieces }) => sum + pieces(), 0) - before).toBeLessThanOrEqual(1)
      typed?.feeder.push(new Uint8Array(1))
      here.parse()
      expect(typed?.pieces()).toBe(frame)
    }
  })

  it('writes what waits when no more will come, and lets others go on when a pane has gone', () => {
    const here = page()
    const [gone, closed, other] = ['gone', 'closed', 'other'].map(here.pane)
    for (const pane of [gone, closed, other]) pane?.feeder.push(flood(50))
    // The terminal of the first is disposed: what it was given is never parsed.
    gone?.feeder.drop()
    closed?.feeder.flush()
    here.rest()
    expect(closed?.pieces()).toBe(50)
    expect(other?.pieces()).toBe(50)
    expect(gone?.pieces()).toBeLessThan(50)
  })
})
