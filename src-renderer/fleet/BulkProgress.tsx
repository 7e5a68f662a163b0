import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, useMemo, useRef } from 'react'
import type { BulkItem } from '../../src-shared/models/bulk'
import { Bar, Button, Dialog, Glyph, Icon } from '../ui'
import { BulkButtons, BulkMark } from './BulkStrip'
import { bulkCounts, bulkOutcome, useBulks } from './bulk-store'
import { groupByHost, hostById, useFleet } from './store'

type Line =
  | { kind: 'host'; key: string; name: string; items: readonly BulkItem[] }
  | { kind: 'item'; key: string; item: BulkItem }

const stateRank = { failed: 0, running: 1, queued: 2, dropped: 3, done: 4 }
const lineHeights = { host: 32, item: 28, failed: 60 }
const heightOf = (line: Line | undefined): number =>
  line?.kind === 'item' && line.item.state === 'failed' ? lineHeights.failed : lineHeights[line?.kind ?? 'item']

/** Every guest of a bulk under its host, the failed ones first, each with what happened to it. */
export function BulkProgress({ id, onClose }: { id: string; onClose(): void }) {
  const bulk = useBulks((state) => state.bulks.find((one) => one.id === id))
  if (!bulk) return null
  return (
    <Dialog
      title={
        <span className="bulk-t">
          <BulkMark bulk={bulk} /> {bulk.title}
        </span>
      }
      width={720}
      onClose={onClose}
      footer={
        <>
          <span className="f2">{bulkOutcome(bulk.items)}</span>
          <span className="sp" />
          <BulkButtons bulk={bulk} />
          <Button keys="Esc" onClick={onClose}>
            Close
          </Button>
        </>
      }
    >
      <BulkList items={bulk.items} />
    </Dialog>
  )
}

/** A component of its own: it is there when its scroller is, which a dialog mounts later than itself. */
function BulkList({ items }: { items: readonly BulkItem[] }) {
  const hosts = useFleet((fleet) => fleet.hosts)
  const scroller = useRef<HTMLElement>(null)
  const lines = useMemo(() => linesOf(items, (hostId) => hostById({ hosts }, hostId)?.settings.name), [items, hosts])
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => heightOf(lines[index]),
    getItemKey: (index) => lines[index]?.key ?? index,
    overscan: 10,
  })
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section ref={scroller} className="bulk-all" aria-label="Guests" tabIndex={0}>
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map((place) => {
          const line = lines[place.index]
          return (
            line && (
              <div
                key={place.key}
                className="bulk-at"
                style={{ transform: `translateY(${place.start}px)`, height: heightOf(line) }}
              >
                {line.kind === 'host' ? <HostLine line={line} /> : <ItemLine item={line.item} />}
              </div>
            )
          )
        })}
      </div>
    </section>
  )
}

function linesOf(items: readonly BulkItem[], nameOf: (hostId: string) => string | undefined): Line[] {
  return [...groupByHost(items)].flatMap(([hostId, ofHost]): Line[] => [
    { kind: 'host', key: hostId, name: nameOf(hostId) ?? 'a removed host', items: ofHost },
    ...ofHost
      .toSorted((left, right) => stateRank[left.state] - stateRank[right.state])
      .map((item): Line => ({ kind: 'item', key: `${hostId}/${item.guestId}/${item.state}`, item })),
  ])
}

function HostLine({ line: { name, items } }: { line: Extract<Line, { kind: 'host' }> }) {
  const { queued, running } = bulkCounts(items)
  return (
    <div className="bulk-host">
      <b className="el">{name}</b>
      <Bar share={(items.length - queued - running) / items.length} label={name} width={96} tone="layer" />
      <span className="f2">{bulkOutcome(items)}</span>
    </div>
  )
}

const stateWords = { queued: 'waiting', running: 'running', done: 'done', failed: 'failed', dropped: 'cancelled' }

const ItemLine = memo(function ItemLine({ item }: { item: BulkItem }) {
  return (
    <div className="bulk-item" data-item={item.name} data-state={item.state}>
      {item.state === 'done' && <Icon name="check" size="s" className="green" />}
      {item.state === 'failed' && <Glyph shape="crashed" label="" />}
      {item.state === 'running' && <Glyph shape="booting" label="" />}
      {(item.state === 'queued' || item.state === 'dropped') && <Glyph shape="queued" label="" />}
      <span className="el">{item.name}</span>
      <span className={item.state === 'failed' ? 'red' : 'f3'}>{stateWords[item.state]}</span>
      {item.problem && (
        <span className="bulk-why" title={`${item.problem.detail} ${item.problem.hint}`}>
          {item.problem.detail} <span className="f3">{item.problem.hint}</span>
        </span>
      )}
    </div>
  )
})
