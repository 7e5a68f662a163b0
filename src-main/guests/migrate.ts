import { defineOperation } from '../jobs/define'
import { diskGuard } from '../xen/disk-guard'
import domain from '../xen/domain.sh?raw'
import guestPackages from '../xen/guest-packages.sh?raw'
import guardThere from './guard-there.sh?raw'
import { guestLock } from './locks'
import migrateScript from './migrate.sh?raw'

/** Moves a running guest to another host that has the same storage, over SSH from dom0 to dom0. */
export const migrate = defineOperation<'guest.migrate'>({
  id: 'guest.migrate',
  title: ({ name, to }) => `Move ${name} to ${to.name}`,
  targets: ({ name }) => [name],
  steps: ({ name }) => [`Check ${name}`, 'Attach its base there', 'Move it'],
  locks: ({ uuid }) => [guestLock(uuid)],
  danger: 'interrupts',
  variables: ({ name, uuid, to }) => ({
    name,
    uuid,
    address: to.address,
    port: String(to.port),
    guard_there: `${diskGuard}\n${guardThere}`,
  }),
  script: [domain, guestPackages, migrateScript].join('\n'),
})
