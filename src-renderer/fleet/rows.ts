import type { Guest } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import { endedStates, type Job } from '../../src-shared/models/job'
import { type Filter, isOpen } from './filter'
import { matchesGuest, matchesHost } from './filter-match'
import { compareNames, type Fleet } from './store'

/** One line of the tree. Keys are stable: they are what selection and focus hold on to. */
export type Row =
  | { kind: 'host'; key: string; host: Host; guests: number; open: boolean; position: number; siblings: number }
  | { kind: 'guest'; key: string; host: Host; guest: Guest; job: Job | undefined; position: number; siblings: number }
  /** A guest that a job is about to make. */
  | { kind: 'coming'; key: string; host: Host; name: string; job: Job; position: number; siblings: number }
  | { kind: 'none'; key: string; host: Host; text: string }

/** The key of a guest's row. */
export function guestKey(guest: Pick<Guest, 'hostId' | 'id'>): string {
  return `${guest.hostId}/${guest.id}`
}

/** The key of a host's row. */
export function hostKey(hostId: string): string {
  return hostId
}

/** The lines of the tree: hosts, and under the open ones their guests. A filter opens what it finds. */
export function treeRows(
  fleet: Pick<Fleet, 'hosts' | 'guests'>,
  jobs: readonly Job[],
  open: ReadonlySet<string>,
  filter: Filter,
): Row[] {
  const filtered = !isOpen(filter)
  const rows: Row[] = []
  const shown = fleet.hosts.map((host) => {
    const all = fleet.guests.get(host.settings.id) ?? []
    return { host, guests: filtered ? all.filter((guest) => matchesGuest(filter, guest, host)) : all, all }
  })
  const hosts = filtered ? shown.filter(({ host, guests }) => guests.length > 0 || matchesHost(filter, host)) : shown
  for (const [index, { host, guests, all }] of hosts.entries()) {
    const hostId = host.settings.id
    const isShown = filtered ? guests.length > 0 : open.has(hostId)
    rows.push({
      kind: 'host',
      key: hostKey(hostId),
      host,
      guests: guests.length,
      open: isShown,
      position: index + 1,
      siblings: hosts.length,
    })
    if (isShown) rows.push(...guestRows(host, guests, all, jobs, filtered))
  }
  return rows
}

type Child = { name: string; guest?: Guest; job?: Job | undefined }

function guestRows(host: Host, guests: readonly Guest[], all: readonly Guest[], jobs: readonly Job[], filtered: boolean): Row[] {
  const hostId = host.settings.id
  const underWay = jobs.filter((job) => job.hostId === hostId && !endedStates.has(job.state))
  const jobsByName = new Map(underWay.flatMap((job) => job.targets.map((name) => [name, job])))
  let children: Child[] = guests.map((guest) => ({ name: guest.name, guest, job: jobsByName.get(guest.name) }))
  const coming = filtered ? [] : comingGuests(underWay, all)
  if (coming.length > 0) children = [...children, ...coming].sort((left, right) => compareNames(left.name, right.name))
  if (children.length === 0) return [{ kind: 'none', key: `${hostId}/`, host, text: noGuests(host) }]
  return children.map(({ name, guest, job }, index): Row => {
    const place = { position: index + 1, siblings: children.length }
    if (guest) return { kind: 'guest', key: guestKey(guest), host, guest, job, ...place }
    return { kind: 'coming', key: `${hostId}/coming:${name}`, host, name, job: job as Job, ...place }
  })
}

function comingGuests(jobs: readonly Job[], guests: readonly Guest[]): Child[] {
  const clones = jobs.filter((job) => job.operation === 'guest.clone')
  if (clones.length === 0) return []
  const known = new Set(guests.map((guest) => guest.name))
  return clones.flatMap((job) => job.targets.filter((name) => !known.has(name)).map((name) => ({ name, job })))
}

function noGuests(host: Host): string {
  return host.asOf === undefined ? 'Not read yet' : 'No guests'
}
