import { ulid } from 'ulid'
import type { BulkAct, BulkEvent } from '../../src-shared/contract/bulk'
import type { Bulk, BulkItem } from '../../src-shared/models/bulk'
import { endedStates, type Job } from '../../src-shared/models/job'
import { type Problem, ProblemError, toProblem } from '../../src-shared/problem'
import { BulkFeed } from './bulk-feed'
import type { JobHost } from './job-host'
import type { Jobs } from './jobs'
import { Lanes } from './lanes'

/**
 * Jobs of bulks that run at a time on one host. A job is followed on a session of its own and a connection carries eight of them:
 * half is left to consoles and to what a person starts meanwhile. dom0 itself makes domains one after another.
 */
export const jobsAtATime = 4

/** Ended bulks that are kept for whoever comes back; older ones are in the history of their hosts. */
const rememberedBulks = 20

type Running = {
  bulk: Bulk
  acts: readonly BulkAct[]
  who: { by: string; from: string }
  /** Items that wait or run. */
  left: number
}
type Waiter = { resolve(job: Job): void; reject(problem: ProblemError): void }

const isLeft = ({ state }: BulkItem): boolean => state === 'queued' || state === 'running'
const keyOf = (hostId: string, jobId: string) => `${hostId} ${jobId}`

/** Changes of many guests: a job for each, a few at a time a host, each host at its own pace. */
export class Bulks {
  readonly #bulks = new Map<string, Running>()
  readonly #feed = new BulkFeed()
  readonly #lanes = new Lanes(jobsAtATime)
  readonly #waiters = new Map<string, Waiter>()
  /** Jobs that ended before whoever started them could wait for their end; kept while anything starts. */
  readonly #ended = new Map<string, Job>()
  #starting = 0
  readonly #closed = new AbortController()

  constructor(
    private readonly jobs: Jobs,
    private readonly hostOf: (hostId: string) => JobHost,
  ) {
    void this.#followJobs()
  }

  start(title: string, acts: readonly BulkAct[], who: { by: string; from: string }): { id: string } {
    const items = acts.map(({ hostId, guestId, name }): BulkItem => ({ hostId, guestId, name, state: 'queued' }))
    const bulk: Bulk = { id: ulid(), title, startedAt: Date.now(), items }
    this.#bulks.set(bulk.id, { bulk, acts, who, left: items.length })
    this.#feed.begin(bulk)
    for (const index of acts.keys()) this.#enqueue(bulk.id, index)
    return { id: bulk.id }
  }

  /** Drops what still waits. Throws NOT_FOUND. */
  cancel(id: string): void {
    for (const [index, item] of this.#get(id).bulk.items.entries()) {
      if (item.state === 'queued') this.#set(id, index, { state: 'dropped' })
    }
  }

  /** Queues what failed once more. Throws NOT_FOUND. */
  retry(id: string): void {
    for (const [index, item] of this.#get(id).bulk.items.entries()) {
      if (item.state !== 'failed') continue
      this.#set(id, index, { state: 'queued' })
      this.#enqueue(id, index)
    }
  }

  /** Forgets an ended bulk. Throws NOT_FOUND, and BUSY while it runs. */
  dismiss(id: string): void {
    const { bulk } = this.#get(id)
    if (bulk.endedAt === undefined) throw new ProblemError('BUSY', `${bulk.title} is still under way.`)
    this.#forget(id)
  }

  /** All bulks, then each change. */
  watch(signal?: AbortSignal): AsyncGenerator<BulkEvent, void, undefined> {
    return this.#feed.watch(() => [...this.#bulks.values()].map(({ bulk }) => bulk), signal)
  }

  /** Starts no more jobs; those under way go on on their hosts. */
  close(): void {
    for (const id of this.#bulks.keys()) this.cancel(id)
    this.#closed.abort()
  }

  #get(id: string): Running {
    const running = this.#bulks.get(id)
    if (!running) throw new ProblemError('NOT_FOUND', `There is no bulk ${id}; it may have been dismissed.`)
    return running
  }

