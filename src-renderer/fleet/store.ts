import { create } from 'zustand'
import type { FleetEvent } from '../../src-shared/contract/fleet'
import type { Generation } from '../../src-shared/models/base'
import type { Guest } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import type { PackageImage } from '../../src-shared/models/package'

/** Samples of CPU use kept for a sparkline. */
export const cpuSamples = 24

export type Fleet = {
  /** False until the first snapshot: loading, not empty. */
  loaded: boolean
  /** As a person arranged them, then by name. */
  hosts: readonly Host[]
  /** By host id, then by name. */
  guests: ReadonlyMap<string, readonly Guest[]>
  bases: ReadonlyMap<string, readonly Generation[]>
  /** By host id. */
  packages: ReadonlyMap<string, readonly PackageImage[]>
  /** By host id and guest id, oldest first; 1 is one vCPU fully busy. */
  cpu: ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>
}

export const emptyFleet: Fleet = {
  loaded: false,
  hosts: [],
  guests: new Map(),
  bases: new Map(),
  packages: new Map(),
  cpu: new Map(),
}

const collator = new Intl.Collator('en', { numeric: true })

/** Names as people count: web-2 before web-10. */
export function compareNames(left: string, right: string): number {
  return collator.compare(left, right)
}

const byName = (left: Guest, right: Guest): number => compareNames(left.name, right.name)

/** Hosts as a person arranged them; those without a place after them, by name. */
export function comparePlaces(left: Host, right: Host): number {
  const [one, other] = [left.settings.order ?? Number.MAX_SAFE_INTEGER, right.settings.order ?? Number.MAX_SAFE_INTEGER]
  return one === other ? compareNames(left.settings.name, right.settings.name) : one - other
}

/** The fleet after one event. Parts that did not change keep their identity. */
export function foldFleet(fleet: Fleet, event: FleetEvent): Fleet {
  switch (event.type) {
    case 'snapshot':
      return {
        loaded: true,
        hosts: [...event.hosts].sort(comparePlaces),
        guests: groupGuests(event.guests),
        bases: new Map(event.bases.map(({ hostId, generations }) => [hostId, generations])),
        packages: new Map(event.packages.map(({ hostId, packages }) => [hostId, packages])),
        // The history of those that are still there goes on: a snapshot also comes after a short loss of the link.
        cpu: fleet.cpu,
      }
    case 'host': {
      const others = fleet.hosts.filter((host) => host.settings.id !== event.host.settings.id)
      return { ...fleet, hosts: [...others, event.host].sort(comparePlaces) }
    }
    case 'host-removed':
      return {
        ...fleet,
        hosts: fleet.hosts.filter((host) => host.settings.id !== event.hostId),
        guests: without(fleet.guests, event.hostId),
        bases: without(fleet.bases, event.hostId),
        packages: without(fleet.packages, event.hostId),
        cpu: without(fleet.cpu, event.hostId),
      }
    case 'guests': {
      const gone = new Set([...event.removed, ...event.changed.map((guest) => guest.id)])
      const kept = (fleet.guests.get(event.hostId) ?? []).filter((guest) => !gone.has(guest.id))
      return { ...fleet, guests: new Map(fleet.guests).set(event.hostId, [...kept, ...event.changed].sort(byName)) }
    }
    case 'bases':
      return { ...fleet, bases: new Map(fleet.bases).set(event.hostId, event.generations) }
    case 'packages':
      return { ...fleet, packages: new Map(fleet.packages).set(event.hostId, event.packages) }
    case 'cpu': {
      const before = fleet.cpu.get(event.hostId)
      const after = new Map<string, readonly number[]>()
      for (const [id, use] of Object.entries(event.use)) {
        after.set(id, [...(before?.get(id) ?? []), use].slice(-cpuSamples))
      }
      return { ...fleet, cpu: new Map(fleet.cpu).set(event.hostId, after) }
    }
  }
}

function groupGuests(guests: readonly Guest[]): Map<string, readonly Guest[]> {
  const groups = groupByHost(guests)
  for (const group of groups.values()) group.sort(byName)
  return groups
}

/** Things by the id of their host, in the order in which the hosts come first. */
export function groupByHost<Thing extends { hostId: string }>(things: readonly Thing[]): Map<string, Thing[]> {
  const groups = new Map<string, Thing[]>()
  for (const thing of things) {
    const group = groups.get(thing.hostId)
    if (group) group.push(thing)
    else groups.set(thing.hostId, [thing])
  }
  return groups
}

function without<Value>(map: ReadonlyMap<string, Value>, key: string): Map<string, Value> {
  const copy = new Map(map)
  copy.delete(key)
  return copy
}

type FleetState = Fleet & { apply(event: FleetEvent): void }

/** The fleet as the main side tells it. */
export const useFleet = create<FleetState>((set) => ({
  ...emptyFleet,
  apply: (event) => set((fleet) => foldFleet(fleet, event)),
}))

/** The host of this id, as it is now. */
export function hostById(fleet: Pick<Fleet, 'hosts'>, hostId: string | undefined): Host | undefined {
  return fleet.hosts.find((host) => host.settings.id === hostId)
}

/** The guest of this id on this host, as it is now. */
export function guestById(fleet: Fleet, hostId: string, guestId: string): Guest | undefined {
  return fleet.guests.get(hostId)?.find((guest) => guest.id === guestId)
}

/** CPU use of one guest lately, oldest first. */
export function cpuOf(fleet: Fleet, hostId: string, guestId: string): readonly number[] {
  return fleet.cpu.get(hostId)?.get(guestId) ?? noSamples
}

const noSamples: readonly number[] = []
const noGuests: readonly Guest[] = []
const noGenerations: readonly Generation[] = []
const noPackages: readonly PackageImage[] = []

/** Follows one host. */
export function useHost(hostId: string | undefined): Host | undefined {
  return useFleet((fleet) => hostById(fleet, hostId))
}

/** Follows the guests of a host, by name. */
export function useGuests(hostId: string): readonly Guest[] {
  return useFleet((fleet) => fleet.guests.get(hostId) ?? noGuests)
}

/** Follows the base generations on a host. */
export function useGenerations(hostId: string): readonly Generation[] {
  return useFleet((fleet) => fleet.bases.get(hostId) ?? noGenerations)
}

/** Follows the package images on a host. */
export function usePackages(hostId: string): readonly PackageImage[] {
  return useFleet((fleet) => fleet.packages.get(hostId) ?? noPackages)
}

/** Follows the CPU use of a guest, oldest first; 1 is one vCPU fully busy. */
export function useCpu(hostId: string, guestId: string): readonly number[] {
  return useFleet((fleet) => cpuOf(fleet, hostId, guestId))
}

/** How many guests run in the whole fleet, as far as is known now: not those of hosts that are away. */
export function runningGuests({ hosts, guests }: Pick<Fleet, 'hosts' | 'guests'>): number {
  let count = 0
  for (const { settings, connection } of hosts) {
    if (connection.phase !== 'ready') continue
    for (const guest of guests.get(settings.id) ?? []) if (guest.state === 'running') count += 1
  }
  return count
}
