import { z } from 'zod'
import { healthItemSchema } from '../models/health'
import { procedure } from './base'

export const healthContract = {
  /** What of a host is as a dom0 should have it, and what is not, now. Writes nothing. */
  look: procedure.input(z.object({ hostId: z.string() })).output(z.array(healthItemSchema)),
}
