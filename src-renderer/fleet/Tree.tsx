import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type MouseEvent, useCallback, useEffect, useRef } from 'react'
import { isOff } from '../../src-shared/models/guest'
import { useDock } from '../frame/dock'
import { openGuestConsoles } from '../frame/guest-actions'
import type { Row } from './rows'
import { choose, extendTo, moveTo, prune, toggle } from './selection'
import { TreeRow } from './TreeRow'
import { keyTarget } from './tree-keys'
import { chosenGuests, useTree } from './tree-store'

const rowHeights = { host: 28, guest: 24, coming: 24, none: 24 }

/** Hosts and guests as a tree of any length: one tab stop, arrows inside. */
export function Tree({ rows }: { rows: readonly Row[] }) {
  const scroller = useRef<HTMLDivElement>(null)
  const { selection, select, setOpen } = useTree()
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
    if (row.kind === 'host') useTree.getState().setOpen(row.host.settings.id, !row.open)
  }, [])

  const onOpen = useCallback((row: Row) => {
    if (row.kind === 'host') useDock.getState().showHost(row.host.settings.id)
    else if (row.kind === 'guest') openGuestConsoles([row.guest])
  }, [])

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget || event.altKey || event.ctrlKey || event.metaKey) return
    const index = rows.findIndex((row) => row.key === selection.current)
    const row = rows[index]
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeights.guest) - 1)
    const target = keyTarget(event.key, rows, index, page)
    const next = target === undefined ? undefined : rows[target]
    if (next) {
      if (event.shiftKey) {
        const guests = new Set(rows.filter((one) => one.kind === 'guest').map((one) => one.key))
        const keys = rows.map((one) => one.key)
        select(extendTo(selection, next.key, keys, (key) => guests.has(key)))
      } else select(moveTo(selection, next.key))
    } else if (row?.kind === 'host' && (event.key === 'ArrowRight' || event.key === 'ArrowLeft')) {
      setOpen(row.host.settings.id, event.key === 'ArrowRight')
    } else if (event.key === 'Enter') {
      if (row?.kind === 'host') useDock.getState().showHost(row.host.settings.id)
      else openGuestConsoles(chosenGuests().filter((guest) => !isOff(guest)))
    } else if (event.key === ' ' && row) {
      select(toggle({ ...selection, current: row.key }, row.key, () => row.kind === 'guest'))
    } else if (event.key === 'Escape' && selection.current) {
      select(choose(selection.current))
    } else return
    event.preventDefault()
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

function rowId(key: string): string {
  return `row-${key.replace(/[^A-Za-z0-9_-]/g, '_')}`
}
