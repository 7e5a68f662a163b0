import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { checkupStepSchema } from '../models/checkup'
import { addressSchema, hostPlaceSchema, hostSchema, hostSettingsSchema } from '../models/host'
import { leftoverSchema } from '../models/leftover'
import { sshConfigSchema } from '../models/ssh-config'
import { procedure } from './base'

const hostRef = z.object({ hostId: z.string() })

export const hostsContract = {
  /** Keeps the host and starts to connect. The id is made here. */
  add: procedure.input(hostSettingsSchema.omit({ id: true, simulated: true })).output(hostSchema),
  /** Other settings for the same host, which connects anew when it must. */
  update: procedure
    .input(hostRef.extend({ settings: hostSettingsSchema.omit({ id: true, simulated: true }) }))
    .output(hostSchema),
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
  /** What `~/.ssh/config` says about an address, read anew. SETTINGS_UNREADABLE. */
  resolveConfig: procedure.input(z.object({ address: addressSchema })).output(sshConfigSchema),
  connect: procedure.input(hostRef),
  /** Also gives up on a question, and forgets what was answered to earlier ones. */
  disconnect: procedure.input(hostRef),
  /** Answers what the login asks, one line for each of its fields. `remember` keeps the answer in the keychain of the workstation. */
  answer: procedure.input(
    hostRef.extend({ questionId: z.string(), answers: z.array(z.string().max(4096)).max(16), remember: z.boolean().optional() }),
  ),
  /** What on the host is Domdeck's and belongs to nothing, now. Writes nothing. */
  leftovers: procedure.input(hostRef).output(z.array(leftoverSchema)),
  /** Tests the connection phase by phase, on a connection of its own. */
  test: procedure.input(hostRef).output(eventIterator(checkupStepSchema)),
  /** Writes the presented key to Domdeck's known_hosts if its fingerprint is still the one the person saw, then connects. */
  trust: procedure.input(hostRef.extend({ fingerprint: z.string() })),
}
