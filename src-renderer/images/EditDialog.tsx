import { useState } from 'react'
import { draftName } from '../../src-shared/models/base'
import { operationCallSchema } from '../../src-shared/operations'
import { openConsoles } from '../consoles/open'
import { useGenerations, useHost } from '../fleet/store'
import { useDock } from '../frame/dock'
import { onDone } from '../jobs/actions'
import { CallDialog } from '../jobs/CallDialog'
import { Field, NumberStepper } from '../ui'
import { Select } from '../ui/Select'

type EditDialogProps = { hostId: string; base: string; generation: number; onClose(): void }

/** Boots a writable copy of a generation, to be published as the next one. */
export function EditDialog({ hostId, base, generation, onClose }: EditDialogProps) {
  const host = useHost(hostId)
  const one = useGenerations(hostId).find((each) => each.base === base && each.generation === generation)
  const [memoryMb, setMemoryMb] = useState(() => Math.max(512, one?.minMemoryMb ?? 0))
  const [vcpus, setVcpus] = useState(1)
  const [bridge, setBridge] = useState(() => host?.facts?.bridges[0] ?? '')
  const [uuid] = useState(() => crypto.randomUUID())
  const type = one?.types.includes('pvh') && host?.facts?.guestTypes.includes('pvh') ? 'pvh' : 'pv'
  const checked = operationCallSchema.safeParse({
    operation: 'image.edit',
    input: { base, generation, uuid, mac: macOf(uuid), memoryMb, vcpus, type, bridge: bridge === '' ? null : bridge },
  })
  const error = (field: string): string | undefined => checked.error?.issues.find((issue) => issue.path.includes(field))?.message
  const ready = host?.connection.phase === 'ready' && one !== undefined
  return (
    <CallDialog
      title={`Edit ${base}`}
      beside={`from generation ${generation}`}
      verb="Edit"
      hostId={hostId}
      call={checked.data}
      refused={ready ? undefined : 'host not connected'}
      onStarted={(job) =>
        onDone(job.id, () => {
          useDock.getState().showConsoles()
          openConsoles([{ hostId, guestId: uuid, name: draftName(base) }])
        })
      }
      onClose={onClose}
    >
      <p className="f2">
        A writable copy boots as the guest <b>{draftName(base)}</b>, and its console opens. Change what you like, shut it down,
        and publish it: it becomes the next generation. Guests stay on theirs until they are swapped.
      </p>
      <Field label="Memory" error={error('memoryMb')}>
        <NumberStepper
          label="Memory"
          value={memoryMb}
          unit="MB"
          step={64}
          width={148}
          keepsTyped
          invalid={error('memoryMb') !== undefined}
          onChange={setMemoryMb}
        />
      </Field>
      <Field label="vCPUs" error={error('vcpus')}>
        <NumberStepper label="vCPUs" value={vcpus} keepsTyped invalid={error('vcpus') !== undefined} onChange={setVcpus} />
      </Field>
      <Field label="Network">
        <Select
          label="Network"
          value={bridge}
          options={[
            ...(host?.facts?.bridges ?? []).map((name) => ({ value: name, label: name })),
            { value: '', label: 'None', more: 'nothing can be installed from the network' },
          ]}
          onChange={setBridge}
        />
      </Field>
    </CallDialog>
  )
}

/** Of Xen's own prefix, with 23 bits of the UUID; the job refuses one that is taken. */
function macOf(uuid: string): string {
  const [a = '0', b = '0', c = '0'] = uuid.slice(-6).match(/../g) ?? []
  const fourth = (Number.parseInt(a, 16) & 0x7f).toString(16).padStart(2, '0')
  return `00:16:3e:${fourth}:${b}:${c}`
}
