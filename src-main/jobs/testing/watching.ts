import type { Job } from '../../../src-shared/models/job'
import type { Jobs } from '../jobs'

/** Waits until the job of this id is as `matches` asks, as a page would see it. */
export async function untilJob(jobs: Jobs, id: string, matches: (job: Job) => boolean): Promise<Job> {
  const stop = new AbortController()
  try {
    for await (const event of jobs.watch(stop.signal)) {
      const seen = event.type === 'snapshot' ? event.jobs : event.type === 'job' ? [event.job] : []
      const found = seen.find((job) => job.id === id && matches(job))
      if (found) return found
    }
  } finally {
    stop.abort()
  }
  throw new Error(`Job ${id} went out of sight.`)
}
