import { useState } from 'react'
import { baseNameSchema } from '../../src-shared/models/base'
import { operationCallSchema } from '../../src-shared/operations'
import { guestById, useFleet, useGenerations, useHost } from '../fleet/store'
import { layerRefusal } from '../guests/layer-acts'
import { CallDialog } from '../jobs/CallDialog'
import { Note, TextInput } from '../ui'

/** Makes a base of what a guest that is off sees. */
export function PromoteDialog({ hostId, guestId, onClose }: { hostId: string; guestId: string; onClose(): void }) {
  const host = useHost(hostId)
  const guest = useFleet((fleet) => guestById(fleet, hostId, guestId))
  const generations = useGenerations(hostId)
  const [name, setName] = useState('')
  const refused = guest ? layerRefusal('promote', guest, host) : 'no longer on the list'
  const checked = operationCallSchema.safeParse({
    operation: 'image.promote',
    input: { name: name.trim(), guest: { name: guest?.name, uuid: guestId } },
  })
  const newest = Math.max(0, ...generations.filter(({ base }) => base === name.trim()).map(({ generation }) => generation))
  return (
    <CallDialog
      title={`Promote ${guest?.name ?? 'a guest'} to a base`}
      beside={`on ${host?.settings.name}`}
      verb="Promote"
      hostId={hostId}
      call={checked.data}
      refused={refused}
      onClose={onClose}
    >
      <TextInput
        label="Base"
        mono
        autoFocus
        value={name}
        placeholder={guest?.name ?? 'web'}
        error={name === '' ? undefined : baseNameSchema.safeParse(name.trim()).error?.issues[0]?.message}
        help={
          newest > 0
            ? `There is a base of this name: this becomes a generation after ${newest}.`
            : 'A new name makes a new base, a known one the next generation of that base.'
        }
        onChange={setName}
      />
      <Note tone="plain">
        Base and layer are copied into one image without what makes a guest itself: machine ID, SSH host keys, logs. Everything
        else that was written in it goes along, passwords and keys of people too. The guest stays as it is.
      </Note>
    </CallDialog>
  )
}
