import { ORPCError } from '@orpc/client'
import { describe, expect, it, vi } from 'vitest'
import { ProblemError } from '../../src-shared/problem'
import type { Page } from './client'
import { currentClient, keepConnected, usePage } from './page'
import { asProblem } from './problem'

function fakePage(): { page: Page; lose(): void } {
  const listeners: (() => void)[] = []
  const page = { client: {}, bytes: {}, onLost: (listener: () => void) => void listeners.push(listener) } as unknown as Page
  return { page, lose: () => listeners.forEach((listener) => void listener()) }
}

describe('the connection of the page', () => {
  it('says so when it is lost, comes back with a new client, and refuses calls meanwhile', async () => {
    const stop = new AbortController()
    const [first, second] = [fakePage(), fakePage()]
    const answers: (() => Promise<Page>)[] = [
      async () => first.page,
      async () => {
        throw new Error('nobody there')
      },
      async () => second.page,
    ]
    const ended = keepConnected(stop.signal, () => (answers.shift() ?? (() => new Promise<Page>(() => {})))())
    await vi.waitFor(() => expect(usePage.getState()).toEqual({ page: first.page, state: 'connected' }))
    first.lose()
    await vi.waitFor(() => expect(usePage.getState().state).toBe('lost'))
    expect(() => currentClient()).toThrow(ProblemError)
    await vi.waitFor(() => expect(usePage.getState().page).toBe(second.page), { timeout: 5000 })
    stop.abort()
    second.lose()
    await ended
  })
})

describe('problems of calls', () => {
  it('are those of the main side, whole', () => {
    const { problem } = new ProblemError('BUSY', 'ana holds the lock of web-07.')
    expect(asProblem(new ORPCError('PROBLEM', { data: problem }))).toEqual(problem)
  })

  it('are ours when it is anything else', () => {
    expect(asProblem(new ORPCError('PROBLEM', { data: { code: 'nonsense' } })).code).toBe('INTERNAL')
    expect(asProblem(new ProblemError('CONNECTION_LOST', 'x')).code).toBe('CONNECTION_LOST')
  })
})
