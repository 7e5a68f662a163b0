import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { generationSchema } from '../models/base'
import { guestSchema } from '../models/guest'
import { hostSchema } from '../models/host'
import { packageImageSchema } from '../models/package'
import { procedure } from './base'

/**
 * The fleet as it changes. A snapshot comes first, then only what changed, in order. Events carry state, so the
 * page never has to ask again.
 */
export const fleetEventSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('snapshot'),
    hosts: z.array(hostSchema),
    guests: z.array(guestSchema),
    bases: z.array(z.object({ hostId: z.string(), generations: z.array(generationSchema) })),
    packages: z.array(z.object({ hostId: z.string(), packages: z.array(packageImageSchema) })),
  }),
  z.object({ type: z.literal('host'), host: hostSchema }),
  z.object({ type: z.literal('host-removed'), hostId: z.string() }),
  z.object({ type: z.literal('guests'), hostId: z.string(), changed: z.array(guestSchema), removed: z.array(z.string()) }),
  z.object({ type: z.literal('bases'), hostId: z.string(), generations: z.array(generationSchema) }),
  z.object({ type: z.literal('packages'), hostId: z.string(), packages: z.array(packageImageSchema) }),
  /** CPU use since the last sample, by guest id: 1 is one vCPU fully busy. */
  z.object({ type: z.literal('cpu'), hostId: z.string(), at: z.number(), use: z.record(z.string(), z.number()) }),
])
export type FleetEvent = z.infer<typeof fleetEventSchema>

export const fleetContract = {
  watch: procedure.output(eventIterator(fleetEventSchema)),
}
