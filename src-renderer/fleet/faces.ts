import type { Guest } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import type { Job } from '../../src-shared/models/job'
import type { GlyphShape, HostShape } from '../ui'

type Tone = 'red' | 'amber' | 'cyan' | ''

/** How a guest shows: the glyph, and one word where there is no sparkline. */
export type GuestFace = { shape: GlyphShape; word: string; tone: Tone; trend: boolean }

const stateFaces: Record<Guest['state'], GuestFace> = {
  running: { shape: 'running', word: 'running', tone: '', trend: true },
  paused: { shape: 'paused', word: 'paused', tone: 'amber', trend: false },
  halted: { shape: 'halted', word: 'halted', tone: '', trend: false },
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
}

/** A guest's face: what a job is doing to it now, or else its state. */
export function guestFace(guest: Guest, job: Job | undefined): GuestFace {
  const word = job && tickState(job, guest.name) !== 'done' ? jobWords[job.operation] : undefined
  return word ? { shape: 'booting', word, tone: 'cyan', trend: false } : stateFaces[guest.state]
}

/** The face of a guest that a job has yet to make. */
export function comingFace(job: Job, name: string): GuestFace {
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
  action: 'review' | 'connect' | 'retry' | undefined
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
      return { shape: 'offline', state: 'offline', reason: lowerFirst(connection.problem.title), tone: 'red', action: 'retry' }
    case 'blocked': {
      const unknownKey = connection.problem.code === 'HOST_KEY_UNKNOWN'
      return {
        shape: 'offline',
        state: unknownKey ? 'waiting for your decision' : 'offline',
        reason: lowerFirst(connection.problem.title),
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

/** A title as part of a line; our own name keeps its capital. */
function lowerFirst(text: string): string {
  return text.startsWith('Domdeck') ? text : text.charAt(0).toLowerCase() + text.slice(1)
}

/** Share of a host's memory in use, 0 to 1, or undefined when it is not known. */
export function memoryShare(host: Host): number | undefined {
  const facts = host.facts
  return facts && facts.memoryMb > 0 ? 1 - facts.freeMemoryMb / facts.memoryMb : undefined
}
