import { defineOperation } from '../jobs/define'
import deleteScript from './delete.sh?raw'
import { baseLock } from './generation'
import removal from './removal.sh?raw'
import sealing from './sealing.sh?raw'

/** Deletes a generation that nobody stands on. */
export const remove = defineOperation<'image.delete'>({
  id: 'image.delete',
  title: ({ base, generation }) => `Delete generation ${generation} of ${base}`,
  targets: ({ base }) => [base],
  steps: ({ base, generation }) => [`Check generation ${generation} of ${base}`, 'Remove it'],
  // Whoever makes a guest on it, or moves one to it, holds `guests`.
  locks: ({ base }) => [baseLock(base), { name: 'guests', shared: false }],
  danger: 'destroys',
  variables: ({ base, generation }) => ({ name: base, generation: String(generation) }),
  script: [sealing, removal, deleteScript].join('\n'),
})
