import type { HostPlace, HostSettings } from '../../src-shared/models/host'

/** Where a host stands in the fleet. */
export function placeOf({ site, order }: HostSettings): HostPlace {
  return { ...(site === undefined ? {} : { site }), ...(order === undefined ? {} : { order }) }
}

/** The settings of a host that stands nowhere in particular. */
export function withoutPlace({ site: _site, order: _order, ...settings }: HostSettings): HostSettings {
  return settings
}
