import type { BulkEvent } from '../../src-shared/contract/bulk'
import type { Bulk } from '../../src-shared/models/bulk'

/** What waits for one watcher: which items changed, not how often, so that a slow page is never behind by more than the bulk itself. */
type Watcher = {
  begun: Map<string, Bulk>
  changed: Map<string, { bulk: Bulk; items: Set<number> }>
  removed: Set<string>
  wake(): void
}

/** Tells whoever watches how bulks go on. */
export class BulkFeed {
  readonly #watchers = new Set<Watcher>()

  begin(bulk: Bulk): void {
    this.#tell((watcher) => watcher.begun.set(bulk.id, bulk))
  }

  put(bulk: Bulk, index: number): void {
    this.#tell((watcher) => {
      // A bulk that is told as a whole needs no items besides.
      if (watcher.begun.has(bulk.id)) return
      const entry = watcher.changed.get(bulk.id) ?? { bulk, items: new Set() }
      watcher.changed.set(bulk.id, entry)
      entry.items.add(index)
    })
  }

  remove(id: string): void {
    this.#tell((watcher) => {
      watcher.changed.delete(id)
      if (!watcher.begun.delete(id)) watcher.removed.add(id)
    })
  }

  /** A snapshot, then changes, until `signal` aborts. */
  async *watch(all: () => Bulk[], signal?: AbortSignal): AsyncGenerator<BulkEvent, void, undefined> {
    const watcher: Watcher = { begun: new Map(), changed: new Map(), removed: new Set(), wake: () => undefined }
    const onAbort = () => watcher.wake()
    signal?.addEventListener('abort', onAbort)
    this.#watchers.add(watcher)
    try {
      yield { type: 'snapshot', bulks: all().map(copied) }
      while (!signal?.aborted) {
        const events = taken(watcher)
        yield* events
        if (events.length > 0 || signal?.aborted) continue
        await new Promise<void>((resolve) => {
          watcher.wake = resolve
        })
      }
    } finally {
      this.#watchers.delete(watcher)
      signal?.removeEventListener('abort', onAbort)
    }
  }

  #tell(change: (watcher: Watcher) => void): void {
    for (const watcher of this.#watchers) {
      change(watcher)
      watcher.wake()
    }
  }
}

/** The bulk as it is now: it goes on while an event waits to be read. */
const copied = (bulk: Bulk): Bulk => ({ ...bulk, items: [...bulk.items] })

function taken({ begun, changed, removed }: Watcher): BulkEvent[] {
  const events: BulkEvent[] = [
    ...[...begun.values()].map((bulk): BulkEvent => ({ type: 'begun', bulk: copied(bulk) })),
    ...[...changed.values()].map(
      ({ bulk, items }): BulkEvent => ({
        type: 'items',
        id: bulk.id,
        ...(bulk.endedAt === undefined ? {} : { endedAt: bulk.endedAt }),
        items: [...items].flatMap((index) => {
          const item = bulk.items[index]
          return item ? [{ index, item }] : []
        }),
      }),
    ),
    ...[...removed].map((id): BulkEvent => ({ type: 'removed', id })),
  ]
  begun.clear()
  changed.clear()
  removed.clear()
  return events
}
