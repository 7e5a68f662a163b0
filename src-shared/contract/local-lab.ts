import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { procedure } from './base'

/** Progress of bringing something up on this workstation; the last event names the hosts that were added. */
export const labEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('line'), text: z.string() }),
  z.object({ type: z.literal('ready'), hostIds: z.array(z.string()) }),
])
export type LabEvent = z.infer<typeof labEventSchema>

export const localLabContract = {
  status: procedure.output(
    z.object({ possible: z.boolean(), reason: z.string().optional(), built: z.boolean(), running: z.boolean() }),
  ),
  /** Builds the real Xen lab if need be, starts it and adds it as a host. */
  start: procedure.output(eventIterator(labEventSchema)),
  /** Starts pretend dom0s behind a real SSH server on loopback and adds them as hosts marked simulated. */
  simulate: procedure
    .input(z.object({ hosts: z.number().int().min(1).max(50), guests: z.number().int().min(0).max(200) }))
    .output(eventIterator(labEventSchema)),
}
