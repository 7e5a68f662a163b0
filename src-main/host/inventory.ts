import type { Generation } from '../../src-shared/models/base'
import type { Guest } from '../../src-shared/models/guest'
import { type DomainRow, parseList } from '../xen/list'
import { type DomainDetails, parseListJson } from '../xen/list-json'
import { type ConfigFile, noRecords, type Records, readRecords } from './records'
import { type Layer, type Snapshot, snapshotCommand } from './snapshot'

/** What a snapshot changed. */
export type InventoryChange = {
  changed: Guest[]
  /** Ids. */
  removed: string[]
  /** Set when the generations are others than before. */
  generations: readonly Generation[] | undefined
  /** CPU use by guest id, 1 is one vCPU fully busy; set when enough time has passed since the last sample. */
  cpu: Record<string, number> | undefined
  /** Domains came, went or booted anew: free memory is another than before. */
  domainsChanged: boolean
}

/** `xl list` counts tenths of a second: over less than this, a use is noise. */
const leastSampleSeconds = 4

/** A domain whose config xl cannot give (made by another toolstack) is not asked for with every poll for ever. */
const mostDetailTries = 5

/** Guests and bases of one host, kept from snapshot to snapshot. Plain state: no timers, no connection. */
export class Inventory {
  #rows: readonly DomainRow[] = []
  #details = new Map<number, DomainDetails>()
  #tries = new Map<number, number>()
  #records: Records = noRecords
  #layers: readonly Layer[] = []
  #sums = { list: '', files: '', layers: '' }
  #guests: ReadonlyMap<string, Guest> = new Map()
  #sample: { at: number; seconds: ReadonlyMap<number, number> } | undefined
  #listWarnings: readonly string[] = []
  #detailWarnings = new Map<number, string>()

  constructor(
    private readonly hostId: string,
    /** Another one is read from with the next question, as long as the inventory is distrusted first. */
    public storageRoot: string,
  ) {}

  /** By id. */
  get guests(): ReadonlyMap<string, Guest> {
    return this.#guests
  }

  get generations(): readonly Generation[] {
    return this.#records.generations
  }

