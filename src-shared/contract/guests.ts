import { z } from 'zod'
import { type Check, checkSchema } from '../models/check'
import { cloneInputSchema, cloneRequestSchema } from '../operations'
import { procedure } from './base'

export { type Check, checkSchema }

export const clonePlanSchema = z.object({
  input: cloneInputSchema,
  checks: z.array(checkSchema),
  /** The exact script, without the job library. */
  script: z.string(),
  bytesPerGuest: z.number(),
})
export type ClonePlan = z.infer<typeof clonePlanSchema>

export const guestsContract = {
  /** Pins names, UUIDs and MACs and runs the preflight in one round trip. Writes nothing. */
  planClone: procedure.input(z.object({ hostId: z.string(), request: cloneRequestSchema })).output(clonePlanSchema),
}
