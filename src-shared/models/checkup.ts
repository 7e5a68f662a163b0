import { z } from 'zod'
import { problemSchema } from '../problem'

/** What is looked at when a connection is tested, in this order. */
export const checkupPhases = ['resolving', 'connecting', 'host-key', 'auth', 'root', 'xen', 'storage', 'tools'] as const
export type CheckupPhase = (typeof checkupPhases)[number]

/** One line of the transcript. `running` comes first for each phase that is reached; then how it ended. */
export const checkupStepSchema = z.object({
  phase: z.enum(checkupPhases),
  state: z.enum(['running', 'good', 'warning', 'failed']),
  /** What was found, a sentence or a fact each. */
  found: z.array(z.string()),
  /** What to do about a warning. */
  hint: z.string().optional(),
  problem: problemSchema.optional(),
  tookMs: z.number().optional(),
})
export type CheckupStep = z.infer<typeof checkupStepSchema>
