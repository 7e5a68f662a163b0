import { z } from 'zod'
import { trustEntrySchema } from '../models/trust'
import { procedure } from './base'

export const trustContract = {
  /** What matters: every line of Domdeck's own file, and of the person's and the system's those about hosts of the fleet. */
  list: procedure.output(z.array(trustEntrySchema)),
  /** Takes a line out of Domdeck's own file, if it is still this one. NOT_FOUND. */
  remove: procedure.input(z.object({ line: z.number(), fingerprint: z.string() })),
}
