import { z } from 'zod'
import { checkSchema } from '../models/check'
import { bootRequestSchema, hostBootSchema } from '../models/host-boot'
import { operationCallSchema } from '../operations'
import { procedure } from './base'

const hostRef = z.object({ hostId: z.string() })

/** A change of what a host boots, before anything is written. */
export const bootPlanSchema = z.object({
  checks: z.array(checkSchema),
  /** Each file that would be another, as the lines of a unified diff. */
  files: z.array(z.object({ path: z.string(), diff: z.string() })),
  /** Absent while a check fails. */
  planned: z.object({ call: operationCallSchema, script: z.string() }).optional(),
})
export type BootPlan = z.infer<typeof bootPlanSchema>

export const bootContract = {
  /** What the host boots and how, now. Writes nothing. */
  look: procedure.input(hostRef).output(hostBootSchema),
  /** What a change would come to. Writes nothing. */
  plan: procedure.input(hostRef.extend({ request: bootRequestSchema })).output(bootPlanSchema),
}
