import { decodeTime } from 'ulid'
import { z } from 'zod'
import { endedStates, type Job, type JobState, lockSchema, tickSchema } from '../../src-shared/models/job'
import { type Problem, type ProblemCode, ProblemError, problemSchema } from '../../src-shared/problem'

/** What job.json says; see `jobJson`. Written by whoever started the job, so nothing in it is taken on trust. */
export const jobAboutSchema = z.object({
  operation: z.string(),
  title: z.string(),
  targets: z.array(z.string()),
  steps: z.array(z.string()),
  by: z.string(),
  from: z.string(),
  locks: z.array(lockSchema).optional(),
})
export type JobAbout = z.infer<typeof jobAboutSchema>

const tickStates = tickSchema.shape.state
type Tick = z.infer<typeof tickSchema>
type Progress = NonNullable<Job['progress']>

/** What the event lines of a job have said so far. Times are epoch seconds by the clock of the host. */
export type Folded = {
  startedAt?: number
  endedAt?: number
  /** The last of `waiting` and `running`. */
  waitingFor?: NonNullable<Job['waitingFor']>
  /** Index of the step under way; -1 before the first. Never goes back. */
  step: number
  /** Titles by index, as the script named them. */
  stepTitles: ReadonlyMap<number, string>
  progress?: Progress
  ticks: ReadonlyMap<string, Tick>
  result: Readonly<Record<string, string>>
  failure?: { code: string; what: string; hint: string }
  command?: { exitCode: number; line: string; output: string[] }
  cancelling: boolean
  /** Who asked for the cancel, and who for the recovery: `who@where`. */
  cancelledBy?: string
  recoveredBy?: string
  /** Where the undo stands; a recovery begins it anew. */
  undo: 'not-begun' | 'under-way' | 'done'
  undoFailures: string[]
  /** Something was done that cannot be undone. */
  stays: boolean
  /** The status word of the `ended` event, which follows the status file. */
  ended?: string
}

export const nothingFolded: Folded = {
  step: -1,
  stepTitles: new Map(),
  ticks: new Map(),
  result: {},
  cancelling: false,
  undo: 'not-begun',
  undoFailures: [],
  stays: false,
}

/** Guests and tools write parts of these lines; control characters (C0, DEL, C1) have no business on a page. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed here
const control = /[\u0000-\u001f\u007f-\u009f]/g

/** The first `count` words of `text`, and the rest as it is. */
function words(text: string, count: number): string[] {
  const found: string[] = []
  let rest = text
  while (found.length < count) {
    const space = rest.indexOf(' ')
    if (space < 0) break
    found.push(rest.slice(0, space))
    rest = rest.slice(space + 1)
  }
  return [...found, rest]
}

/** `text` as a count of something, or undefined. */
function count(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,15}$/.test(text)) return undefined
  return Number(text)
}

function foldProgress(folded: Folded, rest: string): Folded {
  const [doneText, totalText, unit] = words(rest, 2)
  const done = count(doneText)
  const total = count(totalText)
  if (done === undefined || total === undefined || total === 0) return folded
  const before = folded.progress?.total === total && folded.progress.unit === (unit ?? '') ? folded.progress.done : 0
  return { ...folded, progress: { done: Math.max(before, Math.min(done, total)), total, unit: unit ?? '' } }
}

function foldStep(folded: Folded, rest: string): Folded {
  const [numberText, title] = words(rest, 1)
  const number = count(numberText)
  if (number === undefined || number - 1 <= folded.step) return folded
  const { progress: _, ...others } = folded
  const stepTitles = new Map(folded.stepTitles)
  if (title !== undefined) stepTitles.set(number - 1, title)
  return { ...others, step: number - 1, stepTitles }
}

function foldTick(folded: Folded, rest: string): Folded {
  const [name, stateText, note] = words(rest, 2)
  const state = tickStates.safeParse(stateText)
  if (!name || !state.success) return folded
  return { ...folded, ticks: new Map(folded.ticks).set(name, { name, state: state.data, ...(note ? { note } : {}) }) }
}

function foldResult(folded: Folded, rest: string): Folded {
  const [key, value] = words(rest, 1)
  // Keys of an object: letters first, so never __proto__.
  if (!key || !/^[A-Za-z][\w.-]*$/.test(key)) return folded
  return { ...folded, result: { ...folded.result, [key]: value ?? '' } }
}

