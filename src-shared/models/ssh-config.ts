import { z } from 'zod'

/** A value and where it was written. `file` begins with `~/` where that is shorter. */
export const placedSchema = z.object({ text: z.string(), file: z.string(), line: z.number() })
export type Placed = z.infer<typeof placedSchema>

/**
 * What OpenSSH's client configuration says about an address as a person typed it. A value that it does not give is absent, but for
 * `hostName`, which then is the address.
 */
export const sshConfigSchema = z.object({
  hostName: z.string(),
  port: z.number().optional(),
  user: z.string().optional(),
  /** Absolute paths. Empty: none may be tried. Absent: the usual ones. */
  identityFiles: z.array(z.string()).optional(),
  identitiesOnly: z.boolean(),
  /** `none`, or the path of a socket. */
  identityAgent: z.string().optional(),
  /** As written: `none`, or jump hosts with commas between, the nearest first. */
  proxyJump: z.string().optional(),
  hostKeyAlias: z.string().optional(),
  /** The lines that these values came from, as `HostName 192.0.2.17`. */
  from: z.array(placedSchema),
  /** Lines about this address that Domdeck does not follow, and why. */
  notes: z.array(placedSchema),
  /** A ProxyCommand stands in the way: the host cannot be dialled as ssh would. */
  proxyCommand: placedSchema.optional(),
})
export type SshConfig = z.infer<typeof sshConfigSchema>
