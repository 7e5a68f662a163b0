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
  /** While queued: title of the job that holds a lock this one needs. */
  waitingFor: z.string().optional(),
  /** Titles of all steps, known before the start. */
  steps: z.array(z.string()),
  /** Index into `steps` of the one under way or last begun; -1 before the first. */
  step: z.number(),
  /** Within the step. */
  progress: z.object({ done: z.number(), total: z.number(), unit: z.string() }).optional(),
  ticks: z.array(tickSchema),
  result: z.record(z.string(), z.string()),
  problem: problemSchema.optional(),
  /** What is left on the host: all of it, none of it, or an undo that has not run to its end. */
  left: z.enum(['pending', 'finished', 'nothing', 'unclear']),
})
export type Job = z.infer<typeof jobSchema>

/** States a job never leaves by itself. */
export const endedStates: ReadonlySet<JobState> = new Set(['succeeded', 'failed', 'cancelled', 'interrupted'])
