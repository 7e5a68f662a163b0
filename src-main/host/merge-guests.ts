import type { Guest, GuestOrigin } from '../../src-shared/models/guest'
import type { DomainRow } from '../xen/list'
import type { DomainDetails } from '../xen/list-json'
import type { ConfigFile, GuestRecord, Records } from './records'
import type { Layer } from './snapshot'

/**
 * One guest for each running domain, matched by UUID to what made it, and one for each stopped guest: ours by guest.json,
 * those of others by their config in /etc/xen. `made` holds what was made of a row before, and is filled: as long as its details,
 * the records and the layers are the same, so is the guest.
 */
export function mergeGuests(
  hostId: string,
  storageRoot: string,
  rows: readonly DomainRow[],
  details: ReadonlyMap<number, DomainDetails>,
  records: Records,
  layers: readonly Layer[],
  made: WeakMap<DomainRow, Guest>,
): ReadonlyMap<string, Guest> {
  const guests = new Map<string, Guest>()
  const layerOf = new Map(layers.map((layer) => [layer.path, layer]))
  const configOf = new Map(records.configs.map((config) => [config.path, config]))
  const foreign = records.configs.filter((config) => !config.path.startsWith(`${storageRoot}/`))
  const configUsed = new Set<ConfigFile>()

  const recordOf = (uuid: string): Pick<Guest, 'origin' | 'draft' | 'adopted' | 'tags' | 'note'> => {
    const record = records.guests.get(uuid)
    if (!record) return {}
    const { tags = [], note = '' } = record
    const described = { ...(tags.length > 0 ? { tags } : {}), ...(note === '' ? {} : { note }) }
    if (record.mode === 'adopted') return { adopted: true, ...described }
    const layer = layerOf.get(diskPath(record))
    if (record.mode === 'draft') {
      const { base, generation } = record
      return { draft: { base, generation, sizeBytes: layer?.sizeBytes ?? 0, allocatedBytes: layer?.allocatedBytes ?? 0 } }
    }
    const from = 'from' in record ? record.from.split('/') : [record.base, record.generation]
    const origin: GuestOrigin = {
      base: String(from[0]),
      generation: Number(from[1]),
      mode: record.mode,
      layerBytes: layer?.sizeBytes ?? 0,
      layerAllocatedBytes: layer?.allocatedBytes ?? 0,
      ...('encrypted' in record && record.encrypted ? { encrypted: true } : {}),
      ...('encryptedSwap' in record && record.encryptedSwap ? { encryptedSwap: true } : {}),
      ...('next' in record && record.next !== undefined ? { next: record.next } : {}),
      ...('previous' in record && record.previous !== undefined ? { previous: record.previous } : {}),
      ...('packages' in record && record.packages?.length ? { packages: record.packages } : {}),
    }
    return { origin, ...described }
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
    const before = made.get(row)
    if (before) {
      guests.set(id, before)
      continue
    }
    const type = known?.type ?? config?.type
    const kernel = known?.kernel ?? config?.kernel
    const bootloader = known?.bootloader ?? config?.bootloader
    const guest: Guest = {
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
      ...(bootloader === undefined ? {} : { bootloader }),
      disks: known?.disks ?? config?.disks ?? [],
      nics: known?.nics ?? config?.nics ?? [],
      ...recordOf(id),
    }
    guests.set(id, guest)
    made.set(row, guest)
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

/** What a guest writes to, as snapshot.sh names it. A device-mapper node has the dashes of the names in it doubled (lvm(8)). */
function diskPath(record: GuestRecord): string {
  switch (record.mode) {
    case 'thin':
      return `/dev/mapper/${record.volume.replaceAll('-', '--').replace('/', '-')}`
    case 'copy':
    case 'reflink':
      return `${record.folder}/disk.img`
    case 'qcow2':
      return `${record.folder}/disk.qcow2`
    case 'draft':
      return `${record.folder}/root.img`
    default:
      return `${record.folder}/layer.img`
  }
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
    ...(config?.bootloader === undefined ? {} : { bootloader: config.bootloader }),
  }
}
