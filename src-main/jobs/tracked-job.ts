import { endedStates, type Job } from '../../src-shared/models/job'
import type { RemoteProcess } from '../ssh/remote-process'
import { clockSkewMs, type Folded, foldLine, type JobAbout, type JobSighting, nothingFolded, toJob } from './events'
import { type FollowListener, readFollowing } from './following'
import type { JobHost } from './job-host'
import { JobLog } from './job-log'

/** How often a following may end without a word of news before the job counts as unknown. */
const maxFruitless = 3

/** One job of one host: what was seen of it last, kept up to date while it is followed. */
export class TrackedJob {
  readonly host: JobHost
  readonly id: string
  #seen: JobSighting
  #folded: Folded = nothingFolded
  /** Event lines that `#folded` holds. */
  #lines = 0
  #following = false
  #fruitless = 0
  #log = new JobLog()
  readonly #changed: (job: Job) => void

  constructor(host: JobHost, id: string, about: JobAbout, changed: (job: Job) => void) {
    this.host = host
    this.id = id
    this.#changed = changed
    this.#seen = {
      id,
      hostId: host.settings.id,
      about,
      life: 'new',
      undoLeft: false,
      skewMs: 0,
      cancelAsked: false,
    }
  }

  get job(): Job {
    return toJob(this.#seen, this.#folded)
  }

  get following(): boolean {
    return this.#following
  }

  get ended(): boolean {
    return endedStates.has(this.job.state)
  }

  /** Its log while it runs. */
  get log(): JobLog {
    return this.#log
  }

  /** Takes in a look from outside; ignored while a following tells more. */
  see(sighting: Partial<JobSighting>, folded: Folded): void {
    if (this.#following) return
    this.#seen = { ...this.#seen, ...sighting }
    this.#folded = folded
    this.#publish()
  }

  /** A cancel was asked for; shown until the job itself says so. */
  askCancel(): void {
    this.#seen = { ...this.#seen, cancelAsked: true }
    this.#publish()
  }

  /**
   * Reads a following to its end, then calls the job ended or, when it does not say how, lost. `open` begins it at that byte
   * of the log; `onSaid` hears the script's own lines. Resolves to whether another look at the host may tell more.
   */
  async follow(
    open: (logByte: number) => Promise<RemoteProcess>,
    onSaid: (word: string, rest: string) => void = () => undefined,
  ): Promise<boolean> {
    if (this.#following) return false
    this.#following = true
    let folded = nothingFolded
    let lines = 0
    let verdict: Partial<JobSighting> = { life: 'lost' }
    let undoLeft = false
    const before = this.#lines
    const listener: FollowListener = {
      said: (word, rest) => {
        if (word === 'started' || word === 'now') this.#seen = { ...this.#seen, life: 'alive' }
        if (word === 'now') this.#seen = { ...this.#seen, skewMs: clockSkewMs(Number(rest)) }
        if (word === 'undo') undoLeft = true
        if (word === 'status') verdict = { status: rest.trim(), undoLeft }
        if (word === 'dead') verdict = { life: 'dead', undoLeft }
        onSaid(word, rest)
      },
      event: (line) => {
        // A following begins with the first event again: nothing is shown of it before it has caught up.
        folded = foldLine(folded, line)
        lines += 1
        if (lines < this.#lines) return
        this.#lines = lines
        this.#folded = folded
        this.#publish()
      },
      log: (chunk) => this.#log.append(chunk),
    }
    try {
      await readFollowing(await open(this.#log.bytes), listener)
    } catch {
      // A lost link: the job goes on without us, and nobody can say how it stands.
    }
    this.#following = false
    this.#fruitless = this.#lines > before ? 0 : this.#fruitless + 1
    this.#seen = { ...this.#seen, ...verdict, cancelAsked: false }
    this.#publish()
    return !this.ended && this.#fruitless < maxFruitless
  }

  #publish(): void {
    const { job } = this
    if (endedStates.has(job.state)) this.#log.end()
    this.#changed(job)
  }
}
