import { z } from 'zod'
import { reachSchema } from '../models/host'
import { bootImageCallSchema, importInputSchema } from '../operations'
import { procedure } from './base'
import { checkSchema } from './guests'

export const imagesContract = {
  /** Looks at an image on dom0 before it is imported. Writes nothing. */
  planImport: procedure
    .input(z.object({ hostId: z.string(), input: importInputSchema }))
    .output(z.object({ checks: z.array(checkSchema), script: z.string() })),
  /** Looks at an image on dom0 before GRUB gets to it. Writes nothing. */
  planBoot: procedure
    .input(z.object({ hostId: z.string(), call: bootImageCallSchema }))
    .output(z.object({ checks: z.array(checkSchema), script: z.string() })),
  /** Whether the blocks of a copy from another host can come to this one directly, found out by one login from here to there; and why, in words. */
  planCopy: procedure
    .input(z.object({ hostId: z.string(), fromHostId: z.string(), reach: reachSchema.optional() }))
    .output(z.object({ direct: z.boolean(), words: z.string() })),
}
