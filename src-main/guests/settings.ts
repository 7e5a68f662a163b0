import { basename } from 'node:path'
import type { Guest } from '../../src-shared/models/guest'
import { crashPolicySchema, type OperationCall, type OperationInput, operationCallSchema } from '../../src-shared/operations'
import { defineOperation, type Seen } from '../jobs/define'
import { diskGuard } from '../xen/disk-guard'
import domain from '../xen/domain.sh?raw'
import attachBases from './attach-bases.sh?raw'
import autostartScript from './autostart.sh?raw'
import autostartLinks from './autostart-links.sh?raw'
import configKeys from './config-keys.sh?raw'
import crashPolicyScript from './crash-policy.sh?raw'
import { guestLock, guestsLock } from './locks'
import memoryScript from './memory.sh?raw'
import renameScript from './rename.sh?raw'
import settings from './settings.sh?raw'
import vcpusScript from './vcpus.sh?raw'
import volumes from './volumes.sh?raw'

/** How long a guest may take to give memory back, or a vCPU: its kernel works on it. */
const followLimitSeconds = 60

type SettingsRef = { name: string; uuid?: string | undefined; configPath?: string | undefined }

/** Without a UUID there is nothing to name a lock by but the room's own. */
const locks = ({ uuid }: SettingsRef) => (uuid === undefined ? [guestsLock] : [guestLock(uuid)])
const variables = ({ name, uuid, configPath }: SettingsRef) => ({ name, uuid: uuid ?? '', config_path: configPath ?? '' })

/** The guest as it is known now, whatever it was called when the job ran. */
const guestOf = ({ uuid, configPath }: SettingsRef, { guests }: Seen): Guest | undefined =>
  guests.get(uuid ?? `cfg:${configPath}`)

const refOf = ({ uuid }: SettingsRef, { name, configPath }: Guest): SettingsRef => ({
  name,
  ...(uuid === undefined ? {} : { uuid }),
  ...(configPath === undefined ? {} : { configPath }),
})

/** What a script says of the time before it is a word of the host: a call that makes no sense is none. */
const ifSound = (call: OperationCall): OperationCall[] => (operationCallSchema.safeParse(call).success ? [call] : [])

/** Xen keeps a little of a guest's memory for its own, and counts it differently for each type; `memory.sh` allows as much. */
const slackMb = 4

/**
 * The number that `say_before` found, while the guest has what the job gave: live if it was done live, for the file's bound goes other
 * ways for a guest that is off.
 */
function numberBefore({ state }: Guest, hasGiven: boolean, { before, live }: Seen['result']): number | undefined {
  const isAsThen = hasGiven && state === (live === undefined ? 'halted' : 'running')
  return before !== undefined && isAsThen ? Number(before) : undefined
}

/** Has a guest start with its host, or not: the link in /etc/xen/auto that xendomains goes by. */
export const autostart = defineOperation<'guest.autostart'>({
  id: 'guest.autostart',
  title: ({ name, on }) => (on ? `Start ${name} with its host` : `Do not start ${name} with its host`),
  targets: ({ name }) => [name],
  steps: ({ name, on }) => [`Check ${name}`, on ? 'Link its config' : 'Remove the link'],
  // Bases are attached at boot for whoever starts then.
  locks: ({ uuid }) => (uuid === undefined ? [guestsLock] : [guestLock(uuid), guestsLock]),
  danger: 'none',
  inverse: (input, seen) => {
    const { before, link = '' } = seen.result
    const guest = guestOf(input, seen)
    // Nothing changed, or it is linked otherwise by now.
    if (!guest || before === undefined || (guest.autostart ?? 'none') !== basename(link)) return []
    const was = before === 'none' ? { on: false } : { on: true, ...(before === 'unordered' ? {} : { order: Number(before) }) }
    return ifSound({ operation: 'guest.autostart', input: { ...refOf(input, guest), ...was } })
  },
  variables: ({ on, order, ...ref }) => ({
    ...variables(ref),
    on: on ? '1' : '',
    prefix: order === undefined ? '' : `${String(order).padStart(3, '0')}-`,
    attach_bases: attachBases,
  }),
  script: [domain, configKeys, settings, autostartLinks, diskGuard, autostartScript].join('\n'),
})

/** Changes the memory of a guest, live if it runs, and in its config. */
export const memory = defineOperation<'guest.memory'>({
  id: 'guest.memory',
  title: ({ name, memoryMb }) => `Give ${name} ${memoryMb} MB of memory`,
  targets: ({ name }) => [name],
  steps: ({ name }) => [`Check ${name}`, 'Change it now', 'Write it to the config'],
  locks,
  danger: 'none',
  inverse: (input, seen) => {
    const guest = guestOf(input, seen)
    if (!guest) return []
    const before = numberBefore(guest, Math.abs(guest.memoryMb - input.memoryMb) <= slackMb, seen.result)
    return before === undefined ? [] : ifSound({ operation: 'guest.memory', input: { ...refOf(input, guest), memoryMb: before } })
  },
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
  inverse: (input, seen) => {
    const guest = guestOf(input, seen)
    if (!guest) return []
    const before = numberBefore(guest, guest.vcpus === input.vcpus, seen.result)
    return before === undefined ? [] : ifSound({ operation: 'guest.vcpus', input: { ...refOf(input, guest), vcpus: before } })
  },
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
  inverse: (input, seen) => {
    const guest = guestOf(input, seen)
    const before = crashPolicySchema.safeParse(seen.result.before)
    if (guest?.crashPolicy !== input.policy || !before.success || before.data === input.policy) return []
    return [{ operation: 'guest.crash-policy', input: { ...refOf(input, guest), policy: before.data } }]
  },
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
  script: [domain, volumes, configKeys, settings, autostartLinks, renameScript].join('\n'),
})
