import { z } from 'zod'
import { type GuestType, uuidSchema } from '../../src-shared/models/guest'

export type Disk = { vdev: string; target: string; writable: boolean }
export type Nic = { mac: string; bridge: string }

/** What `xl list -l` knows of one domain beyond its row. */
export type DomainDetails = {
  domid: number
  name: string
  uuid?: string
  type?: GuestType
  memoryMb: number
  /** What it can have at most until it is started again. */
  maxMemoryMb: number
  vcpus: number
  /** Of its vCPUs, those that are online now. */
  onlineVcpus: number
  kernel?: string
  ramdisk?: string
  bootloader?: string
  commandLine?: string
  disks: Disk[]
  nics: Nic[]
  /** What xl does when it powers off, reboots or crashes, as a config spells it. */
  actions: { poweroff: string; reboot: string; crash: string }
}

/** libxl writes underscores where a config has dashes. */
const actionSchema = z
  .string()
  .default('destroy')
  .catch('destroy')
  .transform((action) => action.replaceAll('_', '-'))

/**
 * libxl leaves out every field that has its default value (xen 4.17 tools/libs/light/gentypes.py): no `readwrite` is a
 * read-only disk, no `max_vcpus` is one vCPU, no `disks` none at all, no `on_crash` is destroy. Sizes are KiB.
 */
const domainSchema = z.object({
  domid: z.number().int().min(0),
  config: z.object({
    c_info: z.object({
      type: z.string().optional(),
      name: z.string().optional(),
      uuid: uuidSchema.optional().catch(undefined),
    }),
    b_info: z
      .looseObject({
        max_vcpus: z.number().catch(1).default(1),
        avail_vcpus: z.array(z.number()).optional().catch(undefined),
        target_memkb: z.number().optional().catch(undefined),
        max_memkb: z.number().optional().catch(undefined),
        kernel: z.string().optional().catch(undefined),
        ramdisk: z.string().optional().catch(undefined),
        bootloader: z.string().optional().catch(undefined),
        cmdline: z.string().optional().catch(undefined),
      })
      .prefault({}),
    disks: z
      .array(
        z.object({
          pdev_path: z.string().default(''),
          vdev: z.string().default(''),
          readwrite: z.union([z.number(), z.boolean()]).default(0),
        }),
      )
      .default([]),
    nics: z.array(z.object({ mac: z.string().default(''), bridge: z.string().default('') })).default([]),
    on_poweroff: actionSchema,
    on_reboot: actionSchema,
    on_crash: actionSchema,
  }),
})

/**
 * Reads the JSON of `xl list -l`. Domains whose configuration cannot be had at the moment (being made, dying) are left out
 * by xl itself, so join with `xl list -v`. What is not understood comes back as a sentence in `unread`, never as an error.
 */
export function parseListJson(text: string): { domains: DomainDetails[]; unread: string[] } {
  const first = text.trimStart()[0]
  if (first === undefined) return { domains: [], unread: [] }
  // xl.conf's output_format="sxp" turns it into s-expressions, which begin with a parenthesis.
  if (first === '(') {
    return { domains: [], unread: ['xl prints s-expressions here; set output_format="json" in /etc/xen/xl.conf.'] }
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { domains: [], unread: ['xl list -l did not print JSON.'] }
  }
  const domains: DomainDetails[] = []
  const unread: string[] = []
  for (const item of Array.isArray(json) ? json : [json]) {
    const parsed = domainSchema.safeParse(item)
    if (parsed.success) domains.push(detailsOf(parsed.data))
    else unread.push(`xl list -l: a domain is not as expected (${z.prettifyError(parsed.error).replaceAll('\n', ' ')}).`)
  }
  return { domains, unread }
}

function detailsOf({ domid, config }: z.infer<typeof domainSchema>): DomainDetails {
  const { c_info: created, b_info: built } = config
  const type = typeOf(created.type, built)
  return {
    domid,
    name: created.name ?? '',
    ...(created.uuid === undefined ? {} : { uuid: created.uuid }),
    ...(type === undefined ? {} : { type }),
    memoryMb: Math.round((built.target_memkb ?? built.max_memkb ?? 0) / 1024),
    maxMemoryMb: Math.round((built.max_memkb ?? built.target_memkb ?? 0) / 1024),
    vcpus: built.max_vcpus,
    onlineVcpus: built.avail_vcpus?.length ?? built.max_vcpus,
    ...(built.ramdisk === undefined ? {} : { ramdisk: built.ramdisk }),
    ...(built.bootloader === undefined ? {} : { bootloader: built.bootloader }),
    ...(built.kernel === undefined ? {} : { kernel: built.kernel }),
    ...(built.cmdline === undefined ? {} : { commandLine: built.cmdline }),
    disks: config.disks.map((disk) => ({ vdev: disk.vdev, target: disk.pdev_path, writable: Boolean(disk.readwrite) })),
    nics: config.nics.map((nic) => ({ mac: nic.mac.toLowerCase(), bridge: nic.bridge })),
    actions: { poweroff: config.on_poweroff, reboot: config.on_reboot, crash: config.on_crash },
  }
}

/** The type stands in c_info, and once more as the key of the union `type.pv | type.pvh | type.hvm`. */
function typeOf(named: string | undefined, built: object): GuestType | undefined {
  for (const type of ['pv', 'pvh', 'hvm'] as const) if (named === type || `type.${type}` in built) return type
  return undefined
}
