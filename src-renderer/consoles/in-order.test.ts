import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createInOrder } from './in-order'

describe('sending to many', () => {
  it('sends at once what takes no time', () => {
    const sent: string[] = []
    const { send } = createInOrder()
    for (const id of ['a', 'b', 'a']) send(id, () => void sent.push(id))
    expect(sent).toEqual(['a', 'b', 'a'])
  })

  it('waits for nobody but the same one', async () => {
    const sent: string[] = []
    const { send } = createInOrder()
    let release: () => void = () => undefined
    const slow = new Promise<void>((resolve) => {
      release = resolve
    })
    send('slow', () => slow.then(() => void sent.push('slow paste')))
    send('slow', () => void sent.push('slow key'))
    for (let key = 1; key <= 3; key++) send('quick', () => void sent.push(`quick key ${key}`))
    expect(sent).toEqual(['quick key 1', 'quick key 2', 'quick key 3'])
    release()
    await expect.poll(() => sent.slice(3)).toEqual(['slow paste', 'slow key'])
  })

  it('goes on after something that failed', async () => {
    const sent: string[] = []
    const { send } = createInOrder()
    send('a', () => Promise.reject(new Error('gone')))
    send('a', () => void sent.push('next'))
    await expect.poll(() => sent).toEqual(['next'])
  })

  it('stops what is under way and sends nothing that waits once it is dropped', async () => {
    const sent: string[] = []
    const { send, drop } = createInOrder()
    const stopped = new Promise<void>((resolve) => {
      const untilStopped = (signal: AbortSignal) => new Promise<void>((ended) => signal.addEventListener('abort', () => ended()))
      send('a', (signal) => untilStopped(signal).then(resolve))
    })
    send('a', () => void sent.push('too late'))
    drop('a')
    await stopped
    send('a', () => void sent.push('new'))
    await new Promise(setImmediate)
    expect(sent).toEqual(['new'])
  })

  it('keeps the order of each, however long the parts take', async () => {
    const part = fc.record({ to: fc.constantFrom('a', 'b', 'c'), turns: fc.nat({ max: 4 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 40 }), async (parts) => {
        const sent: Record<string, number[]> = { a: [], b: [], c: [] }
        const { send } = createInOrder()
        for (const [index, { to, turns }] of parts.entries()) {
          send(to, async () => {
            for (let turn = 0; turn < turns; turn++) await Promise.resolve()
            sent[to]?.push(index)
          })
        }
        for (const to of ['a', 'b', 'c']) {
          const wanted = [...parts.entries()].filter(([, one]) => one.to === to).map(([index]) => index)
          await expect.poll(() => sent[to], { interval: 1 }).toEqual(wanted)
        }
      }),
      { numRuns: 200 },
    )
  })
})
