import type { Connection } from '../../src-shared/models/host'
import { type Problem, toProblem } from '../../src-shared/problem'
import { HostKeyError, type PresentedKey } from '../ssh/trust'
import { backoffMs } from './backoff'
import { passes } from './passing'

/** What a silent connection has left to speak again once the host answers others. */
const graceMs = 2_000

export type HoldOptions = {
  /** Why the host counts as silent. */
  silence: Problem
  /** Since when it was connected. */
  since: number
  /** Resolves when the host answers a new connection. */
  reach(signal: AbortSignal): Promise<void>
  random: (() => number) | undefined
  tell(connection: Connection): void
  /** It answers a new connection, and said nothing on the old one. */
  onFound(): void
  /** It will not answer by itself, ever. */
  onRefused(problem: Problem, presented: PresentedKey | undefined): void
}

/**
 * The search for a host that is silent: frozen, or this workstation has another network by now. Its connection, with all that runs on it,
 * is kept until the host is found to answer a new one while it says nothing on the old.
 */
export class Hold {
  #over = new AbortController()
  #timer: NodeJS.Timeout | undefined

  constructor(readonly options: HoldOptions) {
    void this.#search(this.#over.signal)
  }

  /** Looks at once, without a wait left from before. */
  again(): void {
    this.end()
    this.#over = new AbortController()
    void this.#search(this.#over.signal)
  }

  end(): void {
    this.#over.abort()
    clearTimeout(this.#timer)
  }

  async #search(signal: AbortSignal): Promise<void> {
    const { silence, reach, random, tell, onFound, onRefused } = this.options
    tell({ phase: 'waiting', until: Date.now(), attempt: 0, problem: silence, held: true })
    for (let attempt = 1; ; attempt += 1) {
      try {
        await reach(signal)
        await this.#pause(graceMs)
        return onFound()
      } catch (thrown) {
        if (signal.aborted) return
        const problem = toProblem(thrown)
        if (!passes(problem)) return onRefused(problem, thrown instanceof HostKeyError ? thrown.presented : undefined)
        const waitMs = backoffMs(attempt, random)
        tell({ phase: 'waiting', until: Date.now() + waitMs, attempt, problem, held: true })
        await this.#pause(waitMs)
      }
    }
  }

  /** Never resolves once the search is over. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#timer = setTimeout(resolve, ms)
    })
  }
}
