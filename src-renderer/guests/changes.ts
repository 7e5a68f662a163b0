import { type Guest, isOff, uuidSchema } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import { type CrashPolicy, crashPolicySchema, type OperationCall } from '../../src-shared/operations'
import type { IconName } from '../ui'

/** A setting of a guest that has a form of its own. */
export type GuestChange = 'memory' | 'vcpus' | 'autostart' | 'crash-policy' | 'rename'
export const guestChanges: readonly GuestChange[] = ['memory', 'vcpus', 'autostart', 'crash-policy', 'rename']

/** How each is written: in a line of the inspector, and over its form. */
export const changeWords: Record<GuestChange, { label: string; title(name: string): string; verb: string; icon: IconName }> = {
  memory: { label: 'Memory', title: (name) => `Memory of ${name}`, verb: 'Change', icon: 'pencil' },
  vcpus: { label: 'vCPUs', title: (name) => `vCPUs of ${name}`, verb: 'Change', icon: 'pencil' },
  autostart: { label: 'Boot with host', title: (name) => `Boot ${name} with its host`, verb: 'Change', icon: 'power' },
  'crash-policy': { label: 'On crash', title: (name) => `When ${name} crashes`, verb: 'Change', icon: 'alert' },
  rename: { label: 'Rename', title: (name) => `Rename ${name}`, verb: 'Rename', icon: 'pencil' },
}

/** What each crash policy does, as xl.cfg(5) has it. */
export const crashPolicies: Record<CrashPolicy, string> = {
  preserve: 'keep it as it is, to be looked at',
  restart: 'boot it anew',
  destroy: 'take it away',
  'coredump-restart': 'write its memory to /var/lib/xen/dump, boot it anew',
  'coredump-destroy': 'write its memory to /var/lib/xen/dump, take it away',
  'rename-restart': 'keep it under another name, boot it anew beside it',
}

/** Why this cannot be changed now, in a few words, or undefined when it can. */
export function changeRefusal(change: GuestChange, guest: Guest, host: Host | undefined): string | undefined {
  if (host?.connection.phase !== 'ready') return 'host not connected'
  if (guest.state === 'saved') return 'saved: start it first'
  if (guest.draft && (change === 'rename' || change === 'autostart')) return 'a draft'
  switch (change) {
    case 'memory':
    case 'vcpus':
      return isOff(guest) || guest.state === 'running' ? undefined : `it is ${guest.state}`
    case 'autostart':
    case 'crash-policy':
      return guest.configPath === undefined ? 'no config file' : undefined
    case 'rename':
      if (!isOff(guest)) return 'shut it down first'
      return guest.configPath === undefined ? 'no config file' : undefined
  }
}

/** What the forms hold; each reads its own part. */
export type ChangeForm = {
  memoryMb: number
  vcpus: number
  on: boolean
  /** Empty to leave it to the name. */
  order: string
  policy: CrashPolicy
  newName: string
}

/** A form as the guest is now. */
export function formOf(guest: Guest): ChangeForm {
  const policy = crashPolicySchema.safeParse(guest.crashPolicy)
  return {
    memoryMb: guest.memoryMb,
    vcpus: guest.vcpus,
    on: guest.autostart !== undefined,
    order: orderOf(guest) ?? '',
    policy: policy.success ? policy.data : 'destroy',
    newName: guest.name,
  }
}

/** The number in front of the link that starts a guest with its host, without its zeros; undefined when there is none. */
export function orderOf({ autostart }: Pick<Guest, 'autostart'>): string | undefined {
  const digits = autostart === undefined ? undefined : /^(\d{1,3})-/.exec(autostart)?.[1]
  return digits === undefined ? undefined : String(Number(digits))
}

/** The operation that a form means; its schema has the last word. */
export function callFor(change: GuestChange, guest: Guest, form: ChangeForm): OperationCall {
  const ref = {
    name: guest.name,
    ...(uuidSchema.safeParse(guest.id).success ? { uuid: guest.id } : {}),
    ...(guest.configPath === undefined ? {} : { configPath: guest.configPath }),
  }
  switch (change) {
    case 'memory':
      return { operation: 'guest.memory', input: { ...ref, memoryMb: form.memoryMb } }
    case 'vcpus':
      return { operation: 'guest.vcpus', input: { ...ref, vcpus: form.vcpus } }
    case 'autostart': {
      const order = form.order.trim()
      const more = form.on && order !== '' ? { order: /^\d+$/.test(order) ? Number(order) : Number.NaN } : {}
      return { operation: 'guest.autostart', input: { ...ref, on: form.on, ...more } }
    }
    case 'crash-policy':
      return { operation: 'guest.crash-policy', input: { ...ref, policy: form.policy } }
    case 'rename':
      return { operation: 'guest.rename', input: { ...ref, newName: form.newName.trim() } }
  }
}