function foldEnded(folded: Folded, rest: string): Folded {
  const [ended, time] = words(rest, 1)
  const endedAt = count(time)
  return { ...folded, ...(ended ? { ended } : {}), ...(endedAt === undefined ? {} : { endedAt }) }
}

/**
 * One more event line. A line that is no event, or not whole, changes nothing: a killed job may have been cut anywhere.
 */
export function foldLine(folded: Folded, line: string): Folded {
  const [word, text = ''] = words(line, 1)
  const rest = text.replaceAll(control, ' ')
  switch (word?.trimEnd()) {
    case 'started': {
      const startedAt = count(rest)
      return startedAt === undefined ? folded : { ...folded, startedAt }
    }
    case 'waiting': {
      const [lock = '', jobId = '', title] = words(rest, 2)
      return { ...folded, waitingFor: { lock, jobId, title: title ?? 'another job' } }
    }
    case 'running': {
      const { waitingFor: _, ...others } = folded
      return others
    }
    case 'step':
      return foldStep(folded, rest)
    case 'progress':
      return foldProgress(folded, rest)
    case 'tick':
      return foldTick(folded, rest)
    case 'result':
      return foldResult(folded, rest)
    case 'command': {
      const [code, command] = words(rest, 1)
      return { ...folded, command: { exitCode: count(code) ?? -1, line: command ?? '', output: [] } }
    }
    case 'output':
      return folded.command ? { ...folded, command: { ...folded.command, output: [...folded.command.output, rest] } } : folded
    // The first reason counts: what fails after it fails because of it.
    case 'fail':
      return folded.failure ? folded : { ...folded, failure: { code: rest, what: '', hint: '' } }
    case 'what':
      return folded.failure?.what === '' ? { ...folded, failure: { ...folded.failure, what: rest } } : folded
    case 'hint':
      return folded.failure?.hint === '' ? { ...folded, failure: { ...folded.failure, hint: rest } } : folded
    case 'full': {
      const hint = `${rest}. Make room there, then run it again.`
      return folded.failure ? { ...folded, failure: { ...folded.failure, hint } } : folded
    }
    case 'cancelling':
      return { ...folded, cancelling: true }
    // The first who asks ends it.
    case 'cancel-asked':
      return folded.cancelledBy === undefined ? { ...folded, cancelledBy: rest } : folded
    case 'recovering':
      return { ...folded, recoveredBy: rest || 'somebody' }
    case 'undoing':
      return { ...folded, undo: 'under-way', undoFailures: [] }
    case 'undo-failed':
      return { ...folded, undoFailures: [...folded.undoFailures, words(rest, 1)[1] ?? rest] }
    case 'undo-done':
      return { ...folded, undo: 'done' }
    case 'stays':
      return { ...folded, stays: true }
    case 'ended':
      return foldEnded(folded, rest)
    default:
      return folded
  }
}

/** All lines of an `events` file. */
export const foldEvents = (text: string): Folded => text.split('\n').reduce(foldLine, nothingFolded)

/** What is known of a job besides its events. */
export type JobSighting = {
  id: string
  hostId: string
  about: JobAbout
  /** `alive`: its process runs. `dead`: it does not. `new`: not begun yet. `lost`: nobody can say now. */
  life: 'alive' | 'dead' | 'new' | 'lost'
  /** The word in the status file, once there is one. */
  status?: string
  /** Whether lines are left on the undo stack. */
  undoLeft: boolean
  /** Clock of the host minus ours, in milliseconds. */
  skewMs: number
  /** A cancel was asked for and has not been acted on yet. */
  cancelAsked: boolean
}

const statusStates: Readonly<Record<string, JobState>> = {
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'cancelled',
  // Died, and was rolled back: still no success and no failure of its own.
  recovered: 'interrupted',
}

function stateOf(seen: JobSighting, folded: Folded): JobState {
  const state = statusStates[seen.status ?? '']
  if (state) return state
  if (seen.life === 'lost') return 'unknown'
  if (seen.life === 'dead') return 'interrupted'
  if (seen.life === 'new') return 'queued'
  if (folded.cancelling || folded.cancelledBy || folded.recoveredBy || seen.cancelAsked) return 'cancelling'
  return folded.waitingFor === undefined ? 'running' : 'queued'
}

