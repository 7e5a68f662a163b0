import { z } from 'zod'
import { baseNameSchema, generationNumberSchema } from './models/base'
import { bootSchema, bootWay } from './models/boot'
import { bridgeSchema, guestNameSchema, macSchema, noteSchema, tagsSchema, uuidSchema } from './models/guest'
import { mendableIdSchema, planSumSchema } from './models/health'
import { addressSchema, reachSchema } from './models/host'
import { bootSettingsSchema } from './models/host-boot'
import { leftoverRefSchema } from './models/leftover'
import { mendIdsSchema } from './models/mend'
import { packageNameSchema, packageNoteSchema, versionNumberSchema } from './models/package'

/** Absolute path of a file on dom0, as an administrator types it. Any character but NUL and line ends is allowed; scripts quote. */
export const hostPathSchema = z
  .string()
  .max(4096, 'A path has at most 4096 characters.')
  .regex(/^\//, 'Enter an absolute path, starting with /.')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
  .regex(/^[^\u0000-\u001f\u007f]*$/, 'A path must not hold control characters or line ends.')

/**
 * How a guest is made of a base. On it: a layer on a disk, or in RAM. With a root disk of its own: a full copy, a reflink of the image, an
 * LVM thin snapshot of it, a qcow2 file backed by it.
 */
export const cloneModeSchema = z.enum(['overlay', 'throwaway', 'copy', 'reflink', 'thin', 'qcow2'])
export type CloneMode = z.infer<typeof cloneModeSchema>

/** Whether a guest of this mode has a root disk of its own instead of a layer. */
export const hasOwnRoot = (mode: CloneMode): boolean => mode !== 'overlay' && mode !== 'throwaway'

/** Why guests of this mode have no encrypted disks of ours, in a few words; undefined where they can have them. */
export const noEncryption = (mode: CloneMode): string | undefined =>
  hasOwnRoot(mode) ? 'only overlay and throwaway guests have encrypted disks' : undefined

/** Whether a clone is to have disks that the guest encrypts. */
export const isEncrypted = ({ encrypted, swapMb }: { encrypted?: boolean | undefined; swapMb?: number | undefined }): boolean =>
  encrypted === true || swapMb !== undefined

/** Whether a guest of this mode only comes from its base, and is independent of it. */
export const isCopy = (mode: CloneMode): boolean => mode === 'copy' || mode === 'reflink'

/** The least size of a root disk of its own: that of the base. The host grows its file system where it is asked for more. */
export const leastDiskMb = (baseBytes: number): number => Math.floor(baseBytes / 1_048_576)

/** An LVM thin pool as `GROUP/POOL`, of the characters that LVM allows (lvm(8)). */
export const poolSchema = z
  .string()
  .max(128)
  .regex(/^(?!-)[A-Za-z0-9+_.-]+\/(?!-)[A-Za-z0-9+_.-]+$/, 'A thin pool is named GROUP/POOL.')
  .refine((pool) => !pool.split('/').some((part) => part === '.' || part === '..'), 'A thin pool is named GROUP/POOL.')

/** The most guests one clone job makes. */
export const maxClones = 64

const cloneSettings = {
  base: baseNameSchema,
  generation: generationNumberSchema,
  mode: cloneModeSchema,
  /** Size of the writable layer; for a throwaway guest the most RAM it may take; for a guest with a root disk of its own, of that disk. */
  layerMb: z.number().int().min(16, 'A layer has at least 16 MB.').max(4_194_304, 'A layer has at most 4 TB.'),
  /** Its layer is on a disk that the guest encrypts: with a passphrase that is typed at its console, of a throwaway guest with a key of each boot. */
  encrypted: z.boolean().optional(),
  /** Size of a swap disk that the guest encrypts with a key of each boot; it has none otherwise. */
  swapMb: z.number().int().min(16, 'A swap disk has at least 16 MB.').max(1_048_576, 'A swap disk has at most 1 TB.').optional(),
  /** Where the volume of a thin guest goes. A request may leave it to the host that has only one. */
  pool: poolSchema.optional(),
  memoryMb: z
    .number()
    .int()
    .min(16, 'A guest has at least 16 MB of memory.')
    .max(4_194_304, 'A guest has at most 4 TB of memory.'),
  vcpus: z.number().int().min(1, 'A guest has at least one vCPU.').max(128, 'A guest has at most 128 vCPUs.'),
  type: z.enum(['pv', 'pvh']),
  bridge: bridgeSchema.nullable(),
}

/** What the clone dialog asks for: names still as a pattern, nothing pinned. */
export const cloneRequestSchema = z.object({
  ...cloneSettings,
  type: z.enum(['auto', 'pv', 'pvh']),
  pattern: z.string().max(200),
  count: z.number().int().min(1, 'Make at least one guest.').max(maxClones, `One job makes at most ${maxClones} guests.`),
})
export type CloneRequest = z.infer<typeof cloneRequestSchema>

/** What a clone job runs with: every name, UUID and MAC pinned, so that the preview is what runs. */
export const cloneInputSchema = z.object({
  ...cloneSettings,
  guests: z
    .array(z.object({ name: guestNameSchema, uuid: uuidSchema, mac: macSchema }))
    .min(1)
    .max(maxClones)
    .refine(
      (guests) => new Set(guests.map((guest) => guest.name)).size === guests.length,
      'Two guests of one job have the same name.',
    ),
})
export type CloneInput = z.infer<typeof cloneInputSchema>

/** Any guest, ours or not: by name for xl and by UUID so that a namesake is never hit. */
const guestRefSchema = z.object({
  name: z.string().min(1).max(200),
  uuid: uuidSchema,
})

/** A stopped guest: xl starts it from its config file. */
const guestConfigSchema = z.object({ name: z.string().min(1).max(200), uuid: uuidSchema.optional(), configPath: hostPathSchema })

/**
 * Any guest whose settings change: its config file is found by UUID unless `configPath` names it. A stopped guest whose config pins
 * no UUID has the path alone.
 */
const guestSettingsRef = {
  name: z.string().min(1).max(200),
  uuid: uuidSchema.optional(),
  configPath: hostPathSchema.optional(),
}
const isFound = ({ uuid, configPath }: { uuid?: string | undefined; configPath?: string | undefined }) =>
  uuid !== undefined || configPath !== undefined
const notFound = 'A guest is told by its UUID, or by its config file.'

/** What xl does when a guest crashes, as `on_crash` in its config says (xl.cfg(5)). */
export const crashPolicySchema = z.enum([
  'preserve',
  'restart',
  'destroy',
  'coredump-restart',
  'coredump-destroy',
  'rename-restart',
])
export type CrashPolicy = z.infer<typeof crashPolicySchema>

/** Place among the guests that start with the host: the number that the name of its link begins with. */
export const autostartOrderSchema = z.number().int().min(0, 'An order is 0 to 999.').max(999, 'An order is 0 to 999.')

/** A guest that runs or is saved, made or adopted by Domdeck: what acts on its folder needs a name that is one. */
const ownGuestRef = z.object({ name: guestNameSchema, uuid: uuidSchema })

/** A snapshot of a layer is named by its time, in UTC. */
export const snapshotSchema = z
  .string()
  .regex(/^[0-9]{8}T[0-9]{6}Z$/, 'A snapshot is named by its time, such as 20261121T181500Z.')

export const importInputSchema = z.object({
  name: baseNameSchema,
  /** An image of one plain ext4 root file system. */
  source: hostPathSchema,
  /** Kernel and initrd to use instead of the image's own; the initrd must hold the union-root hook already. */
  kernel: hostPathSchema.optional(),
  initrd: hostPathSchema.optional(),
})
export type ImportInput = z.infer<typeof importInputSchema>

/** A file on dom0 that is not there yet. */
const newFileSchema = hostPathSchema.regex(/[^/]$/, 'Enter the path of a file, not of a folder.')

/** How a disk is written to a file. */
export const exportFormatSchema = z.enum(['raw', 'qcow2', 'tar'])
export type ExportFormat = z.infer<typeof exportFormatSchema>

const exportTarget = {
  target: newFileSchema,
  format: exportFormatSchema,
}

/** Makes the image of a bootable disk from a file system without partitions: the root of a generation, or an image on its host. */
export const bootableInputSchema = z.object({
  from: z.union([z.object({ base: baseNameSchema, generation: generationNumberSchema }), z.object({ path: hostPathSchema })]),
  target: newFileSchema,
  /** Its partition table: MBR, or GPT with a BIOS boot partition. */
  table: z.enum(['mbr', 'gpt']),
  format: z.enum(['raw', 'qcow2']),
})
export type BootableInput = z.infer<typeof bootableInputSchema>

/** Titles in a boot menu, from the top; a line each where they are told to a shell. */
const menuTitlesSchema = z
  .array(
    z
      .string()
      .min(1)
      .max(500)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
      .regex(/^[^\u0000-\u001f\u007f]*$/, 'The title of a boot entry is one line.'),
  )
  .min(1)
  .max(8)

/** Every operation and what it takes. Its script and plan live in the room of the same name in src-main. */
export const operationInputs = {
  'guest.clone': cloneInputSchema,
  'guest.start': guestConfigSchema,
  'guest.shutdown': guestRefSchema,
  'guest.reboot': guestRefSchema,
  'guest.destroy': guestRefSchema,
  /** Only guests that Domdeck made. */
  'guest.delete': ownGuestRef,
  'guest.pause': guestRefSchema,
  'guest.unpause': guestRefSchema,
  /** Whether it starts with its host. Without an order a link that is there keeps its own. */
  'guest.autostart': z
    .object({ ...guestSettingsRef, on: z.boolean(), order: autostartOrderSchema.optional() })
    .refine(isFound, notFound),
  /** Live if it runs, and in its config. */
  'guest.memory': z.object({ ...guestSettingsRef, memoryMb: cloneSettings.memoryMb }).refine(isFound, notFound),
  'guest.vcpus': z.object({ ...guestSettingsRef, vcpus: cloneSettings.vcpus }).refine(isFound, notFound),
  'guest.crash-policy': z.object({ ...guestSettingsRef, policy: crashPolicySchema }).refine(isFound, notFound),
  /** Keys of the config of a guest that is off. */
  'guest.boot': z
    .object({
      ...guestSettingsRef,
      boot: bootSchema.refine((boot) => bootWay(boot) !== undefined, 'Nothing of this would boot a guest.'),
    })
    .refine(isFound, notFound),
  /** A stopped guest. */
  'guest.rename': z.object({ ...guestSettingsRef, newName: guestNameSchema }).refine(isFound, notFound),
  'guest.save': ownGuestRef,
  'guest.restore': ownGuestRef,
  'guest.discard': ownGuestRef,
  /** To a host that has the same storage; the address is the one by which the guest's own host reaches it. */
  'guest.migrate': ownGuestRef.extend({
    to: z.object({ name: z.string().min(1).max(64), address: addressSchema, port: z.number().int().min(1).max(65535) }),
  }),
  /** What others made, by its config file; the UUID is written to a config that has none. */
  'guest.adopt': ownGuestRef.extend({ configPath: hostPathSchema }),
  /** Tags and note as they shall be from now on. Only guests that Domdeck made or adopted. */
  'guest.describe': ownGuestRef.extend({ tags: tagsSchema, note: noteSchema }),
  /** What acts on the layer of a guest that is off. */
  'guest.reset': ownGuestRef,
  'guest.grow': ownGuestRef.extend({ layerMb: cloneSettings.layerMb }),
  'guest.snapshot': ownGuestRef,
  'guest.revert': ownGuestRef.extend({ snapshot: snapshotSchema }),
  'guest.forget': ownGuestRef.extend({ snapshot: snapshotSchema }),
  'guest.check': ownGuestRef.extend({ repair: z.boolean() }),
  /** To another generation of its base: now if it is off, else at its next start. */
  'guest.swap': ownGuestRef.extend({ base: baseNameSchema, generation: generationNumberSchema }),
  /** A version of a package image into its stack, instead of the one that it has: now if it is off, else at its next start. */
  'guest.attach': ownGuestRef.extend({
    package: packageNameSchema,
    version: versionNumberSchema,
    /** Though it was made for another generation than the guest stands on. */
    anyway: z.boolean(),
  }),
  /** A package image out of its stack. */
  'guest.detach': ownGuestRef.extend({ package: packageNameSchema }),
  /** In the disks and the config of a guest that is off. */
  'guest.mend': z.object({ ...guestSettingsRef, ids: mendIdsSchema }).refine(isFound, notFound),
  /** What a job of guest.mend changed. */
  'guest.unmend': z
    .object({ ...guestSettingsRef, job: z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}$/, 'A job is named by its ULID.') })
    .refine(isFound, notFound),
  /** In a copy of an image on the host, which becomes a file that is not there yet. */
  'image.mend': z.object({ source: hostPathSchema, target: exportTarget.target, ids: mendIdsSchema }),
  'image.import': importInputSchema,
  /** Writes the root image of a generation, or a disk of a guest that is off, to a file on its host. */
  'image.export': z.object({ base: baseNameSchema, generation: generationNumberSchema, ...exportTarget }),
  'guest.export': z.object({ name: z.string().min(1).max(200), disk: hostPathSchema, ...exportTarget }),
  /** Removes what is left over still of what somebody saw. */
  'host.clean': z.object({ items: z.array(leftoverRefSchema).min(1, 'Choose what goes.').max(200) }),
  /** A writable copy of a generation, booted as a guest: its UUID and its MAC address are pinned. */
  'image.edit': z.object({
    base: baseNameSchema,
    generation: generationNumberSchema,
    uuid: uuidSchema,
    mac: macSchema,
    memoryMb: cloneSettings.memoryMb,
    vcpus: cloneSettings.vcpus,
    type: cloneSettings.type,
    bridge: cloneSettings.bridge,
  }),
  /** Makes the next generation of the draft of a base. */
  'image.publish': z.object({ base: baseNameSchema, uuid: uuidSchema }),
  'image.discard': z.object({ base: baseNameSchema, uuid: uuidSchema }),
  /** Makes a base, or its next generation, from the base and the layer of a guest that is off. */
  'image.promote': z.object({ name: baseNameSchema, guest: ownGuestRef }),
  'image.delete': z.object({ base: baseNameSchema, generation: generationNumberSchema }),
  /** From another host of this Domdeck, to the host that the job runs on. What it is there is pinned. */
  'image.copy': z.object({
    base: baseNameSchema,
    generation: generationNumberSchema,
    sha256: z.string().regex(/^[0-9a-f]{64}$/, 'A sha256 has 64 hexadecimal digits.'),
    sizeBytes: z.number().int().min(1),
    from: z.object({
      hostId: z.string().min(1).max(64),
      name: z.string().min(1).max(64),
      /** Where the host that copies reaches that one, if not where Domdeck does. */
      reach: reachSchema.optional(),
    }),
  }),
  /** Makes the next version of a package image from the programs in the layer of a guest that is off. */
  'image.package': z.object({ name: packageNameSchema, guest: ownGuestRef, note: packageNoteSchema }),
  'image.delete-package': z.object({ name: packageNameSchema, version: versionNumberSchema }),
  /** Changes what the host boots, or boots an entry once. What it is made from is pinned: a menu that has changed since is refused. */
  'host.boot': z.object({
    settings: bootSettingsSchema,
    write: z.enum(['write', 'remove', 'leave']),
    once: z.boolean(),
    trial: menuTitlesSchema,
    /** What GRUB calls it, and what it calls the one that boots by default until now. */
    value: z.string().min(1).max(1000),
    before: z.string().min(1).max(1000),
    menuSum: z.string().regex(/^[0-9]+ [0-9]+$/),
    minutes: z.number().int().min(1).max(120),
  }),
  /** Its guests are shut down and started again, or left to the host's own way (xendomains). An upgrade is of all its packages, and held. */
  'host.reboot': z.object({ guests: z.enum(['shutdown', 'leave']), upgrade: z.boolean() }),
  'host.settle-boot': z.object({ how: z.enum(['keep', 'back']), entry: z.string().max(500) }),
  /** What somebody saw of it is pinned: a host that is another since is refused. */
  'host.mend-health': z.object({ id: mendableIdSchema, sum: planSumSchema }),
  'host.unmend-health': z.object({ id: mendableIdSchema }),
  /** GRUB onto the image of a whole disk, raw or qcow2. */
  'image.grub': z.object({ path: hostPathSchema }),
  'image.bootable': bootableInputSchema,
} as const

