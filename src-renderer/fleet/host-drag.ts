import { type DragEvent, useState } from 'react'
import type { Row } from './rows'
import { placeHost } from './site-actions'
import type { Spot } from './sites'

/** Where the host under the pointer would go, as the tree draws it: at an edge of a row, or into a site. */
export type Drop = { key: string; edge: 'before' | 'after' | 'into' }

const hostType = 'application/x-domdeck-host'

/** Where a host goes that is dropped on a row: `low` is its lower half. A guest's row counts as the end of its host. */
export function dropOn(rows: readonly Row[], index: number, low: boolean): (Drop & { spot: Spot }) | undefined {
  let at = index
  while (at >= 0 && rows[at]?.kind !== 'host' && rows[at]?.kind !== 'site') at -= 1
  const row = rows[at]
  if (row?.kind === 'site') return { key: row.key, edge: 'into', spot: { site: row.site } }
  if (row?.kind !== 'host') return undefined
  const { id, site } = row.host.settings
  if (at === index && !low) return { key: row.key, edge: 'before', spot: { site, before: id } }
  const next = rows.slice(at + 1).find((one) => one.kind === 'host' || one.kind === 'site')
  const before = next?.kind === 'host' ? next.host.settings.id : undefined
  return { key: row.key, edge: 'after', spot: { site, before } }
}

/** Hosts of the tree go to another place by drag and drop. `rowAt` says which row an event is about. */
export function useHostDrag(
  rows: readonly Row[],
  rowAt: (target: EventTarget) => { index: number; element: Element } | undefined,
) {
  const [drop, setDrop] = useState<Drop>()
  const find = (event: DragEvent): (Drop & { spot: Spot }) | undefined => {
    if (!event.dataTransfer.types.includes(hostType)) return undefined
    const hit = rowAt(event.target)
    if (!hit) return undefined
    const { top, height } = hit.element.getBoundingClientRect()
    return dropOn(rows, hit.index, event.clientY > top + height / 2)
  }
  return {
    drop,
    handlers: {
      onDragStart: (event: DragEvent): void => {
        const row = rows[rowAt(event.target)?.index ?? -1]
        if (row?.kind !== 'host') return
        event.dataTransfer.setData(hostType, row.host.settings.id)
        event.dataTransfer.effectAllowed = 'move'
      },
      onDragOver: (event: DragEvent): void => {
        const found = find(event)
        if (found) {
          event.preventDefault()
          event.dataTransfer.dropEffect = 'move'
        }
        if (found?.key !== drop?.key || found?.edge !== drop?.edge) setDrop(found)
      },
      onDragLeave: (event: DragEvent): void => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setDrop(undefined)
      },
      onDragEnd: (): void => setDrop(undefined),
      onDrop: (event: DragEvent): void => {
        const found = find(event)
        setDrop(undefined)
        if (!found) return
        event.preventDefault()
        placeHost(event.dataTransfer.getData(hostType), found.spot)
      },
    },
  }
}
