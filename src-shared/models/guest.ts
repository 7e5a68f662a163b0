import { z } from 'zod'
import { generationNumberSchema } from './base'
import { stackedPackageSchema } from './package'

/**
 * A guest name that every tool on dom0 takes as a name: xl reads an all-digit one as a domid, a leading dash as
 * an option, and a slash, space or quote breaks config and log paths (reference A1). 63 is the longest hostname label.
 */
export const guestNameSchema = z
  .string()
  .min(1, 'Enter a name.')
  .max(63, 'A guest name has at most 63 characters.')
  .regex(/^[a-z]/, 'A guest name starts with a letter a to z: xl would take digits for a domid and a dash for an option.')
  .regex(/^[a-z0-9-]*$/, 'A guest name holds only a to z, 0 to 9 and dashes.')
  .regex(/[a-z0-9]$/, 'A guest name ends with a letter or a digit.')

export const uuidSchema = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'This is not a UUID.')

/** Xen's own prefix, and a fourth byte below 0x80 as libxl makes them. */
export const macSchema = z
  .string()
  .regex(/^00:16:3e:[0-7][0-9a-f](:[0-9a-f]{2}){2}$/, 'A guest MAC address looks like 00:16:3e:6c:a1:07.')

/** IFNAMSIZ is 16 with the closing zero. */
export const bridgeSchema = z.string().regex(/^[A-Za-z0-9_.][A-Za-z0-9_.-]{0,14}$/, 'This is not the name of a bridge.')

export const guestTypeSchema = z.enum(['pv', 'pvh', 'hvm'])
export type GuestType = z.infer<typeof guestTypeSchema>

/** `saved`: off, with its memory in a file, from which it goes on when it is started. */
export const guestStateSchema = z.enum(['running', 'paused', 'halted', 'saved', 'crashed', 'shutting-down', 'unknown'])
export type GuestState = z.infer<typeof guestStateSchema>

/** Whether there is no domain of this guest, and so no console and nothing to shut down. */
export const isOff = ({ state }: { state: GuestState }): boolean => state === 'halted' || state === 'saved'

/** How a guest was made of its base. A copy or a reflink only comes from it; in all other modes the guest stands on it. */
export const guestOriginSchema = z.object({
  base: z.string(),
  generation: z.number(),
  mode: z.enum(['overlay', 'throwaway', 'copy', 'reflink', 'thin', 'qcow2']),
  /** Of its layer, or of the root disk of its own. */
  layerBytes: z.number(),
  /** A reflink and a thin volume count what they share with others too. */
  layerAllocatedBytes: z.number(),
  /** Its layer is encrypted in the guest: the host has no key and reads nothing of it. */
  encrypted: z.boolean().optional(),
  /** It has a swap disk, which it encrypts with a key of each boot. */
  encryptedSwap: z.boolean().optional(),
  /** The generation that it stands on from its next start on. */
  next: generationNumberSchema.optional(),
  /** The one that it stood on before, where rolling back leads. */
  previous: generationNumberSchema.optional(),
  /** The package images between its base and its layer, the lowest first; absent when it has none. */
  packages: z.array(stackedPackageSchema).optional(),
})
export type GuestOrigin = z.infer<typeof guestOriginSchema>

/** Whether the memory of a guest holds the key of a disk, and so must never be written to its host. */
export const holdsKey = ({ origin }: { origin?: GuestOrigin | undefined }): boolean =>
  origin?.encrypted === true || origin?.encryptedSwap === true

/** The most tags one guest has. */
export const maxTags = 20
/** The most bytes of a note, in UTF-8. */
export const maxNoteBytes = 4096

/** A word that people sort guests by. No character of it means anything to JSON, to sh or to the filter. */
export const tagSchema = z
  .string()
  .min(1, 'Enter a tag.')
  .max(32, 'A tag has at most 32 characters.')
  .regex(/^[a-z0-9][a-z0-9._-]*$/, 'A tag is a lowercase word of a to z, 0 to 9, dots, dashes and underscores.')

export const tagsSchema = z
  .array(tagSchema)
  .max(maxTags, `A guest has at most ${maxTags} tags.`)
  .refine((tags) => new Set(tags).size === tags.length, 'A tag stands twice.')

/** What people want to know about a guest: plain text of any script, with line ends. */
export const noteSchema = z
  .string()
  .refine((text) => new TextEncoder().encode(text).length <= maxNoteBytes, 'A note has at most 4 kB of text.')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
  .regex(/^[^\u0000-\u0008\u000b-\u001f\u007f]*$/, 'A note holds no control characters but line ends and tabs.')

export const guestSchema = z.object({
  hostId: z.string(),
  /** The UUID; for a stopped guest whose config pins none, `cfg:` and the path of its config. */
  id: z.string(),
  name: z.string(),
  state: guestStateSchema,
  /** Changes at each boot; absent while halted. */
  domid: z.number().optional(),
  type: guestTypeSchema.optional(),
  memoryMb: z.number(),
  vcpus: z.number(),
  /** Seconds of CPU time since the domain was made. */
  cpuSeconds: z.number().optional(),
  configPath: z.string().optional(),
  kernel: z.string().optional(),
  /** A program on dom0 that finds its kernel, such as pygrub. */
  bootloader: z.string().optional(),
  disks: z.array(z.object({ vdev: z.string(), target: z.string(), writable: z.boolean() })),
  nics: z.array(z.object({ mac: z.string(), bridge: z.string() })),
  /** The link in /etc/xen/auto that starts it with its host, by name. */
  autostart: z.string().optional(),
  /** `on_crash` of its config; xl's own default is `destroy`. */
  crashPolicy: z.string().optional(),
  /** Size of its saved memory. */
  savedBytes: z.number().optional(),
  /** Made by others and in Domdeck's care by now. */
  adopted: z.boolean().optional(),
  /** Made by Domdeck: its base and layer. Absent on guests that others made. */
  origin: guestOriginSchema.optional(),
  /** A base that is being edited: a writable copy of this generation. */
  draft: z
    .object({ base: z.string(), generation: generationNumberSchema, sizeBytes: z.number(), allocatedBytes: z.number() })
    .optional(),
  /** What people wrote about it, kept on dom0 beside its config; absent when there is nothing. */
  tags: z.array(tagSchema).optional(),
  note: z.string().optional(),
})
export type Guest = z.infer<typeof guestSchema>
