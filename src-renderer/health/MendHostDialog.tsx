import { healthTitles, type MendableId } from '../../src-shared/models/health'
import type { Host } from '../../src-shared/models/host'
import type { OperationCall } from '../../src-shared/operations'
import { currentClient } from '../api/page'
import { useCall } from '../api/use-call'
import { Diff } from '../boot/Diff'
import { useHost } from '../fleet/store'
import { startOperation } from '../jobs/actions'
import { OperationDialog } from '../jobs/OperationDialog'
import { usePlan } from '../jobs/use-plan'
import { Dialog, EmptyState, LoadingRows, ProblemNote } from '../ui'
import { useHealth } from './use-health'
import { whyWords } from './words'

type MendHostDialogProps = { hostId: string; id: MendableId; onClose(): void }

/** What would mend one item of a host's health: the files as they would be and what else is done, before anything is written. */
export function MendHostDialog(props: MendHostDialogProps) {
  const host = useHost(props.hostId)
  if (!host) {
    return (
      <Dialog title="Mend a host" onClose={props.onClose}>
        <EmptyState>This host was removed.</EmptyState>
      </Dialog>
    )
  }
  return <Mend {...props} host={host} />
}

function Mend({ host, hostId, id, onClose }: MendHostDialogProps & { host: Host }) {
  const { items, busy, problem } = useHealth(host)
  const start = useCall()
  const item = items?.find((one) => one.id === id)
  const plan = item?.plan
  const call: OperationCall | undefined = plan && { operation: 'host.mend-health', input: { id, sum: plan.sum } }
  const preview = usePlan(call, (asked, signal) => currentClient().jobs.preview({ hostId, call: asked }, { signal }))
  const script = call && preview.plan?.script
  const wrong = problem ?? preview.problem ?? start.problem
  return (
    <OperationDialog
      title={`Mend: ${healthTitles[id]}`}
      host={host}
      promise="What is there before is kept, and Undo puts it back."
      verb="Mend"
      planned={call && script !== undefined ? { call, script, checks: [] } : undefined}
      stale={busy || preview.pending}
      busy={start.busy}
      onStart={async () => {
        if (call && (await start.run(() => startOperation(hostId, call)))) onClose()
      }}
      onClose={onClose}
      form={
        <>
          {!item && !problem && <LoadingRows rows={4} height={28} label="Looking at the host" />}
          {item && <p>{item.fact}</p>}
          {item?.advice && <p className="f2">{item.advice}</p>}
          {item && !plan && <EmptyState>There is nothing here that a job would mend.</EmptyState>}
          {plan && plan.files.length > 0 && (
            <section className="boot-diff" aria-label="Files">
              <h3 className="h3">Files</h3>
              <Diff files={plan.files} />
            </section>
          )}
          {wrong && <ProblemNote problem={wrong} />}
        </>
      }
      aside={
        <>
          <h3 className="h3">Why</h3>
          <p className="f2 hlth-why">{whyWords[id]}</p>
          {plan && plan.acts.length > 0 && (
            <>
              <h3 className="h3">Besides the files</h3>
              <ul className="hlth-acts">
                {plan.acts.map((act) => (
                  <li key={act}>{act}</li>
                ))}
              </ul>
            </>
          )}
        </>
      }
    />
  )
}
