import { type Guest, guestNameSchema, holdsKey, isOff, uuidSchema } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import { hasOwnRoot, type OperationCall } from '../../src-shared/operations'
import type { IconName } from '../ui'
import { countWords, sizeWords } from '../ui/words'

export type GuestVerb =
  | 'start'
  | 'reboot'
  | 'shutdown'
  | 'pause'
  | 'unpause'
  | 'save'
  | 'adopt'
  | 'discard'
  | 'destroy'
  | 'delete'

/** The verbs that lose something for good, and ask first. */
export type AskingVerb = 'discard' | 'destroy' | 'delete'

/** How each verb is written; the destructive ones ask first. */
export const verbs: Record<GuestVerb, { label: string; icon: IconName; asks: boolean }> = {
  start: { label: 'Start', icon: 'play', asks: false },
  reboot: { label: 'Reboot', icon: 'reboot', asks: false },
  shutdown: { label: 'Shut down', icon: 'power', asks: false },
  pause: { label: 'Pause', icon: 'pause', asks: false },
  unpause: { label: 'Unpause', icon: 'play', asks: false },
  save: { label: 'Save', icon: 'download', asks: false },
  adopt: { label: 'Adopt', icon: 'shield', asks: false },
  discard: { label: 'Discard saved memory', icon: 'undo', asks: true },
  destroy: { label: 'Destroy', icon: 'alert', asks: true },
  delete: { label: 'Delete', icon: 'trash', asks: true },
}

/** Why this verb makes no sense for this guest now, in a few words, or undefined when it does. */
export function refusal(verb: GuestVerb, guest: Guest, host: Host | undefined): string | undefined {
  if (host?.connection.phase !== 'ready') return 'host not connected'
  const up = !isOff(guest)
  const hasUuid = uuidSchema.safeParse(guest.id).success
  switch (verb) {
    case 'start':
      if (up) return guest.state === 'crashed' ? 'crashed: destroy it first' : 'already up'
      return guest.configPath === undefined ? 'no config file' : undefined
    case 'reboot':
    case 'shutdown':
      if (!up) return 'not running'
      return guest.state === 'running' && hasUuid ? undefined : `it is ${guest.state}`
    case 'pause':
      if (!up) return 'not running'
      return guest.state === 'running' && hasUuid ? undefined : `it is ${guest.state}`
    case 'unpause':
      return guest.state === 'paused' && hasUuid ? undefined : 'not paused'
    case 'save':
      if (guest.draft) return 'a draft is not saved'
      if (holdsKey(guest)) return 'encrypted: its memory holds the key'
      if (!guest.origin && !guest.adopted) return 'adopt it first'
      if (!up) return guest.state === 'saved' ? 'saved already' : 'not running'
      return guest.state === 'running' ? undefined : `it is ${guest.state}`
    case 'adopt':
      if (guest.origin || guest.adopted || guest.draft) return "in Domdeck's care already"
      if (guest.configPath === undefined) return 'no config file'
      return guestNameSchema.safeParse(guest.name).success ? undefined : 'its name cannot be a folder'
    case 'discard':
      return guest.state === 'saved' ? undefined : 'not saved'
    case 'destroy':
      return up && hasUuid ? undefined : 'not running'
    case 'delete':
      if (guest.draft) return 'discard the draft instead'
      if (!guest.origin && !guest.adopted) return 'not made by Domdeck'
      return hasUuid ? undefined : 'no UUID in its config'
  }
}

