import { type FormEvent, useState } from 'react'
import { operationCallSchema } from '../../src-shared/operations'
import { useCall } from '../api/use-call'
import { guestById, useFleet, useHost } from '../fleet/store'
import { startOperation } from '../jobs/actions'
import { CopyScript } from '../jobs/CopyScript'
import { WaitNote } from '../jobs/WaitNote'
import { Button, Dialog, Field, Note, NumberStepper, ProblemNote } from '../ui'
import { memoryWords } from '../ui/words'
import { layerRefusal } from './layer-acts'

const mebibyte = 1024 * 1024

/** Asks how large the layer of a guest shall be. */
export function GrowDialog({ hostId, guestId, onClose }: { hostId: string; guestId: string; onClose(): void }) {
  const host = useHost(hostId)
  const guest = useFleet((fleet) => guestById(fleet, hostId, guestId))
  const nowMb = Math.ceil((guest?.origin?.layerBytes ?? 0) / mebibyte)
  const [layerMb, setLayerMb] = useState(() => nowMb * 2)
  const { busy, problem, run } = useCall()
  const refused = guest ? layerRefusal('grow', guest, host) : 'no longer on the list'
  const checked = operationCallSchema.safeParse({ operation: 'guest.grow', input: { name: guest?.name, uuid: guestId, layerMb } })
  const error =
    layerMb <= nowMb
      ? `It has ${memoryWords(nowMb)}, and is not made smaller.`
      : checked.error?.issues.find((issue) => issue.path.includes('layerMb'))?.message
  const call = checked.success && error === undefined ? checked.data : undefined
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (call && !busy && refused === undefined && (await run(() => startOperation(hostId, call)))) onClose()
  }
  return (
    <Dialog
      title={`Grow the layer of ${guest?.name ?? 'a guest'}`}
      beside={<span className="f2">on {host?.settings.name}</span>}
      width={560}
      onClose={onClose}
      footer={
        <>
          <span className="sp" />
          {call && <CopyScript hostId={hostId} call={call} />}
          <Button keys="Esc" onClick={onClose}>
            Cancel
          </Button>
          <Button
            kind="primary"
            keys="Enter"
            submit
            form="grow-layer"
            disabled={busy || call === undefined || refused !== undefined}
          >
            Grow
          </Button>
        </>
      }
    >
      <form id="grow-layer" className="dform" noValidate onSubmit={(event) => void submit(event)}>
        <Field
          label="Layer"
          error={error}
          help={`${memoryWords(nowMb)} now. A copy is grown and then takes its place, so both are there for a while.`}
        >
          <NumberStepper
            label="Layer"
            value={layerMb}
            unit="MB"
            step={256}
            width={148}
            keepsTyped
            invalid={error !== undefined}
            onChange={setLayerMb}
          />
        </Field>
        {refused && <Note tone="amber">It cannot be grown now: {refused}.</Note>}
        {call && <WaitNote hostId={hostId} call={call} />}
        {problem && <ProblemNote problem={problem} />}
      </form>
    </Dialog>
  )
}
