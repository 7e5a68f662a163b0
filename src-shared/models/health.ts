import { z } from 'zod'

/** What of a host's health a job mends. */
export const mendableIdSchema = z.enum(['panic', 'hangs', 'console-logs', 'shutdown', 'autostart', 'storage-order'])
export type MendableId = z.infer<typeof mendableIdSchema>

/** What is only looked at: another page changes it, or somebody at the host. */
export const notedIdSchema = z.enum(['memory', 'packages', 'xenstored', 'loops'])

export const healthIdSchema = z.enum([...mendableIdSchema.options, ...notedIdSchema.options])
export type HealthId = z.infer<typeof healthIdSchema>

export const healthTitles: Readonly<Record<HealthId, string>> = {
  packages: 'Xen and its packages',
  memory: 'Memory of dom0',
  panic: 'Reboot after a crash',
  hangs: 'Reboot after a hang',
  shutdown: 'Guests at shutdown',
  autostart: 'Guests at boot',
  'storage-order': 'Storage over the network',
  'console-logs': 'Logs of consoles',
  xenstored: 'xenstored and little memory',
  loops: 'Loop devices',
}

/** cksum(1) of a plan and of what it was made from. */
export const planSumSchema = z.string().regex(/^[0-9]+ [0-9]+$/)

/** One thing of a host that is looked at. */
export const healthItemSchema = z.object({
  id: healthIdSchema,
  /** Waiting: it is mended, and in force from the next boot on. Unknown: the host does not tell. */
  state: z.enum(['fine', 'mend', 'waiting', 'unknown']),
  /** What is there, as sentences. */
  fact: z.string(),
  /** What is to be done by hand. */
  advice: z.string().optional(),
  /** Where it is changed, if not by a job of this page. */
  go: z.enum(['boot', 'reboot']).optional(),
  /** Domdeck has mended it, and keeps what it was before. */
  mended: z.boolean(),
  /** What a job would write, and what else it would do; absent where there is nothing to mend, or no job mends it. */
  plan: z
    .object({
      /** Each file that would be another, as the lines of a unified diff. */
      files: z.array(z.object({ path: z.string(), diff: z.string() })),
      acts: z.array(z.string()),
      sum: planSumSchema,
    })
    .optional(),
})
export type HealthItem = z.infer<typeof healthItemSchema>
