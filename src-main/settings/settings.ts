import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { z } from 'zod'
import { type HostSettings, hostSettingsSchema } from '../../src-shared/models/host'
import { defaultPreferences, type Preferences, preferencesSchema } from '../../src-shared/models/preferences'
import { type Problem, ProblemError } from '../../src-shared/problem'

/** The file as it stands on disk. A later version of Domdeck raises `version` and reads the earlier ones. */
const fileSchema = z.object({
  version: z.literal(1, 'it is of another version of Domdeck'),
  hosts: z.array(hostSettingsSchema).default([]),
  preferences: preferencesSchema.partial().default({}),
})

export type Settings = {
  readonly file: string
  /** SETTINGS_UNREADABLE when the file was broken at the start; it is kept under the name that the problem gives. */
  readonly problem: Problem | undefined
  /** Stored hosts and, after them, simulated ones of this run. */
  hosts(): readonly HostSettings[]
  /** Adds the host or replaces the one with its id. Simulated hosts are kept for this run only and never written. */
  saveHost(host: HostSettings): Promise<void>
  /** The same for many, in one write. */
  saveHosts(hosts: readonly HostSettings[]): Promise<void>
  removeHost(hostId: string): Promise<void>
  preferences(): Preferences
  savePreferences(changes: { [Key in keyof Preferences]?: Preferences[Key] | undefined }): Promise<void>
}

/** `$XDG_CONFIG_HOME/domdeck`, or `~/.config/domdeck`; the specification says to ignore a relative path. */
export function defaultSettingsFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { XDG_CONFIG_HOME: configHome = '' } = environment
  return join(isAbsolute(configHome) ? configHome : join(homedir(), '.config'), 'domdeck')
}

/**
 * Opens hosts and preferences, one JSON file in `folder`. A file that cannot be understood is moved aside, never overwritten:
 * it may be a later version's, or one slip of a person's editor.
 */
export async function openSettings(folder: string, now: () => number = Date.now): Promise<Settings> {
  const file = join(folder, 'settings.json')
  const { content, raw, problem } = await read(file, now)
  let hosts: readonly HostSettings[] = content.hosts.filter((host) => !host.simulated)
  let preferences: Preferences = { ...defaultPreferences, ...defined(content.preferences) }
  let writing: Promise<unknown> = Promise.resolve()

  const save = (): Promise<void> => {
    // One write after another, each with what holds then: two at once must not leave the older one on disk.
    const written = writing.then(() => {
      const kept = hosts.filter((host) => !host.simulated)
      return writeWhole(folder, file, withUnknown(raw, { version: 1, hosts: kept, preferences }))
    })
    writing = written.catch(() => undefined)
    return written
  }
  const saveHosts = async (changed: readonly HostSettings[]): Promise<void> => {
    for (const host of changed) {
      const index = hosts.findIndex((other) => other.id === host.id)
      hosts = index < 0 ? [...hosts, host] : hosts.with(index, host)
    }
    if (changed.some((host) => !host.simulated)) await save()
  }
  return {
    file,
    problem,
    hosts: () => [...hosts].sort((a, b) => Number(a.simulated) - Number(b.simulated)),
    saveHost: (host) => saveHosts([host]),
    saveHosts,
    async removeHost(hostId) {
      const host = hosts.find((other) => other.id === hostId)
      hosts = hosts.filter((other) => other !== host)
      if (host && !host.simulated) await save()
    },
    preferences: () => preferences,
    async savePreferences(changes) {
      preferences = { ...preferences, ...defined(changes) }
      await save()
    },
  }
}

/** Without keys whose value is undefined: they mean "leave it", not "no value". */
function defined<T extends object>(values: { [Key in keyof T]?: T[Key] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>
}

type FileContent = z.infer<typeof fileSchema>
type Fields = Readonly<Record<string, unknown>>

/** What is to be written, and beside it every field of the file read that this version does not know: a later one wrote it. */
function withUnknown(raw: Fields, content: FileContent): Fields {
  const rawHosts = new Map(((raw.hosts ?? []) as Fields[]).map((host) => [host.id, host]))
  return {
    ...unknownFields(raw, fileSchema),
    ...content,
    hosts: content.hosts.map((host) => ({ ...unknownFields(rawHosts.get(host.id), hostSettingsSchema), ...host })),
    preferences: { ...unknownFields(raw.preferences as Fields | undefined, preferencesSchema), ...content.preferences },
  }
}

function unknownFields(fields: Fields = {}, schema: { shape: object }): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !(name in schema.shape)))
}

async function read(file: string, now: () => number): Promise<{ content: FileContent; raw: Fields; problem?: Problem }> {
  const empty = { content: { version: 1 as const, hosts: [], preferences: {} }, raw: {} }
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return empty
    // Not readable is not broken: it stays where it is, and saving over it would lose it.
    throw new ProblemError('SETTINGS_UNREADABLE', `${file} cannot be read: ${(thrown as Error).message}.`, {
      hint: 'Check its owner and permissions, then start Domdeck again.',
      cause: thrown,
    })
  }
  const reason = (() => {
    try {
      const raw: unknown = JSON.parse(text)
      const parsed = fileSchema.safeParse(raw)
      if (parsed.success) return { content: parsed.data, raw: raw as Fields }
      const { path, message } = parsed.error.issues[0] ?? { path: [], message: 'it is empty' }
      return { reason: path.length > 0 ? `${path.join('.')}: ${message}` : message }
    } catch {
      return { reason: 'it is no JSON' }
    }
  })()
  if (reason.content) return reason
  const kept = `${file}.broken-${new Date(now()).toISOString().replaceAll(':', '-')}`
  await rename(file, kept)
  const { problem } = new ProblemError('SETTINGS_UNREADABLE', `${file} is not understood (${reason.reason}).`, {
    hint: `It was kept as ${kept}. Correct it and move it back, or add your hosts anew.`,
  })
  return { ...empty, problem }
}

/** Written beside, synced and renamed: a crash leaves the old file or the new one. Hosts' addresses are nobody else's business. */
async function writeWhole(folder: string, file: string, content: Fields): Promise<void> {
  const beside = `${file}.${process.pid}.new`
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const handle = await open(beside, 'w', 0o600)
    try {
      await handle.writeFile(`${JSON.stringify(content, undefined, 2)}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(beside, file)
    const directory = await open(folder, 'r')
    await directory.sync().finally(() => directory.close())
  } catch (thrown) {
    await rm(beside, { force: true }).catch(() => undefined)
    throw new ProblemError('SETTINGS_UNREADABLE', `${file} cannot be written: ${(thrown as Error).message}.`, {
      hint: 'Check the free space and the permissions of the folder. The old file is as it was.',
      cause: thrown,
    })
  }
}
