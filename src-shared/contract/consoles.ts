import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { consoleEventSchema, consoleWatchSchema, guestAddressSchema, shellSchema, terminalSizeSchema } from '../models/console'
import { procedure } from './base'

const streamRef = z.object({ stream: z.number().int() })

export const consolesContract = {
  /**
   * Opens one pane on a guest's hvc0, or on a shell (one of dom0 has the `guestId` of dom0). A shell that is not open yet begins only with
   * `open`, so that a layout which comes back opens none by itself. Bytes come and go on the console lane (`console-frame.ts`) under the number
   * of the first event; ending the iterator closes the pane. `watch` is heeded from the first new byte on.
   */
  attach: procedure
    .input(
      z.object({
        hostId: z.string(),
        guestId: z.string(),
        who: z.string().max(64),
        shell: shellSchema.optional(),
        open: z.boolean().optional(),
        size: terminalSizeSchema.optional(),
        watch: consoleWatchSchema.optional(),
      }),
    )
    .output(eventIterator(consoleEventSchema)),
  /** Makes this pane the writer. */
  takeWriter: procedure.input(streamRef),
  /**
   * Ends the foreign process that holds the console, then attaches. `pid` is the one the person saw. After a failure: tries again. A
   * shell that is closed or has ended is opened.
   */
  evict: procedure.input(streamRef.extend({ pid: z.number().int() })),
  /** The size of the pane, for a shell that this pane writes to, and for what is recorded of it; Xen carries none to a console. */
  resize: procedure.input(streamRef.extend(terminalSizeSchema.shape)),
  /** Answers what the login to a guest asks; BAD_INPUT when it asks something else by now. */
  answer: procedure.input(streamRef.extend({ questionId: z.string(), answers: z.array(z.string().max(1000)).max(20) })),
  /** Trusts the host key that the guest has shown, if it is the one the person saw, and logs in. */
  trust: procedure.input(streamRef.extend({ fingerprint: z.string() })),
  /** What the host knows of the addresses of a guest, the surest first. */
  addresses: procedure.input(z.object({ hostId: z.string(), guestId: z.string() })).output(z.array(guestAddressSchema)),
  /** Records the console from now on, in all its panes, with the size of this one; `input` records what is typed, too. Nothing while it is recorded already. */
  record: procedure.input(streamRef.extend({ ...terminalSizeSchema.shape, input: z.boolean() })),
  /** Ends the recording; when it has ended, it is on disk. */
  stopRecording: procedure.input(streamRef),
  /** Sends text at a pace a guest's tty can take. Ends when all is sent. */
  paste: procedure.input(streamRef.extend({ text: z.string().max(1_000_000) })),
  /** What this pane waits for from now on, instead of what it waited for; nothing without `watch`. BAD_INPUT for a broken pattern. */
  watch: procedure.input(streamRef.extend({ watch: consoleWatchSchema.optional() })),
  /** Takes the mark of trouble off this pane's console, in all its panes. */
  dismissMark: procedure.input(streamRef),
}
