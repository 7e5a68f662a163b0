import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Lanes } from './lanes'

describe('lanes', () => {
  it('run every task once, in order, never more at a time in a lane than allowed, whatever fails', async () => {
    const task = fc.record({ lane: fc.constantFrom('a', 'b', 'c'), fails: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(
        fc.array(task, { maxLength: 40 }),
        fc.integer({ min: 1, max: 5 }),
        fc.scheduler(),
        async (tasks, limit, s) => {
          const lanes = new Lanes(limit)
          const running: Record<string, number> = {}
          const begun: Record<string, number[]> = {}
          let ended = 0
          for (const [index, { lane, fails }] of tasks.entries()) {
            lanes.add(lane, async () => {
              running[lane] = (running[lane] ?? 0) + 1
              begun[lane] = [...(begun[lane] ?? []), index]
              expect(running[lane]).toBeLessThanOrEqual(limit)
              await s.schedule(Promise.resolve(), `task ${index}`)
              running[lane] -= 1
              ended += 1
              if (fails) throw new Error('failed')
            })
          }
          await s.waitAll()
          while (s.count() > 0) await s.waitAll()
          expect(ended).toBe(tasks.length)
          for (const [lane, order] of Object.entries(begun)) {
            expect(order).toEqual(tasks.flatMap((one, index) => (one.lane === lane ? [index] : [])))
          }
        },
      ),
    )
  })

  it('do not wait for each other', async () => {
    const lanes = new Lanes(1)
    const done: string[] = []
    lanes.add('stuck', () => new Promise(() => undefined))
    lanes.add('stuck', async () => void done.push('never'))
    await new Promise<void>((resolve) => {
      lanes.add('free', async () => void done.push('first'))
      lanes.add('free', async () => {
        done.push('second')
        resolve()
      })
    })
    expect(done).toEqual(['first', 'second'])
  })
})
