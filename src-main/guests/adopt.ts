import { defineOperation } from '../jobs/define'
import { diskGuard } from '../xen/disk-guard'
import domain from '../xen/domain.sh?raw'
import adoptScript from './adopt.sh?raw'
import autostartLinks from './autostart-links.sh?raw'
import configKeys from './config-keys.sh?raw'
import { guestLock, guestsLock } from './locks'

/**
 * Takes a guest that others made under Domdeck's care: its config moves to a folder of its own, and where it was stands a link to
 * it, so that xendomains and everybody's habits go on as before. Its disks stay where they are.
 */
export const adopt = defineOperation<'guest.adopt'>({
  id: 'guest.adopt',
  title: ({ name }) => `Adopt ${name}`,
  targets: ({ name }) => [name],
  steps: ({ name }) => [`Check ${name}`, 'Copy its config', 'Put a link in its place'],
  locks: ({ uuid }) => [guestLock(uuid), guestsLock],
  danger: 'none',
  variables: ({ name, uuid, configPath }) => ({ name, uuid, config_path: configPath }),
  script: [configKeys, autostartLinks, domain, diskGuard, adoptScript].join('\n'),
})
