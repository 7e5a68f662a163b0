import type { Guest } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import type { Fleet } from '../fleet/store'

export type Found = { hosts: Host[]; guests: { guest: Guest; host: Host }[]; more: number }

const mostHosts = 6
const mostGuests = 12

/** Hosts and guests whose names hold every word; names that begin as asked come first. `more` were left out. */
export function searchFleet(fleet: Pick<Fleet, 'hosts' | 'guests'>, query: string): Found {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  const rank = (name: string): number => {
    const lower = name.toLowerCase()
    if (!words.every((word) => lower.includes(word))) return -1
    return words[0] === undefined || lower.startsWith(words[0]) ? 0 : 1
  }
  const hosts = best(fleet.hosts, (host) => rank(host.settings.name))
  if (words.length === 0) return { hosts: hosts.slice(0, mostHosts), guests: [], more: 0 }
  const all = fleet.hosts.flatMap((host) => (fleet.guests.get(host.settings.id) ?? []).map((guest) => ({ guest, host })))
  const guests = best(all, ({ guest, host }) => {
    const own = rank(guest.name)
    return own >= 0 ? own : rank(`${guest.name} ${host.settings.name}`) >= 0 ? 2 : -1
  })
  return {
    hosts: hosts.slice(0, mostHosts),
    guests: guests.slice(0, mostGuests),
    more: Math.max(0, hosts.length - mostHosts) + Math.max(0, guests.length - mostGuests),
  }
}

function best<Thing>(things: readonly Thing[], rank: (thing: Thing) => number): Thing[] {
  const ranked = things.map((thing) => ({ thing, rank: rank(thing) })).filter((one) => one.rank >= 0)
  return ranked.sort((left, right) => left.rank - right.rank).map((one) => one.thing)
}

/** Whether a command's title holds every word of the query. */
export function matchesCommand(title: string, query: string): boolean {
  const lower = title.toLowerCase()
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => lower.includes(word))
}
