import type { Identity } from '../ssh/auth'
import { openPool } from '../ssh/pool'
import type { TrustStore } from '../ssh/trust'
import type { HostServices } from './host'

/** Hosts over real SSH, with this person's keys and this trust. */
export function sshServices(identity: Identity, trust: TrustStore): HostServices {
  return {
    dial: (settings, options) => openPool(settings, { ...identity, trust, ...options }),
    addTrust: (line) => trust.add(line),
  }
}
