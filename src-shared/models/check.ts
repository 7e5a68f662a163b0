import { z } from 'zod'

/** One check before anything is written. */
export const checkSchema = z.object({
  title: z.string(),
  verdict: z.enum(['pass', 'warn', 'fail']),
  /** The fact it rests on, a few words. */
  fact: z.string(),
  /** On warn and fail: why, and what to do. */
  advice: z.string().optional(),
})
export type Check = z.infer<typeof checkSchema>
