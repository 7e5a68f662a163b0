import { draftName } from '../../src-shared/models/base'
import { copyImage } from '../jobs/copy-image'
import { defineOperation } from '../jobs/define'
import { diskGuard } from '../xen/disk-guard'
import domain from '../xen/domain.sh?raw'
import discardScript from './discard-draft.sh?raw'
import draftFunctions from './draft.sh?raw'
import editScript from './edit.sh?raw'
import { baseLock, generationScript, generationSteps, generationVariables } from './generation'
import publishScript from './publish.sh?raw'

const guestLock = (uuid: string) => ({ name: `guest-${uuid}`, shared: false })

/** Boots a writable copy of a generation as a guest, so that the next one can be made of it. */
export const edit = defineOperation<'image.edit'>({
  id: 'image.edit',
  title: ({ base, generation }) => `Edit ${base}, from generation ${generation}`,
  targets: ({ base }) => [base, draftName(base)],
  steps: ({ base }) => [`Check ${base}`, 'Copy the generation', 'Write its config', `Start ${draftName(base)}`],
  // It takes a name and a MAC address, and no generation may go while it is copied.
  locks: ({ base }) => [baseLock(base), { name: 'guests', shared: false }],
  danger: 'none',
  inverse: ({ base, uuid }, { guests }) =>
    guests.get(uuid)?.draft ? [{ operation: 'image.discard', input: { base, uuid } }] : [],
  variables: ({ base, generation, uuid, mac, memoryMb, vcpus, type, bridge }) => ({
    base,
    name: draftName(base),
    generation: String(generation),
    uuid,
    mac,
    memory_mb: String(memoryMb),
    vcpus: String(vcpus),
    type,
    bridge: bridge ?? '',
  }),
  script: [domain, diskGuard, copyImage, editScript].join('\n'),
})

/** Makes the next generation of a draft that is shut down; the draft goes with it. Cut at any point there is the draft or the generation. */
export const publish = defineOperation<'image.publish'>({
  id: 'image.publish',
  title: ({ base }) => `Publish the draft of ${base}`,
  targets: ({ base }) => [base, draftName(base)],
  steps: ({ base }) => [`Check the draft of ${base}`, 'Copy the draft', ...generationSteps(base), 'Remove the draft'],
  locks: ({ base, uuid }) => [baseLock(base), guestLock(uuid)],
  danger: 'none',
  variables: ({ base, uuid }) => ({ name: base, uuid, ...generationVariables }),
  script: [domain, draftFunctions, generationScript, publishScript].join('\n'),
})

/** Removes a draft. */
export const discard = defineOperation<'image.discard'>({
  id: 'image.discard',
  title: ({ base }) => `Discard the draft of ${base}`,
  targets: ({ base }) => [base, draftName(base)],
  steps: ({ base }) => [`Check the draft of ${base}`, 'Stop it', 'Remove its files'],
  locks: ({ base, uuid }) => [baseLock(base), guestLock(uuid)],
  danger: 'destroys',
  variables: ({ base, uuid }) => ({ name: base, uuid }),
  script: [domain, draftFunctions, discardScript].join('\n'),
})
