import { siteNameSchema } from '../../src-shared/models/host'
import { currentClient } from '../api/page'
import { attempt } from '../frame/notices'
import { usePreferences } from '../frame/preferences'
import { groupBySite, type Move, moveHost, placed, type Spot, siteNames, stepSite, stepSpot } from './sites'
import { hostById, useFleet } from './store'

/** All sites in their order, as they are now. */
export function sitesNow(): string[] {
  return siteNames(useFleet.getState().hosts, usePreferences.getState().sites ?? [])
}

/** Follows all sites in their order. */
export function useSites(): string[] {
  const hosts = useFleet((fleet) => fleet.hosts)
  const ordered = usePreferences((preferences) => preferences.sites)
  return siteNames(hosts, ordered ?? [])
}

/** Why a site cannot be called so, or undefined when it can; `own` is the name it has. */
export function siteNameProblem(name: string, own?: string): string | undefined {
  const parsed = siteNameSchema.safeParse(name)
  if (!parsed.success) return parsed.error.issues[0]?.message
  const same = sitesNow().find((site) => site !== own && site.toLowerCase() === parsed.data.toLowerCase())
  return same === undefined ? undefined : `There is a site ${same} already.`
}

/** Moves a host to a place in the fleet. */
export function placeHost(hostId: string, spot: Spot): void {
  const fleet = useFleet.getState()
  if (spot.site !== undefined) keepSites([...sitesNow(), spot.site])
  send(`Move ${hostById(fleet, hostId)?.settings.name ?? hostId}`, moveHost(fleet.hosts, hostId, spot))
}

/** Moves a host one step up or down in the tree, across sites too. */
export function stepHost(hostId: string, step: 1 | -1): void {
  const groups = groupBySite(useFleet.getState().hosts, sitesNow())
  const spot = stepSpot(groups, hostId, step)
  if (spot) placeHost(hostId, spot)
}

/** Moves a site one step up or down among the sites. */
export function moveSite(site: string, step: 1 | -1): void {
  keepSites(stepSite(sitesNow(), site, step))
}

/** Makes a site, or renames `own`, with these hosts in it; hosts it had and that are not among them belong to none. */
export function saveSite(name: string, hostIds: ReadonlySet<string>, own?: string): void {
  const { hosts } = useFleet.getState()
  const sites = sitesNow()
  keepSites(own === undefined ? [...sites, name] : sites.map((site) => (site === own ? name : site)))
  const members = hosts.filter(({ settings }) => hostIds.has(settings.id))
  const left = hosts.filter(({ settings }) => own !== undefined && settings.site === own && !hostIds.has(settings.id))
  const others = hosts.filter(({ settings }) => settings.site === undefined && !hostIds.has(settings.id))
  const leaving = left.length > 0 ? placed([...others, ...left], undefined) : []
  send(own === undefined ? `Make the site ${name}` : `Change the site ${own}`, [...placed(members, name), ...leaving])
}

/** Forgets a site; its hosts stay, without one. */
export function deleteSite(name: string): void {
  const { hosts } = useFleet.getState()
  keepSites(sitesNow().filter((site) => site !== name))
  const others = hosts.filter(({ settings }) => settings.site === undefined)
  const left = hosts.filter(({ settings }) => settings.site === name)
  if (left.length > 0) send(`Delete the site ${name}`, placed([...others, ...left], undefined))
}

function keepSites(sites: readonly string[]): void {
  usePreferences.getState().change({ sites: [...new Set(sites)] })
}

function send(what: string, hosts: readonly Move[]): void {
  if (hosts.length > 0) void attempt(what, async () => currentClient().hosts.arrange({ hosts: [...hosts] }))
}
