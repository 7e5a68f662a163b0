import type { Lock } from '../../src-shared/models/job'
import { space } from '../host/space'
import { defineOperation } from '../jobs/define'
import domain from '../xen/domain.sh?raw'
import guestPackages from '../xen/guest-packages.sh?raw'
import stoppedGuest from '../xen/stopped-guest.sh?raw'
import buildPackage from './build-package.sh?raw'
import deleteScript from './delete-package.sh?raw'
import guestLayer from './guest-layer.sh?raw'
import packageScript from './package.sh?raw'
import removal from './removal.sh?raw'
import sealing from './sealing.sh?raw'

/** Jobs that make or remove a version of one package image exclude each other. */
const packageLock = (name: string): Lock => ({ name: `package-${name}`, shared: false })

/** Makes the next version of a package image from the programs in the layer of a guest that is off. The guest stays as it is. */
export const makePackage = defineOperation<'image.package'>({
  id: 'image.package',
  title: ({ name, guest }) => `Make the package image ${name} from ${guest.name}`,
  targets: ({ name, guest }) => [guest.name, name],
  steps: ({ name, guest }) => [`Check ${guest.name}`, 'Copy what its layer holds', 'Seal it', `Publish ${name}`],
  locks: ({ name, guest }) => [packageLock(name), { name: `guest-${guest.uuid}`, shared: false }],
  danger: 'none',
  variables: ({ name, guest, note }) => ({
    ...{ name, guest: guest.name, uuid: guest.uuid },
    note: JSON.stringify(note),
    build_package: buildPackage,
  }),
  script: [domain, stoppedGuest, guestLayer, space, sealing, packageScript].join('\n'),
})

/** Deletes a version that is in nobody's stack. */
export const removePackage = defineOperation<'image.delete-package'>({
  id: 'image.delete-package',
  title: ({ name, version }) => `Delete version ${version} of ${name}`,
  targets: ({ name }) => [name],
  steps: ({ name, version }) => [`Check version ${version} of ${name}`, 'Remove it'],
  // Whoever gives it to a guest holds `guests`.
  locks: ({ name }) => [packageLock(name), { name: 'guests', shared: false }],
  danger: 'destroys',
  variables: ({ name, version }) => ({ name, version: String(version) }),
  script: [guestPackages, sealing, removal, deleteScript].join('\n'),
})
