import type { BulkAct } from '../../src-shared/contract/bulk'
import { type Guest, guestNameSchema, maxTags, uuidSchema } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import type { OperationCall } from '../../src-shared/operations'
import { confirmWords, type GuestVerb, operationFor, refusal, verbs } from '../guests/actions'
import type { IconName } from '../ui'
import { countWords, memoryWords } from '../ui/words'

/** What can be done to many guests at once. */
export type BulkVerb = GuestVerb | 'autostart-on' | 'autostart-off' | 'memory' | 'vcpus' | 'tag' | 'untag'

/** What a verb needs besides its guests. */
export type BulkInput = { memoryMb: number; vcpus: number; tags: readonly string[] }

export const bulkVerbs: Readonly<Record<BulkVerb, { label: string; icon: IconName; asks?: boolean }>> = {
  ...verbs,
  'autostart-on': { label: 'Autostart on', icon: 'server' },
  'autostart-off': { label: 'Autostart off', icon: 'server' },
  memory: { label: 'Set memory', icon: 'layers' },
  vcpus: { label: 'Set vCPUs', icon: 'layers' },
  tag: { label: 'Add tags', icon: 'pencil' },
  untag: { label: 'Remove tags', icon: 'pencil' },
}

/** Guests that must be counted by hand before they are deleted. */
const countedDeletes = 6

export type BulkPlan = {
  acts: BulkAct[]
  able: Guest[]
  /** Guests that it makes no sense for, each with the reason. */
  skipped: { guest: Guest; reason: string }[]
}

/** What a verb comes to for these guests. */
export function planBulk(
  verb: BulkVerb,
  guests: readonly Guest[],
  hostOf: (hostId: string) => Host | undefined,
  input: BulkInput,
): BulkPlan {
  const plan: BulkPlan = { acts: [], able: [], skipped: [] }
  for (const guest of guests) {
    const reason = bulkRefusal(verb, guest, hostOf(guest.hostId), input)
    if (reason !== undefined) plan.skipped.push({ guest, reason })
    else {
      plan.able.push(guest)
      plan.acts.push({ hostId: guest.hostId, guestId: guest.id, name: guest.name, call: bulkCall(verb, guest, input) })
    }
  }
  return plan
}

/** Why this verb makes no sense for this guest now, in a few words, or undefined when it does. */
export function bulkRefusal(verb: BulkVerb, guest: Guest, host: Host | undefined, input: BulkInput): string | undefined {
  if (isGuestVerb(verb)) return refusal(verb, guest, host)
  if (host?.connection.phase !== 'ready') return 'host not connected'
  const hasUuid = uuidSchema.safeParse(guest.id).success
  const tags = guest.tags ?? []
  switch (verb) {
    case 'autostart-on':
      if (guest.autostart !== undefined) return 'starts with its host already'
      return guest.configPath === undefined ? 'no config file' : undefined
    case 'autostart-off':
      return guest.autostart === undefined ? 'does not start with its host' : undefined
    case 'memory':
      if (!hasUuid && guest.configPath === undefined) return 'no config file'
      return guest.memoryMb === input.memoryMb ? `has ${memoryWords(input.memoryMb)} already` : undefined
    case 'vcpus':
      if (!hasUuid && guest.configPath === undefined) return 'no config file'
      return guest.vcpus === input.vcpus ? `has ${countWords(input.vcpus, 'vCPU')} already` : undefined
    case 'tag':
    case 'untag': {
      if ((!guest.origin && !guest.adopted) || !hasUuid || !guestNameSchema.safeParse(guest.name).success) return 'adopt it first'
      const next = nextTags(verb, tags, input.tags)
      if (next.length > maxTags) return `would have more than ${maxTags} tags`
      if (input.tags.length > 0 && next.length === tags.length) return verb === 'tag' ? 'has them already' : 'has none of them'
      return undefined
    }
  }
}

function bulkCall(verb: BulkVerb, guest: Guest, { memoryMb, vcpus, tags }: BulkInput): OperationCall {
  if (isGuestVerb(verb)) return operationFor(verb, guest)
  const ref = { name: guest.name, uuid: guest.id }
  const settingsRef = {
    name: guest.name,
    ...(uuidSchema.safeParse(guest.id).success ? { uuid: guest.id } : {}),
    ...(guest.configPath === undefined ? {} : { configPath: guest.configPath }),
  }
  switch (verb) {
    case 'autostart-on':
    case 'autostart-off':
      return { operation: 'guest.autostart', input: { ...settingsRef, on: verb === 'autostart-on' } }
    case 'memory':
      return { operation: 'guest.memory', input: { ...settingsRef, memoryMb } }
    case 'vcpus':
      return { operation: 'guest.vcpus', input: { ...settingsRef, vcpus } }
    case 'tag':
    case 'untag':
      return {
        operation: 'guest.describe',
        input: { ...ref, tags: nextTags(verb, guest.tags ?? [], tags), note: guest.note ?? '' },
      }
  }
}

