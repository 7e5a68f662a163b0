import { useEffect, useState } from 'react'
import type { LogSource } from '../../src-shared/contract/guests'
import type { Problem } from '../../src-shared/problem'
import { currentClient } from '../api/page'
import { asProblem } from '../api/problem'

/** More than this of one log is not kept in the page; the host has it all. */
const maxCharacters = 400_000

/** Which logs there are; another `count` asks anew. */
export function useSources(hostId: string, guestId: string | undefined, count: number) {
  const [state, setState] = useState<{ sources?: readonly LogSource[]; problem?: Problem }>({})
  // biome-ignore lint/correctness/useExhaustiveDependencies: another count is another reading
  useEffect(() => {
    const stop = new AbortController()
    setState({})
    currentClient()
      .guests.logs({ hostId, ...(guestId === undefined ? {} : { guestId }) }, { signal: stop.signal })
      .then(
        (logs) => stop.signal.aborted || setState({ sources: logs.map(({ source }) => source) }),
        (error) => stop.signal.aborted || setState({ problem: asProblem(error) }),
      )
    return () => stop.abort()
  }, [hostId, guestId, count])
  return state
}

/** One log from its end on; another `count` reads it anew. */
export function useLog(hostId: string, guestId: string | undefined, source: LogSource | undefined, count: number) {
  const [state, setState] = useState<{ text: string; problem: Problem | undefined; loading: boolean }>({
    text: '',
    problem: undefined,
    loading: true,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: another count is another reading
  useEffect(() => {
    if (source === undefined) return
    const stop = new AbortController()
    setState({ text: '', problem: undefined, loading: true })
    const follow = async (): Promise<void> => {
      try {
        const call = { hostId, source, ...(guestId === undefined ? {} : { guestId }) }
        for await (const piece of await currentClient().guests.readLog(call, { signal: stop.signal }))
          setState((before) => ({ ...before, text: (before.text + piece.text).slice(-maxCharacters) }))
        if (!stop.signal.aborted) setState((before) => ({ ...before, loading: false }))
      } catch (error) {
        if (!stop.signal.aborted) setState((before) => ({ ...before, loading: false, problem: asProblem(error) }))
      }
    }
    void follow()
    return () => stop.abort()
  }, [hostId, guestId, source, count])
  return state
}
