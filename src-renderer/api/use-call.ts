import { useCallback, useState } from 'react'
import type { Problem } from '../../src-shared/problem'
import { asProblem } from './problem'

/** Runs calls one at a time for a component: whether one is under way, and the problem of the last one. */
export function useCall(): {
  busy: boolean
  problem: Problem | undefined
  run<T>(call: () => Promise<T>): Promise<T | undefined>
  clear(): void
} {
  const [state, setState] = useState<{ busy: boolean; problem: Problem | undefined }>({ busy: false, problem: undefined })
  const run = useCallback(async <T>(call: () => Promise<T>): Promise<T | undefined> => {
    setState({ busy: true, problem: undefined })
    try {
      const result = await call()
      setState({ busy: false, problem: undefined })
      return result
    } catch (error) {
      setState({ busy: false, problem: asProblem(error) })
      return undefined
    }
  }, [])
  const clear = useCallback(() => setState((now) => ({ ...now, problem: undefined })), [])
  return { ...state, run, clear }
}
