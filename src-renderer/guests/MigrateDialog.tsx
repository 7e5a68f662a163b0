import { useState } from 'react'
import type { Guest } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import { currentClient } from '../api/page'
import { useCall } from '../api/use-call'
import { guestById, useFleet, useHost } from '../fleet/store'
import { startOperation } from '../jobs/actions'
import { OperationDialog } from '../jobs/OperationDialog'
import { Preflight } from '../jobs/Preflight'
import { usePlan } from '../jobs/use-plan'
import { Dialog, Field, ProblemNote } from '../ui'
import { Select } from '../ui/Select'

type MigrateDialogProps = { hostId: string; guestId: string; onClose(): void }

/** Moves a running guest to another host that shares the storage: the two are compared before anything happens. */
export function MigrateDialog({ hostId, guestId, onClose }: MigrateDialogProps) {
  const host = useHost(hostId)
  const guest = useFleet((fleet) => guestById(fleet, hostId, guestId))
  const hosts = useFleet((fleet) => fleet.hosts)
  const others = hosts.filter((one) => one.settings.id !== hostId && one.connection.phase === 'ready')
  const [first] = others
  if (!host || !guest || !first)
    return (
      <Dialog title={guest ? `Move ${guest.name}` : 'Move a guest'} onClose={onClose}>
        <div className="ask">
          {host && guest
            ? `There is no other connected host that ${guest.name} could move to.`
            : 'This guest is no longer on the list.'}
        </div>
      </Dialog>
    )
  return <MigrateForm host={host} guest={guest} others={others} first={first} onClose={onClose} />
}

type MigrateFormProps = { host: Host; guest: Guest; others: readonly Host[]; first: Host; onClose(): void }

function MigrateForm({ host, guest, others, first, onClose }: MigrateFormProps) {
  const [toHostId, setToHostId] = useState(first.settings.id)
  const start = useCall()
  const hostId = host.settings.id
  const planned = usePlan({ hostId, guestId: guest.id, toHostId }, (asked, signal) =>
    currentClient().guests.planMigrate(asked, { signal }),
  )
  const { plan } = planned
  const submit = async (): Promise<void> => {
    if (plan && (await start.run(() => startOperation(hostId, { operation: 'guest.migrate', input: plan.input })))) onClose()
  }
  return (
    <OperationDialog
      title={`Move ${guest.name}`}
      host={host}
      promise="If it cannot be moved, it runs on where it is."
      verb="Move"
      planned={plan && { call: { operation: 'guest.migrate', input: plan.input }, script: plan.script, checks: plan.checks }}
      stale={planned.pending}
      busy={start.busy}
      form={
        <>
          <Field label="To">
            <Select
              label="To"
              value={toHostId}
              options={others.map(({ settings }) => ({ value: settings.id, label: settings.name, more: settings.address }))}
              onChange={setToHostId}
            />
          </Field>
          {start.problem && <ProblemNote problem={start.problem} />}
        </>
      }
      aside={<Preflight checks={plan?.checks} pending={planned.pending} problem={planned.problem} onAgain={planned.again} />}
      onStart={submit}
      onClose={onClose}
    />
  )
}
