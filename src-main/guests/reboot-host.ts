import { heldScript, holdBoot } from '../host/held-boot'
import { defineOperation } from '../jobs/define'
import { diskGuard } from '../xen/disk-guard'
import autostartLinks from './autostart-links.sh?raw'
import configKeys from './config-keys.sh?raw'
import { guestDisks } from './guest-disks'
import { shutdownLimitSeconds } from './lifecycle'
import { guestsLock } from './locks'
import rebootHostScript from './reboot-host.sh?raw'
import settings from './settings.sh?raw'

/** How long the upgraded system has to prove itself. */
const heldMinutes = 15

/** Reboots a host, with its guests around it, and upgrades it on the way if it is told to. The job goes on by itself after the reboot. */
export const rebootHost = defineOperation<'host.reboot'>({
  id: 'host.reboot',
  title: ({ upgrade }) => (upgrade ? 'Upgrade and reboot the host' : 'Reboot the host'),
  targets: () => [],
  steps: ({ guests, upgrade }) => [
    'Check the host',
    ...(upgrade ? ['Fetch the new packages'] : []),
    ...(guests === 'shutdown' ? ['Shut its guests down'] : []),
    ...(upgrade ? ['Upgrade'] : []),
    'Reboot',
    'Wait until it is up',
    ...(guests === 'shutdown' ? ['Start its guests'] : []),
  ],
  // Not that of the boot: a changed one is settled while this waits for it.
  locks: () => [guestsLock],
  danger: 'interrupts',
  variables: ({ guests, upgrade }) => ({
    guests,
    upgrade: upgrade ? 'yes' : '',
    limit_s: String(shutdownLimitSeconds),
    once: 'no',
    minutes: String(heldMinutes),
    held_script: heldScript,
  }),
  script: [guestDisks, diskGuard, configKeys, settings, autostartLinks, holdBoot, rebootHostScript].join('\n'),
})
