import { z } from 'zod'
import { problemSchema } from '../problem'

/** What a pane shows in its header and strip; never written into the stream. */
export const consoleStatusSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('attaching') }),
  z.object({ state: z.literal('attached'), domid: z.number() }),
  /** The same guest after a reboot. */
  z.object({ state: z.literal('reattached'), domid: z.number(), at: z.number() }),
  z.object({ state: z.literal('guest-down'), at: z.number() }),
  z.object({ state: z.literal('link-lost'), at: z.number() }),
  z.object({ state: z.literal('busy'), pid: z.number(), holder: z.string() }),
  z.object({ state: z.literal('failed'), problem: problemSchema }),
])
export type ConsoleStatus = z.infer<typeof consoleStatusSchema>

export const consoleEventSchema = z.discriminatedUnion('type', [
  /** First of all: the number that marks this pane's bytes on the console lane. */
  z.object({ type: z.literal('opened'), stream: z.number() }),
  z.object({ type: z.literal('status'), status: consoleStatusSchema }),
  /** One writer a console: this pane, or the named one. */
  z.object({ type: z.literal('writer'), self: z.boolean(), who: z.string().optional() }),
  /** The first `bytes` of the stream are history, kept from before this pane was opened. Comes right after `opened`. */
  z.object({ type: z.literal('history-end'), bytes: z.number() }),
])
export type ConsoleEvent = z.infer<typeof consoleEventSchema>