  #forget(id: string): void {
    this.#bulks.delete(id)
    this.#feed.remove(id)
  }

  #enqueue(id: string, index: number): void {
    const act = this.#bulks.get(id)?.acts[index]
    if (act) this.#lanes.add(act.hostId, () => this.#run(id, index))
  }

  async #run(id: string, index: number): Promise<void> {
    const running = this.#bulks.get(id)
    const act = running?.acts[index]
    if (!running || !act || running.bulk.items[index]?.state !== 'queued') return
    this.#set(id, index, { state: 'running' })
    try {
      const job = await this.#runJob(act, running.who, (jobId) => this.#set(id, index, { state: 'running', jobId }))
      if (job.state === 'succeeded') this.#set(id, index, { state: 'done', jobId: job.id })
      else this.#set(id, index, { state: 'failed', jobId: job.id, problem: problemOf(job) })
    } catch (thrown) {
      const { jobId } = running.bulk.items[index] ?? {}
      this.#set(id, index, { state: 'failed', ...(jobId === undefined ? {} : { jobId }), problem: toProblem(thrown) })
    }
  }

  /** Starts the job of an act and waits for its end, however long the host is away meanwhile. */
  async #runJob(act: BulkAct, who: Running['who'], begun: (jobId: string) => void): Promise<Job> {
    this.#starting += 1
    let ended: Promise<Job>
    try {
      const { id } = await this.jobs.start(this.hostOf(act.hostId), act.call, who)
      begun(id)
      const key = keyOf(act.hostId, id)
      const early = this.#ended.get(key)
      // Waits from this very moment on: an end that nobody waits for would be missed.
      ended = early ? Promise.resolve(early) : new Promise((resolve, reject) => this.#waiters.set(key, { resolve, reject }))
    } finally {
      this.#starting -= 1
      if (this.#starting === 0) this.#ended.clear()
    }
    return ended
  }

  async #followJobs(): Promise<void> {
    for await (const event of this.jobs.watch(this.#closed.signal)) {
      if (event.type === 'snapshot') continue
      const key = event.type === 'job' ? keyOf(event.job.hostId, event.job.id) : keyOf(event.hostId, event.jobId)
      const waiter = this.#waiters.get(key)
      if (event.type === 'job' && !endedStates.has(event.job.state)) continue
      this.#waiters.delete(key)
      if (event.type === 'removed')
        waiter?.reject(new ProblemError('NOT_FOUND', 'The job is gone from the host, and nobody can say how it ended.'))
      else if (waiter) waiter.resolve(event.job)
      else if (this.#starting > 0) this.#ended.set(key, event.job)
    }
  }

  #set(id: string, index: number, now: Pick<BulkItem, 'state' | 'jobId' | 'problem'>): void {
    const running = this.#bulks.get(id)
    const before = running?.bulk.items[index]
    if (!running || !before) return
    const { hostId, guestId, name } = before
    const item: BulkItem = { hostId, guestId, name, ...now }
    const { bulk } = running
    bulk.items[index] = item
    running.left += Number(isLeft(item)) - Number(isLeft(before))
    if (running.left > 0) delete bulk.endedAt
    else bulk.endedAt ??= Date.now()
    this.#feed.put(bulk, index)
    if (running.left === 0) this.#forgetOldest()
  }

  #forgetOldest(): void {
    const ended = [...this.#bulks.values()].filter(({ bulk }) => bulk.endedAt !== undefined)
    for (const { bulk } of ended.slice(0, Math.max(0, ended.length - rememberedBulks))) this.#forget(bulk.id)
  }
}

function problemOf(job: Job): Problem {
  if (job.problem) return job.problem
  if (job.state === 'cancelled') return new ProblemError('JOB_FAILED', `${job.title} was cancelled.`).problem
  return new ProblemError(job.state === 'interrupted' ? 'JOB_INTERRUPTED' : 'JOB_FAILED', `${job.title} did not finish.`).problem
}
