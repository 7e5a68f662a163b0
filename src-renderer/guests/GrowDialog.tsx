import { useState } from 'react'
import { operationCallSchema } from '../../src-shared/operations'
import { guestById, useFleet, useHost } from '../fleet/store'
import { CallDialog } from '../jobs/CallDialog'
import { Field, NumberStepper } from '../ui'
import { memoryWords } from '../ui/words'
import { layerRefusal } from './layer-acts'

const mebibyte = 1024 * 1024

/** Asks how large the layer of a guest shall be. */
export function GrowDialog({ hostId, guestId, onClose }: { hostId: string; guestId: string; onClose(): void }) {
  const host = useHost(hostId)
  const guest = useFleet((fleet) => guestById(fleet, hostId, guestId))
  const nowMb = Math.ceil((guest?.origin?.layerBytes ?? 0) / mebibyte)
  const [layerMb, setLayerMb] = useState(() => nowMb * 2)
  const refused = guest ? layerRefusal('grow', guest, host) : 'no longer on the list'
  const checked = operationCallSchema.safeParse({ operation: 'guest.grow', input: { name: guest?.name, uuid: guestId, layerMb } })
  const error =
    layerMb <= nowMb
      ? `It has ${memoryWords(nowMb)}, and is not made smaller.`
      : checked.error?.issues.find((issue) => issue.path.includes('layerMb'))?.message
  const call = checked.success && error === undefined ? checked.data : undefined
  return (
    <CallDialog
      title={`Grow the layer of ${guest?.name ?? 'a guest'}`}
      beside={`on ${host?.settings.name}`}
      verb="Grow"
      hostId={hostId}
      call={call}
      refused={refused}
      onClose={onClose}
    >
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
    </CallDialog>
  )
}
