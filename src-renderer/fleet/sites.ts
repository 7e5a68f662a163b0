import type { Host, HostPlace } from '../../src-shared/models/host'
import { compareNames } from './store'

/** Hosts that stand together: of one site, or of none. */
export type SiteGroup = { site: string | undefined; hosts: readonly Host[] }

/** A host and the place it is to have. */
export type Move = { hostId: string; place: HostPlace }

/** Where a host goes: to a site or none, before one of its hosts, or to its end. */
export type Spot = { site: string | undefined; before?: string | undefined }

/** Sites in their order, those without a host too: first the ones that a person ordered, then by name what only hosts mention. */
export function siteNames(hosts: readonly Host[], ordered: readonly string[]): string[] {
  const mentioned = new Set(hosts.flatMap(({ settings }) => settings.site ?? []))
  for (const site of ordered) mentioned.delete(site)
  return [...new Set(ordered), ...[...mentioned].sort(compareNames)]
}

/** The hosts by site; those without one come last. A fleet without sites is one group. */
export function groupBySite(hosts: readonly Host[], ordered: readonly string[]): SiteGroup[] {
  const groups: SiteGroup[] = siteNames(hosts, ordered).map((site) => ({ site, hosts: hostsOf(hosts, site) }))
  const others = hostsOf(hosts, undefined)
  return others.length > 0 || groups.length === 0 ? [...groups, { site: undefined, hosts: others }] : groups
}

const hostsOf = (hosts: readonly Host[], site: string | undefined): Host[] =>
  hosts.filter(({ settings }) => settings.site === site)

/** What must be told to the main side so that the host stands there: its own place, and that of all whose number changes by it. */
export function moveHost(hosts: readonly Host[], hostId: string, { site, before }: Spot): Move[] {
  const moved = hosts.find(({ settings }) => settings.id === hostId)
  if (!moved || before === hostId) return []
  const others = hostsOf(hosts, site).filter((host) => host !== moved)
  const at = others.findIndex(({ settings }) => settings.id === before)
  return placed(others.toSpliced(at < 0 ? others.length : at, 0, moved), site)
}

/** The places of these hosts, in this order, in a site; only of those that stand elsewhere now. */
export function placed(hosts: readonly Host[], site: string | undefined): Move[] {
  return hosts.flatMap(({ settings }, order) =>
    settings.site === site && settings.order === order
      ? []
      : [{ hostId: settings.id, place: { ...(site === undefined ? {} : { site }), order } }],
  )
}

/** One step up or down, from a site into its neighbour at the ends; undefined where there is no further. */
export function stepSpot(groups: readonly SiteGroup[], hostId: string, step: 1 | -1): Spot | undefined {
  const at = groups.findIndex(({ hosts }) => hosts.some(({ settings }) => settings.id === hostId))
  const group = groups[at]
  if (!group) return undefined
  const index = group.hosts.findIndex(({ settings }) => settings.id === hostId)
  const within = index + step
  if (within >= 0 && within < group.hosts.length)
    return { site: group.site, before: group.hosts[step > 0 ? within + 1 : within]?.settings.id }
  const neighbour = groups[at + step]
  if (!neighbour) return undefined
  return { site: neighbour.site, before: step > 0 ? neighbour.hosts[0]?.settings.id : undefined }
}

/** The sites with one of them a step up or down. */
export function stepSite(sites: readonly string[], site: string, step: 1 | -1): string[] {
  const at = sites.indexOf(site)
  const to = at + step
  if (at < 0 || to < 0 || to >= sites.length) return [...sites]
  return sites.toSpliced(at, 1).toSpliced(to, 0, site)
}
