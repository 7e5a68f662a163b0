import { useState } from 'react'
import type { LayerFile } from '../../src-shared/contract/guests'
import { currentClient } from '../api/page'
import { guestById, useFleet } from '../fleet/store'
import { usePlan } from '../jobs/use-plan'
import { Button, Dialog, EmptyState, LoadingRows, Note, ProblemNote, TextInput } from '../ui'
import { countWords, sizeWords } from '../ui/words'

const kindWords: Record<LayerFile['kind'], string> = {
  file: '',
  link: 'link',
  device: 'device',
  pipe: 'pipe',
  socket: 'socket',
  folder: 'empty folder',
  deleted: 'deleted',
  replaced: 'folder anew',
}
/** More rows than this help nobody; the filter finds the others. */
const mostRows = 500

/** What a guest that is off has in its layer, its deletions among it. */
export function LayerFilesDialog({ hostId, guestId, onClose }: { hostId: string; guestId: string; onClose(): void }) {
  const guest = useFleet((fleet) => guestById(fleet, hostId, guestId))
  const [filter, setFilter] = useState('')
  const { plan, problem, pending } = usePlan({ hostId, guestId }, (asked, signal) =>
    currentClient().guests.layerFiles(asked, { signal }),
  )
  const found = plan?.files.filter(({ path }) => path.includes(filter.trim())) ?? []
  return (
    <Dialog
      title={`Changed files of ${guest?.name ?? 'a guest'}`}
      beside={plan && <span className="f2">{countWords(plan.count, 'path')}</span>}
      width={720}
      onClose={onClose}
      footer={
        <>
          <span className="f2">Read without mounting the layer.</span>
          <span className="sp" />
          <Button keys="Esc" onClick={onClose}>
            Close
          </Button>
        </>
      }
    >
      <div className="dform">
        {problem && <ProblemNote problem={problem} />}
        {pending && !plan && <LoadingRows rows={8} label="Reading the layer" />}
        {plan && (plan.state === 'journal' || plan.state === 'errors') && (
          <Note tone="plain">
            Its journal is still to be replayed, so the latest may be missing. Check the layer, and look again.
          </Note>
        )}
        {plan && plan.files.length === 0 && <EmptyState>The layer is empty: the guest has changed nothing.</EmptyState>}
        {plan && plan.files.length > 0 && (
          <>
            <TextInput label="Filter" stacked value={filter} placeholder="/etc" onChange={setFilter} />
            {found.length === 0 && <p className="f3">No path matches.</p>}
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
            <ul className="paths" aria-label="Paths in the layer" tabIndex={0}>
              {found.slice(0, mostRows).map(({ kind, path, sizeBytes }) => (
                <li key={`${kind} ${path}`}>
                  <span className={kind === 'deleted' ? 'mono el gone' : 'mono el'} title={path}>
                    {path}
                  </span>
                  <span className={kind === 'deleted' || kind === 'replaced' ? 'warn-t xs' : 'f3 xs'}>
                    {kindWords[kind] || sizeWords(sizeBytes)}
                  </span>
                </li>
              ))}
            </ul>
            {found.length > mostRows && <p className="f3">and {countWords(found.length - mostRows, 'more path')}</p>}
            {plan.count > plan.files.length && <p className="f3">The first {plan.files.length.toLocaleString('en')} are read.</p>}
          </>
        )}
      </div>
    </Dialog>
  )
}