export type OperationId = keyof typeof operationInputs
export type OperationInput<Id extends OperationId> = z.infer<(typeof operationInputs)[Id]>

const grubCallSchema = z.object({ operation: z.literal('image.grub'), input: operationInputs['image.grub'] })
const bootableCallSchema = z.object({ operation: z.literal('image.bootable'), input: operationInputs['image.bootable'] })

/** What makes an image boot. */
export const bootImageCallSchema = z.discriminatedUnion('operation', [grubCallSchema, bootableCallSchema])
export type BootImageCall = z.infer<typeof bootImageCallSchema>

/** One operation with its input, checked against its own schema. */
export const operationCallSchema = z.discriminatedUnion('operation', [
  z.object({ operation: z.literal('guest.clone'), input: operationInputs['guest.clone'] }),
  z.object({ operation: z.literal('guest.start'), input: operationInputs['guest.start'] }),
  z.object({ operation: z.literal('guest.shutdown'), input: operationInputs['guest.shutdown'] }),
  z.object({ operation: z.literal('guest.reboot'), input: operationInputs['guest.reboot'] }),
  z.object({ operation: z.literal('guest.destroy'), input: operationInputs['guest.destroy'] }),
  z.object({ operation: z.literal('guest.delete'), input: operationInputs['guest.delete'] }),
  z.object({ operation: z.literal('guest.pause'), input: operationInputs['guest.pause'] }),
  z.object({ operation: z.literal('guest.unpause'), input: operationInputs['guest.unpause'] }),
  z.object({ operation: z.literal('guest.autostart'), input: operationInputs['guest.autostart'] }),
  z.object({ operation: z.literal('guest.memory'), input: operationInputs['guest.memory'] }),
  z.object({ operation: z.literal('guest.vcpus'), input: operationInputs['guest.vcpus'] }),
  z.object({ operation: z.literal('guest.crash-policy'), input: operationInputs['guest.crash-policy'] }),
  z.object({ operation: z.literal('guest.boot'), input: operationInputs['guest.boot'] }),
  z.object({ operation: z.literal('guest.rename'), input: operationInputs['guest.rename'] }),
  z.object({ operation: z.literal('guest.save'), input: operationInputs['guest.save'] }),
  z.object({ operation: z.literal('guest.restore'), input: operationInputs['guest.restore'] }),
  z.object({ operation: z.literal('guest.discard'), input: operationInputs['guest.discard'] }),
  z.object({ operation: z.literal('guest.adopt'), input: operationInputs['guest.adopt'] }),
  z.object({ operation: z.literal('guest.describe'), input: operationInputs['guest.describe'] }),
  z.object({ operation: z.literal('guest.migrate'), input: operationInputs['guest.migrate'] }),
  z.object({ operation: z.literal('guest.reset'), input: operationInputs['guest.reset'] }),
  z.object({ operation: z.literal('guest.grow'), input: operationInputs['guest.grow'] }),
  z.object({ operation: z.literal('guest.snapshot'), input: operationInputs['guest.snapshot'] }),
  z.object({ operation: z.literal('guest.revert'), input: operationInputs['guest.revert'] }),
  z.object({ operation: z.literal('guest.forget'), input: operationInputs['guest.forget'] }),
  z.object({ operation: z.literal('guest.check'), input: operationInputs['guest.check'] }),
  z.object({ operation: z.literal('guest.swap'), input: operationInputs['guest.swap'] }),
  z.object({ operation: z.literal('guest.attach'), input: operationInputs['guest.attach'] }),
  z.object({ operation: z.literal('guest.detach'), input: operationInputs['guest.detach'] }),
  z.object({ operation: z.literal('guest.mend'), input: operationInputs['guest.mend'] }),
  z.object({ operation: z.literal('guest.unmend'), input: operationInputs['guest.unmend'] }),
  z.object({ operation: z.literal('image.mend'), input: operationInputs['image.mend'] }),
  z.object({ operation: z.literal('image.import'), input: operationInputs['image.import'] }),
  z.object({ operation: z.literal('image.export'), input: operationInputs['image.export'] }),
  z.object({ operation: z.literal('guest.export'), input: operationInputs['guest.export'] }),
  z.object({ operation: z.literal('host.clean'), input: operationInputs['host.clean'] }),
  z.object({ operation: z.literal('image.edit'), input: operationInputs['image.edit'] }),
  z.object({ operation: z.literal('image.publish'), input: operationInputs['image.publish'] }),
  z.object({ operation: z.literal('image.discard'), input: operationInputs['image.discard'] }),
  z.object({ operation: z.literal('image.promote'), input: operationInputs['image.promote'] }),
  z.object({ operation: z.literal('image.delete'), input: operationInputs['image.delete'] }),
  z.object({ operation: z.literal('image.copy'), input: operationInputs['image.copy'] }),
  z.object({ operation: z.literal('image.package'), input: operationInputs['image.package'] }),
  z.object({ operation: z.literal('image.delete-package'), input: operationInputs['image.delete-package'] }),
  z.object({ operation: z.literal('host.boot'), input: operationInputs['host.boot'] }),
  z.object({ operation: z.literal('host.reboot'), input: operationInputs['host.reboot'] }),
  z.object({ operation: z.literal('host.settle-boot'), input: operationInputs['host.settle-boot'] }),
  z.object({ operation: z.literal('host.mend-health'), input: operationInputs['host.mend-health'] }),
  z.object({ operation: z.literal('host.unmend-health'), input: operationInputs['host.unmend-health'] }),
  grubCallSchema,
  bootableCallSchema,
])
export type OperationCall = z.infer<typeof operationCallSchema>
