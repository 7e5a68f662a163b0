import type { JobEvent } from '../../src-shared/contract/jobs'
import type { Job } from '../../src-shared/models/job'

const keyOf = (hostId: string, jobId: string) => `${hostId} ${jobId}`

/** What waits for one watcher: only the newest of each job, so that a slow page is never behind by more than that. */
type Watcher = { pending: Map<string, JobEvent>; wake: () => void }

/** The jobs that are known now, and whoever watches them. */
export class JobFeed {
  readonly #jobs = new Map<string, Job>()
  readonly #watchers = new Set<Watcher>()

  put(job: Job): void {
    const key = keyOf(job.hostId, job.id)
    this.#jobs.set(key, job)
    this.#tell(key, { type: 'job', job })
  }

  remove(hostId: string, jobId: string): void {
    const key = keyOf(hostId, jobId)
    if (this.#jobs.delete(key)) this.#tell(key, { type: 'removed', hostId, jobId })
  }

  /** A snapshot, then changes, until `signal` aborts. */
  async *watch(signal?: AbortSignal): AsyncGenerator<JobEvent, void, undefined> {
    const watcher: Watcher = { pending: new Map(), wake: () => undefined }
    const onAbort = () => watcher.wake()
    signal?.addEventListener('abort', onAbort)
    this.#watchers.add(watcher)
    try {
      yield { type: 'snapshot', jobs: [...this.#jobs.values()] }
      while (!signal?.aborted) {
        const events = [...watcher.pending.values()]
        watcher.pending.clear()
        yield* events
        if (watcher.pending.size > 0 || signal?.aborted) continue
        await new Promise<void>((resolve) => {
          watcher.wake = resolve
        })
      }
    } finally {
      this.#watchers.delete(watcher)
      signal?.removeEventListener('abort', onAbort)
    }
  }

  #tell(key: string, event: JobEvent): void {
    for (const watcher of this.#watchers) {
      watcher.pending.set(key, event)
      watcher.wake()
    }
  }
}
