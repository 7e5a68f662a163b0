import { create } from 'zustand'
import type { Guest } from '../../src-shared/models/guest'
import { parseFilter } from './filter'
import { matchesGuest } from './filter-match'
import { guestKey, hostKey, siteKey } from './rows'
import { choose, effective, noSelection, type Selection } from './selection'
import { hostById, useFleet } from './store'

type TreeState = {
  selection: Selection
  /** Ids of hosts whose guests are shown. */
  open: ReadonlySet<string>
  /** Keys of sites whose hosts are hidden. */
  folded: ReadonlySet<string>
  filter: string
  /** Ids of all hosts seen so far. */
  met: ReadonlySet<string>
  select(selection: Selection): void
  setFilter(filter: string): void
  setOpen(hostId: string, open: boolean): void
  fold(siteKey: string, folded: boolean): void
  /** These are the hosts there are; new ones may open. */
  meet(hostIds: readonly string[]): void
}

/** Fleets up to this many hosts start with all of them open. */
const smallFleet = 4

/** Which hosts seen for the first time show their guests at once: all of a small fleet, the first of a large one, and one that somebody adds. */
export function openAtFirst(knownBefore: number, fresh: readonly string[]): readonly string[] {
  if (fresh.length === 1 || knownBefore + fresh.length <= smallFleet) return fresh
  return knownBefore === 0 ? fresh.slice(0, 1) : []
}

/** What is shown and chosen in the fleet tree. */
export const useTree = create<TreeState>((set) => ({
  selection: noSelection,
  open: new Set(),
  folded: new Set(),
  filter: '',
  met: new Set(),
  select: (selection) => set({ selection }),
  setFilter: (filter) => set({ filter }),
  setOpen: (hostId, isOpen) => set(({ open }) => ({ open: changed(open, hostId, isOpen) })),
  fold: (key, isFolded) => set(({ folded }) => ({ folded: changed(folded, key, isFolded) })),
  meet: (hostIds) =>
    set(({ met, open }) => {
      const fresh = hostIds.filter((hostId) => !met.has(hostId))
      if (fresh.length === 0) return {}
      return { met: new Set([...met, ...fresh]), open: new Set([...open, ...openAtFirst(met.size, fresh)]) }
    }),
}))

function changed(keys: ReadonlySet<string>, key: string, isIn: boolean): ReadonlySet<string> {
  const next = new Set(keys)
  if (isIn) next.add(key)
  else next.delete(key)
  return next
}

/** The guests that an action is for: the picked ones in the order of the tree, or else the one under the cursor. */
export function chosenGuests(): Guest[] {
  const fleet = useFleet.getState()
  const keys = new Set(effective(useTree.getState().selection))
  return fleet.hosts.flatMap((host) => (fleet.guests.get(host.settings.id) ?? []).filter((guest) => keys.has(guestKey(guest))))
}

/** Picks every guest of the fleet that the filter finds; it shows them all. */
export function selectMatching(): void {
  const { hosts, guests } = useFleet.getState()
  const { filter, select } = useTree.getState()
  const parsed = parseFilter(filter)
  const found = hosts.flatMap((host) => (guests.get(host.settings.id) ?? []).filter((guest) => matchesGuest(parsed, guest, host)))
  const keys = found.map(guestKey)
  if (keys[0] !== undefined) select({ current: keys[0], picked: new Set(keys), anchor: keys[0] })
}

/** Puts the cursor on a guest or a host, opening what hides it. */
export function reveal(hostId: string, guest?: Guest): void {
  const { setOpen, setFilter, fold, select } = useTree.getState()
  setFilter('')
  fold(siteKey(hostById(useFleet.getState(), hostId)?.settings.site), false)
  if (guest) setOpen(hostId, true)
  select(choose(guest ? guestKey(guest) : hostKey(hostId)))
}
