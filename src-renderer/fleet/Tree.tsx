import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type MouseEvent, useCallback, useEffect, useMemo, useRef } from 'react'
import { isOff } from '../../src-shared/models/guest'
import { showDialog } from '../frame/dialogs'
import { useDock } from '../frame/dock'
import { openGuestConsoles } from '../frame/guest-actions'
import { useHostDrag } from './host-drag'
import type { Row } from './rows'
import { choose, extendTo, moveTo, prune, toggle } from './selection'
import { moveSite, stepHost } from './site-actions'
import { TreeRow } from './TreeRow'
import { keyTarget } from './tree-keys'
import { chosenGuests, useTree } from './tree-store'

const rowHeights = { site: 24, host: 28, guest: 24, coming: 24, none: 24 }

/** Hosts and guests as a tree of any length: one tab stop, arrows inside. */
export function Tree({ rows }: { rows: readonly Row[] }) {
  const scroller = useRef<HTMLDivElement>(null)
  const { selection, select } = useTree()
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => rowHeights[rows[index]?.kind ?? 'guest'],
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 12,
  })
  const latest = useRef(rows)
  latest.current = rows

  // Rows change height when a host takes the place of a guest.
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured anew when the rows change
  useEffect(() => virtual.measure(), [rows, virtual])

  useEffect(() => {
    const keys = new Set(rows.map((row) => row.key))
    const kept = prune(useTree.getState().selection, (key) => keys.has(key))
    if (kept !== useTree.getState().selection) select(kept)
  }, [rows, select])

  // What was chosen elsewhere, in the palette or the inspector, comes into sight.
  useEffect(() => {
    const index = latest.current.findIndex((row) => row.key === selection.current)
    if (index >= 0) virtual.scrollToIndex(index)
  }, [selection.current, virtual])

  const onClick = useCallback((row: Row, event: MouseEvent) => {
    const { selection: now, select: set } = useTree.getState()
    const kinds = new Map(latest.current.map((one) => [one.key, one.kind]))
    const pickable = (key: string): boolean => kinds.get(key) === 'guest'
    if (event.shiftKey)
      set(
        extendTo(
          now,
          row.key,
          latest.current.map((one) => one.key),
          pickable,
        ),
      )
    else if (event.ctrlKey || event.metaKey) set(toggle(now, row.key, pickable))
    else set(choose(row.key))
  }, [])

  const onTwist = useCallback((row: Row) => {
    twist(row, !('open' in row && row.open))
  }, [])

  const onOpen = useCallback((row: Row) => {
    if (row.kind === 'site') twist(row, !row.open)
    else if (row.kind === 'host') useDock.getState().showHost(row.host.settings.id)
    else if (row.kind === 'guest') openGuestConsoles([row.guest])
  }, [])

  const indexes = useMemo(() => new Map(rows.map((row, index) => [rowId(row.key), index])), [rows])
  const { drop, handlers } = useHostDrag(rows, (target) => {
    const element = target instanceof Element ? target.closest('.row') : null
    const index = element ? indexes.get(element.id) : undefined
    return element && index !== undefined ? { index, element } : undefined
  })

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return
    const index = rows.findIndex((row) => row.key === selection.current)
    const row = rows[index]
    if (event.altKey || event.ctrlKey || event.metaKey) {
      if (!onModifiedKey(event, row)) return
      event.preventDefault()
      return
    }
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeights.guest) - 1)
    const target = keyTarget(event.key, rows, index, page)
    const next = target === undefined ? undefined : rows[target]
    if (next) {
      if (event.shiftKey) {
        const guests = new Set(rows.filter((one) => one.kind === 'guest').map((one) => one.key))
        const keys = rows.map((one) => one.key)
        select(extendTo(selection, next.key, keys, (key) => guests.has(key)))
      } else select(moveTo(selection, next.key))
    } else if (row && 'open' in row && (event.key === 'ArrowRight' || event.key === 'ArrowLeft')) {
      twist(row, event.key === 'ArrowRight')
    } else if (event.key === 'Enter') {
      if (row?.kind === 'site') {
        if (row.site !== undefined) showDialog({ kind: 'site', site: row.site })
      } else if (row?.kind === 'host') useDock.getState().showHost(row.host.settings.id)
      else openGuestConsoles(chosenGuests().filter((guest) => !isOff(guest)))
    } else if (event.key === ' ' && row) {
      select(toggle({ ...selection, current: row.key }, row.key, () => row.kind === 'guest'))
    } else if (event.key === 'Escape' && selection.current) {
      select(choose(selection.current))
    } else return
    event.preventDefault()
  }

  const onModifiedKey = (event: KeyboardEvent, row: Row | undefined): boolean => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : undefined
    if (event.altKey && step && row?.kind === 'host') stepHost(row.host.settings.id, step)
    else if (event.altKey && step && row?.kind === 'site' && row.site !== undefined) moveSite(row.site, step)
    else if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'a') selectAllShown(rows)
    else return false
    return true
  }

  const shown = virtual.getVirtualItems()
  const currentShown = shown.some((item) => rows[item.index]?.key === selection.current)
  return (
    <div
      ref={scroller}
      className="tree"
      role="tree"
      aria-label="Fleet"
      aria-multiselectable="true"
      tabIndex={0}
      data-first=""
      aria-activedescendant={currentShown && selection.current ? rowId(selection.current) : undefined}
      onKeyDown={onKeyDown}
      {...handlers}
      onFocus={(event) => {
        const first = rows[0]
        if (event.target === event.currentTarget && !selection.current && first) select(choose(first.key))
      }}
    >
      <div className="tree-all" role="none" style={{ height: virtual.getTotalSize() }}>
        {shown.map((item) => {
          const row = rows[item.index]
          if (!row) return null
          const isPicked = (index: number): boolean => {
            const key = rows[index]?.key
            return key !== undefined && selection.picked.has(key)
          }
          return (
            <TreeRow
              key={row.key}
              row={row}
              id={rowId(row.key)}
              top={item.start}
              current={row.key === selection.current}
              picked={isPicked(item.index)}
              pickedBefore={isPicked(item.index - 1)}
              pickedAfter={isPicked(item.index + 1)}
              drop={drop?.key === row.key ? drop.edge : undefined}
              onClick={onClick}
              onOpen={onOpen}
              onTwist={onTwist}
            />
          )
        })}
      </div>
    </div>
  )
}

/** Opens or closes what stands below a row. */
function twist(row: Row, isOpen: boolean): void {
  const { setOpen, fold } = useTree.getState()
  if (row.kind === 'host') setOpen(row.host.settings.id, isOpen)
  else if (row.kind === 'site') fold(row.key, !isOpen)
}

/** Picks every guest of these rows; those of closed hosts are not among them, so that one sees what one acts on. */
export function selectAllShown(rows: readonly Row[]): void {
  const keys = rows.filter((row) => row.kind === 'guest').map((row) => row.key)
  const { selection, select } = useTree.getState()
  const current = selection.current !== undefined && keys.includes(selection.current) ? selection.current : keys[0]
  if (current !== undefined) select({ current, picked: new Set(keys), anchor: current })
}

function rowId(key: string): string {
  return `row-${key.replace(/[^A-Za-z0-9_-]/g, '_')}`
}
