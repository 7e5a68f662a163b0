import type { HostSettings } from '../../src-shared/models/host'
import type { Answers } from '../ssh/answers'
import type { Identity } from '../ssh/auth'
import type { DialOptions } from '../ssh/dial'
import type { HostNamed, Jumps, OnPhase, Target } from '../ssh/jump'
import type { LentLogin } from '../ssh/lent-login'
import { openPool } from '../ssh/pool'
import type { TrustStore } from '../ssh/trust'
import type { Keychain } from './keychain'
import type { Sessions } from './sessions'

/** What a host needs of the world. */
export type HostServices = {
  /** Dials and authenticates; says which phase it is in. Rejects with the problem, or when the signal aborts. */
  dial(
    settings: HostSettings,
    options: {
      signal: AbortSignal
      answers: Answers
      onPhase: OnPhase
      /** What each phase found, in sentences. */
      onNote?(words: string): void
      /** A login elsewhere that programs on this connection may use. */
      lends?: LentLogin
    },
  ): Promise<Sessions>
  /** Dials what lies behind a host. */
  dialThrough(
    through: NonNullable<DialOptions['through']>,
    target: Target,
    options: { signal: AbortSignal; answers: Answers },
  ): Promise<Sessions>
  /** Writes a line to Domdeck's known_hosts. */
  addTrust(line: string): Promise<void>
  /** Where a person may have answers kept; only the desktop shell has one. */
  keychain?: Keychain
  /** How long a login waits for a person. */
  answerDeadlineMs?: number
  /** Between 0 and 1; spreads reconnects. */
  random?: () => number
}

/** Hosts over real SSH, with this person's keys and this trust; what they share, where there is more than one. */
export function sshServices(
  identity: Identity,
  trust: TrustStore,
  { keychain, ...ways }: { keychain?: Keychain | undefined; jumps?: Jumps; hostNamed?: HostNamed } = {},
): HostServices {
  return {
    dial: (settings, options) => openPool(settings, { ...identity, trust, ...ways, ...options }),
    dialThrough: (through, target, options) => openPool(target, { ...identity, trust, ...options, through }),
    addTrust: (line) => trust.add(line),
    ...(keychain ? { keychain } : {}),
  }
}
