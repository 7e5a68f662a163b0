import { create } from 'zustand'
import type { DomdeckClient } from '../../src-shared/contract'
import { ProblemError } from '../../src-shared/problem'
import { connectPage, type Page } from './client'

type PageState = {
  /** The connection in use; undefined before the first and while lost. */
  page: Page | undefined
  state: 'connecting' | 'connected' | 'lost'
}

/** The page's connection to the main side. Consoles attach anew whenever `page` changes. */
export const usePage = create<PageState>(() => ({ page: undefined, state: 'connecting' }))

/** The client to call now. Throws CONNECTION_LOST while there is none. */
export function currentClient(): DomdeckClient {
  const page = usePage.getState().page
  if (!page) {
    throw new ProblemError('CONNECTION_LOST', 'This page has lost Domdeck itself.', {
      hint: 'It reconnects by itself. If it does not, look whether Domdeck still runs on the workstation.',
    })
  }
  return page.client
}

const firstRetryMs = 250
const slowestRetryMs = 4000

/** Connects, and again whenever the connection is lost, ever slower; old data stays on screen meanwhile. Ends with the signal. */
export async function keepConnected(signal: AbortSignal, connect: () => Promise<Page> = connectPage): Promise<void> {
  let retryMs = firstRetryMs
  while (!signal.aborted) {
    try {
      const page = await connect()
      retryMs = firstRetryMs
      const lost = new Promise<void>((resolve) => page.onLost(resolve))
      usePage.setState({ page, state: 'connected' })
      await lost
    } catch {
      // Nobody answered; the state says so and the loop tries again.
    }
    usePage.setState({ page: undefined, state: 'lost' })
    await pause(retryMs, signal)
    retryMs = Math.min(slowestRetryMs, retryMs * 2)
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms)
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done)
  })
}