/** The operation that a verb means for a guest that it is not refused for. */
export function operationFor(verb: GuestVerb, guest: Guest): OperationCall {
  const ref = { name: guest.name, uuid: guest.id }
  switch (verb) {
    case 'start':
      // Started afresh, its disks would no longer fit the memory that was saved.
      if (guest.state === 'saved') return { operation: 'guest.restore', input: ref }
      return {
        operation: 'guest.start',
        input: {
          name: guest.name,
          configPath: guest.configPath ?? '',
          ...(uuidSchema.safeParse(guest.id).success ? { uuid: guest.id } : {}),
        },
      }
    case 'reboot':
      return { operation: 'guest.reboot', input: ref }
    case 'shutdown':
      return { operation: 'guest.shutdown', input: ref }
    case 'pause':
      return { operation: 'guest.pause', input: ref }
    case 'unpause':
      return { operation: 'guest.unpause', input: ref }
    case 'save':
      return { operation: 'guest.save', input: ref }
    case 'adopt': {
      // A config that pins none gets one.
      const uuid = uuidSchema.safeParse(guest.id).success ? guest.id : crypto.randomUUID()
      return { operation: 'guest.adopt', input: { name: guest.name, uuid, configPath: guest.configPath ?? '' } }
    }
    case 'discard':
      return { operation: 'guest.discard', input: ref }
    case 'destroy':
      return { operation: 'guest.destroy', input: ref }
    case 'delete':
      return { operation: 'guest.delete', input: ref }
  }
}

/** What a destructive verb asks first: the question names object and consequence, the text says the rest. */
export function confirmWords(verb: AskingVerb, guests: readonly Guest[]): { title: string; text: string } {
  const [first] = guests
  const many = guests.length > 1
  const names = many || !first ? countWords(guests.length, 'guest') : first.name
  if (verb === 'destroy') {
    return {
      title: `Destroy ${names} at once, without a shutdown?`,
      text: `Destroying is pulling the plug: what ${many ? 'they have' : 'it has'} not written to disk is lost. Disks and configs stay.`,
    }
  }
  if (verb === 'discard') {
    return {
      title: `Discard the saved memory of ${names}?`,
      text: `What ${many ? 'they were' : 'it was'} doing is lost; at the next start ${many ? 'they boot' : 'it boots'} anew, as after a power cut. Disks and configs stay.`,
    }
  }
  const layers = guests.reduce((sum, guest) => sum + (guest.origin?.layerAllocatedBytes ?? 0), 0)
  const running = guests.filter((guest) => !isOff(guest)).length
  const stopped = running > 0 ? `${many ? `${running} of them still run and are` : 'It still runs and is'} destroyed first. ` : ''
  if (guests.every((guest) => guest.adopted)) {
    return {
      title: `Delete ${names} and ${many ? 'their configs' : 'its config'}?`,
      text: `${stopped}${many ? 'Their configs are' : 'Its config is'} gone for good, here and where others look for ${many ? 'them' : 'it'}. ${many ? 'Their' : 'Its'} disks stay where they are.`,
    }
  }
  const what = guests.some(({ origin }) => origin && hasOwnRoot(origin.mode)) ? 'disk' : 'layer'
  return {
    title: `Delete ${names} and ${many ? `their ${what}s of ${sizeWords(layers)}` : `its ${sizeWords(layers)} ${what}`}?`,
    text: `${stopped}What ${many ? 'they' : 'it'} wrote is gone for good. The base stays untouched.`,
  }
}

/** Why the disks of this guest cannot be read, in a few words, or undefined when they can. */
export function diskRefusal(guest: Guest, host: Host | undefined): string | undefined {
  if (host?.connection.phase !== 'ready') return 'host not connected'
  if (guest.disks.length === 0) return 'no disk'
  return guest.state === 'halted' ? undefined : `it is ${guest.state}`
}

/** Why this guest cannot be asked to move to another host, in a few words, or undefined when it can. */
export function moveRefusal(guest: Guest, host: Host | undefined): string | undefined {
  if (host?.connection.phase !== 'ready') return 'host not connected'
  if (guest.draft) return 'a draft stays where it is'
  if (!guest.origin && !guest.adopted) return 'adopt it first'
  if (guest.origin?.mode === 'thin') return 'its disk is an LVM volume of this host'
  if (guest.origin?.mode === 'qcow2') return 'two hosts must not have its qcow2 open'
  return guest.state === 'running' ? undefined : `it is ${guest.state}`
}
