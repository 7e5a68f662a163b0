import { posix } from 'node:path'
import { z } from 'zod'
import { baseNameSchema, type Generation, generationNumberSchema, generationSchema } from '../../src-shared/models/base'
import { maxNoteBytes, maxTags, tagSchema, uuidSchema } from '../../src-shared/models/guest'
import { type PackageImage, packageImageSchema, stackedPackageSchema } from '../../src-shared/models/package'
import { type GuestConfig, parseGuestConfig } from '../xen/config'
import type { HostFile } from './snapshot'

const guestRecord = {
  format: z.literal(1),
  name: z.string().min(1),
  uuid: uuidSchema,
  // What is no tag, or too long, was written by hand and is left out: it must not cost the guest.
  tags: z
    .array(z.unknown())
    .transform((tags) => [...new Set(tags.flatMap((tag) => tagSchema.safeParse(tag).data ?? []))].slice(0, maxTags))
    .catch([])
    .optional(),
  note: z
    .string()
    .transform((note) => note.slice(0, maxNoteBytes))
    .catch('')
    .optional(),
}

const standing = { base: z.string(), generation: generationNumberSchema }

/** `guest.json` of a guest that Domdeck made, or adopted: then it stands on no base; `draft.json` of a base that is being edited. */
const guestRecordSchema = z.discriminatedUnion('mode', [
  z.object({
    ...guestRecord,
    mode: z.enum(['overlay', 'throwaway']),
    ...standing,
    encrypted: z.boolean().optional(),
    encryptedSwap: z.boolean().optional(),
    next: generationNumberSchema.optional(),
    previous: generationNumberSchema.optional(),
    packages: z.array(stackedPackageSchema).optional(),
  }),
  z.object({ ...guestRecord, mode: z.literal('qcow2'), ...standing }),
  z.object({
    ...guestRecord,
    mode: z.literal('thin'),
    ...standing,
    /** `GROUP/NAME` of its disk. */
    volume: z.string().regex(/^[^/]+\/[^/]+$/, 'a volume is GROUP/NAME'),
  }),
  z.object({
    ...guestRecord,
    mode: z.enum(['copy', 'reflink']),
    /** `BASE/GENERATION` that it was copied from; it stands on none. */
    from: z.string().regex(/^[^/]+\/[1-9][0-9]*$/, 'a generation is BASE/NUMBER'),
  }),
  z.object({ ...guestRecord, mode: z.literal('draft'), ...standing, base: baseNameSchema }),
  z.object({ ...guestRecord, mode: z.literal('adopted') }),
])
export type GuestRecord = z.infer<typeof guestRecordSchema> & { folder: string }

/** `base.json` of one generation; where it lies and who stands on it is not written in it. */
const baseRecordSchema = generationSchema
  .omit({ path: true, guests: true })
  .extend({ format: z.literal(1), base: baseNameSchema })

/** `package.json` of one version; where it lies and who has it is not written in it. */
const packageRecordSchema = packageImageSchema.omit({ path: true, guests: true }).extend({ format: z.literal(1) })

export type ConfigFile = GuestConfig & { path: string /** `device:inode`. */; id: string }

/** What the small files of a host say. */
export type Records = {
  /** By UUID. */
  guests: ReadonlyMap<string, GuestRecord>
  /** Config files that name a guest, each file once. */
  configs: readonly ConfigFile[]
  /** Names of the links in /etc/xen/auto, by `device:inode` of the config they lead to. */
  autostarts: ReadonlyMap<string, string>
  /** Oldest generation first; `guests` is counted. */
  generations: readonly Generation[]
  /** Lowest version first; `guests` is counted. */
  packages: readonly PackageImage[]
  /** What could not be read, a sentence each that names the file. */
  warnings: readonly string[]
}

export const noRecords: Records = {
  guests: new Map(),
  configs: [],
  autostarts: new Map(),
  generations: [],
  packages: [],
  warnings: [],
}

