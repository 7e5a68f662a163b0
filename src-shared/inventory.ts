import { z } from 'zod'
import { parseAnsibleIni, parseAnsibleList } from './inventory-ansible'
import { type HostSettings, hostSettingsSchema } from './models/host'
import { builtInSequences, type Sequence, sequenceSchema, stepWords } from './models/sequence'
import { ProblemError } from './problem'

/** One host as an inventory tells it. What it leaves out is as usual for a new host, and stays for a known one. */
export const inventoryHostSchema = hostSettingsSchema
  .pick({ name: true, address: true, port: true, user: true, keyPath: true, storageRoot: true, site: true })
  .partial({ storageRoot: true })
export type InventoryHost = z.infer<typeof inventoryHostSchema>

/** An inventory as it was read: hosts and sequences, those that cannot be taken with the reason, and what was left out. */
export type Inventory = {
  hosts: InventoryHost[]
  sequences: Sequence[]
  refused: { name: string; reason: string }[]
  notes: string[]
}

export const maxInventoryBytes = 1_000_000
const maxHosts = 1_000
/** As many as the preferences hold. */
const maxSequences = 100

const fileSchema = z.object({
  format: z.literal('domdeck-inventory'),
  version: z.literal(1, 'It was written by a later version of Domdeck.'),
  hosts: z.array(z.unknown()),
  sequences: z.array(z.unknown()).max(maxSequences, `There are more than ${maxSequences}.`).default([]),
})

/** Reads Domdeck's JSON, an Ansible inventory in INI, or what `ansible-inventory --list` prints. BAD_INPUT with the reason. */
export function parseInventory(text: string): Inventory {
  if (text.length > maxInventoryBytes) throw unread('it has more than 1 MB')
  if (text.trim() === '') throw unread('it is empty')
  const { candidates, sequences, notes } = candidatesOf(text)
  if (candidates.length > maxHosts) throw unread(`it has more than ${maxHosts} hosts`)
  const refused: Inventory['refused'] = []
  return {
    hosts: taken('host', inventoryHostSchema, candidates, refused),
    sequences: taken('sequence', sequenceSchema, sequences ?? [], refused),
    refused,
    notes,
  }
}

/** What makes sense, each name once; what does not is told of by its name. */
function taken<T extends { name: string }>(
  kind: string,
  schema: z.ZodType<T>,
  candidates: readonly unknown[],
  refused: Inventory['refused'],
): T[] {
  const byName = new Map<string, T>()
  for (const [index, candidate] of candidates.entries()) {
    const read = schema.safeParse(candidate)
    const name = nameOf(candidate) ?? `${kind} ${index + 1}`
    if (!read.success) refused.push({ name, reason: read.error.issues.map(issueWords).join(' ') })
    else if (byName.has(read.data.name)) refused.push({ name, reason: 'It stands in the inventory twice.' })
    else byName.set(read.data.name, read.data)
  }
  return [...byName.values()]
}

