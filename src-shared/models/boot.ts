import { z } from 'zod'
import { type GuestType, guestTypeSchema } from './guest'

/**
 * Who loads a guest's kernel. `direct`: Xen, from a file on dom0. `pvgrub`: GRUB as the guest's first program, from the guest's own disk. `pygrub`:
 * a program on dom0 that reads the guest's disk, which Xen calls deprecated. `hvm`: the loader in the first sector of its disk.
 */
export const bootWaySchema = z.enum(['direct', 'pvgrub', 'pygrub', 'hvm'])
export type BootWay = z.infer<typeof bootWaySchema>

/** A string of an xl config: between double quotes nothing of it means anything (xen 4.17 tools/libs/util/libxlu_cfg_l.l). */
const configString = z
  .string()
  .min(1)
  .max(4096, 'A line of the config has at most 4096 characters.')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
  .regex(/^[^\u0000-\u001f\u007f"\\]*$/, 'A line of the config holds no double quotes, backslashes or line ends.')
const configPath = configString.regex(/^\//, 'Enter an absolute path, starting with /.')

/** The keys of an xl config that say how a guest boots; those that are absent shall not be in the file. */
export const bootSchema = z.object({
  type: guestTypeSchema,
  kernel: configPath.optional(),
  ramdisk: configPath.optional(),
  bootloader: configString.optional(),
  root: configString.optional(),
  extra: configString.optional(),
  /** Instead of root and extra. */
  cmdline: configString.optional(),
})
export type Boot = z.infer<typeof bootSchema>

/** GRUB for guests, as Debian's grub-xen-host has it; undefined for HVM, which loads none from dom0. */
export function pvgrubPath(type: GuestType): string | undefined {
  if (type === 'hvm') return undefined
  return `/usr/lib/grub-xen/${type === 'pv' ? 'grub-x86_64-xen.bin' : 'grub-i386-xen_pvh.bin'}`
}

/** How a guest with these keys boots; undefined when they name nothing that could boot it, or a loader that Domdeck does not know. */
export function bootWay({
  type,
  kernel,
  bootloader,
}: Pick<Boot, 'kernel' | 'bootloader'> & { type?: GuestType | undefined }): BootWay | undefined {
  if (type === 'hvm') return 'hvm'
  if (bootloader !== undefined) return /(^|\/)pygrub$/.test(bootloader) ? 'pygrub' : undefined
  if (kernel === undefined) return undefined
  // Of grub-xen-host, of `grub-mkstandalone -O x86_64-xen`, or the older pv-grub of Xen.
  return /(^|\/)(pv-?grub|grub)[^/]*$/.test(kernel) ? 'pvgrub' : 'direct'
}

/** A kernel that the disks of a guest hold. Only a base's is Xen's to load; what is in a layer is seen by nobody before the guest runs. */
export const guestKernelSchema = z.object({ place: z.enum(['base', 'layer', 'disk']), name: z.string(), booted: z.boolean() })
export type GuestKernel = z.infer<typeof guestKernelSchema>

/** An entry of the guest's own boot menu: titles of submenus and its own, and the kernel that it loads. */
export const menuEntrySchema = z.object({ title: z.array(z.string()), kernel: z.string() })
export type MenuEntry = z.infer<typeof menuEntrySchema>
