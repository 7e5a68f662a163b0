import { defineOperation } from '../jobs/define'
import domain from '../xen/domain.sh?raw'
import guestPackages from '../xen/guest-packages.sh?raw'
import stoppedGuest from '../xen/stopped-guest.sh?raw'
import flatten from './flatten.sh?raw'
import { baseLock, generationScript, generationSteps, generationVariables } from './generation'
import guestLayer from './guest-layer.sh?raw'
import promoteScript from './promote.sh?raw'

/** Makes a base, or its next generation, from a guest that is off. The guest stays as it is. */
export const promote = defineOperation<'image.promote'>({
  id: 'image.promote',
  title: ({ name, guest }) => `Promote ${guest.name} to ${name}`,
  targets: ({ name, guest }) => [guest.name, name],
  steps: ({ name, guest }) => [`Check ${guest.name}`, 'Copy its stack', ...generationSteps(name)],
  locks: ({ name, guest }) => [baseLock(name), { name: `guest-${guest.uuid}`, shared: false }],
  danger: 'none',
  variables: ({ name, guest }) => ({ name, guest: guest.name, uuid: guest.uuid, flatten, ...generationVariables }),
  script: [domain, guestPackages, stoppedGuest, guestLayer, generationScript, promoteScript].join('\n'),
})