function candidatesOf(text: string): { candidates: readonly unknown[]; sequences?: readonly unknown[]; notes: string[] } {
  if (!/^\s*[{[]\s*["}]/.test(text)) {
    if (/^(---|[\w.-]+:\s*$)/m.test(text) && !/^\s*\[/m.test(text))
      throw unread(
        'it looks like YAML, which Domdeck writes but does not read',
        'Have Ansible print it as JSON, `ansible-inventory -i FILE --list`, and import that.',
      )
    return parseAnsibleIni(text)
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (thrown) {
    throw unread(`it is no JSON (${(thrown as Error).message.slice(0, 100)})`)
  }
  const list = parseAnsibleList(json)
  if (list) return list
  const file = fileSchema.safeParse(json)
  if (!file.success) throw unread(`it is no inventory of Domdeck: ${file.error.issues.map(issueWords).join(' ')}`)
  return { candidates: file.data.hosts, sequences: file.data.sequences, notes: [] }
}

function nameOf(candidate: unknown): string | undefined {
  const name = (candidate as { name?: unknown } | null)?.name
  return typeof name === 'string' && name !== '' ? name.slice(0, 64) : undefined
}

function issueWords({ path, message }: { path: PropertyKey[]; message: string }): string {
  return path.length > 0 ? `${path.join('.')}: ${message}` : message
}

function unread(reason: string, hint = 'Export one from Domdeck, or use an Ansible inventory in INI.'): ProblemError {
  return new ProblemError('BAD_INPUT', `This inventory cannot be read: ${reason}.`, { hint })
}

/** A host as it is kept; whatever its settings hold stays as it is unless the inventory says otherwise. */
type NewHost = Omit<HostSettings, 'id' | 'simulated'>

/** What an import will do with one host or sequence. */
export type ImportRow = {
  name: string
  /** How one logs in to a host; that it is a sequence, and how long. */
  where: string
  site?: string | undefined
  verdict: 'add' | 'change' | 'same' | 'refuse'
  /** What changes, or why nothing does. */
  words: string
  /** What the host is to be; absent on `same` and `refuse`. */
  settings?: NewHost | undefined
  /** The sequence to keep; absent on `same` and `refuse`. */
  sequence?: Sequence | undefined
  /** The host that changes. */
  hostId?: string | undefined
}

const usual = { storageRoot: '/srv/domdeck' }
const fields = ['address', 'port', 'user', 'keyPath', 'storageRoot', 'site'] as const

/** What an import of this inventory does to the hosts and one's own sequences: known ones by name, new ones otherwise. Nothing is removed. */
export function planImport(inventory: Inventory, existing: readonly HostSettings[], own: readonly Sequence[]): ImportRow[] {
  const owners = new Map(existing.map((host) => [login(host), host.name]))
  const rows = inventory.hosts.map((entry): ImportRow => {
    const known = existing.find((host) => host.name === entry.name)
    const { id: _id, simulated: _simulated, ...before } = known ?? { id: '', simulated: false }
    const settings: NewHost = { ...usual, ...before, ...present(entry), name: entry.name, address: entry.address }
    const where = login(settings)
    const row = { name: entry.name, where, site: entry.site }
    const owner = owners.get(where)
    if (owner !== undefined && owner !== entry.name)
      return { ...row, verdict: 'refuse', words: `${where} is in the fleet already, as ${owner}.` }
    owners.set(where, entry.name)
    if (!known) return { ...row, verdict: 'add', words: '', settings }
    if (known.simulated) return { ...row, verdict: 'refuse', words: 'A simulated host has this name.' }
    const changes = fields.filter((field) => settings[field] !== known[field])
    if (changes.length === 0) return { ...row, verdict: 'same', words: 'Is in the fleet already.' }
    const words = changes
      .map(
        (field) =>
          `${fieldWords[field]} ${known[field] ?? (field === 'port' || field === 'user' ? 'as usual' : 'none')} becomes ${settings[field]}`,
      )
      .join(', ')
    return { ...row, verdict: 'change', words: `${words}.`, settings, hostId: known.id }
  })
  const refused = inventory.refused.map(({ name, reason }): ImportRow => ({ name, where: '', verdict: 'refuse', words: reason }))
  return [...rows, ...planSequences(inventory.sequences, own), ...refused]
}

function planSequences(sequences: readonly Sequence[], own: readonly Sequence[]): ImportRow[] {
  let room = maxSequences - own.length
  return sequences.map((sequence): ImportRow => {
    const { name, steps } = sequence
    const row = { name, where: `sequence of ${steps.length === 1 ? '1 step' : `${steps.length} steps`}` }
    // What it types is for whoever imports it to see.
    const words = steps.map(stepWords).join(', ')
    if (builtInSequences.some((one) => one.name === name))
      return { ...row, verdict: 'refuse', words: 'Every Domdeck has a sequence of this name.' }
    const known = own.find((one) => one.name === name)
    if (known && JSON.stringify(sequenceSchema.parse(known)) === JSON.stringify(sequence))
      return { ...row, verdict: 'same', words: 'Is here already.' }
    if (known) return { ...row, verdict: 'change', words: `Becomes: ${words}.`, sequence }
    if (room <= 0) return { ...row, verdict: 'refuse', words: `There are ${maxSequences} sequences. Delete one first.` }
    room -= 1
    return { ...row, verdict: 'add', words: `${words}.`, sequence }
  })
}

const fieldWords = {
  address: 'address',
  port: 'port',
  user: 'user',
  keyPath: 'private key',
  storageRoot: 'storage root',
  site: 'site',
}

function present(host: InventoryHost): Partial<NewHost> {
  return Object.fromEntries(fields.filter((field) => host[field] !== undefined).map((field) => [field, host[field]]))
}

function login({ user = 'root', address, port = 22 }: Pick<HostSettings, 'user' | 'address' | 'port'>): string {
  return `${user}@${address}:${port}`
}

/** The hosts, and one's own sequences, as Domdeck's own JSON. Holds no secret: a key is the path of its file, and what a sequence asks for is not in it. */
export function writeInventory(hosts: readonly InventoryHost[], own: readonly Sequence[] = []): string {
  const rows = hosts.map((host) => inventoryHostSchema.parse(host))
  const sequences = own.length > 0 ? { sequences: own } : {}
  return `${JSON.stringify({ format: 'domdeck-inventory', version: 1, hosts: rows, ...sequences }, undefined, 2)}\n`
}