function leftOf(seen: JobSighting, folded: Folded, state: JobState): Job['left'] {
  if (state === 'succeeded') return 'finished'
  const undone = folded.stays ? 'some' : 'nothing'
  if (state === 'failed' || state === 'cancelled' || seen.status === 'recovered') return seen.undoLeft ? 'unclear' : undone
  if (state === 'interrupted') return folded.undoFailures.length > 0 ? 'unclear' : seen.undoLeft ? 'pending' : undone
  return 'pending'
}

function problemOf(folded: Folded, state: JobState, left: Job['left'], title: string): Problem | undefined {
  if (left === 'unclear') {
    const failures = folded.undoFailures.join('; ')
    return new ProblemError(
      'JOB_FAILED',
      `${title}: not everything it had made could be removed${failures ? `: ${failures}` : '.'}`,
      {
        hint: 'Read its log, put right what stands in the way, then roll it back again.',
      },
    ).problem
  }
  if (state === 'interrupted') {
    const rest = { pending: '', finished: '', nothing: ' Nothing of it is left.', some: ' What cannot be undone stays.' }[left]
    return new ProblemError(
      'JOB_INTERRUPTED',
      `${title} stopped without finishing.${rest}`,
      left === 'pending' ? {} : { hint: 'Start it again if it is still wanted.' },
    ).problem
  }
  if (state !== 'failed') return undefined
  const code = problemSchema.shape.code.safeParse(folded.failure?.code)
  const known: ProblemCode = code.success ? code.data : 'JOB_FAILED'
  const { what = '', hint = '' } = folded.failure ?? {}
  return new ProblemError(known, what || `${title} failed and gave no reason.`, {
    ...(hint ? { hint } : {}),
    ...(folded.command
      ? {
          context: {
            command: folded.command.line,
            exitCode: folded.command.exitCode,
            output: folded.command.output.join('\n'),
          },
        }
      : {}),
  }).problem
}

/** Nothing runs in a job that has ended: what it was at when it stopped has failed. */
function ticksOf(folded: Folded, state: JobState): Tick[] {
  const ticks = [...folded.ticks.values()]
  if (!endedStates.has(state) || state === 'succeeded') return ticks
  return ticks.map((tick) => (tick.state === 'running' ? { ...tick, state: 'failed', note: 'stopped here' } : tick))
}

/** The clock of a host that said `nowSeconds` just now, minus ours. Whole seconds and the way here say nothing of less than 2 s. */
export function clockSkewMs(nowSeconds: number): number {
  const skewMs = nowSeconds * 1000 - Date.now()
  return Math.abs(skewMs) < 2000 ? 0 : skewMs
}

/** The job as the page sees it. Times are by our clock, in epoch milliseconds. */
export function toJob(seen: JobSighting, folded: Folded): Job {
  const state = stateOf(seen, folded)
  const left = leftOf(seen, folded, state)
  const problem = problemOf(folded, state, left, seen.about.title)
  const here = (hostSeconds: number) => hostSeconds * 1000 - seen.skewMs
  const steps = [...seen.about.steps]
  for (const [index, title] of folded.stepTitles) if (index === steps.length) steps.push(title)
  return {
    id: seen.id,
    hostId: seen.hostId,
    operation: seen.about.operation,
    title: seen.about.title,
    targets: seen.about.targets,
    by: seen.about.by,
    from: seen.about.from,
    ...(seen.about.locks ? { locks: seen.about.locks } : {}),
    ...(folded.cancelledBy ? { cancelledBy: folded.cancelledBy } : {}),
    ...(folded.recoveredBy ? { recoveredBy: folded.recoveredBy } : {}),
    startedAt: folded.startedAt === undefined ? decodeTime(seen.id) : here(folded.startedAt),
    ...(folded.endedAt === undefined ? {} : { endedAt: here(folded.endedAt) }),
    state,
    steps,
    step: Math.min(folded.step, steps.length - 1),
    ...(folded.progress ? { progress: folded.progress } : {}),
    ticks: ticksOf(folded, state),
    result: folded.result,
    ...(problem ? { problem } : {}),
    ...(folded.waitingFor !== undefined && state === 'queued' ? { waitingFor: folded.waitingFor } : {}),
    left,
  }
}
