import { z } from 'zod'
import { problemSchema } from '../problem'

/** A ULID: sorts by time, safe as a folder name. */
export const jobIdSchema = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}$/, 'This is not the id of a job.')

export const jobStateSchema = z.enum([
  'queued',
  'running',
  'cancelling',
  'succeeded',
  'failed',
  'cancelled',
  'interrupted',
  'unknown',
])
export type JobState = z.infer<typeof jobStateSchema>

export const tickSchema = z.object({
  name: z.string(),
  state: z.enum(['queued', 'running', 'done', 'failed']),
  note: z.string().optional(),
})

/** A lock of a job: `flock` on a file of this name on dom0. Shared ones stand together, others alone. */
export const lockSchema = z.object({ name: z.string(), shared: z.boolean() })
export type Lock = z.infer<typeof lockSchema>

export const jobSchema = z.object({
  id: jobIdSchema,
  hostId: z.string(),
  operation: z.string(),
  /** Verb and objects, such as `Clone and boot web-08..web-11`. */
  title: z.string(),
  /** Names of the guests or bases it is about; a row of the tree shows the job by them. */
  targets: z.array(z.string()),
  by: z.string(),
  from: z.string(),
  startedAt: z.number(),
  endedAt: z.number().optional(),
  state: jobStateSchema,
  /**
   * Locks it takes; jobs with one of the same name wait for each other, unless both share it. Absent where an older Domdeck
   * started it.
   */
  locks: z.array(lockSchema).optional(),
  /** While queued: the lock it needs, and the job that holds it. */
  waitingFor: z.object({ lock: z.string(), jobId: z.string(), title: z.string() }).optional(),
  /** Who asked for its cancel, as `who@where`. */
  cancelledBy: z.string().optional(),
  /** Who rolls or rolled it back after it died, as `who@where`. */
  recoveredBy: z.string().optional(),
  /** Titles of all steps, known before the start. */
  steps: z.array(z.string()),
  /** Index into `steps` of the one under way or last begun; -1 before the first. */
  step: z.number(),
  /** Within the step. */
  progress: z.object({ done: z.number(), total: z.number(), unit: z.string() }).optional(),
  ticks: z.array(tickSchema),
  result: z.record(z.string(), z.string()),
  problem: problemSchema.optional(),
  /** What is left on the host: all of it, none of it, only what cannot be undone (a host stays rebooted), or an undo that has not run to its end. */
  left: z.enum(['pending', 'finished', 'nothing', 'some', 'unclear']),
})
export type Job = z.infer<typeof jobSchema>

/** States a job never leaves by itself. */
export const endedStates: ReadonlySet<JobState> = new Set(['succeeded', 'failed', 'cancelled', 'interrupted'])
