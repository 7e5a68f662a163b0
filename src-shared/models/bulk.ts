import { z } from 'zod'
import { problemSchema } from '../problem'
import { jobIdSchema } from './job'

/** One guest of a bulk. `unknown` ends are failures with a problem that says so. */
export const bulkItemSchema = z.object({
  hostId: z.string(),
  guestId: z.string(),
  name: z.string(),
  /** `dropped`: somebody cancelled the rest before its turn came. */
  state: z.enum(['queued', 'running', 'done', 'failed', 'dropped']),
  /** Its job, once it has one. */
  jobId: jobIdSchema.optional(),
  problem: problemSchema.optional(),
})
export type BulkItem = z.infer<typeof bulkItemSchema>

/** One change of many guests, a job for each, kept by the main side until somebody dismisses it. */
export const bulkSchema = z.object({
  id: z.string(),
  /** Verb and count, such as `Shut down 40 guests`. */
  title: z.string(),
  startedAt: z.number(),
  /** Set while nothing of it waits or runs. */
  endedAt: z.number().optional(),
  items: z.array(bulkItemSchema),
})
export type Bulk = z.infer<typeof bulkSchema>
