import { defineOperation } from '../jobs/define'
import { diskGuard } from '../xen/disk-guard'
import domain from '../xen/domain.sh?raw'
import stoppedGuest from '../xen/stopped-guest.sh?raw'
import autostartLinks from './autostart-links.sh?raw'
import deleteScript from './delete.sh?raw'
import destroyScript from './destroy.sh?raw'
import { guestDisks } from './guest-disks'
import { guestLock, guestsLock } from './locks'
import pauseScript from './pause.sh?raw'
import rebootScript from './reboot.sh?raw'
import shutdownScript from './shutdown.sh?raw'
import startScript from './start.sh?raw'
import swapGeneration from './swap-generation.sh?raw'
import swapPackages from './swap-packages.sh?raw'
import unpauseScript from './unpause.sh?raw'

/** How long a guest may take to shut down before the job says that it does not; systemd's own limit for a stuck service is 90 s. */
export const shutdownLimitSeconds = 180

/** Starts a stopped guest from its config; one of ours gets its base attached first. */
export const start = defineOperation<'guest.start'>({
  id: 'guest.start',
  title: ({ name }) => `Start ${name}`,
  targets: ({ name }) => [name],
  steps: ({ name }) => [`Check ${name}`, 'Attach its base', `Start ${name}`],
  locks: ({ uuid }) => (uuid === undefined ? [guestsLock] : [guestLock(uuid), guestsLock]),
  danger: 'none',
  variables: ({ name, uuid, configPath }) => ({ name, uuid: uuid ?? '', config_path: configPath }),
  script: [guestDisks, diskGuard, stoppedGuest, swapGeneration, swapPackages, startScript].join('\n'),
})

/** Asks a guest to shut down and waits for it; fails with a hint when it does not. */
export const shutdown = defineOperation<'guest.shutdown'>({
  id: 'guest.shutdown',
  title: ({ name }) => `Shut down ${name}`,
  targets: ({ name }) => [name],
  steps: ({ name }) => [`Ask ${name} to shut down`, 'Wait until it is gone'],
  locks: ({ uuid }) => [guestLock(uuid)],
  danger: 'interrupts',
  variables: ({ name, uuid }) => ({ name, uuid, limit_s: String(shutdownLimitSeconds) }),
  script: [domain, shutdownScript].join('\n'),
})

/** Asks a guest to reboot and waits until it is back under a new domid. */
export const reboot = defineOperation<'guest.reboot'>({
  id: 'guest.reboot',
  title: ({ name }) => `Reboot ${name}`,
  targets: ({ name }) => [name],
  steps: ({ name }) => [`Ask ${name} to reboot`, 'Wait until it is back'],
  locks: ({ uuid }) => [guestLock(uuid)],
  danger: 'interrupts',
  variables: ({ name, uuid }) => ({ name, uuid, limit_s: String(shutdownLimitSeconds) }),
  script: [domain, rebootScript].join('\n'),
})

/** Stops a guest in its tracks: it keeps its memory and gets no CPU. */
export const pause = defineOperation<'guest.pause'>({
  id: 'guest.pause',
  title: ({ name }) => `Pause ${name}`,
  targets: ({ name }) => [name],
  steps: ({ name }) => [`Pause ${name}`],
  locks: ({ uuid }) => [guestLock(uuid)],
  danger: 'interrupts',
  inverse: ({ name, uuid }, { guests }) =>
    guests.get(uuid)?.state === 'paused' ? [{ operation: 'guest.unpause', input: { name, uuid } }] : [],
  variables: ({ name, uuid }) => ({ name, uuid }),
  script: [domain, pauseScript].join('\n'),
})

/** Lets a paused guest run on. */
export const unpause = defineOperation<'guest.unpause'>({
  id: 'guest.unpause',
  title: ({ name }) => `Unpause ${name}`,
  targets: ({ name }) => [name],
  steps: ({ name }) => [`Unpause ${name}`],
  locks: ({ uuid }) => [guestLock(uuid)],
  danger: 'none',
  inverse: ({ name, uuid }, { guests }) =>
    guests.get(uuid)?.state === 'running' ? [{ operation: 'guest.pause', input: { name, uuid } }] : [],
  variables: ({ name, uuid }) => ({ name, uuid }),
  script: [domain, unpauseScript].join('\n'),
})

/** Takes a domain away at once, as if its plug were pulled. Its files stay. */
export const destroy = defineOperation<'guest.destroy'>({
  id: 'guest.destroy',
  title: ({ name }) => `Destroy ${name}`,
  targets: ({ name }) => [name],
  steps: ({ name }) => [`Destroy ${name}`],
  locks: ({ uuid }) => [guestLock(uuid)],
  danger: 'interrupts',
  variables: ({ name, uuid }) => ({ name, uuid }),
  script: [guestDisks, destroyScript].join('\n'),
})

/** Deletes a guest that Domdeck made, with its layer; never its base. */
export const remove = defineOperation<'guest.delete'>({
  id: 'guest.delete',
  title: ({ name }) => `Delete ${name}`,
  targets: ({ name }) => [name],
  steps: ({ name }) => [`Check ${name}`, 'Stop it', 'Remove its files'],
  locks: ({ uuid }) => [guestLock(uuid), guestsLock],
  danger: 'destroys',
  variables: ({ name, uuid }) => ({ name, uuid }),
  script: [guestDisks, autostartLinks, deleteScript].join('\n'),
})
