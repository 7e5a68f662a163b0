import { describeGuestNames } from '../../src-shared/guest-names'
import type { CloneMode } from '../../src-shared/operations'
import { copyImage } from '../jobs/copy-image'
import { defineOperation } from '../jobs/define'
import { diskGuard } from '../xen/disk-guard'
import cloneScript from './clone.sh?raw'
import { cloneVariables } from './clone-variables'
import encryptedDisks from './encrypted-disks.sh?raw'
import guestConfig from './guest-config.sh?raw'
import { guestDisks } from './guest-disks'
import layerSpace from './layer-space.sh?raw'
import layerTemplate from './layer-template.sh?raw'
import ownDisks from './own-disks.sh?raw'

const diskSteps: Record<CloneMode, [string, string]> = {
  overlay: ['Attach the base', 'Make the layers'],
  throwaway: ['Attach the base', 'Reserve the names'],
  copy: ['Read the base', 'Copy the disks'],
  reflink: ['Read the base', 'Reflink the disks'],
  thin: ['Bring the base into the pool', 'Snapshot the disks'],
  qcow2: ['Read the base', 'Make the disks'],
}

/** Makes guests on one generation of a base and boots them: all of them, or none and no trace. */
export const clone = defineOperation<'guest.clone'>({
  id: 'guest.clone',
  title: ({ guests }) => `Clone and boot ${describeGuestNames(guests.map((guest) => guest.name))}`,
  targets: ({ guests }) => guests.map((guest) => guest.name),
  steps: ({ mode }) => ['Check under lock', ...diskSteps[mode], 'Write the configs', 'Start'],
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
  script: [guestDisks, diskGuard, guestConfig, encryptedDisks, layerSpace, layerTemplate, copyImage, ownDisks, cloneScript].join(
    '\n',
  ),
})
