import { useState } from 'react'
import type { Guest } from '../../src-shared/models/guest'
import { uuidSchema } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import type { MendId } from '../../src-shared/models/mend'
import { hostPathSchema, type OperationCall, operationCallSchema } from '../../src-shared/operations'
import { currentClient } from '../api/page'
import { useCall } from '../api/use-call'
import { guestById, useFleet, useHost } from '../fleet/store'
import { startOperation } from '../jobs/actions'
import { OperationDialog } from '../jobs/OperationDialog'
import { usePlan } from '../jobs/use-plan'
import { Dialog, EmptyState, IconButton, LoadingRows, ProblemNote, TextInput } from '../ui'
import { MendList } from './MendList'

/** A guest that is off, or an image on the host: by a path that is known, or still to be typed. */
export type MendSource = { guestId: string } | { image: string }
type MendDialogProps = { hostId: string; source: MendSource; onClose(): void }

/** What an old image or guest has to say otherwise to boot under Xen: what is wrong, why it matters, and one button that mends it. */
export function MendDialog({ hostId, source, onClose }: MendDialogProps) {
  const host = useHost(hostId)
  const guest = useFleet((fleet) => ('guestId' in source ? guestById(fleet, hostId, source.guestId) : undefined))
  if (!host || ('guestId' in source && !guest))
    return (
      <Dialog title="Names of disks and consoles" onClose={onClose}>
        <div className="ask">This guest is no longer on the list.</div>
      </Dialog>
    )
  return <Mend host={host} guest={guest} image={'image' in source ? source.image : ''} onClose={onClose} />
}

function Mend({ host, guest, image, onClose }: { host: Host; guest: Guest | undefined; image: string; onClose(): void }) {
  const hostId = host.settings.id
  const [path, setPath] = useState(image)
  const [target, setTarget] = useState('')
  const [left, setLeft] = useState<ReadonlySet<MendId>>(new Set())
  const start = useCall()
  const source = guest
    ? { guestId: guest.id }
    : hostPathSchema.safeParse(path.trim()).success
      ? { image: path.trim() }
      : undefined
  const looked = usePlan(source, (asked, signal) => currentClient().guests.planMend({ hostId, source: asked }, { signal }))
  const items = source && !looked.pending ? looked.plan?.items : undefined
  const ids = items?.flatMap(({ id }) => (id && !left.has(id) ? [id] : [])) ?? []
  const copy = target.trim() === '' ? copyOf(path.trim()) : target.trim()
  const call = operationCallSchema.safeParse(
    guest
      ? {
          operation: 'guest.mend',
          input: {
            name: guest.name,
            ...(uuidSchema.safeParse(guest.id).success ? { uuid: guest.id } : {}),
            ...(guest.configPath === undefined ? {} : { configPath: guest.configPath }),
            ids,
          },
        }
      : { operation: 'image.mend', input: { source: path.trim(), target: copy, ids } },
  )
  const preview = usePlan(call.success ? call.data : undefined, (asked: OperationCall, signal) =>
    currentClient().jobs.preview({ hostId, call: asked }, { signal }),
  )
  const script = call.success ? preview.plan?.script : undefined
  return (
    <OperationDialog
      title={guest ? `Disks and console of ${guest.name}` : 'Disks and console of an image'}
      host={host}
      promise={guest ? 'What is changed is kept, and Undo puts it back.' : 'The image is only read: a copy is mended.'}
      verb="Mend"
      planned={call.success && script !== undefined ? { call: call.data, script, checks: [] } : undefined}
      stale={!call.success || looked.pending || preview.pending}
      busy={start.busy}
      onStart={async () => {
        if (call.success && (await start.run(() => startOperation(hostId, call.data)))) onClose()
      }}
      onClose={onClose}
      form={
        <>
          {!guest && (
            <TextInput
              label="Image"
              mono
              autoFocus={image === ''}
              placeholder="/srv/guest/old.img"
              value={path}
              onChange={setPath}
              error={path === '' || source ? undefined : 'Enter an absolute path, starting with /.'}
              help="Path on the host of a raw image or a volume that nobody uses, with partitions or without."
            />
          )}
          {items && items.length > 0 && <MendList items={items} left={left} onChange={setLeft} />}
          {source && looked.pending && <LoadingRows rows={6} height={28} label="Looking at its files" />}
          {looked.problem && <ProblemNote problem={looked.problem} />}
          {start.problem && <ProblemNote problem={start.problem} />}
        </>
      }
      aside={
        <>
          <h3 className="h3">
            {ids.length > 0 || !items ? 'What is mended' : 'Nothing to mend'}
            <span className="sp" />
            <IconButton
              icon="reboot"
              iconSize="xs"
              size="xs"
              label="Look again"
              disabled={looked.pending}
              onClick={looked.again}
            />
          </h3>
          {!guest && ids.length > 0 && (
            <TextInput
              label="To"
              stacked
              mono
              value={target === '' ? copy : target}
              onChange={setTarget}
              error={
                call.success || target === ''
                  ? undefined
                  : call.error.issues.find(({ path: at }) => at.includes('target'))?.message
              }
              help="A file that is not there yet. Import it then, or give it to a guest."
            />
          )}
          {items?.every(({ verdict }) => verdict === 'pass') && (
            <EmptyState>It speaks of its disks and its console as Xen does.</EmptyState>
          )}
          <p className="f2">
            Files are read without mounting them.{' '}
            {ids.length > 0 &&
              'They are written through a mount of their own, in which no link is followed and nothing can be run.'}
          </p>
        </>
      }
    />
  )
}

/** Beside the image, by a name that says what it is. */
function copyOf(path: string): string {
  const name = path.split('/').at(-1) ?? ''
  const ending = /\.[a-z0-9]{1,5}$/i.exec(name)?.[0] ?? ''
  return `/srv/${name.slice(0, name.length - ending.length)}-mended${ending || '.img'}`
}
