import { create } from 'zustand'
import type { JobEvent } from '../../src-shared/contract/jobs'
import { endedStates, type Job } from '../../src-shared/models/job'

type JobsState = {
  /** Newest first. */
  jobs: readonly Job[]
  apply(event: JobEvent): void
  /** The answer to a start. What the stream has told of the job meanwhile is newer. */
  meet(job: Job): void
}

const byNewest = (left: Job, right: Job): number => (left.id < right.id ? 1 : left.id > right.id ? -1 : 0)

/** The jobs after one event; the same array when nothing changed. */
export function foldJobs(jobs: readonly Job[], event: JobEvent): readonly Job[] {
  switch (event.type) {
    case 'snapshot':
      return [...event.jobs].sort(byNewest)
    case 'job':
      return [event.job, ...jobs.filter((job) => job.id !== event.job.id)].sort(byNewest)
    case 'removed':
      return jobs.filter((job) => job.id !== event.jobId || job.hostId !== event.hostId)
  }
}

export const useJobs = create<JobsState>((set) => ({
  jobs: [],
  apply: (event) => set((state) => ({ jobs: foldJobs(state.jobs, event) })),
  meet: (job) =>
    set((state) => {
      const known = state.jobs.some(({ hostId, id }) => hostId === job.hostId && id === job.id)
      return known ? state : { jobs: foldJobs(state.jobs, { type: 'job', job }) }
    }),
}))

/** A finished row leaves the tray after this time; History keeps it. What failed stays until it is dismissed. */
const finishedRowMs = 10 * 60_000

/** Rows of the tray at a moment: all under way, all that need a person, and what finished lately; `dismissed` rows are gone. */
export function trayJobs(jobs: readonly Job[], nowMs: number, dismissed: ReadonlySet<string>): Job[] {
  return jobs.filter((job) => {
    if (dismissed.has(job.id)) return false
    if (!endedStates.has(job.state) || needsPerson(job)) return true
    return job.endedAt !== undefined && nowMs - job.endedAt < finishedRowMs
  })
}

/** Whether something was left on the host that only a decision can settle. */
export function needsPerson(job: Job): boolean {
  return job.left === 'unclear' || (job.state === 'interrupted' && job.left === 'pending')
}

/** The job under way that is about an object of this name on this host: its row shows it. */
export function jobOf(jobs: readonly Job[], hostId: string, name: string): Job | undefined {
  return jobs.find((job) => job.hostId === hostId && !endedStates.has(job.state) && job.targets.includes(name))
}

/** How many jobs about an object of this name on this host have ended: what was read of it may be others by now when the count changes. */
export function countEnded(jobs: readonly Job[], hostId: string, name: string): number {
  return jobs.reduce(
    (sum, job) => sum + (job.hostId === hostId && job.targets.includes(name) && job.endedAt !== undefined ? 1 : 0),
    0,
  )
}
