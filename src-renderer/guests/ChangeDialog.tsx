import { type FormEvent, useState } from 'react'
import { type Guest, isOff } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import { operationCallSchema } from '../../src-shared/operations'
import { currentClient } from '../api/page'
import { useCall } from '../api/use-call'
import { guestById, useFleet, useHost } from '../fleet/store'
import { startOperation } from '../jobs/actions'
import { Commands } from '../jobs/Commands'
import { CopyScript } from '../jobs/CopyScript'
import { usePlan } from '../jobs/use-plan'
import { Button, Dialog, Field, Note, NumberStepper, ProblemNote, Switch, TextInput } from '../ui'
import { Select } from '../ui/Select'
import { type ChangeForm, callFor, changeRefusal, changeWords, crashPolicies, formOf, type GuestChange } from './changes'

type ChangeDialogProps = { hostId: string; guestId: string; change: GuestChange; onClose(): void }

/** Changes one setting of a guest, with the exact commands in sight before anything is written. */
export function ChangeDialog({ hostId, guestId, change, onClose }: ChangeDialogProps) {
  const host = useHost(hostId)
  const guest = useFleet((fleet) => guestById(fleet, hostId, guestId))
  if (!guest || !host) {
    return (
      <Dialog title={changeWords[change].label} onClose={onClose}>
        <p className="dform f2">This guest is no longer on the list.</p>
      </Dialog>
    )
  }
  return <Change guest={guest} host={host} change={change} onClose={onClose} />
}

function Change({ guest, host, change, onClose }: { guest: Guest; host: Host; change: GuestChange; onClose(): void }) {
  const [form, setForm] = useState(() => formOf(guest))
  const [first] = useState(form)
  const { busy, problem, run } = useCall()
  const words = changeWords[change]
  const asked = callFor(change, guest, form)
  const checked = operationCallSchema.safeParse(asked)
  const call = checked.success ? checked.data : undefined
  const touched = JSON.stringify(form) !== JSON.stringify(first)
  const refused = changeRefusal(change, guest, host)
  const { plan } = usePlan(call, (one, signal) => currentClient().jobs.preview({ hostId: guest.hostId, call: one }, { signal }))
  const blocked = busy || !call || !touched || refused !== undefined
  const start = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (blocked || !call) return
    if (await run(() => startOperation(guest.hostId, call))) onClose()
  }
  const error = checked.success || !touched ? undefined : checked.error.issues[0]?.message
  return (
    <Dialog
      title={words.title(guest.name)}
      beside={<span className="f2">on {host.settings.name}</span>}
      width={560}
      onClose={onClose}
      footer={
        <>
          <span className="sp" />
          {call && <CopyScript hostId={guest.hostId} call={call} />}
          <Button keys="Esc" onClick={onClose}>
            Cancel
          </Button>
          <Button kind="primary" keys="Enter" submit form="change-guest" disabled={blocked}>
            {words.verb}
          </Button>
        </>
      }
    >
      <form id="change-guest" className="dform" noValidate onSubmit={(event) => void start(event)}>
        <Fields guest={guest} change={change} form={form} error={error} set={(part) => setForm({ ...form, ...part })} />
        {refused && (
          <Note tone="amber">
            {guest.name} cannot be changed now: {refused}.
          </Note>
        )}
        {guest.configPath === undefined && (
          <Note tone="plain">No config file of {guest.name} is known, so this lasts until it is shut down.</Note>
        )}
        {problem && <ProblemNote problem={problem} />}
      </form>
      {plan && <Commands host={host} script={plan.script} />}
    </Dialog>
  )
}

type FieldsProps = {
  guest: Guest
  change: GuestChange
  form: ChangeForm
  error: string | undefined
  set(part: Partial<ChangeForm>): void
}

function Fields({ guest, change, form, error, set }: FieldsProps) {
  const live = !isOff(guest)
  const now = live ? 'Now, and in its config. While it runs it has at most what it was started with.' : 'From its next start.'
  switch (change) {
    case 'memory':
      return (
        <Field label="Memory" help={now} error={error}>
          <NumberStepper
            label="Memory"
            value={form.memoryMb}
            unit="MB"
            step={64}
            width={148}
            keepsTyped
            invalid={error !== undefined}
            onChange={(memoryMb) => set({ memoryMb })}
          />
        </Field>
      )
    case 'vcpus':
      return (
        <Field label="vCPUs" help={now} error={error}>
          <NumberStepper
            label="vCPUs"
            value={form.vcpus}
            keepsTyped
            invalid={error !== undefined}
            onChange={(vcpus) => set({ vcpus })}
          />
        </Field>
      )
    case 'autostart':
      return (
        <>
          <Field label="Start">
            <Switch checked={form.on} onChange={(on) => set({ on })}>
              Start {guest.name} when the host has booted
            </Switch>
          </Field>
          <TextInput
            label="Order"
            value={form.order}
            disabled={!form.on}
            inputMode="numeric"
            placeholder="by name"
            help="0 to 999: lower ones start first, those without one after them all. It becomes the front of the link in /etc/xen/auto."
            error={error === undefined ? undefined : 'An order is a whole number, 0 to 999.'}
            onChange={(order) => set({ order })}
          />
        </>
      )
    case 'crash-policy':
      return (
        <Field
          label="On crash"
          help={live ? 'From its next start on: xl reads it when a guest starts.' : 'From its next start on.'}
          error={error}
        >
          <Select
            label="On crash"
            tall
            value={form.policy}
            options={(Object.keys(crashPolicies) as ChangeForm['policy'][]).map((policy) => ({
              value: policy,
              label: policy,
              more: crashPolicies[policy],
            }))}
            onChange={(policy) => set({ policy })}
          />
        </Field>
      )
    case 'rename':
      return (
        <TextInput
          label="New name"
          mono
          autoFocus
          value={form.newName}
          error={error}
          help="Its folder, its config, its host name and the link that starts it with the host change along."
          onChange={(newName) => set({ newName })}
        />
      )
  }
}
