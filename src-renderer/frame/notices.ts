import { create } from 'zustand'
import type { Problem } from '../../src-shared/problem'
import { asProblem } from '../api/problem'

/** A failure of something that is no longer on screen. Stays until it is dismissed. */
export type Notice = { id: number; what: string; problem: Problem }

type NoticesState = { notices: readonly Notice[]; dismiss(id: number): void }

export const useNotices = create<NoticesState>((set) => ({
  notices: [],
  dismiss: (id) => set(({ notices }) => ({ notices: notices.filter((notice) => notice.id !== id) })),
}))

let lastId = 0

/** Runs a call whose button may be gone by the time it fails; `what` names the attempt, such as `Reboot web-07`. */
export async function attempt(what: string, call: () => Promise<unknown>): Promise<void> {
  try {
    await call()
  } catch (error) {
    lastId += 1
    const notice = { id: lastId, what, problem: asProblem(error) }
    useNotices.setState(({ notices }) => ({ notices: [...notices, notice] }))
  }
}
