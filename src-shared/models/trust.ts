import { z } from 'zod'

/** One host key that is trusted, or refused by a marker. */
export const trustEntrySchema = z.object({
  /** The names as they are written; of a hashed line, the names of our hosts that it stands for. */
  hosts: z.string(),
  keyType: z.string(),
  /** `SHA256:…` as OpenSSH prints it, and its older form. */
  fingerprint: z.string(),
  md5: z.string(),
  /** The picture that `ssh-keygen -lv` draws, eleven lines. */
  art: z.string(),
  /** The key itself, as in an `authorized_keys` or `known_hosts` file. */
  key: z.string(),
  marker: z.enum(['revoked', 'cert-authority']).optional(),
  /** Who wrote it: Domdeck when it was told to, the person, the administrator of this workstation, or Domdeck for a lab of this run. */
  origin: z.enum(['own', 'user', 'system', 'pinned']),
  file: z.string(),
  line: z.number(),
  /** When it was trusted here (ISO 8601), if known. */
  since: z.string().optional(),
  /** Hosts of the fleet that it speaks for, and jump hosts on the way to them. */
  speaksFor: z.array(z.string()),
  /** The command that takes it out of a file that Domdeck does not write. */
  removeBy: z.string().optional(),
})
export type TrustEntry = z.infer<typeof trustEntrySchema>
