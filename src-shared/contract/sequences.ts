import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { sequenceRunSchema, sequenceSchema } from '../models/sequence'
import { procedure } from './base'

const runRef = z.object({ id: z.string() })

export const sequencesContract = {
  /** BAD_INPUT when the sequence could not be run: an expression that makes no sense. */
  check: procedure.input(z.object({ sequence: sequenceSchema })),
  /**
   * Runs a sequence on the consoles of these guests, some at a time a host, as soon as each console is there. Goes on without the page.
   * The answers are kept in memory while it runs, and nowhere else.
   */
  run: procedure
    .input(
      z.object({
        sequence: sequenceSchema,
        answers: z.record(z.string(), z.string().max(1000)),
        guests: z
          .array(z.object({ hostId: z.string(), guestId: z.string(), name: z.string() }))
          .min(1)
          .max(500),
        who: z.string().max(64),
      }),
    )
    .output(runRef),
  /** All runs that are kept, now and whenever one has changed. */
  watch: procedure.output(eventIterator(z.array(sequenceRunSchema))),
  /** Stops it on one guest, or on all; what was sent stays sent. */
  cancel: procedure.input(runRef.extend({ guestId: z.string().optional() })),
  /** Forgets a run; what is not done is stopped. */
  dismiss: procedure.input(runRef),
}
