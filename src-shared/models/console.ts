import { z } from 'zod'
import { problemSchema } from '../problem'
import { hostKeySchema } from './host'
import { questionSchema } from './question'
import { runningRecordingSchema } from './recording'

/** Xen's UUID of dom0, on every host. */
export const dom0Id = '00000000-0000-0000-0000-000000000000'

/** Where a guest is reached by SSH, as its host sees it, and as whom. */
export const guestLoginSchema = z.object({
  address: z
    .string()
    .trim()
    .min(1, 'Enter an address.')
    .max(253)
    .regex(/^[A-Za-z0-9]([A-Za-z0-9.:_%-]*[A-Za-z0-9])?$/, 'An address is a host name or an IP address.'),
  port: z.number().int().min(1, 'A port is a number from 1 to 65535.').max(65535, 'A port is a number from 1 to 65535.'),
  user: z
    .string()
    .trim()
    .min(1, 'Enter a user.')
    .max(64)
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.@\\-]*\$?$/, 'This is not the name of a user.'),
})
export type GuestLogin = z.infer<typeof guestLoginSchema>

/** What a pane shows instead of a console: a shell on a pty, of dom0 or by SSH in a guest. `id` names it for as long as it lives. */
export const shellSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('host'), id: z.string().min(1).max(64), as: z.enum(['root', 'login']) }),
  guestLoginSchema.extend({ kind: z.literal('guest'), id: z.string().min(1).max(64) }),
])
export type Shell = z.infer<typeof shellSchema>

/** Of a terminal, in characters. */
export const terminalSizeSchema = z.object({
  columns: z.number().int().min(1).max(1000),
  rows: z.number().int().min(1).max(1000),
})

/** An address that a host knows of one of its guests, and from where: its config or xenstore, a DHCP lease, the table of neighbours. */
export const guestAddressSchema = z.object({ address: z.string(), from: z.enum(['xenstore', 'lease', 'neighbour']) })
export type GuestAddress = z.infer<typeof guestAddressSchema>

/** What a pane shows in its header and strip; never written into the stream. */
export const consoleStatusSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('attaching') }),
  /** `missed`: what the guest said while nobody read it may be missing. */
  z.object({ state: z.literal('attached'), domid: z.number(), missed: z.boolean().optional() }),
  /** The same guest after a reboot, or on the host that it has moved to. */
  z.object({ state: z.literal('reattached'), domid: z.number(), at: z.number(), movedTo: z.string().optional() }),
  z.object({ state: z.literal('guest-down'), at: z.number() }),
  z.object({ state: z.literal('link-lost'), at: z.number() }),
  /** Somebody else's program reads the console; `since` when it was begun, by the clock here. */
  z.object({ state: z.literal('busy'), pid: z.number(), holder: z.string(), since: z.number().optional() }),
  /** `presentedKey` is there when trusting it is the next step. */
  z.object({ state: z.literal('failed'), problem: problemSchema, presentedKey: hostKeySchema.optional() }),
  /** A shell that nobody has asked to be opened yet. */
  z.object({ state: z.literal('closed') }),
  /** A login to a guest that waits for a person. */
  z.object({ state: z.literal('asking'), question: questionSchema }),
  /** A shell that is over: by itself with a status (128 + n by signal n), or with its link because of a problem. It does not come back. */
  z.object({ state: z.literal('ended'), at: z.number(), exitCode: z.number().optional(), problem: problemSchema.optional() }),
])
export type ConsoleStatus = z.infer<typeof consoleStatusSchema>

/** What a guest's kernel said in trouble, as its console had it: never more than that, for a guest prints what it likes. */
export const consoleMarkSchema = z.object({
  kind: z.enum(['panic', 'oops', 'watchdog', 'memory']),
  line: z.string(),
  /** When it was read. */
  at: z.number(),
})
export type ConsoleMark = z.infer<typeof consoleMarkSchema>

/** What a pane waits for. One that `lasts` tells again and again, at most every ten seconds. */
export const consoleWatchSchema = z.discriminatedUnion('for', [
  z.object({
    for: z.literal('text'),
    text: z.string().min(1).max(200),
    isPattern: z.boolean(),
    ignoresCase: z.boolean(),
    lasts: z.boolean(),
  }),
  /** No output for so long, while the console is attached. */
  z.object({ for: z.literal('quiet'), seconds: z.number().int().min(1).max(86_400), lasts: z.boolean() }),
])
export type ConsoleWatch = z.infer<typeof consoleWatchSchema>

export const consoleEventSchema = z.discriminatedUnion('type', [
  /** First of all: the number that marks this pane's bytes on the console lane. */
  z.object({ type: z.literal('opened'), stream: z.number() }),
  z.object({ type: z.literal('status'), status: consoleStatusSchema }),
  /** The guest is on another host now, and so is this pane. */
  z.object({ type: z.literal('moved'), hostId: z.string() }),
  /** One writer a console: this pane, or the named one. */
  z.object({ type: z.literal('writer'), self: z.boolean(), who: z.string().optional() }),
  /** The first `bytes` of the stream are history, kept from before this pane was opened. Comes right after `opened`. */
  z.object({ type: z.literal('history-end'), bytes: z.number() }),
  /** The console is recorded now, or no more: with a problem when it ended because of that. */
  z.object({ type: z.literal('recording'), recording: runningRecordingSchema.optional(), problem: problemSchema.optional() }),
  /** Trouble of the guest, or that it is over. `isNew` unless it was there before this pane. */
  z.object({ type: z.literal('mark'), mark: consoleMarkSchema.optional(), isNew: z.boolean() }),
  /** What the pane waits for has come, with the line that has it. One that does not last is over with it. */
  z.object({ type: z.literal('watch-hit'), line: z.string().optional() }),
  /** The pane waits no more. */
  z.object({ type: z.literal('watch-failed'), problem: problemSchema }),
])
export type ConsoleEvent = z.infer<typeof consoleEventSchema>
