import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { scheduleLooks } from './looks'

beforeEach(() => vi.useFakeTimers({ now: 0 }))
afterEach(() => vi.useRealTimers())

/** Looks that take `tookMs` each, and find all settled from `settledAt` on; says when they began. */
function watch(tookMs: number, settledAt = Number.POSITIVE_INFINITY) {
  const began: number[] = []
  const looks = scheduleLooks(async () => {
    const at = Date.now()
    began.push(at)
    await new Promise((resolve) => setTimeout(resolve, tookMs))
    return at >= settledAt
  })
  return { began, looks }
}

it('looks once for a burst, and again until it has settled', async () => {
  const { began, looks } = watch(10)
  for (let event = 0; event < 5; event += 1) looks.eventCame()
  await vi.advanceTimersByTimeAsync(20_000)
  expect(began).toEqual([100, 1_000, 2_000, 4_000])
})

it('leaves the host alone once what the burst announced is over', async () => {
  const { began, looks } = watch(10, 1_000)
  looks.eventCame()
  await vi.advanceTimersByTimeAsync(20_000)
  expect(began).toEqual([100, 1_000])
})

it('looks again for what came while it looked', async () => {
  const { began, looks } = watch(50, 0)
  looks.eventCame()
  await vi.advanceTimersByTimeAsync(120)
  looks.eventCame()
  await vi.advanceTimersByTimeAsync(20_000)
  expect(began).toEqual([100, 300])
})

it('answers the next event at once when the host is quick', async () => {
  const { began, looks } = watch(10)
  looks.eventCame()
  await vi.advanceTimersByTimeAsync(500)
  looks.eventCame()
  await vi.advanceTimersByTimeAsync(200)
  expect(began).toEqual([100, 600])
})

it('never takes more than a quarter of a slow host, however many events come', async () => {
  const { began, looks } = watch(2_000)
  for (let second = 0; second < 60; second += 1) {
    looks.eventCame()
    await vi.advanceTimersByTimeAsync(1_000)
  }
  expect(began.length).toBeGreaterThanOrEqual(7)
  expect((began.length * 2_000) / 60_000).toBeLessThanOrEqual(0.28)
  // What happened last is seen in the end.
  await vi.advanceTimersByTimeAsync(10_000)
  expect(began.at(-1)).toBeGreaterThan(59_000)
})

it('stops', async () => {
  const { began, looks } = watch(10)
  looks.eventCame()
  looks.stop()
  await vi.advanceTimersByTimeAsync(20_000)
  expect(began).toEqual([])
})
