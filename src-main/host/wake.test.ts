import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { onWake } from './wake'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('tells of a sleep once, and not of a busy machine or of a clock that is set back', async () => {
  const woke = vi.fn()
  const stop = onWake(woke)
  await vi.advanceTimersByTimeAsync(60_000)
  vi.setSystemTime(Date.now() + 8_000)
  await vi.advanceTimersByTimeAsync(60_000)
  vi.setSystemTime(Date.now() - 3_600_000)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(woke).not.toHaveBeenCalled()
  vi.setSystemTime(Date.now() + 3_600_000)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(woke).toHaveBeenCalledOnce()
  stop()
  expect(vi.getTimerCount()).toBe(0)
})
