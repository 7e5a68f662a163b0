import type { Browser, Page } from '@playwright/test'

type TraceEvent = { name: string; ph: string; pid: number; tid: number; tdur?: number; args?: { name?: string } }

/**
 * Milliseconds of CPU of the longest task that the page's own thread ran while `act` did. Unlike the time between two answers of
 * the page, it does not grow when other programs take the processor from the browser.
 */
export async function longestTask(browser: Browser, page: Page, act: () => Promise<unknown>): Promise<number> {
  await browser.startTracing(page, { categories: ['toplevel', '__metadata'] })
  await act()
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] }
  const threads = new Set(traceEvents.filter(isMainThread).map(threadOf))
  const tasks = traceEvents.filter((event) => event.name === 'ThreadControllerImpl::RunTask' && threads.has(threadOf(event)))
  if (tasks.length === 0) throw new Error('The trace of the browser holds no task of the page.')
  return tasks.reduce((most, { tdur = 0 }) => Math.max(most, tdur), 0) / 1000
}

const isMainThread = ({ name, args }: TraceEvent): boolean => name === 'thread_name' && args?.name === 'CrRendererMain'
const threadOf = ({ pid, tid }: TraceEvent): string => `${pid} ${tid}`
