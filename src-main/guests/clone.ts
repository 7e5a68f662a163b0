import { describeGuestNames } from '../../src-shared/guest-names'
import { space } from '../host/space'
import { defineOperation } from '../jobs/define'
import { diskGuard } from '../xen/disk-guard'
import baseDevice from './base-device.sh?raw'
import cloneScript from './clone.sh?raw'
import { cloneVariables } from './clone-variables'
import domain from './domain.sh?raw'
import guestConfig from './guest-config.sh?raw'
import layerSpace from './layer-space.sh?raw'

/** Makes guests on one generation of a base and boots them: all of them, or none and no trace. */
export const clone = defineOperation<'guest.clone'>({
  id: 'guest.clone',
  title: ({ guests }) => `Clone and boot ${describeGuestNames(guests.map((guest) => guest.name))}`,
  targets: ({ guests }) => guests.map((guest) => guest.name),
  steps: ({ mode }) => [
    'Check under lock',
    'Attach the base',
    mode === 'overlay' ? 'Make the layers' : 'Reserve the names',
    'Write the configs',
    'Start',
  ],
  // One job at a time decides about names, MACs and the base's loop device.
  locks: () => [{ name: 'guests', shared: false }],
  danger: 'none',
  inverse: ({ guests: made }, { guests }) =>
    made.flatMap(({ uuid }) => {
      // By the name of today: it may have been renamed.
      const guest = guests.get(uuid)
      return guest ? [{ operation: 'guest.delete', input: { name: guest.name, uuid } }] : []
    }),
  outdated: ({ guests: planned }, { guests }) => {
    const names = new Set([...guests.values()].map(({ name }) => name))
    const taken = planned.map(({ name }) => name).filter((name) => names.has(name))
    if (taken.length === 0) return undefined
    return `${describeGuestNames(taken)} ${taken.length === 1 ? 'is' : 'are'} on the host by now. Plan the clone again, with other names.`
  },
  variables: cloneVariables,
  script: [baseDevice, domain, diskGuard, guestConfig, layerSpace, space, cloneScript].join('\n'),
})
