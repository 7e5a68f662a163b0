import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { bulkItemSchema, bulkSchema } from '../models/bulk'
import { operationCallSchema } from '../operations'
import { procedure } from './base'

const bulkRef = z.object({ id: z.string() })

/** What is to be done to one guest. */
export const bulkActSchema = z.object({ hostId: z.string(), guestId: z.string(), name: z.string(), call: operationCallSchema })
export type BulkAct = z.infer<typeof bulkActSchema>

/** All bulks first, then only what changed. */
export const bulkEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('snapshot'), bulks: z.array(bulkSchema) }),
  z.object({ type: z.literal('begun'), bulk: bulkSchema }),
  /** Items by their place in the bulk. */
  z.object({
    type: z.literal('items'),
    id: z.string(),
    endedAt: z.number().optional(),
    items: z.array(z.object({ index: z.number(), item: bulkItemSchema })),
  }),
  z.object({ type: z.literal('removed'), id: z.string() }),
])
export type BulkEvent = z.infer<typeof bulkEventSchema>

export const bulkContract = {
  /** Runs a job for each act, a few at a time a host. Goes on without the page; what waits is lost when Domdeck itself ends. */
  start: procedure
    .input(z.object({ title: z.string().min(1).max(200), acts: z.array(bulkActSchema).min(1).max(10_000) }))
    .output(bulkRef),
  watch: procedure.output(eventIterator(bulkEventSchema)),
  /** Drops what still waits; jobs under way go on. */
  cancel: procedure.input(bulkRef),
  /** Queues what failed once more. */
  retry: procedure.input(bulkRef),
  /** Forgets an ended bulk; its jobs stay in the history of their hosts. BUSY while it runs. */
  dismiss: procedure.input(bulkRef),
}
