import { useCallback, useEffect, useState } from 'react'
import type { Problem } from '../../src-shared/problem'
import { asProblem } from '../api/problem'

type State<Plan> = { plan: Plan | undefined; problem: Problem | undefined; pending: boolean }
/** `again` asks once more for the same, as after a problem. */
export type Planned<Plan> = State<Plan> & { again(): void }

/** Time after the last keystroke before the host is asked: the preflight is one round trip, but not one a letter. */
const settleMs = 250

/**
 * A plan that follows its request. The last plan stays in sight while the next one is made; an answer to an
 * older request is dropped. `request` undefined means that nothing can be asked yet.
 */
export function usePlan<Request, Plan>(
  request: Request | undefined,
  ask: (request: Request, signal: AbortSignal) => Promise<Plan>,
): Planned<Plan> {
  const [planned, setPlanned] = useState<State<Plan>>({ plan: undefined, problem: undefined, pending: true })
  const [round, setRound] = useState(0)
  const key = request === undefined ? undefined : JSON.stringify(request)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the request, which is a new object at each render
  useEffect(() => {
    const stop = new AbortController()
    if (request === undefined) {
      setPlanned((before) => ({ ...before, problem: undefined, pending: false }))
      return
    }
    setPlanned((before) => ({ ...before, pending: true }))
    const timer = setTimeout(() => {
      ask(request, stop.signal).then(
        (plan) => !stop.signal.aborted && setPlanned({ plan, problem: undefined, pending: false }),
        (error) => !stop.signal.aborted && setPlanned({ plan: undefined, problem: asProblem(error), pending: false }),
      )
    }, settleMs)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [key, round])
  return { ...planned, again: useCallback(() => setRound((before) => before + 1), []) }
}
