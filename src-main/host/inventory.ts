import type { Generation } from '../../src-shared/models/base'
import type { Guest } from '../../src-shared/models/guest'
import type { PackageImage } from '../../src-shared/models/package'
import { type DomainRow, parseList } from '../xen/list'
import { type DomainDetails, parseListJson } from '../xen/list-json'
import { mergeGuests } from './merge-guests'
import { noRecords, type Records, readRecords } from './records'
import { Shares } from './shares'
import { type HostFile, type Layer, type Snapshot, snapshotCommand } from './snapshot'

/** What a snapshot changed. */
export type InventoryChange = {
  changed: Guest[]
  /** Ids. */
  removed: string[]
  /** Set when the generations are others than before. */
  generations: readonly Generation[] | undefined
  /** Set when the package images are others than before. */
  packages: readonly PackageImage[] | undefined
  /** CPU use by guest id, 1 is one vCPU fully busy; set when enough time has passed since the last sample. */
  cpu: Record<string, number> | undefined
  /** Domains came, went or booted anew: free memory is another than before. */
  domainsChanged: boolean
}

/** `xl list` counts tenths of a second: over less than this, a use is noise. */
const leastSampleSeconds = 4
/** CPU times are asked for with a poll, but not with every look that an event leads to: they are most of such an answer. */
const sampleSeconds = 8

/** A domain whose config xl cannot give (made by another toolstack) is not asked for with every poll for ever. */
const mostDetailTries = 5
/** `xl create` begins a domain paused: one that was seen first this long ago is paused because somebody wants it so. */
const creationSeconds = 5

/** Guests and bases of one host, kept from snapshot to snapshot. Plain state: no timers, no connection. */
export class Inventory {
  readonly #list = new Shares<DomainRow>()
  /** Lines that are no row, by share. */
  readonly #unread = new Map<number, readonly string[]>()
  readonly #files = new Shares<HostFile>()
  readonly #layers = new Shares<Layer>()
  #rows: readonly DomainRow[] = []
  #details = new Map<number, DomainDetails>()
  #tries = new Map<number, number>()
  #firstSeen = new Map<number, number>()
  #records: Records = noRecords
  #guests: ReadonlyMap<string, Guest> = new Map()
  /** What was made of a row; a row that comes anew is another. */
  #made = new WeakMap<DomainRow, Guest>()
  #cpuAskedAt = Number.NEGATIVE_INFINITY
  #cpuAsked = false
  #sample: { at: number; seconds: ReadonlyMap<number, number> } | undefined
  #detailWarnings = new Map<number, string>()
  #settled = true

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

  get packages(): readonly PackageImage[] {
    return this.#records.packages
  }

