import { type FormEvent, useEffect, useId, useRef, useState } from 'react'
import { type GuestAddress, guestLoginSchema } from '../../src-shared/models/console'
import { currentClient } from '../api/page'
import { guestById, useFleet, useHost } from '../fleet/store'
import { usePreferences } from '../frame/preferences'
import { Button, Dialog, Field, LinkButton, TextInput } from '../ui'
import { openGuestShell } from './shells'

const usual = { user: 'root', port: 22 }
const whence: Record<GuestAddress['from'], string> = {
  xenstore: 'from xenstore',
  lease: 'from a DHCP lease',
  neighbour: 'seen on its network',
}

/** Asks where and as whom a guest is reached by SSH from its dom0, with what is known of it. */
export function SshDialog({ hostId, guestId, onClose }: { hostId: string; guestId: string; onClose(): void }) {
  const host = useHost(hostId)
  const guest = useFleet((fleet) => guestById(fleet, hostId, guestId))
  const kept = usePreferences((preferences) => preferences.guestLogins?.[guestId])
  const [address, setAddress] = useState(kept?.address ?? '')
  const [user, setUser] = useState(kept?.user ?? usual.user)
  const [port, setPort] = useState(String(kept?.port ?? usual.port))
  const [tried, setTried] = useState(false)
  const known = useKnownAddresses(hostId, guestId, (first) => setAddress((typed) => typed || first))
  const first = useRef<HTMLInputElement>(null)
  const form = useId()

  const checked = guestLoginSchema.safeParse({ address, user, port: /^\d+$/.test(port.trim()) ? Number(port) : Number.NaN })
  const errorOf = (field: string): string | undefined =>
    tried ? checked.error?.issues.find((issue) => issue.path[0] === field)?.message : undefined
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    if (!checked.success || !guest) return
    openGuestShell(guest, checked.data)
    onClose()
  }
  return (
    <Dialog
      title={`SSH into ${guest?.name ?? 'a guest'}`}
      beside={<span className="f2">through {host?.settings.name ?? 'its host'}</span>}
      width={480}
      initialFocus={first}
      onClose={onClose}
      footer={
        <>
          <span className="f2">The host forwards the connection; keys and passwords stay here.</span>
          <span className="sp" />
          <Button keys="Esc" onClick={onClose}>
            Cancel
          </Button>
          <Button kind="primary" keys="Enter" submit form={form} disabled={!guest || host?.connection.phase !== 'ready'}>
            Open
          </Button>
        </>
      }
    >
      <form id={form} className="dform" noValidate onSubmit={submit}>
        <TextInput
          label="Address"
          mono
          inputRef={first}
          value={address}
          onChange={setAddress}
          error={errorOf('address')}
          help={known === undefined ? 'Looking up what the host knows…' : 'As the host reaches it: a name or an IP address.'}
        />
        {known && known.length > 0 && (
          <Field label="Known">
            <ul className="plain-list">
              {known.map((one) => (
                <li key={one.address}>
                  <LinkButton onClick={() => setAddress(one.address)}>{one.address}</LinkButton>{' '}
                  <span className="f3">{whence[one.from]}</span>
                </li>
              ))}
            </ul>
          </Field>
        )}
        <TextInput label="User" mono value={user} onChange={setUser} error={errorOf('user')} />
        <TextInput
          label="Port"
          mono
          inputMode="numeric"
          value={port}
          onChange={setPort}
          error={errorOf('port') && 'A port is a number from 1 to 65535.'}
        />
      </form>
    </Dialog>
  )
}

/** What the host knows, once it has answered; `onFirst` gets the surest address. A host that cannot tell knows nothing. */
function useKnownAddresses(hostId: string, guestId: string, onFirst: (address: string) => void): GuestAddress[] | undefined {
  const [known, setKnown] = useState<GuestAddress[]>()
  const take = useRef(onFirst)
  useEffect(() => {
    let over = false
    const show = (addresses: GuestAddress[]): void => {
      if (over) return
      setKnown(addresses)
      if (addresses[0]) take.current(addresses[0].address)
    }
    Promise.resolve()
      .then(() => currentClient().consoles.addresses({ hostId, guestId }))
      .then(show, () => show([]))
    return () => {
      over = true
    }
  }, [hostId, guestId])
  return known
}
