import { type Guest, isOff, uuidSchema } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import type { OperationCall } from '../../src-shared/operations'
import type { IconName } from '../ui'
import { countWords, sizeWords } from '../ui/words'

export type GuestVerb = 'start' | 'reboot' | 'shutdown' | 'destroy' | 'delete'

/** How each verb is written; the destructive ones ask first. */
export const verbs: Record<GuestVerb, { label: string; icon: IconName; asks: boolean }> = {
  start: { label: 'Start', icon: 'play', asks: false },
  reboot: { label: 'Reboot', icon: 'reboot', asks: false },
  shutdown: { label: 'Shut down', icon: 'power', asks: false },
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
    case 'destroy':
      return up && hasUuid ? undefined : 'not running'
    case 'delete':
      if (!guest.origin) return 'not made by Domdeck'
      return hasUuid ? undefined : 'no UUID in its config'
  }
}

/** The operation that a verb means for a guest that it is not refused for. */
export function operationFor(verb: GuestVerb, guest: Guest): OperationCall {
  const ref = { name: guest.name, uuid: guest.id }
  switch (verb) {
    case 'start':
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
    case 'destroy':
      return { operation: 'guest.destroy', input: ref }
    case 'delete':
      return { operation: 'guest.delete', input: ref }
  }
}

/** What a destructive verb asks first: the question names object and consequence, the text says the rest. */
export function confirmWords(verb: 'destroy' | 'delete', guests: readonly Guest[]): { title: string; text: string } {
  const [first] = guests
  const many = guests.length > 1
  const names = many || !first ? countWords(guests.length, 'guest') : first.name
  if (verb === 'destroy') {
    return {
      title: `Destroy ${names} at once, without a shutdown?`,
      text: `Destroying is pulling the plug: what ${many ? 'they have' : 'it has'} not written to disk is lost. Disks and configs stay.`,
    }
  }
  const layers = guests.reduce((sum, guest) => sum + (guest.origin?.layerAllocatedBytes ?? 0), 0)
  const running = guests.filter((guest) => !isOff(guest)).length
  const stopped = running > 0 ? `${many ? `${running} of them still run and are` : 'It still runs and is'} destroyed first. ` : ''
  return {
    title: `Delete ${names} and ${many ? 'their layers' : 'its'}${many ? ` of ${sizeWords(layers)}` : ` ${sizeWords(layers)} layer`}?`,
    text: `${stopped}What ${many ? 'they' : 'it'} wrote is gone for good. The base stays untouched.`,
  }
}
