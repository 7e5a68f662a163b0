import './hosts.css'
import { type FormEvent, useRef, useState } from 'react'
import { currentClient } from '../api/page'
import { useCall } from '../api/use-call'
import { useFleet } from '../fleet/store'
import { Button, Checkbox, Dialog, ProblemNote, TextInput } from '../ui'
import { ConnectionDialog } from './ConnectionDialog'
import { FromSshConfig, useSshConfig } from './FromSshConfig'
import { firstHostForm, type HostForm, hostFormOf, readHostForm } from './host-form'

/** Asks where a dom0 is and who to be there, for a new host or for the one of `hostId`; then shows how the connection comes up. */
export function HostDialog({ hostId, onClose }: { hostId?: string; onClose(): void }) {
  const hosts = useFleet((fleet) => fleet.hosts)
  const edited = hosts.find((host) => host.settings.id === hostId)
  const [form, setForm] = useState<HostForm>(() => (edited ? hostFormOf(edited.settings) : firstHostForm))
  const [tried, setTried] = useState(false)
  const [saved, setSaved] = useState<string>()
  const call = useCall()
  const first = useRef<HTMLInputElement>(null)
  const reading = useSshConfig(form.address)
  const { config } = reading
  if (saved !== undefined) return <ConnectionDialog hostId={saved} onClose={onClose} />
  if (hostId !== undefined && !edited)
    return (
      <Dialog title="Edit host" onClose={onClose}>
        <div className="ask">This host is no longer on the list.</div>
      </Dialog>
    )

  const others = hosts.filter((host) => host !== edited)
  const read = readHostForm(
    form,
    others.map((host) => host.settings.name),
  )
  const errors = tried ? (read.errors ?? {}) : {}
  const change = (part: Partial<HostForm>): void => setForm((before) => ({ ...before, ...part }))
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    setTried(true)
    if (!read.host) return
    const { host: settings } = read
    const host = await call.run(async () =>
      hostId === undefined ? currentClient().hosts.add(settings) : currentClient().hosts.update({ hostId, settings }),
    )
    if (!host) return
    // The event of the new host may still be on its way.
    useFleet.getState().apply({ type: 'host', host })
    const { phase } = host.connection
    if (edited && (phase === 'ready' || phase === 'idle')) onClose()
    else setSaved(host.settings.id)
  }

  return (
    <Dialog
      title={edited ? `Edit ${edited.settings.name}` : 'Add host'}
      width={560}
      initialFocus={first}
      onClose={onClose}
      footer={
        <>
          <span className="f2">{edited ? 'Nothing changes on the host itself.' : 'Nothing is installed on the host.'}</span>
          <span className="sp" />
          <Button keys="Esc" onClick={onClose}>
            Cancel
          </Button>
          <Button kind="primary" keys="Enter" submit form="host-form" disabled={call.busy}>
            {edited ? 'Save' : 'Add and connect'}
          </Button>
        </>
      }
    >
      <form id="host-form" className="dform" noValidate onSubmit={(event) => void submit(event)}>
        <TextInput
          label="Address"
          inputRef={first}
          mono
          value={form.address}
          onChange={(address) => change({ address })}
          error={errors.address}
          placeholder="dom0.example.org or 192.0.2.17"
        />
        <FromSshConfig reading={reading} />
        <TextInput
          label="Name"
          value={form.name}
          onChange={(name) => change({ name })}
          error={errors.name}
          placeholder={form.address.trim() || 'As the address'}
        />
        <TextInput
          label="Port"
          mono
          inputMode="numeric"
          value={form.port}
          onChange={(port) => change({ port })}
          error={errors.port}
          placeholder={String(config?.port ?? 22)}
        />
        <TextInput
          label="User"
          mono
          value={form.user}
          onChange={(user) => change({ user })}
          error={errors.user}
          placeholder={config?.user ?? 'root'}
          help={
            (form.user.trim() || (config?.user ?? 'root')) === 'root'
              ? undefined
              : 'Becomes root by sudo on the host; if that wants a password, it is asked for.'
          }
        />
        <TextInput
          label="Private key"
          mono
          value={form.keyPath}
          onChange={(keyPath) => change({ keyPath })}
          error={errors.keyPath}
          placeholder={config?.identityFiles?.[0] ?? '~/.ssh/id_ed25519'}
          help="A file on this workstation. Empty: the SSH agent, and the keys of your SSH configuration or the usual ones in ~/.ssh."
        />
        <TextInput
          label="Jump host"
          mono
          value={form.jump}
          onChange={(jump) => change({ jump })}
          error={errors.jump}
          placeholder={config?.proxyJump ?? 'none'}
          help="user@host:port, or the name of another host here; several with commas between."
        />
        <TextInput
          label="Storage root"
          mono
          value={form.storageRoot}
          onChange={(storageRoot) => change({ storageRoot })}
          error={errors.storageRoot}
          help="Where bases and guests are kept on the host."
        />
        <details className="more" open={form.legacyAlgorithms || undefined}>
          <summary>Advanced</summary>
          <Checkbox checked={form.legacyAlgorithms} onChange={(legacyAlgorithms) => change({ legacyAlgorithms })}>
            Allow legacy algorithms
          </Checkbox>
          <p className="f3">
            SHA-1 key exchange and CBC ciphers, for an SSH server of OpenSSH 6 or older that has nothing better. They can be
            broken; the host then carries a warning.
          </p>
        </details>
        {call.problem && <ProblemNote problem={call.problem} />}
      </form>
    </Dialog>
  )
}
