import type { OperationInput } from '../../src-shared/operations'
import { defineOperation } from '../jobs/define'
import attachBases from './attach-bases.sh?raw'
import autostartScript from './autostart.sh?raw'
import autostartLinks from './autostart-links.sh?raw'
import configKeys from './config-keys.sh?raw'
import crashPolicyScript from './crash-policy.sh?raw'
import domain from './domain.sh?raw'
import { guestLock, guestsLock } from './locks'
import memoryScript from './memory.sh?raw'
import renameScript from './rename.sh?raw'
import settings from './settings.sh?raw'
import vcpusScript from './vcpus.sh?raw'

/** How long a guest may take to give memory back, or a vCPU: its kernel works on it. */
const followLimitSeconds = 60

type SettingsRef = { name: string; uuid?: string | undefined; configPath?: string | undefined }

/** Without a UUID there is nothing to name a lock by but the room's own. */
const locks = ({ uuid }: SettingsRef) => (uuid === undefined ? [guestsLock] : [guestLock(uuid)])
const variables = ({ name, uuid, configPath }: SettingsRef) => ({ name, uuid: uuid ?? '', config_path: configPath ?? '' })

/** Has a guest start with its host, or not: the link in /etc/xen/auto that xendomains goes by. */
export const autostart = defineOperation<'guest.autostart'>({
  id: 'guest.autostart',
  title: ({ name, on }) => (on ? `Start ${name} with its host` : `Do not start ${name} with its host`),
  targets: ({ name }) => [name],
  steps: ({ name, on }) => [`Check ${name}`, on ? 'Link its config' : 'Remove the link'],
  // Bases are attached at boot for whoever starts then.
  locks: ({ uuid }) => (uuid === undefined ? [guestsLock] : [guestLock(uuid), guestsLock]),
  danger: 'none',
  variables: ({ on, order, ...ref }) => ({
    ...variables(ref),
    on: on ? '1' : '',
    prefix: order === undefined ? '' : `${String(order).padStart(3, '0')}-`,
    attach_bases: attachBases,
  }),
  script: [configKeys, settings, autostartLinks, autostartScript].join('\n'),
})

/** Changes the memory of a guest, live if it runs, and in its config. */
export const memory = defineOperation<'guest.memory'>({
  id: 'guest.memory',
  title: ({ name, memoryMb }) => `Give ${name} ${memoryMb} MB of memory`,
  targets: ({ name }) => [name],
  steps: ({ name }) => [`Check ${name}`, 'Change it now', 'Write it to the config'],
  locks,
  danger: 'none',
  variables: ({ memoryMb, ...ref }: OperationInput<'guest.memory'>) => ({
    ...variables(ref),
    memory_mb: String(memoryMb),
    limit_s: String(followLimitSeconds),
  }),
  script: [domain, configKeys, settings, memoryScript].join('\n'),
})

/** Changes the number of vCPUs of a guest, live if it runs, and in its config. */
export const vcpus = defineOperation<'guest.vcpus'>({
  id: 'guest.vcpus',
  title: ({ name, vcpus: count }) => `Give ${name} ${count} ${count === 1 ? 'vCPU' : 'vCPUs'}`,
  targets: ({ name }) => [name],
  steps: ({ name }) => [`Check ${name}`, 'Change it now', 'Write it to the config'],
  locks,
  danger: 'none',
  variables: ({ vcpus: count, ...ref }) => ({
    ...variables(ref),
    vcpus: String(count),
    limit_s: String(followLimitSeconds),
  }),
  script: [domain, configKeys, settings, vcpusScript].join('\n'),
})

/** Writes what xl does when the guest crashes to its config; a running guest has it from its next start on. */
export const crashPolicy = defineOperation<'guest.crash-policy'>({
  id: 'guest.crash-policy',
  title: ({ name, policy }) => `When ${name} crashes: ${policy}`,
  targets: ({ name }) => [name],
  steps: ({ name }) => [`Check ${name}`, 'Write it to the config'],
  locks,
  danger: 'none',
  variables: ({ policy, ...ref }) => ({ ...variables(ref), policy }),
  script: [configKeys, settings, crashPolicyScript].join('\n'),
})

/** Gives a stopped guest another name: its config, its folder if it is one of Domdeck's, and the link that starts it with its host. */
export const rename = defineOperation<'guest.rename'>({
  id: 'guest.rename',
  title: ({ name, newName }) => `Rename ${name} to ${newName}`,
  targets: ({ name }) => [name],
  steps: ({ name, newName }) => [`Check ${name} and ${newName}`, 'Write the new name'],
  locks: ({ uuid }) => (uuid === undefined ? [guestsLock] : [guestLock(uuid), guestsLock]),
  danger: 'none',
  inverse: ({ name, uuid, newName }, { guests }) => {
    const renamed = uuid === undefined ? undefined : guests.get(uuid)
    if (renamed?.name !== newName || renamed.state !== 'halted') return []
    const { configPath } = renamed
    return [{ operation: 'guest.rename', input: { name: newName, uuid, ...(configPath ? { configPath } : {}), newName: name } }]
  },
  variables: ({ newName, ...ref }) => ({ ...variables(ref), new_name: newName }),
  script: [domain, configKeys, settings, autostartLinks, renameScript].join('\n'),
})
