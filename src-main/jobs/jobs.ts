import { ulid } from 'ulid'
import type { AuditedJob, JobDetail, JobEvent, Preview } from '../../src-shared/contract/jobs'
import { type Job, jobIdSchema } from '../../src-shared/models/job'
import type { OperationCall } from '../../src-shared/operations'
import { ProblemError } from '../../src-shared/problem'
import { Announcements } from './announcements'
import { commandsByJob } from './audit'
import { type Operations, operationOf, planCall } from './define'
import { clockSkewMs, foldEvents, type JobAbout, toJob } from './events'
import { auditJobs, cancelJob, followJob, listJobs, readJobFile, recoverJob, startJob } from './host-scripts'
import { JobFeed } from './job-feed'
import type { JobHost } from './job-host'
import { type ListedJob, parseListing } from './listing'
import { callOf, jobJson, orderedLocks, render, workOf } from './render'
import { TrackedJob } from './tracked-job'

/** How many ended jobs are looked at when a host becomes ready; `history` has all. */
const recentJobs = 20
/** As many as `start.sh` keeps. */
const rememberedJobs = 200
/** A stack of 64 guests that each have to be destroyed takes its time. */
const recoverTimeoutMs = 15 * 60_000
/** The end of a long log is what tells. */
const maxLogBytes = 4 * 1024 * 1024

/** 200 jobs of a thousand commands each. */
const maxAuditBytes = 64 * 1024 * 1024

/** Who asks for something, and at which workstation. */
export type Who = { by: string; from: string }
const whoWords = ({ by, from }: Who) => `${by}@${from}`.replaceAll(/\s/g, ' ')

/**
 * Takes the part that a job needs of this Domdeck while it runs: asked before it starts, it throws what stands in the way, and gives back what to
 * do once the job is there; undefined for a job that needs nobody.
 */
export type Attendant = (host: JobHost, call: OperationCall) => ((jobId: string) => void) | undefined

/** What `launch` puts on a host. */
export type Launch = { id: string; about: JobAbout; script: string }

const keyOf = (hostId: string, jobId: string) => `${hostId} ${jobId}`

/** All jobs of all hosts: starts them, follows them, and finds those that were started elsewhere or before. */
export class Jobs {
  readonly #feed = new JobFeed()
  readonly #tracked = new Map<string, TrackedJob>()
  readonly #announcements = new Announcements((host, ids) => this.#look(host, ids.length, ids))
  /** On their way from here, so that their announcement is no news. */
  readonly #launching = new Set<string>()

  constructor(
    private readonly operations: Operations,
    private readonly attendant: Attendant = () => undefined,
  ) {}

  /** What `start` would run, as text. Changes nothing. */
  preview(host: JobHost, call: OperationCall): Preview {
    const plan = planCall(this.operations, call)
    const { script, standalone } = render(plan, host.settings.storageRoot)
    return {
      script,
      standalone,
      steps: plan.steps,
      locks: orderedLocks(plan.locks),
      danger: plan.danger,
    }
  }

  /** Starts an operation on the host; resolves once it runs there, detached. See `launch` for what it throws, and what the attendant does. */
  async start(host: JobHost, call: OperationCall, who: Who): Promise<Job> {
    const plan = planCall(this.operations, call)
    const { standalone } = render(plan, host.settings.storageRoot)
    const attend = this.attendant(host, call)
    const job = await this.launch(host, { id: ulid(), about: { ...plan, ...who }, script: standalone })
    attend?.(job.id)
    return job
  }

