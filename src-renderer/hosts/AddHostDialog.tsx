import './hosts.css'
import { type FormEvent, useRef, useState } from 'react'
import { currentClient } from '../api/page'
import { useCall } from '../api/use-call'
import { useFleet } from '../fleet/store'
import { Button, Dialog, Field, NumberStepper, ProblemNote, TextInput } from '../ui'
import { ConnectionDialog } from './ConnectionDialog'
import { firstHostForm, type HostForm, readHostForm } from './host-form'

/** Asks where a dom0 is and who to be there, then shows how the connection comes up. */
export function AddHostDialog({ onClose }: { onClose(): void }) {
  const [form, setForm] = useState<HostForm>(firstHostForm)
  const [tried, setTried] = useState(false)
  const [added, setAdded] = useState<string>()
  const call = useCall()
  const hosts = useFleet((fleet) => fleet.hosts)
  const first = useRef<HTMLInputElement>(null)
  if (added !== undefined) return <ConnectionDialog hostId={added} onClose={onClose} />

  const read = readHostForm(
    form,
    hosts.map((host) => host.settings.name),
  )
  const errors = tried ? (read.errors ?? {}) : {}
  const change = (part: Partial<HostForm>): void => setForm((before) => ({ ...before, ...part }))
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    setTried(true)
    if (!read.host) return
    const { host: settings } = read
    const host = await call.run(async () => currentClient().hosts.add(settings))
    if (!host) return
    // The event of the new host may still be on its way.
    useFleet.getState().apply({ type: 'host', host })
    setAdded(host.settings.id)
  }

  return (
    <Dialog
      title="Add host"
      width={560}
      initialFocus={first}
      onClose={onClose}
      footer={
        <>
          <span className="f2">Nothing is installed on the host.</span>
          <span className="sp" />
          <Button keys="Esc" onClick={onClose}>
            Cancel
          </Button>
          <Button kind="primary" keys="Enter" submit form="add-host" disabled={call.busy}>
            Add and connect
          </Button>
        </>
      }
    >
      <form id="add-host" className="dform" noValidate onSubmit={(event) => void submit(event)}>
        <TextInput
          label="Address"
          inputRef={first}
          mono
          value={form.address}
          onChange={(address) => change({ address })}
          error={errors.address}
          placeholder="dom0.example.org or 192.0.2.17"
        />
        <TextInput
          label="Name"
          value={form.name}
          onChange={(name) => change({ name })}
          error={errors.name}
          placeholder={form.address.trim() || 'As the address'}
        />
        <Field label="Port" error={errors.port}>
          <NumberStepper
            label="Port"
            value={form.port}
            min={1}
            max={65535}
            keepsTyped
            invalid={errors.port !== undefined}
            onChange={(port) => change({ port })}
          />
        </Field>
        <TextInput
          label="User"
          mono
          value={form.user}
          onChange={(user) => change({ user })}
          error={errors.user}
          help={form.user === 'root' ? undefined : 'Needs sudo -n without a password on the host.'}
        />
        <TextInput
          label="Private key"
          mono
          value={form.keyPath}
          onChange={(keyPath) => change({ keyPath })}
          error={errors.keyPath}
          placeholder="~/.ssh/id_ed25519"
          help="A file on this workstation. Empty: the SSH agent and the usual keys in ~/.ssh."
        />
        <TextInput
          label="Storage root"
          mono
          value={form.storageRoot}
          onChange={(storageRoot) => change({ storageRoot })}
          error={errors.storageRoot}
          help="Where bases and guests are kept on the host."
        />
        {call.problem && <ProblemNote problem={call.problem} />}
      </form>
    </Dialog>
  )
}
