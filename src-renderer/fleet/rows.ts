import type { Guest } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import { endedStates, type Job } from '../../src-shared/models/job'
import { type Filter, isOpen } from './filter'
import { matchesGuest, matchesHost } from './filter-match'
import { groupBySite, siteNames } from './sites'
import { compareNames, type Fleet } from './store'

/** How deep a row stands, and its place among its siblings, from 1. */
type Place = { level: number; position: number; siblings: number }

/** What the hosts of a site come to. */
export type SiteSums = {
  hosts: number
  connected: number
  running: number
  /** Hosts that are away although they should not be, and crashed guests. */
  trouble: number
}

/** One line of the tree. Keys are stable: they are what selection and focus hold on to. */
export type Row =
  /** Heads the hosts of a site, or those of none. */
  | ({ kind: 'site'; key: string; site: string | undefined; sums: SiteSums; open: boolean } & Place)
  | ({ kind: 'host'; key: string; host: Host; guests: number; open: boolean } & Place)
  | ({ kind: 'guest'; key: string; host: Host; guest: Guest; job: Job | undefined } & Place)
  /** A guest that a job is about to make. */
  | ({ kind: 'coming'; key: string; host: Host; name: string; job: Job } & Place)
  | { kind: 'none'; key: string; text: string; of: 'site' | 'host' }

/** The key of a guest's row. */
export function guestKey(guest: Pick<Guest, 'hostId' | 'id'>): string {
  return `${guest.hostId}/${guest.id}`
}

/** The key of a host's row. */
export function hostKey(hostId: string): string {
  return hostId
}

/** The key of a site's row; no id of a host begins like it. */
export function siteKey(site: string | undefined): string {
  return `site:${site ?? ''}`
}

/** What of the tree is shown. */
export type TreeView = {
  /** Ids of hosts whose guests are shown. */
  open: ReadonlySet<string>
  /** Keys of sites whose hosts are not shown. */
  folded?: ReadonlySet<string>
  filter: Filter
  /** Sites in the order that a person gave them. */
  sites?: readonly string[]
}

/** The lines of the tree: sites if there are any, hosts, and under the open ones their guests. A filter opens what it finds. */
export function treeRows(fleet: Pick<Fleet, 'hosts' | 'guests'>, jobs: readonly Job[], view: TreeView): Row[] {
  const { open, folded = new Set(), filter, sites = [] } = view
  const filtered = !isOpen(filter)
  const underWay = jobsByHost(jobs)
  const rows: Row[] = []
  const addHosts = (hosts: readonly Shown[], level: number): void => {
    for (const [index, { host, guests, all }] of hosts.entries()) {
      const hostId = host.settings.id
      const isShown = filtered ? guests.length > 0 : open.has(hostId)
      const place = { level, position: index + 1, siblings: hosts.length }
      rows.push({ kind: 'host', key: hostKey(hostId), host, guests: guests.length, open: isShown, ...place })
      if (isShown) rows.push(...guestRows(host, guests, all, underWay.get(hostId) ?? [], filtered, level + 1))
    }
  }
  const groups = groupBySite(fleet.hosts, sites)
    .map(({ site, hosts }) => ({ site, hosts, shown: shownHosts(fleet, hosts, filter) }))
    .filter(({ shown }) => !filtered || shown.length > 0)
  if (groups.every(({ site }) => site === undefined) && siteNames(fleet.hosts, sites).length === 0) {
    addHosts(groups[0]?.shown ?? [], 1)
    return rows
  }
  for (const [index, { site, hosts, shown }] of groups.entries()) {
    const key = siteKey(site)
    const isShown = filtered || !folded.has(key)
    const place = { level: 1, position: index + 1, siblings: groups.length }
    rows.push({ kind: 'site', key, site, sums: siteSums(fleet, hosts), open: isShown, ...place })
    if (!isShown) continue
    if (hosts.length === 0) rows.push({ kind: 'none', key: `${key}/`, text: 'No hosts yet', of: 'site' })
    addHosts(shown, 2)
  }
  return rows
}

type Shown = { host: Host; guests: readonly Guest[]; all: readonly Guest[] }

function shownHosts(fleet: Pick<Fleet, 'guests'>, hosts: readonly Host[], filter: Filter): Shown[] {
  const filtered = !isOpen(filter)
  const shown = hosts.map((host) => {
    const all = fleet.guests.get(host.settings.id) ?? []
    return { host, guests: filtered ? all.filter((guest) => matchesGuest(filter, guest, host)) : all, all }
  })
  return filtered ? shown.filter(({ host, guests }) => guests.length > 0 || matchesHost(filter, host)) : shown
}

function siteSums({ guests }: Pick<Fleet, 'guests'>, hosts: readonly Host[]): SiteSums {
  const sums = { hosts: hosts.length, connected: 0, running: 0, trouble: 0 }
  for (const { settings, connection } of hosts) {
    if (connection.phase === 'waiting' || connection.phase === 'blocked') sums.trouble += 1
    // What is known of a host that is away is old.
    if (connection.phase !== 'ready') continue
    sums.connected += 1
    for (const { state } of guests.get(settings.id) ?? []) {
      if (state === 'running') sums.running += 1
      if (state === 'crashed') sums.trouble += 1
    }
  }
  return sums
}

function jobsByHost(jobs: readonly Job[]): Map<string, Job[]> {
  const byHost = new Map<string, Job[]>()
  for (const job of jobs) {
    if (endedStates.has(job.state)) continue
    const others = byHost.get(job.hostId)
    if (others) others.push(job)
    else byHost.set(job.hostId, [job])
  }
  return byHost
}

type Child = { name: string; guest?: Guest; job?: Job | undefined }

function guestRows(
  host: Host,
  guests: readonly Guest[],
  all: readonly Guest[],
  underWay: readonly Job[],
  filtered: boolean,
  level: number,
): Row[] {
  const hostId = host.settings.id
  const jobsByName = new Map(underWay.flatMap((job) => job.targets.map((name) => [name, job])))
  let children: Child[] = guests.map((guest) => ({ name: guest.name, guest, job: jobsByName.get(guest.name) }))
  const coming = filtered ? [] : comingGuests(underWay, all)
  if (coming.length > 0) children = [...children, ...coming].sort((left, right) => compareNames(left.name, right.name))
  if (children.length === 0) return [{ kind: 'none', key: `${hostId}/`, text: noGuests(host), of: 'host' }]
  return children.map(({ name, guest, job }, index): Row => {
    const place = { level, position: index + 1, siblings: children.length }
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
