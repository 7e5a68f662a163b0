import { endedStates, type Job, type Lock } from '../../src-shared/models/job'
import { clockWords } from '../ui/words'

/** Elapsed time as a clock: `0:04`, `12:31`, `1:02:03`. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const pad = (value: number): string => String(value).padStart(2, '0')
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`
}

/** Elapsed time of a finished job in words: `9 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** Who started a job, and at which workstation: `anna@ws-3`; `root by hand` where somebody ran it with sh. */
export function whoWords({ by, from }: Pick<Job, 'by' | 'from'>): string {
  return from === 'by hand' ? `${by} ${from}` : `${by}@${from}`
}

/** A job under way for somebody whom it keeps waiting: `anna@ws-3: Clone web-01..web-08 (step 3 of 5, since 14:02)`. */
export function atWorkWords(job: Job): string {
  const step = job.step < 0 ? '' : `step ${job.step + 1} of ${job.steps.length}, `
  return `${whoWords(job)}: ${job.title} (${step}since ${clockWords(job.startedAt)})`
}

/** The job that this one waits for, if it is known. */
export function holderOf(job: Job, jobs: readonly Job[]): Job | undefined {
  if (job.state !== 'queued' || !job.waitingFor) return undefined
  const { jobId } = job.waitingFor
  return jobs.find(({ id, hostId }) => id === jobId && hostId === job.hostId)
}

/** The jobs under way on a host that something with these locks would have to wait for. */
export function blockers(locks: readonly Lock[], hostId: string, jobs: readonly Job[]): Job[] {
  const meets = (one: Lock, other: Lock): boolean => one.name === other.name && !(one.shared && other.shared)
  return jobs.filter(
    (job) =>
      job.hostId === hostId &&
      !endedStates.has(job.state) &&
      job.locks?.some((lock) => locks.some((wanted) => meets(lock, wanted))),
  )
}

/** What stands beside the step bar: where the job is, for whom it waits, or how it ended and what is left of it. */
export function outcome(job: Job, holder?: Job): string {
  switch (job.state) {
    case 'queued':
      if (!job.waitingFor) return 'Waiting for its turn'
      return `Waiting for ${holder ? atWorkWords(holder) : job.waitingFor.title}`
    case 'running':
      return stepWords(job)
    case 'cancelling':
      if (job.recoveredBy) return `${job.recoveredBy} rolls it back: removing what was made`
      return `Cancelling${job.cancelledBy ? ` for ${job.cancelledBy}` : ''}: removing what was made`
    case 'unknown':
      return 'Link lost, state unknown'
    case 'succeeded':
      return job.result.summary ?? 'Finished'
    case 'cancelled':
      if (job.left === 'unclear') return 'Cancelled, but not everything could be removed'
      return job.left === 'some' ? 'Cancelled, what cannot be undone stays' : 'Cancelled, nothing left'
    case 'failed':
      if (job.left === 'unclear') return 'Failed, and not everything could be removed'
      return job.left === 'some' ? 'Failed, what cannot be undone stays' : 'Failed, everything it made was removed'
    case 'interrupted':
      if (job.left === 'some') return 'Interrupted, what cannot be undone stays'
      return job.left === 'nothing'
        ? 'Interrupted and rolled back, nothing left'
        : 'Interrupted: roll it back to remove what it made'
  }
}

function stepWords(job: Job): string {
  const title = job.steps[job.step]
  return title ? `Step ${job.step + 1} of ${job.steps.length} · ${title}` : 'Starting'
}

/** How full the step under way is, 0 to 1, or undefined when it does not say. */
export function stepFraction(job: Job): number | undefined {
  if (!job.progress || job.progress.total <= 0) return undefined
  return Math.min(1, Math.max(0, job.progress.done / job.progress.total))
}

/** Whether cancel still means something. */
export function canCancel(job: Job): boolean {
  return !endedStates.has(job.state) && job.state !== 'cancelling' && job.state !== 'unknown'
}
