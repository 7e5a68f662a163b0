import type { Guest } from '../../src-shared/models/guest'
import { copyImage } from '../jobs/copy-image'
import { defineOperation } from '../jobs/define'
import domain from '../xen/domain.sh?raw'
import stoppedGuest from '../xen/stopped-guest.sh?raw'
import checkScript from './check.sh?raw'
import encryptedDisks from './encrypted-disks.sh?raw'
import forgetScript from './forget.sh?raw'
import growScript from './grow.sh?raw'
import layerTemplate from './layer-template.sh?raw'
import { guestLock } from './locks'
import resetScript from './reset.sh?raw'
import revertScript from './revert.sh?raw'
import snapshotScript from './snapshot.sh?raw'

type LayerRef = { name: string; uuid: string }

/** All of these are about the layer of one guest that is off. */
const layer = {
  targets: ({ name }: LayerRef) => [name],
  locks: ({ uuid }: LayerRef) => [guestLock(uuid)],
}
const put = 'Put it in the place of the old one'

/** Empties the layer of a guest. */
export const reset = defineOperation<'guest.reset'>({
  ...layer,
  id: 'guest.reset',
  title: ({ name }) => `Reset the layer of ${name}`,
  steps: ({ name }) => [`Check ${name}`, 'Make an empty layer', put],
  danger: 'destroys',
  variables: ({ name, uuid }) => ({ name, uuid }),
  script: [domain, stoppedGuest, layerTemplate, encryptedDisks, resetScript].join('\n'),
})

/** Makes the layer of a guest larger. */
export const grow = defineOperation<'guest.grow'>({
  ...layer,
  id: 'guest.grow',
  title: ({ name, layerMb }) => `Grow the layer of ${name} to ${layerMb} MB`,
  steps: ({ name }) => [`Check ${name}`, 'Copy the layer', 'Grow the copy', put],
  danger: 'none',
  variables: ({ name, uuid, layerMb }) => ({ name, uuid, layer_mb: String(layerMb) }),
  script: [domain, stoppedGuest, copyImage, growScript].join('\n'),
})

/** Keeps a copy of the layer of a guest. */
export const snapshot = defineOperation<'guest.snapshot'>({
  ...layer,
  id: 'guest.snapshot',
  title: ({ name }) => `Snapshot the layer of ${name}`,
  steps: ({ name }) => [`Check ${name}`, 'Copy the layer'],
  danger: 'none',
  inverse: ({ uuid }, { guests, result }) => {
    const guest: Guest | undefined = guests.get(uuid)
    const { snapshot: taken } = result
    return guest && taken ? [{ operation: 'guest.forget', input: { name: guest.name, uuid, snapshot: taken } }] : []
  },
  variables: ({ name, uuid }) => ({ name, uuid }),
  script: [domain, stoppedGuest, copyImage, snapshotScript].join('\n'),
})

/** Makes the layer of a guest what it was at a snapshot. */
export const revert = defineOperation<'guest.revert'>({
  ...layer,
  id: 'guest.revert',
  title: ({ name, snapshot: taken }) => `Restore the layer of ${name} from its snapshot ${taken}`,
  steps: ({ name }) => [`Check ${name}`, 'Copy the snapshot', 'Put it in the place of the layer'],
  danger: 'destroys',
  variables: ({ name, uuid, snapshot: taken }) => ({ name, uuid, snapshot: taken }),
  script: [domain, stoppedGuest, copyImage, revertScript].join('\n'),
})

/** Deletes a snapshot of a guest. */
export const forget = defineOperation<'guest.forget'>({
  ...layer,
  id: 'guest.forget',
  title: ({ name, snapshot: taken }) => `Delete the snapshot ${taken} of ${name}`,
  steps: ({ snapshot: taken }) => [`Delete the snapshot ${taken}`],
  danger: 'destroys',
  variables: ({ name, uuid, snapshot: taken }) => ({ name, uuid, snapshot: taken }),
  script: [domain, stoppedGuest, forgetScript].join('\n'),
})

/** Checks the file system in the layer of a guest; with `repair` it is mended at the cost of what cannot be saved. */
export const check = defineOperation<'guest.check'>({
  ...layer,
  id: 'guest.check',
  title: ({ name, repair }) => `${repair ? 'Check and repair' : 'Check'} the layer of ${name}`,
  steps: ({ name, repair }) => [`Check ${name}`, ...(repair ? ['Repair a copy'] : [])],
  danger: 'none',
  variables: ({ name, uuid, repair }) => ({ name, uuid, repair: repair ? '1' : '' }),
  script: [domain, stoppedGuest, copyImage, checkScript].join('\n'),
})
