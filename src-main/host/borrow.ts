import type { HostSettings } from '../../src-shared/models/host'
import type { Answers } from '../ssh/answers'
import type { LentLogin, OwnLogin } from '../ssh/lent-login'
import type { Argv } from '../ssh/quote'
import { findRoot, type Root } from './escalation'
import type { HostServices } from './services'

/** Domdeck's login on a host, and how a command of it becomes root there without a person. */
export type Lendable = { login: OwnLogin; asRoot(argv: Argv): Argv }

/** A connection that lends a login to what runs on it; the agent is at `socket`. */
export type Borrowed = { root: Root; socket: string; close(): void }

/** How long a host has for each of the few things that are asked of it. */
const patienceMs = 20_000

/**
 * Connects to a host once more, lending a login elsewhere to what runs on this connection. FORWARDING_REFUSED when sshd there forwards no agent; else
 * as dialling and becoming root do.
 */
export async function borrow(
  settings: HostSettings,
  { services, answers, lends }: { services: Pick<HostServices, 'dial'>; answers: Answers; lends: LentLogin },
): Promise<Borrowed> {
  const signal = AbortSignal.timeout(patienceMs)
  const sessions = await services.dial(settings, { signal, answers, lends, onPhase: () => undefined })
  try {
    // Asked before sudo, which takes it out of the environment.
    const { stdout } = await sessions.run(['sh', '-c', 'printf %s "$SSH_AUTH_SOCK"'], { timeoutMs: patienceMs })
    const account = { user: sessions.user ?? settings.user ?? 'root', name: settings.name }
    const root = await findRoot(sessions, account, answers, patienceMs)
    return { root, socket: stdout.toString(), close: () => sessions.close() }
  } catch (thrown) {
    sessions.close()
    throw thrown
  }
}