  /** What could not be read, a sentence each. */
  get warnings(): readonly string[] {
    return [...this.#records.warnings, ...this.#listWarnings, ...this.#detailWarnings.values()]
  }

  /** The question for what is new since the last snapshot. */
  question(): [string, ...string[]] {
    const { list, files, layers } = this.#sums
    const known = this.#rows
      .map((row) => row.domid)
      .filter((domid) => this.#details.has(domid) || (this.#tries.get(domid) ?? 0) >= mostDetailTries)
    return [snapshotCommand, this.storageRoot, list, files, layers, ...known.map(String)]
  }

  /** Forgets the checksums, so that the next question brings everything: after a reconnect nothing is assumed. */
  distrust(): void {
    this.#sums = { list: '', files: '', layers: '' }
    this.#details = new Map()
    this.#tries = new Map()
    this.#sample = undefined
  }

  /** Takes a snapshot in. `nowSeconds` is our monotonic clock, used only if the host has none. */
  take(snapshot: Snapshot, nowSeconds: number): InventoryChange {
    const domainsBefore = domainKeys(this.#rows)
    const generationsBefore = JSON.stringify(this.generations)
    if (snapshot.list) {
      const { rows, unread } = parseList(snapshot.list.text)
      this.#rows = rows.filter((row) => row.domid !== 0)
      this.#listWarnings = unread.length > 0 ? [`xl list printed a line that is not understood: ${unread[0]?.slice(0, 200)}`] : []
      this.#sums.list = snapshot.list.sum
    } else {
      this.#rows = this.#rows.map((row) => ({ ...row, cpuSeconds: snapshot.cpuSeconds.get(row.domid) ?? row.cpuSeconds }))
    }
    this.#takeDetails(snapshot.details)
    if (snapshot.files) {
      this.#records = readRecords(snapshot.files.files)
      this.#sums.files = snapshot.files.sum
    }
    if (snapshot.layers) {
      this.#layers = snapshot.layers.layers
      this.#sums.layers = snapshot.layers.sum
    }
    const before = this.#guests
    this.#guests = mergeGuests(this.hostId, this.storageRoot, this.#rows, this.#details, this.#records, this.#layers)
    return {
      changed: [...this.#guests.values()].filter((guest) => fingerprint(guest) !== fingerprint(before.get(guest.id))),
      removed: [...before.keys()].filter((id) => !this.#guests.has(id)),
      generations: JSON.stringify(this.generations) === generationsBefore ? undefined : this.generations,
      cpu: this.#takeSample(snapshot.upSeconds ?? nowSeconds),
      domainsChanged: domainKeys(this.#rows) !== domainsBefore,
    }
  }

  #takeDetails(details: readonly string[]): void {
    const uuids = new Map(this.#rows.map((row) => [row.domid, row.uuid]))
    const present = new Set(uuids.keys())
    for (const text of details) {
      const { domains, unread } = parseListJson(text)
      for (const domain of domains) if (uuids.get(domain.domid) === domain.uuid) this.#details.set(domain.domid, domain)
      if (unread[0] !== undefined) this.#detailWarnings.set(0, unread[0])
    }
    for (const known of [this.#details, this.#tries])
      for (const domid of known.keys()) if (!present.has(domid)) known.delete(domid)
    for (const domid of present) if (!this.#details.has(domid)) this.#tries.set(domid, (this.#tries.get(domid) ?? 0) + 1)
    if (details.length > 0 && present.size === this.#details.size) this.#detailWarnings.clear()
  }

  #takeSample(at: number): Record<string, number> | undefined {
    const last = this.#sample
    if (last && at - last.at < leastSampleSeconds && at >= last.at) return undefined
    const seconds = new Map(this.#rows.map((row) => [row.domid, row.cpuSeconds]))
    this.#sample = { at, seconds }
    if (!last || at <= last.at) return undefined
    const use: Record<string, number> = {}
    for (const { id, domid } of this.#guests.values()) {
      const before = domid === undefined ? undefined : last.seconds.get(domid)
      const now = domid === undefined ? undefined : seconds.get(domid)
      if (before !== undefined && now !== undefined) use[id] = Math.max(0, (now - before) / (at - last.at))
    }
    return use
  }
}

const domainKeys = (rows: readonly DomainRow[]) => rows.map((row) => `${row.domid} ${row.memoryMb}`).join()

/** CPU time runs on by itself and is no change of a guest. */
function fingerprint(guest: Guest | undefined): string {
  return guest ? JSON.stringify({ ...guest, cpuSeconds: undefined }) : ''
}

/**
 * One guest for each running domain, matched by UUID to what made it, and one for each stopped guest: ours by guest.json,
 * those of others by their config in /etc/xen.
 */
function mergeGuests(
  hostId: string,
  storageRoot: string,
  rows: readonly DomainRow[],
  details: ReadonlyMap<number, DomainDetails>,
  records: Records,
  layers: readonly Layer[],
): ReadonlyMap<string, Guest> {
  const guests = new Map<string, Guest>()
  const layerOf = new Map(layers.map((layer) => [layer.path, layer]))
  const configOf = new Map(records.configs.map((config) => [config.path, config]))
  const foreign = records.configs.filter((config) => !config.path.startsWith(`${storageRoot}/`))
  const configUsed = new Set<ConfigFile>()

  const recordOf = (uuid: string): Pick<Guest, 'origin' | 'adopted' | 'tags' | 'note'> => {
    const record = records.guests.get(uuid)
    if (!record) return {}
    const { tags = [], note = '' } = record
    const described = { ...(tags.length > 0 ? { tags } : {}), ...(note === '' ? {} : { note }) }
    if (record.mode === 'adopted') return { adopted: true, ...described }
    const layer = layerOf.get(`${record.folder}/layer.img`)
    const { base, generation, mode } = record
    return {
      origin: { base, generation, mode, layerBytes: layer?.sizeBytes ?? 0, layerAllocatedBytes: layer?.allocatedBytes ?? 0 },
      ...described,
    }
  }
  const configFor = (uuid: string, name: string | undefined): ConfigFile | undefined => {
    const record = records.guests.get(uuid)
    if (record) return configOf.get(`${record.folder}/guest.cfg`)
    return (
      foreign.find((config) => config.uuid === uuid) ??
      foreign.find((config) => config.uuid === undefined && config.name === name && name !== undefined)
    )
  }

  // The dying domain of a guest in reboot comes first: its successor has a newer row and takes its place.
  for (const row of [...rows].sort((a, b) => Number(b.state === 'shutting-down') - Number(a.state === 'shutting-down'))) {
    const id = row.uuid
    if (id === undefined) continue
    const known = details.get(row.domid)
    const config = configFor(id, row.name)
    if (config) configUsed.add(config)
    const type = known?.type ?? config?.type
    const kernel = known?.kernel ?? config?.kernel
    guests.set(id, {
      hostId,
      id,
      name: row.name ?? known?.name ?? records.guests.get(id)?.name ?? config?.name ?? `domain ${row.domid}`,
      state: row.state,
      domid: row.domid,
      ...(type === undefined ? {} : { type }),
      memoryMb: row.memoryMb,
      vcpus: row.vcpus,
      cpuSeconds: row.cpuSeconds,
      ...(config === undefined ? {} : settingsOf(config, records)),
      ...(kernel === undefined ? {} : { kernel }),
      disks: known?.disks ?? config?.disks ?? [],
      nics: known?.nics ?? config?.nics ?? [],
      ...recordOf(id),
    })
  }
  for (const [uuid, record] of records.guests) {
    if (guests.has(uuid)) continue
    const config = configOf.get(`${record.folder}/guest.cfg`)
    const saved = layerOf.get(`${record.folder}/saved`)
    guests.set(uuid, {
      ...halted(hostId, uuid, record.name, config, records),
      ...(saved === undefined ? {} : { state: 'saved', savedBytes: saved.sizeBytes }),
      ...recordOf(uuid),
    })
  }
  for (const config of foreign) {
    if (configUsed.has(config)) continue
    const id = config.uuid ?? `cfg:${config.path}`
    // A copy with the same UUID is the same guest to xl, and is there already.
    if (guests.has(id)) continue
    guests.set(id, halted(hostId, id, config.name ?? config.path, config, records))
  }
  return guests
}

/** What the config of a guest says of it whether it runs or not. */
function settingsOf(config: ConfigFile, { autostarts }: Records): Pick<Guest, 'configPath' | 'autostart' | 'crashPolicy'> {
  const autostart = autostarts.get(config.id)
  return {
    configPath: config.path,
    ...(autostart === undefined ? {} : { autostart }),
    crashPolicy: config.actions.crash,
  }
}

function halted(hostId: string, id: string, name: string, config: ConfigFile | undefined, records: Records): Guest {
  return {
    hostId,
    id,
    name,
    state: 'halted',
    memoryMb: config?.memoryMb ?? 0,
    vcpus: config?.vcpus ?? 1,
    disks: config?.disks ?? [],
    nics: config?.nics ?? [],
    ...(config === undefined ? {} : { type: config.type, ...settingsOf(config, records) }),
    ...(config?.kernel === undefined ? {} : { kernel: config.kernel }),
  }
}
