import { z } from 'zod'

/** What is kept of one mistake of ours: where it happened and what the code said, and nothing of hosts or guests. */
export const crashSchema = z.object({
  id: z.string(),
  /** Epoch milliseconds of the first and the last time. */
  firstAt: z.number(),
  lastAt: z.number(),
  times: z.number(),
  where: z.enum(['main', 'page']),
  version: z.string(),
  message: z.string(),
  /** Lines of the stack, `at …` each. */
  stack: z.array(z.string()),
})
export type Crash = z.infer<typeof crashSchema>
