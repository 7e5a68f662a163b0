import { type ReactNode, useMemo } from 'react'
import { guestKey } from '../fleet/rows'
import { useFleet, useHost } from '../fleet/store'
import { useTree } from '../fleet/tree-store'
import { GuestInspector } from '../guests/GuestInspector'
import { HostInspector } from '../hosts/HostInspector'

/** The right column: what is under the cursor of the tree, paging through the picked. `children` is its edge. */
export function Inspector({ children }: { children?: ReactNode }) {
  const { selection, select } = useTree()
  const guests = useFleet((fleet) => fleet.guests)
  const hosts = useFleet((fleet) => fleet.hosts)
  const chosen = useMemo(() => {
    const { current, picked } = selection
    // Most hosts have none of them: their guests, thousands maybe, are not looked at with every change of the fleet.
    const near = new Set([current ?? '', ...picked].map((key) => key.split('/', 1)[0]))
    const all = hosts.flatMap(({ settings }) => (near.has(settings.id) ? (guests.get(settings.id) ?? []) : []))
    return {
      guest: all.find((guest) => guestKey(guest) === current),
      picked: picked.size === 0 ? [] : all.filter((guest) => picked.has(guestKey(guest))),
    }
  }, [hosts, guests, selection])
  const { guest, picked } = chosen
  const host = useHost(guest?.hostId ?? selection.current)
  const index = guest ? picked.findIndex((one) => guestKey(one) === guestKey(guest)) : -1
  const place =
    picked.length > 1 && index >= 0
      ? {
          index,
          of: picked.length,
          go: (to: number) => {
            const next = picked[to]
            if (next) select({ ...selection, current: guestKey(next) })
          },
        }
      : undefined
  return (
    <aside className="insp" aria-label="Inspector" data-region="inspector">
      <div className="insp-in">
        {guest && host && <GuestInspector guest={guest} host={host} place={place} />}
        {!guest && host && <HostInspector host={host} />}
        {!host && <p className="insp-none">Choose a host or a guest at the left.</p>}
      </div>
      {children}
    </aside>
  )
}
