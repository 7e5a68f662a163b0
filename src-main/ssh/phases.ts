import { ProblemError } from '../../src-shared/problem'
import { type DialPhase, deadlineProblem, dialProblem, type Place, type SshError } from './errors'

export type PhaseOptions = {
  signal?: AbortSignal | undefined
  deadlines?: Partial<Record<DialPhase, number>> | undefined
  onPhase?: ((phase: DialPhase) => void) | undefined
}

/** In milliseconds. Logging in may wait for a touch on a hardware key. */
const defaultDeadlines: Record<DialPhase, number> = { resolving: 10_000, connecting: 10_000, 'host-key': 15_000, auth: 60_000 }

/** Runs the phases of one dial, each against its deadline and the caller's signal, and makes problems of what they throw. */
export function createPhases(place: Place, options: PhaseOptions) {
  const stop = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let current: DialPhase = 'resolving'
  const onAbort = () => stop.abort(options.signal?.reason)
  options.signal?.throwIfAborted()
  options.signal?.addEventListener('abort', onAbort, { once: true })
  const enter = (phase: DialPhase) => {
    current = phase
    clearTimeout(timer)
    const deadlineMs = options.deadlines?.[phase] ?? defaultDeadlines[phase]
    timer = setTimeout(() => stop.abort(deadlineProblem(phase, place, deadlineMs)), deadlineMs)
    options.onPhase?.(phase)
  }
  return {
    async run<T>(phase: DialPhase, work: (signal: AbortSignal, enter: (next: DialPhase) => void) => Promise<T>): Promise<T> {
      if (stop.signal.aborted) throw stop.signal.reason
      enter(phase)
      const stopped = new Promise<never>((_resolve, reject) => {
        stop.signal.addEventListener('abort', () => reject(stop.signal.reason), { once: true })
      })
      try {
        return await Promise.race([work(stop.signal, enter), stopped])
      } catch (error) {
        if (stop.signal.aborted) throw stop.signal.reason
        throw error instanceof ProblemError ? error : dialProblem(error as SshError, current, place)
      }
    },
    /** No deadline until the next phase: a person is asked, and whoever asks sets the time. */
    hold: () => clearTimeout(timer),
    end() {
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', onAbort)
    },
  }
}