/**
 * Reads guest.json, base.json, package.json and xl config files as they came from the host. A file that is broken costs itself and a
 * warning, nothing else: anybody with root there may have edited it.
 */
export function readRecords(files: readonly HostFile[]): Records {
  const guests = new Map<string, GuestRecord>()
  const bases: Omit<Generation, 'guests'>[] = []
  const images: Omit<PackageImage, 'guests'>[] = []
  const configs = new Map<string, ConfigFile>()
  const autostarts = new Map<string, string>()
  const warnings: string[] = []
  for (const file of files) {
    const folder = posix.dirname(file.path)
    const kind = posix.basename(file.path)
    // xendomains takes whatever lies there, by any name, in order of name.
    if (posix.basename(folder) === 'auto' && !autostarts.has(file.id)) autostarts.set(file.id, kind)
    if (file.text === undefined) {
      warnings.push(`${file.path} is too large or cannot be read.`)
    } else if (kind === 'guest.json' || kind === 'draft.json') {
      const record = parseRecord(guestRecordSchema, file, warnings)
      if (!record) continue
      if (guests.has(record.uuid))
        warnings.push(`${file.path} has the UUID of another guest, ${guests.get(record.uuid)?.folder}.`)
      else if ((record.mode === 'draft' ? record.base : record.name) !== posix.basename(folder))
        warnings.push(`${file.path} names another guest than its folder.`)
      else guests.set(record.uuid, { ...record, folder })
    } else if (kind === 'base.json') {
      const record = parseRecord(baseRecordSchema, file, warnings)
      if (!record) continue
      const { format: _, ...base } = record
      if (folder.endsWith(`/${base.base}/${base.generation}`)) bases.push({ ...base, path: folder })
      else warnings.push(`${file.path} names another base or generation than its folder.`)
    } else if (kind === 'package.json') {
      const record = parseRecord(packageRecordSchema, file, warnings)
      if (!record) continue
      const { format: _, ...image } = record
      if (folder.endsWith(`/${image.name}/${image.version}`)) images.push({ ...image, path: folder })
      else warnings.push(`${file.path} names another package image or version than its folder.`)
    } else if (kind.endsWith('.cfg') || posix.basename(folder) === 'auto') {
      const config = parseGuestConfig(file.text)
      if (config.name === undefined) continue
      // A link in /etc/xen/auto is the same file once more. The files come with the folder of links last.
      if (!configs.has(file.id)) configs.set(file.id, { ...config, path: file.path, id: file.id })
    }
  }
  const generations = bases
    .map((base) => ({ ...base, guests: [...guests.values()].filter((guest) => standsOn(guest, base)).length }))
    .sort((a, b) => (a.base === b.base ? a.generation - b.generation : a.base < b.base ? -1 : 1))
  const packages = images
    .map((image) => ({ ...image, guests: [...guests.values()].filter((guest) => hasPackage(guest, image)).length }))
    .sort((a, b) => (a.name === b.name ? a.version - b.version : a.name < b.name ? -1 : 1))
  return { guests, configs: [...configs.values()], autostarts, generations, packages, warnings }
}

const standsOn = (guest: GuestRecord, base: { base: string; generation: number }) =>
  'base' in guest &&
  guest.base === base.base &&
  (guest.generation === base.generation || ('next' in guest && guest.next === base.generation))

const hasPackage = (guest: GuestRecord, image: { name: string; version: number }) =>
  'packages' in guest &&
  guest.packages?.some(({ name, version, next }) => name === image.name && (version === image.version || next === image.version))

function parseRecord<T>(schema: z.ZodType<T>, file: HostFile, warnings: string[]): T | undefined {
  let json: unknown
  try {
    json = JSON.parse(file.text ?? '')
  } catch {
    warnings.push(`${file.path} is no JSON.`)
    return undefined
  }
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const { path, message } = parsed.error.issues[0] ?? { path: [], message: '' }
  warnings.push(`${file.path} is not as expected${path.length > 0 ? ` at ${path.join('.')}` : ''}: ${message}`)
  return undefined
}
