import { z } from 'zod'
import { problemSchema } from '../problem'
import { questionSchema } from './question'

/** A DNS name, an IPv4 or an IPv6 address. No white space, no option-like leading dash. */
export const addressSchema = z
  .string()
  .trim()
  .min(1, 'Enter the name or address of the host.')
  .max(255, 'An address has at most 255 characters.')
  .regex(/^(?!-)[A-Za-z0-9._:%-]+$/, 'An address holds letters, digits, dots, colons and dashes only.')

/** `host`, `host:port`, an IPv6 address or `[address]:port`, taken apart; undefined for what is none of them. Without a port it is 22. */
export function parseReach(text: string): { address: string; port: number } | undefined {
  const [, inBrackets, plain, digits = '22'] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d{1,5}))?$/.exec(text.trim()) ?? []
  const ipv6 = /:.*:/.test(text) ? text : ''
  const address = addressSchema.safeParse(inBrackets ?? plain ?? ipv6)
  const port = Number(digits)
  return address.success && port >= 1 && port <= 65_535 ? { address: address.data, port } : undefined
}

/** Where one host reaches another. */
export const reachSchema = z
  .string()
  .trim()
  .max(300)
  .refine((text) => parseReach(text) !== undefined, 'An address is HOST or HOST:PORT, such as 10.0.0.2:22 or [fd00::2]:22.')

export const userSchema = z
  .string()
  .trim()
  .min(1, 'Enter the user to log in as.')
  .max(32, 'A user name has at most 32 characters.')
  .regex(/^[a-z_][a-z0-9_.-]*\$?$/i, 'This is not a valid user name.')

/** Where Domdeck keeps its files on a host: an absolute path that needs no quoting anywhere. */
export const storageRootSchema = z
  .string()
  .regex(/^(\/[A-Za-z0-9._-]+)+$/, 'The storage root is an absolute path of letters, digits, dots and dashes.')
  .refine(
    (path) => !path.split('/').some((part) => part === '.' || part === '..'),
    'The storage root must not hold . or .. parts.',
  )

/** The name of a group of hosts, as a person writes it. */
export const siteNameSchema = z
  .string()
  .trim()
  .min(1, 'Enter the name of the site.')
  .max(64, 'The name of a site has at most 64 characters.')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
  .regex(/^[^\u0000-\u001f\u007f]*$/, 'The name of a site is one line.')

/** Where a host stands in the fleet; of this workstation, unknown to the host. */
const hostPlace = {
  /** The one site it belongs to. */
  site: siteNameSchema.optional(),
  /** Hosts of a site stand in this order; those without one come after, by name. */
  order: z.number().int().min(0).optional(),
}

export const hostPlaceSchema = z.object(hostPlace)
export type HostPlace = z.infer<typeof hostPlaceSchema>

/** What the administrator told us about a host; kept in the settings. */
export const hostSettingsSchema = z.object({
  id: z.string().min(1),
  name: z.string().trim().min(1).max(64),
  address: addressSchema,
  /** Without it, what `~/.ssh/config` says, else 22. */
  port: z.number().int().min(1).max(65535).optional(),
  /** Without it, what `~/.ssh/config` says, else root. */
  user: userSchema.optional(),
  /** A private key to use besides the agent's. */
  keyPath: z.string().optional(),
  /** Jump hosts instead of those of `~/.ssh/config`: `user@host:port,host2`, names of hosts of the fleet, or `none`. */
  jump: z.string().trim().min(1).max(1000, 'Jump hosts have at most 1000 characters.').optional(),
  storageRoot: storageRootSchema,
  /** Offers SHA-1 key exchange and CBC ciphers too: for a host that has nothing better, and said so wherever it is headed. */
  legacyAlgorithms: z.boolean().optional(),
  /** A pretend host of the simulated fleet; said so wherever it shows, and never stored. */
  simulated: z.boolean(),
  ...hostPlace,
})
export type HostSettings = z.infer<typeof hostSettingsSchema>

export const hostFactsSchema = z.object({
  hostname: z.string(),
  xenVersion: z.string(),
  /** From /etc/os-release, such as `Debian GNU/Linux 12 (bookworm)`. */
  system: z.string(),
  kernel: z.string(),
  threads: z.number(),
  memoryMb: z.number(),
  freeMemoryMb: z.number(),
  /** `pvh` needs hvm and hap in virt_caps. */
  guestTypes: z.array(z.enum(['pv', 'pvh', 'hvm'])),
  storageBytes: z.number(),
  storageFreeBytes: z.number(),
  storageFileSystem: z.string(),
  /** What is at the storage root; Domdeck makes a missing one when it first needs it. */
  storageRoot: z.enum(['folder', 'missing', 'not-folder', 'read-only']),
  /** LVM thin pools; when one is full, all guests in it stop. Shares are 0 to 1. */
  pools: z.array(z.object({ name: z.string(), sizeBytes: z.number(), dataShare: z.number(), metadataShare: z.number() })),
  bridges: z.array(z.string()),
  bootId: z.string(),
  upSeconds: z.number(),
  /** Host clock minus ours. */
  clockSkewMs: z.number(),
  /** Tools of `reference.md` that are missing, such as `losetup`. */
  missingTools: z.array(z.string()),
})
export type HostFacts = z.infer<typeof hostFactsSchema>

export const hostKeySchema = z.object({
  algorithm: z.string(),
  /** `SHA256:…` as OpenSSH prints it. */
  fingerprint: z.string(),
  /** Who showed it: the host, or a jump host on the way. */
  of: z.string(),
})
export type HostKey = z.infer<typeof hostKeySchema>

/** The state machine of one connection (design: SSH). Only `asking` and `blocked` need a person; `jump` names the jump host that a phase is at. */
export const connectionSchema = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('idle') }),
  z.object({ phase: z.literal('resolving'), jump: z.string().optional() }),
  z.object({ phase: z.literal('connecting'), jump: z.string().optional() }),
  z.object({ phase: z.literal('host-key'), jump: z.string().optional() }),
  z.object({ phase: z.literal('auth'), jump: z.string().optional() }),
  /** With a connection that waits for the answer, or after it: then the answer dials again. */
  z.object({ phase: z.literal('asking'), question: questionSchema }),
  z.object({ phase: z.literal('probing') }),
  z.object({ phase: z.literal('ready'), since: z.number() }),
  /** `held`: the host is silent, and the connection that it was on is kept; if it speaks again first, all goes on where it was. */
  z.object({
    phase: z.literal('waiting'),
    until: z.number(),
    attempt: z.number(),
    problem: problemSchema,
    held: z.boolean().optional(),
  }),
  z.object({ phase: z.literal('blocked'), problem: problemSchema, presentedKey: hostKeySchema.optional() }),
])
export type Connection = z.infer<typeof connectionSchema>

export const hostSchema = z.object({
  settings: hostSettingsSchema,
  connection: connectionSchema,
  facts: hostFactsSchema.optional(),
  /** When the guests and facts shown were read (epoch milliseconds); old data stays and shows its age. */
  asOf: z.number().optional(),
  latencyMs: z.number().optional(),
  /** What could not be read on the host, such as a broken guest.json; a sentence each. */
  warnings: z.array(z.string()).optional(),
})
export type Host = z.infer<typeof hostSchema>
