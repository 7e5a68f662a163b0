import { create } from 'zustand'
import type { Problem } from '../../src-shared/problem'
import { asProblem } from '../api/problem'

/** A failure of something that is no longer on screen, or something that happened. Stays until it is dismissed. */
export type Notice = { kind: 'problem'; id: number; what: string; problem: Problem } | { kind: 'news'; id: number; news: News }

/** Something that happened by itself. News of one `key` replace each other. */
export type News = {
  key: string
  tone: 'good' | 'bad' | 'plain'
  title: string
  text: string
  /** Goes to what it is about. */
  show(): void
}

type NoticesState = { notices: readonly Notice[]; dismiss(id: number): void }

export const useNotices = create<NoticesState>((set) => ({
  notices: [],
  dismiss: (id) => set(({ notices }) => ({ notices: notices.filter((notice) => notice.id !== id) })),
}))

/** Older ones go: whoever was away for long reads the newest. */
const mostNews = 5
let lastId = 0

/** Runs a call whose button may be gone by the time it fails; `what` names the attempt, such as `Reboot web-07`. */
export async function attempt(what: string, call: () => Promise<unknown>): Promise<void> {
  try {
    await call()
  } catch (error) {
    tellProblem(what, asProblem(error))
  }
}

/** Shows a failure; `what` names the attempt. */
export function tellProblem(what: string, problem: Problem): void {
  lastId += 1
  const notice: Notice = { kind: 'problem', id: lastId, what, problem }
  useNotices.setState(({ notices }) => ({ notices: [...notices, notice] }))
}

/** Shows something that happened. */
export function tellNews(news: News): void {
  lastId += 1
  const notice: Notice = { kind: 'news', id: lastId, news }
  useNotices.setState(({ notices }) => {
    const others = notices.filter((one) => one.kind !== 'news' || one.news.key !== news.key)
    const surplus = new Set<Notice>(others.filter((one) => one.kind === 'news').slice(0, -(mostNews - 1)))
    return { notices: [...others.filter((one) => !surplus.has(one)), notice] }
  })
}
