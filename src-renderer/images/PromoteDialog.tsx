import { type FormEvent, useState } from 'react'
import { baseNameSchema } from '../../src-shared/models/base'
import { operationCallSchema } from '../../src-shared/operations'
import { useCall } from '../api/use-call'
import { guestById, useFleet, useGenerations, useHost } from '../fleet/store'
import { layerRefusal } from '../guests/layer-acts'
import { startOperation } from '../jobs/actions'
import { CopyScript } from '../jobs/CopyScript'
import { WaitNote } from '../jobs/WaitNote'
import { Button, Dialog, Note, ProblemNote, TextInput } from '../ui'

/** Makes a base of what a guest that is off sees. */
export function PromoteDialog({ hostId, guestId, onClose }: { hostId: string; guestId: string; onClose(): void }) {
  const host = useHost(hostId)
  const guest = useFleet((fleet) => guestById(fleet, hostId, guestId))
  const generations = useGenerations(hostId)
  const [name, setName] = useState('')
  const { busy, problem, run } = useCall()
  const refused = guest ? layerRefusal('promote', guest, host) : 'no longer on the list'
  const checked = operationCallSchema.safeParse({
    operation: 'image.promote',
    input: { name: name.trim(), guest: { name: guest?.name, uuid: guestId } },
  })
  const newest = Math.max(0, ...generations.filter(({ base }) => base === name.trim()).map(({ generation }) => generation))
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (checked.success && !busy && refused === undefined && (await run(() => startOperation(hostId, checked.data)))) onClose()
  }
  return (
    <Dialog
      title={`Promote ${guest?.name ?? 'a guest'} to a base`}
      beside={<span className="f2">on {host?.settings.name}</span>}
      width={560}
      onClose={onClose}
      footer={
        <>
          <span className="sp" />
          {checked.success && <CopyScript hostId={hostId} call={checked.data} />}
          <Button keys="Esc" onClick={onClose}>
            Cancel
          </Button>
          <Button
            kind="primary"
            keys="Enter"
            submit
            form="promote-guest"
            disabled={busy || !checked.success || refused !== undefined}
          >
            Promote
          </Button>
        </>
      }
    >
      <form id="promote-guest" className="dform" noValidate onSubmit={(event) => void submit(event)}>
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
        {refused && <Note tone="amber">It cannot be promoted now: {refused}.</Note>}
        {checked.success && <WaitNote hostId={hostId} call={checked.data} />}
        {problem && <ProblemNote problem={problem} />}
      </form>
    </Dialog>
  )
}
