import type { Guest } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import type { Job } from '../../src-shared/models/job'
import type { Problem } from '../../src-shared/problem'
import type { GlyphShape, HostShape } from '../ui'
import { clockWords } from '../ui/words'

type Tone = 'red' | 'amber' | 'cyan' | ''

/** How a guest shows: the glyph, and one word where there is no sparkline. */
export type GuestFace = {
  shape: GlyphShape
  word: string
  tone: Tone
  trend: boolean
  /** Set while its host is away: the state is an old one, and this says of when. */
  past?: string
}

const stateFaces: Record<Guest['state'], GuestFace> = {
  running: { shape: 'running', word: 'running', tone: '', trend: true },
  paused: { shape: 'paused', word: 'paused', tone: 'amber', trend: false },
  halted: { shape: 'halted', word: 'halted', tone: '', trend: false },
  saved: { shape: 'saved', word: 'saved', tone: '', trend: false },
  crashed: { shape: 'crashed', word: 'crashed', tone: 'red', trend: false },
  'shutting-down': { shape: 'booting', word: 'shutting down', tone: 'cyan', trend: false },
  unknown: { shape: 'unknown', word: 'unknown', tone: '', trend: false },
}

const jobWords: Record<string, string> = {
  'guest.clone': 'booting',
  'guest.start': 'booting',
  'guest.reboot': 'rebooting',
  'guest.shutdown': 'shutting down',
  'guest.destroy': 'stopping',
  'guest.delete': 'deleting',
  'guest.save': 'saving',
  'guest.restore': 'restoring',
  'guest.migrate': 'migrating',
}

/** A guest's face: what a job is doing to it now, or else its state; while its host is not connected, what was last known. */
export function guestFace(guest: Guest, job: Job | undefined, host?: Host): GuestFace {
  if (host && host.connection.phase !== 'ready') return pastFace(guest, host.asOf)
  const word = job && tickState(job, guest.name) !== 'done' ? jobWords[job.operation] : undefined
  return word ? { shape: 'booting', word, tone: 'cyan', trend: false } : stateFaces[guest.state]
}

function pastFace(guest: Guest, asOf: number | undefined): GuestFace {
  const { shape, word } = stateFaces[guest.state]
  const past = `last known: ${word}${asOf === undefined ? '' : ` as of ${clockWords(asOf)}`}`
  return { shape, word: guest.state === 'unknown' ? word : `was ${word}`, tone: '', trend: false, past }
}

/** The face of a guest that a job has yet to make. */
export function comingFace(job: Job, name: string): GuestFace {
  if (job.state === 'unknown') return stateFaces.unknown
  const queued = job.state === 'queued' || tickState(job, name) === 'queued'
  return queued
    ? { shape: 'queued', word: 'queued', tone: '', trend: false }
    : { shape: 'booting', word: job.state === 'cancelling' ? 'removing' : 'making', tone: 'cyan', trend: false }
}

function tickState(job: Job, name: string): string | undefined {
  return job.ticks.find((tick) => tick.name === name)?.state
}

/** How a host shows: the glyph, why it is not simply there, and the one action that helps. */
export type HostFace = {
  shape: HostShape
  /** For readers and tooltips. */
  state: string
  /** Beside the name; empty when connected. */
  reason: string
  tone: Tone
  action: 'review' | 'connect' | 'retry' | 'answer' | undefined
}

/** Answers slower than this are worth saying. */
const slowMs = 500

/** A host's face from its connection. */
export function hostFace(host: Host): HostFace {
  const { connection } = host
  switch (connection.phase) {
    case 'ready': {
      const slow = host.latencyMs !== undefined && host.latencyMs >= slowMs
      const reason = slow ? `${Math.round(host.latencyMs ?? 0)} ms` : ''
      return {
        shape: slow ? 'slow' : 'connected',
        state: slow ? 'slow' : 'connected',
        reason,
        tone: slow ? 'amber' : '',
        action: undefined,
      }
    }
    case 'idle':
      return { shape: 'idle', state: 'not connected', reason: 'not connected', tone: '', action: 'connect' }
    case 'waiting':
      return { shape: 'offline', state: 'offline', reason: reasonWords(connection.problem), tone: 'red', action: 'retry' }
    case 'asking':
      return { shape: 'offline', state: 'not logged in', reason: 'needs an answer', tone: 'amber', action: 'answer' }
    case 'blocked': {
      const unknownKey = connection.problem.code === 'HOST_KEY_UNKNOWN'
      return {
        shape: 'offline',
        state: unknownKey ? 'waiting for your decision' : 'offline',
        reason: reasonWords(connection.problem),
        tone: unknownKey ? 'amber' : 'red',
        action: 'review',
      }
    }
    default:
      return { shape: 'busy', state: 'connecting', reason: phaseWords[connection.phase], tone: 'cyan', action: undefined }
  }
}

const phaseWords = {
  resolving: 'resolving',
  connecting: 'connecting',
  'host-key': 'checking key',
  auth: 'logging in',
  probing: 'reading',
}

/** The title of a problem beside the name of its host, which it need not say again; our own name keeps its capital. */
function reasonWords({ title }: Problem): string {
  const text = title.replace(/ (from|on) the host$/, '')
  return text.startsWith('Domdeck') ? text : text.charAt(0).toLowerCase() + text.slice(1)
}

/** Share of a host's memory in use, 0 to 1, or undefined when it is not known. */
export function memoryShare(host: Host): number | undefined {
  const facts = host.facts
  return facts && facts.memoryMb > 0 ? 1 - facts.freeMemoryMb / facts.memoryMb : undefined
}
