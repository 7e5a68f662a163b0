import { z } from 'zod'

/** What an entry of a boot menu boots, as far as its commands say. */
export const bootsSchema = z.object({
  /** Version of the hypervisor by its file, such as `4.17-amd64`; absent where Linux boots by itself. */
  xen: z.string().optional(),
  /** Release of the kernel by its file, such as `6.1.0-56-amd64`. */
  linux: z.string().optional(),
  xenWords: z.string().optional(),
  linuxWords: z.string().optional(),
})
export type Boots = z.infer<typeof bootsSchema>

/** One entry of the menu that GRUB shows. */
export const bootEntrySchema = z.object({
  /** Titles from the top: of the submenus that it is in, then its own. */
  titles: z.array(z.string()).min(1),
  /** What `GRUB_DEFAULT` must say to mean this entry and no other; absent where nothing says so, see `noDefault`. */
  value: z.string().optional(),
  /** Why it cannot be chosen, in a few words. */
  unfit: z.string().optional(),
  boots: bootsSchema,
})
export type BootEntry = z.infer<typeof bootEntrySchema>

/** Megabytes of `dom0_mem=…M,max:…M`. */
const dom0MemMbSchema = z
  .number()
  .int()
  .min(512, 'dom0 needs at least 512 MB.')
  .max(4_194_304, 'dom0 has at most 4 TB of memory.')

/** A count, or a range as Xen's command line has it (`1-4`). */
const dom0VcpusSchema = z
  .string()
  .regex(/^[1-9][0-9]{0,2}(-[1-9][0-9]{0,2})?$/, 'dom0_max_vcpus is a number such as 2, or a range such as 1-4.')
  .refine((text) => {
    const [least = 0, most = least] = text.split('-').map(Number)
    return least <= most
  }, 'The range of dom0_max_vcpus is the wrong way round.')

/** Where Xen, dom0 and GRUB show themselves besides the screen. */
export const serialConsoleSchema = z.object({
  port: z.union([z.literal(1), z.literal(2)]),
  speed: z.union([z.literal(9600), z.literal(19200), z.literal(38400), z.literal(57600), z.literal(115200)]),
})

/** What Domdeck sets on a host that boots; what is absent is left to the host's own files. */
export const bootSettingsSchema = z.object({
  /** `GRUB_DEFAULT`: ids or titles joined by `>`, never a number, which would mean another entry after the next upgrade. */
  default: z
    .string()
    .min(1)
    .max(1000)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
    .regex(/^[^\u0000-\u001f\u007f]*$/, 'The default entry must not hold control characters or line ends.')
    .refine((text) => !/^\s*\d/.test(text), 'GRUB takes a default that begins with a digit for a number.')
    .optional(),
  dom0MemMb: dom0MemMbSchema.optional(),
  dom0MaxVcpus: dom0VcpusSchema.optional(),
  serial: serialConsoleSchema.optional(),
})
export type BootSettings = z.infer<typeof bootSettingsSchema>

/** A changed boot that has yet to prove itself. */
export const heldBootSchema = z.object({
  /** Title of the entry. */
  entry: z.string(),
  /** Title of the one that every other boot takes. */
  before: z.string(),
  /** It is only tried; the default stays. */
  once: z.boolean(),
  minutes: z.number(),
  /** Armed: it comes with the next boot. Trying: the host runs it, and it has not proven itself. Keeping: it has, and its menu could not be made yet. */
  state: z.enum(['armed', 'trying', 'keeping']),
})
export type HeldBoot = z.infer<typeof heldBootSchema>

/** What a host boots and how, read from its files. */
export const hostBootSchema = z.object({
  /** cksum(1) of the menu, so that a change is made to what was looked at. */
  menuSum: z.string(),
  /** In the order of the menu, those in submenus too. */
  entries: z.array(bootEntrySchema),
  /** Index of the entry that boots by itself; absent where the menu says something that no entry has. */
  byDefault: z.number().optional(),
  /** Index of what the host runs; absent when nothing in the menu is that. */
  running: z.number().optional(),
  /** Index of what the next boot takes once, and goes back. */
  next: z.number().optional(),
  /** What GRUB_DEFAULT says. */
  defaultWords: z.string(),
  settings: bootSettingsSchema,
  /** The words that Xen was booted with; absent without Xen. */
  xenWords: z.string().optional(),
  linuxWords: z.string(),
  /** Of xl.conf; `auto` means off when Xen was booted with dom0_mem=. */
  autoballoon: z.enum(['on', 'off', 'auto']),
  /** `kernel.panic`: seconds until the kernel reboots after a panic; 0 is never. */
  panicSeconds: z.number(),
  held: heldBootSchema.optional(),
  /** How the last changed boot ended. */
  last: z.object({ outcome: z.enum(['kept', 'back']), entry: z.string(), at: z.number(), why: z.string() }).optional(),
  /** Why nothing can be held here, so that nothing is changed; a sentence. */
  unfit: z.string().optional(),
})
export type HostBoot = z.infer<typeof hostBootSchema>

/** What somebody wants of the next boots. */
export const bootRequestSchema = z.object({
  settings: bootSettingsSchema,
  /** Titles of an entry that is booted once; the default stays. */
  once: z.array(z.string().max(500)).min(1).max(8).optional(),
})
export type BootRequest = z.infer<typeof bootRequestSchema>

/** Whether dom0 gives memory away when a guest starts (xl.conf(5)). */
export const balloons = ({ autoballoon, xenWords }: Pick<HostBoot, 'autoballoon' | 'xenWords'>): boolean =>
  autoballoon === 'on' || (autoballoon === 'auto' && !/(^| )dom0_mem=/.test(xenWords ?? ''))
