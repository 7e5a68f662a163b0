import { z } from 'zod'
import { hostPlaceSchema, hostSchema, hostSettingsSchema } from '../models/host'
import { procedure } from './base'

const hostRef = z.object({ hostId: z.string() })

export const hostsContract = {
  /** Keeps the host and starts to connect. The id is made here. */
  add: procedure.input(hostSettingsSchema.omit({ id: true, simulated: true })).output(hostSchema),
  /** Forgets the host on this workstation; nothing changes on it. */
  remove: procedure.input(hostRef),
  /** Puts hosts at their places on this workstation, all at once; nothing changes on them. Those not named stay where they are. */
  arrange: procedure.input(
    z.object({
      hosts: z
        .array(hostRef.extend({ place: hostPlaceSchema }))
        .min(1)
        .max(1000),
    }),
  ),
  connect: procedure.input(hostRef),
  disconnect: procedure.input(hostRef),
  /** Writes the presented key to Domdeck's known_hosts if its fingerprint is still the one the person saw, then connects. */
  trust: procedure.input(hostRef.extend({ fingerprint: z.string() })),
}
