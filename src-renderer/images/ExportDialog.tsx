import { useState } from 'react'
import type { Guest } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import { type ExportFormat, type OperationCall, operationCallSchema } from '../../src-shared/operations'
import { currentClient } from '../api/page'
import { useCall } from '../api/use-call'
import { guestById, useFleet, useHost } from '../fleet/store'
import { startOperation } from '../jobs/actions'
import { OperationDialog } from '../jobs/OperationDialog'
import { usePlan } from '../jobs/use-plan'
import { Dialog, Field, ProblemNote, Segmented, TextInput } from '../ui'
import { Select } from '../ui/Select'

/** A generation of a base, or a guest whose disk goes out. */
export type ExportSource = { base: string; generation: number } | { guestId: string }
type ExportDialogProps = { hostId: string; source: ExportSource; onClose(): void }

/** Writes a base, or a disk of a guest, to a file on its host. */
export function ExportDialog({ hostId, source, onClose }: ExportDialogProps) {
  const host = useHost(hostId)
  const guest = useFleet((fleet) => ('guestId' in source ? guestById(fleet, hostId, source.guestId) : undefined))
  if (!host || ('guestId' in source && (guest?.disks.length ?? 0) === 0))
    return (
      <Dialog title="Export" onClose={onClose}>
        <div className="ask">{guest ? `${guest.name} has no disk.` : 'This is no longer on the list.'}</div>
      </Dialog>
    )
  return <ExportForm host={host} source={'base' in source ? source : undefined} guest={guest} onClose={onClose} />
}

type ExportFormProps = {
  host: Host
  source: { base: string; generation: number } | undefined
  guest: Guest | undefined
  onClose(): void
}

const endings: Record<ExportFormat, string> = { raw: 'img', qcow2: 'qcow2', tar: 'tar' }
const formatHelp: Record<ExportFormat, string> = {
  raw: 'The disk as it is, with holes where nothing is.',
  qcow2: 'For qemu and others; takes qemu-img on the host.',
  tar: 'The files of its file system, with owners and attributes.',
}

function ExportForm({ host, source, guest, onClose }: ExportFormProps) {
  const hostId = host.settings.id
  const what = source ? `${source.base}-${source.generation}` : (guest?.name ?? '')
  const disks = guest?.disks ?? []
  const [disk, setDisk] = useState((disks.find(({ writable }) => writable) ?? disks[0])?.target ?? '')
  const [format, setFormat] = useState<ExportFormat>('raw')
  const [target, setTarget] = useState(`/srv/${what}.img`)
  const start = useCall()
  const call = operationCallSchema.safeParse(
    source
      ? { operation: 'image.export', input: { ...source, format, target } }
      : { operation: 'guest.export', input: { name: guest?.name, disk, format, target } },
  )
  const planned = usePlan(call.success ? call.data : undefined, (asked: OperationCall, signal) =>
    currentClient().jobs.preview({ hostId, call: asked }, { signal }),
  )
  const chooseFormat = (next: ExportFormat): void => {
    setTarget((before) =>
      before.endsWith(`.${endings[format]}`) ? before.slice(0, -endings[format].length) + endings[next] : before,
    )
    setFormat(next)
  }
  const script = call.success ? planned.plan?.script : undefined
  return (
    <OperationDialog
      title={source ? `Export generation ${source.generation} of ${source.base}` : `Export a disk of ${what}`}
      host={host}
      promise="The disk is only read. A file that is there is never overwritten."
      verb="Export"
      planned={call.success && script !== undefined ? { call: call.data, script, checks: [] } : undefined}
      stale={!call.success || planned.pending}
      busy={start.busy}
      onStart={async () => {
        if (call.success && (await start.run(() => startOperation(hostId, call.data)))) onClose()
      }}
      onClose={onClose}
      form={
        <>
          {disks.length > 1 && (
            <Field label="Disk">
              <Select
                label="Disk"
                value={disk}
                options={disks.map((one) => ({ value: one.target, label: one.vdev, more: one.target }))}
                onChange={setDisk}
              />
            </Field>
          )}
          <Field label="Format">
            <Segmented<ExportFormat>
              label="Format"
              value={format}
              options={[
                { value: 'raw', label: 'Raw' },
                { value: 'qcow2', label: 'qcow2' },
                { value: 'tar', label: 'tar' },
              ]}
              onChange={chooseFormat}
            />
          </Field>
          <TextInput
            label="To"
            mono
            autoFocus
            value={target}
            onChange={setTarget}
            error={call.success || target === '' ? undefined : call.error.issues[0]?.message}
            help={`Path on ${host.settings.name} of a file that is not there yet.`}
          />
          {start.problem && <ProblemNote problem={start.problem} />}
        </>
      }
      aside={
        <>
          {planned.problem && <ProblemNote problem={planned.problem} />}
          <p className="f2">{formatHelp[format]}</p>
          {guest && <p className="f2">{guest.name} must be off; the job refuses a disk that somebody writes to, and says who.</p>}
        </>
      }
    />
  )
}
