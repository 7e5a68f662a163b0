import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Cast } from '../../src-shared/asciicast'
import { longestIdle, Player } from './player'

function screen() {
  let text = ''
  let size = ''
  return {
    write: (more: string) => {
      text += more
    },
    resize: ({ columns, rows }: { columns: number; rows: number }) => {
      size = `${columns}x${rows}`
    },
    reset: () => {
      text = ''
    },
    shows: () => [text, size],
  }
}

const cast: Cast = {
  header: { version: 2, width: 80, height: 24 },
  cutOff: false,
  events: [
    { time: 1, code: 'o', data: 'a' },
    { time: 2, code: 'i', data: 'secret' },
    { time: 2, code: 'o', data: 'b' },
    { time: 3, code: 'r', data: '100x30' },
    { time: 20, code: 'o', data: 'c' },
  ],
}

it('shows what is due, at its speed, and stops at the end', () => {
  let now = 0
  const there = screen()
  const player = new Player(cast, there, () => now)
  expect([player.duration, there.shows()]).toEqual([20, ['', '80x24']])
  player.play()
  now = 2_500
  player.tick()
  expect(there.shows()).toEqual(['ab', '80x24'])
  player.setSpeed(16)
  now = 3_600
  player.tick()
  expect(there.shows()).toEqual(['abc', '100x30'])
  expect([player.playing, player.position]).toEqual([false, 20])
  player.play()
  expect([player.position, there.shows()]).toEqual([0, ['', '80x24']])
})

it('skips idle time and keeps its place', () => {
  const there = screen()
  const player = new Player(cast, there, () => 0)
  player.seek(10)
  player.setSkipsIdle(true)
  expect(player.duration).toBe(3 + longestIdle)
  expect(there.shows()).toEqual(['ab', '100x30'])
  expect(player.position).toBeLessThanOrEqual(player.duration)
  player.seek(99)
  expect(there.shows()).toEqual(['abc', '100x30'])
  player.setSkipsIdle(false)
  expect([player.position, player.duration]).toEqual([20, 20])
})

it('shows at each position what a play from the begin shows there, however one came', () => {
  const time = fc.double({ min: 0, max: 30, noNaN: true })
  const act = fc.oneof(
    fc.record({ do: fc.constant('seek' as const), to: time }),
    fc.record({ do: fc.constant('wait' as const), to: time }),
    fc.record({ do: fc.constant('play' as const) }),
    fc.record({ do: fc.constant('pause' as const) }),
    fc.record({ do: fc.constant('speed' as const), to: fc.constantFrom(0.5, 1, 16) }),
    fc.record({ do: fc.constant('skip' as const), to: fc.boolean() }),
  )
  fc.assert(
    fc.property(fc.array(act), (acts) => {
      let now = 0
      const there = screen()
      const player = new Player(cast, there, () => now)
      for (const one of acts) {
        if (one.do === 'seek') player.seek(one.to)
        else if (one.do === 'wait') now += one.to * 1000
        else if (one.do === 'speed') player.setSpeed(one.to)
        else if (one.do === 'skip') player.setSkipsIdle(one.to)
        else player[one.do]()
        player.tick()
        expect(player.position).toBeGreaterThanOrEqual(0)
        expect(player.position).toBeLessThanOrEqual(player.duration)
      }
      const fresh = screen()
      const other = new Player(cast, fresh, () => 0)
      other.setSkipsIdle(player.skipsIdle)
      other.seek(player.position)
      expect(there.shows()).toEqual(fresh.shows())
    }),
    { numRuns: 500 },
  )
})
