import { z } from 'zod'
import { importInputSchema } from '../operations'
import { procedure } from './base'
import { checkSchema } from './guests'

export const imagesContract = {
  /** Looks at an image on dom0 before it is imported. Writes nothing. */
  planImport: procedure
    .input(z.object({ hostId: z.string(), input: importInputSchema }))
    .output(z.object({ checks: z.array(checkSchema), script: z.string() })),
}
