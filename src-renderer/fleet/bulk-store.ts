import { create } from 'zustand'
import type { BulkEvent } from '../../src-shared/contract/bulk'
import type { Bulk, BulkItem } from '../../src-shared/models/bulk'

/** The bulks after one event, oldest first; bulks and items that did not change keep their identity. */
export function foldBulks(bulks: readonly Bulk[], event: BulkEvent): readonly Bulk[] {
  switch (event.type) {
    case 'snapshot':
      return event.bulks
    case 'begun':
      return [...bulks.filter(({ id }) => id !== event.bulk.id), event.bulk]
    case 'removed':
      return bulks.filter(({ id }) => id !== event.id)
    case 'items':
      return bulks.map((bulk) => {
        if (bulk.id !== event.id) return bulk
        const items = [...bulk.items]
        for (const { index, item } of event.items) items[index] = item
        const { endedAt: _before, ...rest } = bulk
        return { ...rest, items, ...(event.endedAt === undefined ? {} : { endedAt: event.endedAt }) }
      })
  }
}

type BulksState = { bulks: readonly Bulk[]; apply(event: BulkEvent): void }

/** The bulks as the main side tells them. */
export const useBulks = create<BulksState>((set) => ({
  bulks: [],
  apply: (event) => set(({ bulks }) => ({ bulks: foldBulks(bulks, event) })),
}))

/** How many guests of a bulk are in each state. */
export function bulkCounts(items: readonly BulkItem[]): Record<BulkItem['state'], number> {
  const counts = { queued: 0, running: 0, done: 0, failed: 0, dropped: 0 }
  for (const { state } of items) counts[state] += 1
  return counts
}

let known: { bulks: readonly Bulk[]; ids: ReadonlySet<string> } = { bulks: [], ids: new Set() }

/** Ids of the jobs that show as part of a bulk, so that they need not show each for itself. */
export function bulkJobIds({ bulks }: BulksState): ReadonlySet<string> {
  if (bulks !== known.bulks) {
    const ids = new Set(bulks.flatMap(({ items }) => items.flatMap(({ jobId }) => jobId ?? [])))
    // Most changes are of states: whoever looks at the ids then sees the same set.
    known = { bulks, ids: ids.size === known.ids.size && [...ids].every((id) => known.ids.has(id)) ? known.ids : ids }
  }
  return known.ids
}

/** How a bulk stands, in a few words. */
export function bulkOutcome(items: readonly BulkItem[]): string {
  const { queued, running, done, failed, dropped } = bulkCounts(items)
  const parts = [
    `${done} of ${items.length} done`,
    failed > 0 && `${failed} failed`,
    running > 0 && `${running} running`,
    queued > 0 && `${queued} waiting`,
    dropped > 0 && `${dropped} cancelled`,
  ]
  return parts.filter(Boolean).join(', ')
}
