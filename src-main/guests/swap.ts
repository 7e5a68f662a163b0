import { defineOperation } from '../jobs/define'
import domain from '../xen/domain.sh?raw'
import guestPackages from '../xen/guest-packages.sh?raw'
import stoppedGuest from '../xen/stopped-guest.sh?raw'
import baseDevice from './base-device.sh?raw'
import { guestLock, guestsLock } from './locks'
import swapScript from './swap.sh?raw'
import swapGeneration from './swap-generation.sh?raw'

/** Moves a guest to another generation of its base: at once if it is off, else at its next start. Its layer stays as it is. */
export const swap = defineOperation<'guest.swap'>({
  id: 'guest.swap',
  title: ({ name, base, generation }) => `Swap ${name} to generation ${generation} of ${base}`,
  targets: ({ name }) => [name],
  steps: ({ name, generation }) => [`Check ${name}`, `Write generation ${generation}`],
  // It attaches nothing, but a base that nobody stands on any more is detached.
  locks: ({ uuid }) => [guestLock(uuid), guestsLock],
  danger: 'none',
  inverse: ({ uuid, base, generation }, { guests, result }) => {
    const guest = guests.get(uuid)
    const from = Number(result.from)
    const { origin } = guest ?? {}
    const stands = origin?.next ?? origin?.generation
    if (!guest || origin?.base !== base || stands !== generation || !(from > 0) || from === generation) return []
    return [{ operation: 'guest.swap', input: { name: guest.name, uuid, base, generation: from } }]
  },
  variables: ({ name, uuid, base, generation }) => ({ name, uuid, base_name: base, to: String(generation) }),
  script: [baseDevice, domain, guestPackages, stoppedGuest, swapGeneration, swapScript].join('\n'),
})