  /** What could not be read, a sentence each. */
  get warnings(): readonly string[] {
    const [unread] = [...this.#unread.values()].flat()
    const ofList = unread === undefined ? [] : [`xl list printed a line that is not understood: ${unread.slice(0, 200)}`]
    return [...this.#records.warnings, ...ofList, ...this.#detailWarnings.values()]
  }

  /** Whether no domain was half made or dying in the last snapshot. */
  get settled(): boolean {
    return this.#settled
  }

  /** The question for what is new since the last snapshot. `nowSeconds` is our monotonic clock. */
  question(nowSeconds: number): [string, ...string[]] {
    this.#cpuAsked = nowSeconds - this.#cpuAskedAt >= sampleSeconds
    if (this.#cpuAsked) this.#cpuAskedAt = nowSeconds
    const sums = [this.#list, this.#files, this.#layers].map((shares) => shares.sums)
    return [snapshotCommand, this.storageRoot, this.#cpuAsked ? 'cpu' : '', ...sums, this.#knownDomids()]
  }

  /**
   * Those whose details are known, as ranges. What lies between two of them is in the range: domids only grow, so nothing new comes
   * there until they begin anew at 32752; then its row comes first, which ends the range, and its details with the next look.
   */
  #knownDomids(): string {
    const ranges: string[] = []
    let from: number | undefined
    let to = 0
    for (const { domid } of this.#rows) {
      const isKnown = this.#details.has(domid) || (this.#tries.get(domid) ?? 0) >= mostDetailTries
      if (!isKnown && from !== undefined) ranges.push(`${from}-${to}`)
      from = isKnown ? (from ?? domid) : undefined
      to = domid
    }
    if (from !== undefined) ranges.push(`${from}-${to}`)
    return ranges.join()
  }

  /** Forgets the checksums, so that the next question brings everything: after a reconnect nothing is assumed. */
  distrust(): void {
    for (const shares of [this.#list, this.#files, this.#layers]) shares.distrust()
    this.#details = new Map()
    this.#tries = new Map()
    this.#firstSeen = new Map()
    this.#sample = undefined
    this.#cpuAskedAt = Number.NEGATIVE_INFINITY
  }

  /** Takes a snapshot in. `nowSeconds` is our monotonic clock; CPU use goes by the clock of the host if it has one. */
  take(snapshot: Snapshot, nowSeconds: number): InventoryChange {
    const domainsBefore = domainKeys(this.#rows)
    const generationsBefore = JSON.stringify(this.generations)
    const packagesBefore = JSON.stringify(this.packages)
    this.#takeList(snapshot)
    this.#takeDetails(snapshot.details)
    if (snapshot.files.length > 0) {
      this.#files.take(snapshot.files)
      this.#records = readRecords(inOrder(this.#files.items, this.storageRoot))
    }
    this.#layers.take(snapshot.layers)
    if (snapshot.details.length + snapshot.files.length + snapshot.layers.length > 0) this.#made = new WeakMap()
    for (const { domid } of this.#rows) if (!this.#firstSeen.has(domid)) this.#firstSeen.set(domid, nowSeconds)
    this.#settled = this.#rows.every((row) => this.#isSettled(row, nowSeconds))
    return {
      ...this.#merge(),
      generations: JSON.stringify(this.generations) === generationsBefore ? undefined : this.generations,
      packages: JSON.stringify(this.packages) === packagesBefore ? undefined : this.packages,
      cpu: this.#cpuAsked ? this.#takeSample(snapshot.upSeconds ?? nowSeconds) : undefined,
      domainsChanged: domainKeys(this.#rows) !== domainsBefore,
    }
  }

  #merge(): Pick<InventoryChange, 'changed' | 'removed'> {
    const before = this.#guests
    const layers = this.#layers.items
    this.#guests = mergeGuests(this.hostId, this.storageRoot, this.#rows, this.#details, this.#records, layers, this.#made)
    return {
      changed: [...this.#guests.values()].filter((guest) => !isSame(guest, before.get(guest.id))),
      removed: [...before.keys()].filter((id) => !this.#guests.has(id)),
    }
  }

  #takeList({ list, cpuSeconds }: Snapshot): void {
    for (const { share, sum, items } of list) {
      const { rows, unread } = parseList(items.join('\n'))
      this.#list.take([{ share, sum, items: rows }])
      this.#unread.set(share, unread)
    }
    if (cpuSeconds.size > 0) this.#list.change((row) => ({ ...row, cpuSeconds: cpuSeconds.get(row.domid) ?? row.cpuSeconds }))
    this.#rows = this.#list.items.filter(({ domid }) => domid !== 0).sort((one, other) => one.domid - other.domid)
  }

  #isSettled({ domid, name, state }: DomainRow, nowSeconds: number): boolean {
    if (name === undefined || state === 'shutting-down') return false
    if (!this.#details.has(domid) && (this.#tries.get(domid) ?? 0) < mostDetailTries) return false
    return state !== 'paused' || nowSeconds - (this.#firstSeen.get(domid) ?? nowSeconds) >= creationSeconds
  }

  #takeDetails(details: readonly string[]): void {
    const uuids = new Map(this.#rows.map((row) => [row.domid, row.uuid]))
    const present = new Set(uuids.keys())
    for (const text of details) {
      const { domains, unread } = parseListJson(text)
      for (const domain of domains) if (uuids.get(domain.domid) === domain.uuid) this.#details.set(domain.domid, domain)
      if (unread[0] !== undefined) this.#detailWarnings.set(0, unread[0])
    }
    for (const known of [this.#details, this.#tries, this.#firstSeen])
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

/** Files as they are named first: ours, then those of /etc/xen, and last the links that start guests with the host. */
function inOrder(files: readonly HostFile[], storageRoot: string): HostFile[] {
  const rank = ({ path }: HostFile): number => (path.startsWith(`${storageRoot}/`) ? 0 : path.includes('/auto/') ? 2 : 1)
  return [...files].sort((one, other) => rank(one) - rank(other) || (one.path < other.path ? -1 : 1))
}

const domainKeys = (rows: readonly DomainRow[]) => rows.map((row) => `${row.domid} ${row.memoryMb}`).join()

/** CPU time runs on by itself and is no change of a guest. */
function isSame(guest: Guest, before: Guest | undefined): boolean {
  const print = (one: Guest): string => JSON.stringify({ ...one, cpuSeconds: undefined })
  return guest === before || (before !== undefined && print(guest) === print(before))
}