  /**
   * Puts a rendered job on the host and starts it. Throws JOB_FAILED when the host refused it (nothing was changed), and
   * CONNECTION_LOST when the link broke before the host said that it runs: `adopt` finds out. Else what `host.stream` throws.
   */
  async launch(host: JobHost, launch: Launch): Promise<Job> {
    const script = Buffer.from(launch.script)
    const about = Buffer.from(jobJson(launch.about))
    const tracked = new TrackedJob(host, launch.id, launch.about, (job) => {
      if (this.#tracked.get(keyOf(job.hostId, job.id)) === tracked) this.#feed.put(job)
    })
    this.#launching.add(launch.id)
    const process = await host.stream(startJob(launch.id, script.length)).catch((thrown: unknown) => {
      this.#launching.delete(launch.id)
      throw thrown
    })
    process.write(Buffer.concat([about, script]))
    process.end()
    return new Promise((resolve, reject) => {
      let refusal: string | undefined
      const onSaid = (word: string, rest: string) => {
        if (word === 'refused') refusal = rest
        if (word !== 'started') return
        this.#tracked.set(keyOf(host.settings.id, launch.id), tracked)
        this.#feed.put(tracked.job)
        resolve(tracked.job)
      }
      tracked
        .follow(async () => process, onSaid)
        .finally(() => this.#launching.delete(launch.id))
        .then((lookAgain) => {
          this.#lookAfter(tracked)
          const { title } = launch.about
          const where = host.settings.name
          if (refusal !== undefined) {
            const hint = 'Nothing was changed. Put right what the host says, then start again.'
            reject(new ProblemError('JOB_FAILED', `${title} was not started on ${where}. ${refusal}`, { hint }))
            return
          }
          // Without effect when it had started.
          const detail = `${where} did not come to say that this has started: ${title}. It may run or not.`
          reject(
            new ProblemError('CONNECTION_LOST', detail, { hint: 'Domdeck looks by itself as soon as the host answers again.' }),
          )
          if (lookAgain) this.#lookAgain(host)
        }, reject)
    })
  }

  /** Asks a job to end, for `who@where`; it then removes what it made. Two may ask at once. Throws NOT_FOUND, and JOB_INTERRUPTED when it is dead already. */
  async cancel(host: JobHost, jobId: string, who: Who): Promise<void> {
    const { stdout, stderr } = await host.ask(cancelJob(jobIdSchema.parse(jobId), whoWords(who)))
    const answer = stdout.trim()
    if (answer === 'asked') {
      this.#tracked.get(keyOf(host.settings.id, jobId))?.askCancel()
      return
    }
    if (answer === 'rebooting') {
      throw new ProblemError('BUSY', `${host.settings.name} is rebooting for this job, which goes on by itself then.`, {
        hint: 'It can be cancelled once it goes on.',
      })
    }
    if (answer === 'absent') throw new ProblemError('NOT_FOUND', `${host.settings.name} has no job ${jobId}.`)
    await this.#look(host, 1, [jobId])
    if (answer === 'ended') return
    if (answer === 'dead') throw new ProblemError('JOB_INTERRUPTED', 'The job had stopped before it could be cancelled.')
    throw new ProblemError('COMMAND_FAILED', `The job on ${host.settings.name} could not be cancelled: ${stderr.trim()}`)
  }

  /**
   * Runs the undo of a dead job to its end, for `who@where`. Throws BUSY, naming whom, while the job or another recovery runs, JOB_FAILED when some of the
   * undo failed; it can be tried again.
   */
  async recover(host: JobHost, jobId: string, who: Who): Promise<void> {
    const { stderr, exitCode } = await host.run(recoverJob(jobIdSchema.parse(jobId), whoWords(who)), {
      timeoutMs: recoverTimeoutMs,
    })
    void host.refresh().catch(() => undefined)
    await this.#look(host, 1, [jobId])
    const said = stderr.toString().trim()
    if (exitCode === 0) return
    if (exitCode === 75) throw new ProblemError('BUSY', said)
    if (exitCode === 66) throw new ProblemError('NOT_FOUND', said)
    const hint = 'Read its log, put right what stands in the way, then roll it back again.'
    throw new ProblemError('JOB_FAILED', said || 'The job could not be rolled back.', { hint })
  }

  /** All jobs that the host remembers, newest first. */
  async history(host: JobHost): Promise<Job[]> {
    const { nowSeconds, jobs } = await this.#list(host, rememberedJobs)
    return jobs.map((listed) => {
      const known = this.#tracked.has(keyOf(host.settings.id, listed.id))
      return known || listed.life !== 'ended' ? this.#meet(host, listed, nowSeconds) : asJob(host, listed, nowSeconds)
    })
  }

  /** The script a job ran with. Throws NOT_FOUND. */
  script(host: JobHost, jobId: string): Promise<string> {
    return this.#read(host, jobId, 'job.sh')
  }

  /** What a person may want to know or do about a job: its text, and what it can be run again or taken back with. Throws NOT_FOUND. */
  async detail(host: JobHost, jobId: string): Promise<JobDetail> {
    const standalone = await this.#read(host, jobId, 'job.sh')
    const script = workOf(standalone)
    const call = callOf(standalone)
    if (!call) return { script, standalone }
    const { operation, input } = operationOf(this.operations, call)
    const job = (await this.#list(host, 1, [jobIdSchema.parse(jobId)])).jobs[0]
    const seen = { guests: host.guests, result: job ? foldEvents(job.events).result : {} }
    const outdated = operation.outdated?.(input, seen)
    return {
      script,
      standalone,
      call,
      ...(outdated === undefined ? {} : { outdated }),
      ...(job?.status === 'succeeded' && operation.inverse ? { inverse: operation.inverse(input, seen) } : {}),
    }
  }

  /** The jobs that began on the host from `from` until before `to` (epoch milliseconds), oldest first, each with the commands of its log. */
  async audit(host: JobHost, { from, to }: { from: number; to: number }): Promise<AuditedJob[]> {
    const jobs = (await this.history(host)).filter((job) => job.startedAt >= from && job.startedAt < to).reverse()
    const [first, ...others] = jobs.map((job) => job.id)
    if (first === undefined) return []
    const { stdout } = await host.run(auditJobs(first, ...others), { timeoutMs: 120_000, maxBytes: maxAuditBytes })
    const commands = commandsByJob(stdout.toString())
    return jobs.map((job) => ({ job, commands: commands.get(job.id) ?? [] }))
  }

  /** The log of a job, from its beginning; goes on until the job has ended or `signal` aborts. */
  async *log(host: JobHost, jobId: string, signal?: AbortSignal): AsyncGenerator<{ text: string }, void, undefined> {
    const tracked = this.#tracked.get(keyOf(host.settings.id, jobId))
    if (tracked && !tracked.ended) yield* tracked.log.read(signal ?? new AbortController().signal)
    else yield { text: await this.#read(host, jobId, 'log') }
  }

  /** All jobs that are known, then each change. */
  watch(signal?: AbortSignal): AsyncIterable<JobEvent> {
    return this.#feed.watch(signal)
  }

  /**
   * To be called when a host is ready: looks up its jobs in one round trip, follows those that run, and tells those that died
   * while nobody looked. What was unknown since a lost link becomes known.
   */
  async adopt(host: JobHost): Promise<void> {
    await this.#look(host, recentJobs)
  }

  /**
   * To be called when a host tells of a job that begins, or is being rolled back: one that was started elsewhere, or by hand, is looked up
   * and followed from then on. Many at once are one question.
   */
  announced(host: JobHost, jobId: string): void {
    if (this.#launching.has(jobId) || this.#tracked.get(keyOf(host.settings.id, jobId))?.following) return
    this.#announcements.add(host, jobId)
  }

  /** The host is no longer one of ours; its jobs go on there. */
  forget(hostId: string): void {
    for (const [key, tracked] of this.#tracked) {
      if (tracked.host.settings.id !== hostId) continue
      this.#tracked.delete(key)
      this.#feed.remove(hostId, tracked.id)
    }
  }

  async #look(host: JobHost, limit: number, jobIds: readonly string[] = []): Promise<void> {
    const { nowSeconds, jobs } = await this.#list(host, limit, jobIds)
    for (const listed of jobs) this.#meet(host, listed, nowSeconds)
    if (jobIds.length > 0) return
    // A job without an end is always listed, so one that is not has been removed from the host.
    const found = new Set(jobs.map((listed) => listed.id))
    for (const tracked of [...this.#tracked.values()]) {
      if (tracked.host.settings.id !== host.settings.id || found.has(tracked.id) || tracked.following || tracked.ended) continue
      this.#tracked.delete(keyOf(host.settings.id, tracked.id))
      this.#feed.remove(host.settings.id, tracked.id)
    }
  }

  #meet(host: JobHost, listed: ListedJob, nowSeconds: number): Job {
    const key = keyOf(host.settings.id, listed.id)
    let tracked = this.#tracked.get(key)
    if (tracked?.host !== host) {
      // After a host was removed and added again, its jobs belong to the new one.
      const made: TrackedJob = new TrackedJob(host, listed.id, listed.about, (job) => {
        if (this.#tracked.get(key) === made) this.#feed.put(job)
      })
      tracked = made
      this.#tracked.set(key, tracked)
    }
    tracked.see(sightingOf(listed, nowSeconds), foldEvents(listed.events))
    if (listed.life === 'alive' || listed.life === 'new') this.#follow(tracked)
    return tracked.job
  }

  #follow(tracked: TrackedJob): void {
    if (tracked.following) return
    const { host, id } = tracked
    tracked
      .follow((logByte) => host.stream(followJob(id, logByte)))
      .then((lookAgain) => {
        this.#lookAfter(tracked)
        if (lookAgain) this.#lookAgain(host)
      })
  }

  /** xenstore announces domains, not files: a base that was imported or a guest that was deleted would show only at the next poll. */
  #lookAfter({ host, ended }: TrackedJob): void {
    if (ended) void host.refresh().catch(() => undefined)
  }

  /** A following broke. If the host is still there it tells more; if not, `adopt` comes when it is ready again. */
  #lookAgain(host: JobHost): void {
    this.#look(host, recentJobs).catch(() => undefined)
  }

  async #list(host: JobHost, limit: number, jobIds: readonly string[] = []): Promise<{ nowSeconds: number; jobs: ListedJob[] }> {
    const { stdout, stderr, exitCode } = await host.ask(listJobs(limit, ...jobIds))
    if (exitCode !== 0) {
      const context = { host: host.settings.name, exitCode, output: stderr }
      throw new ProblemError('COMMAND_FAILED', `The jobs of ${host.settings.name} could not be listed.`, { context })
    }
    const { nowSeconds = Date.now() / 1000, jobs } = parseListing(stdout)
    return { nowSeconds, jobs }
  }

  async #read(host: JobHost, jobId: string, file: 'job.sh' | 'log'): Promise<string> {
    const { stdout, exitCode } = await host.run(readJobFile(jobIdSchema.parse(jobId), file, maxLogBytes))
    if (exitCode !== 0) throw new ProblemError('NOT_FOUND', `${host.settings.name} no longer has the job ${jobId}.`)
    return stdout.toString()
  }
}

function sightingOf(listed: ListedJob, nowSeconds: number) {
  return {
    about: listed.about,
    life: listed.life === 'ended' ? ('dead' as const) : listed.life,
    ...(listed.status ? { status: listed.status } : {}),
    undoLeft: listed.undoLeft,
    skewMs: clockSkewMs(nowSeconds),
    cancelAsked: false,
  }
}

function asJob(host: JobHost, listed: ListedJob, nowSeconds: number): Job {
  const seen = { id: listed.id, hostId: host.settings.id, ...sightingOf(listed, nowSeconds) }
  return toJob(seen, foldEvents(listed.events))
}
