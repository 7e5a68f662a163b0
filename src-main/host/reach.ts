import type { HostSettings } from '../../src-shared/models/host'
import { ProblemError } from '../../src-shared/problem'
import type { Answers } from '../ssh/answers'
import type { HostServices } from './services'

/** Nobody is asked, and nothing that was answered is used: it goes no further than to the login. */
const answers: Answers = {
  recall: () => undefined,
  forget: () => undefined,
  ask: () => Promise.reject(new ProblemError('AUTH_FAILED', 'Nobody is asked while a host is only looked for.')),
  openedKeys: new Map(),
}

/**
 * Resolves when the host answers a new connection, up to where it would let us log in; then hangs up. Rejects with the problem on the
 * way, or when the signal aborts.
 */
export async function reach({ dial }: HostServices, settings: HostSettings, signal: AbortSignal): Promise<void> {
  const there = new AbortController()
  const options = {
    signal: AbortSignal.any([signal, there.signal]),
    answers,
    onPhase: (phase: string, jump?: string) => {
      if (phase === 'auth' && jump === undefined) there.abort()
    },
  }
  try {
    const sessions = await dial(settings, options)
    sessions.close()
  } catch (thrown) {
    if (!there.signal.aborted) throw thrown
  }
}
