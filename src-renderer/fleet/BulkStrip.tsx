import type { Bulk } from '../../src-shared/models/bulk'
import { showDialog } from '../frame/dialogs'
import { Bar, Button, Glyph, Icon, IconButton } from '../ui'
import { cancelRest, dismissBulk, retryFailed } from './bulk-actions'
import { bulkCounts, bulkOutcome, useBulks } from './bulk-store'

/** What is done to many guests at once, a line each, above the jobs. */
export function BulkStrip() {
  const bulks = useBulks((state) => state.bulks)
  if (bulks.length === 0) return null
  return (
    <section className="bulks" aria-label="Bulk actions">
      {bulks.toReversed().map((bulk) => (
        <BulkLine key={bulk.id} bulk={bulk} />
      ))}
    </section>
  )
}

function BulkLine({ bulk }: { bulk: Bulk }) {
  const counts = bulkCounts(bulk.items)
  const ended = bulk.endedAt !== undefined
  return (
    <div className="job bulk-l" data-bulk={bulk.id} data-state={ended ? (counts.failed > 0 ? 'failed' : 'ended') : 'running'}>
      <BulkMark bulk={bulk} />
      <span className="el" title={bulk.title}>
        {bulk.title}
      </span>
      <Bar share={(bulk.items.length - counts.queued - counts.running) / bulk.items.length} label={bulk.title} tone="layer" />
      <span className={counts.failed > 0 ? 'red el' : 'f2 el'}>{bulkOutcome(bulk.items)}</span>
      <span className="r">
        <Button kind="ghost" size="s" onClick={() => showDialog({ kind: 'bulk-progress', id: bulk.id })}>
          Details
        </Button>
        <BulkButtons bulk={bulk} />
        {ended && (
          <IconButton icon="close" iconSize="xs" size="xs" label={`Dismiss ${bulk.title}`} onClick={() => dismissBulk(bulk)} />
        )}
      </span>
    </div>
  )
}

/** Under way, all done, or with failures. */
export function BulkMark({ bulk }: { bulk: Bulk }) {
  const { failed } = bulkCounts(bulk.items)
  if (failed > 0) return <Glyph shape="crashed" label="some failed" />
  if (bulk.endedAt === undefined) return <Glyph shape="booting" label="running" />
  return <Icon name="check" size="s" className="green" />
}

/** Try again what failed, cancel what waits; each only where there is something. */
export function BulkButtons({ bulk }: { bulk: Bulk }) {
  const { failed, queued } = bulkCounts(bulk.items)
  return (
    <>
      {failed > 0 && (
        <Button size="s" icon="reboot" onClick={() => retryFailed(bulk)}>
          Retry {failed} failed
        </Button>
      )}
      {queued > 0 && (
        <Button size="s" onClick={() => cancelRest(bulk)}>
          Cancel the rest
        </Button>
      )}
    </>
  )
}