const nextTags = (verb: 'tag' | 'untag', tags: readonly string[], changed: readonly string[]): string[] =>
  verb === 'tag' ? [...new Set([...tags, ...changed])] : tags.filter((tag) => !changed.includes(tag))

const isGuestVerb = (verb: BulkVerb): verb is GuestVerb => verb in verbs

/** What is asked before a bulk begins: the question names count and hosts, the text the consequence. */
export function bulkWords(verb: BulkVerb, guests: readonly Guest[]): { title: string; text: string } {
  const hosts = new Set(guests.map(({ hostId }) => hostId)).size
  const names = `${guests.length === 1 ? guests[0]?.name : countWords(guests.length, 'guest')} on ${countWords(hosts, 'host')}`
  switch (verb) {
    case 'start':
      return { title: `Start ${names}?`, text: 'Each boots from its config file.' }
    case 'reboot':
      return { title: `Reboot ${names}?`, text: 'Each is asked to reboot; what runs in it is interrupted.' }
    case 'shutdown':
      return { title: `Shut down ${names}?`, text: 'Each is asked to shut down. One that does not react is left running.' }
    case 'pause':
      return {
        title: `Pause ${names}?`,
        text: 'They stand still at once and keep their memory; nothing on their network is answered.',
      }
    case 'unpause':
      return { title: `Unpause ${names}?`, text: 'They go on where they stood still.' }
    case 'autostart-on':
      return { title: `Start ${names} with their hosts?`, text: 'From the next boot of a host on. Nothing changes now.' }
    case 'autostart-off':
      return {
        title: `Start ${names} no longer with their hosts?`,
        text: 'From the next boot of a host on. Nothing changes now.',
      }
    case 'memory':
      return {
        title: `Set the memory of ${names}`,
        text: 'At once in those that run, as far as they can, and in their config files.',
      }
    case 'vcpus':
      return {
        title: `Set the vCPUs of ${names}`,
        text: 'At once in those that run, as far as they can, and in their config files.',
      }
    case 'tag':
      return { title: `Add tags to ${names}`, text: 'Kept on their hosts: every administrator sees them.' }
    case 'untag':
      return { title: `Remove tags from ${names}`, text: 'Kept on their hosts: every administrator sees it.' }
    case 'save':
      return {
        title: `Save ${names}?`,
        text: 'Their memory goes to a file each; they are off until they are started, and go on then.',
      }
    case 'adopt':
      return {
        title: `Adopt ${names}?`,
        text: "Their configs move into Domdeck's care, with a link where they were. They run on.",
      }
    case 'discard':
    case 'destroy':
    case 'delete': {
      const { title, text } = confirmWords(verb, guests)
      return { title, text: `${text} They are on ${countWords(hosts, 'host')}.` }
    }
  }
}

/** The count to type before it begins, or undefined where a click is enough. */
export function countToType(verb: BulkVerb, count: number): number | undefined {
  return verb === 'delete' && count >= countedDeletes ? count : undefined
}

/** The name of a bulk while it runs, such as `Shut down 40 guests`. */
export function bulkTitle(verb: BulkVerb, count: number, { memoryMb, vcpus, tags }: BulkInput): string {
  const guests = countWords(count, 'guest')
  switch (verb) {
    case 'memory':
      return `Set ${guests} to ${memoryWords(memoryMb)}`
    case 'vcpus':
      return `Set ${guests} to ${countWords(vcpus, 'vCPU')}`
    case 'tag':
      return `Tag ${guests} with ${shortened(tags)}`
    case 'untag':
      return `Take ${shortened(tags)} from ${guests}`
    case 'autostart-on':
      return `Start ${guests} with their hosts`
    case 'autostart-off':
      return `Start ${guests} no longer with their hosts`
    default:
      return `${bulkVerbs[verb].label} ${guests}`
  }
}

const shortened = (tags: readonly string[]): string =>
  tags.length > 3 ? `${tags.slice(0, 3).join(', ')} and ${tags.length - 3} more` : tags.join(', ')
