import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { consoleEventSchema } from '../models/console'
import { procedure } from './base'

const streamRef = z.object({ stream: z.number().int() })

export const consolesContract = {
  /**
   * Opens one pane on a guest's hvc0. Bytes come and go on the console lane (`console-frame.ts`) under the number
   * of the first event; ending the iterator closes the pane.
   */
  attach: procedure
    .input(z.object({ hostId: z.string(), guestId: z.string(), who: z.string().max(64) }))
    .output(eventIterator(consoleEventSchema)),
  /** Makes this pane the writer. */
  takeWriter: procedure.input(streamRef),
  /** Ends the foreign process that holds the console, then attaches. `pid` is the one the person saw. After a failure: tries again. */
  evict: procedure.input(streamRef.extend({ pid: z.number().int() })),
  /** Sends text at a pace a guest's tty can take. Ends when all is sent. */
  paste: procedure.input(streamRef.extend({ text: z.string().max(1_000_000) })),
}
