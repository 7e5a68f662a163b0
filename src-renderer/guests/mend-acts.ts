import { type Guest, isOff } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import { hasOwnRoot } from '../../src-shared/operations'

/** Why nobody can look at the names that a guest uses, in a few words, or undefined when one can. */
export function mendRefusal(guest: Guest, host: Host | undefined): string | undefined {
  if (host?.connection.phase !== 'ready') return 'host not connected'
  if (guest.draft) return 'a draft'
  if (guest.configPath === undefined) return 'no config file'
  if (guest.origin && !hasOwnRoot(guest.origin.mode)) return 'its root is an overlay: look at its base'
  if (guest.state === 'saved') return 'saved: discard or start it first'
  return isOff(guest) ? undefined : 'shut it down first'
}
