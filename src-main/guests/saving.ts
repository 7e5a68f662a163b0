import { defineOperation } from '../jobs/define'
import { diskGuard } from '../xen/disk-guard'
import discardScript from './discard.sh?raw'
import { guestDisks } from './guest-disks'
import holdConfig from './hold-config.sh?raw'
import { guestLock, guestsLock } from './locks'
import restoreScript from './restore.sh?raw'
import saveScript from './save.sh?raw'

/** Writes the memory of a running guest to its folder and takes its domain away; it goes on from there when it is started. */
export const save = defineOperation<'guest.save'>({
  id: 'guest.save',
  title: ({ name }) => `Save ${name}`,
  targets: ({ name }) => [name],
  steps: ({ name }) => [`Check ${name}`, 'Write its memory', 'Take its domain away'],
  locks: ({ uuid }) => [guestLock(uuid)],
  danger: 'interrupts',
  variables: ({ name, uuid }) => ({ name, uuid }),
  script: [guestDisks, holdConfig, saveScript].join('\n'),
})

/** Starts a saved guest where it was when it was saved. */
export const restore = defineOperation<'guest.restore'>({
  id: 'guest.restore',
  title: ({ name }) => `Restore ${name}`,
  targets: ({ name }) => [name],
  steps: ({ name }) => [`Check ${name}`, 'Attach its base', 'Read its memory back'],
  locks: ({ uuid }) => [guestLock(uuid), guestsLock],
  danger: 'none',
  variables: ({ name, uuid }) => ({ name, uuid }),
  script: [guestDisks, diskGuard, holdConfig, restoreScript].join('\n'),
})

/** Forgets the memory of a saved guest: it boots anew at its next start, as after a power cut. */
export const discard = defineOperation<'guest.discard'>({
  id: 'guest.discard',
  title: ({ name }) => `Discard the saved memory of ${name}`,
  targets: ({ name }) => [name],
  steps: ({ name }) => [`Check ${name}`, 'Remove its saved memory'],
  locks: ({ uuid }) => [guestLock(uuid)],
  danger: 'destroys',
  variables: ({ name, uuid }) => ({ name, uuid }),
  script: [holdConfig, discardScript].join('\n'),
})
