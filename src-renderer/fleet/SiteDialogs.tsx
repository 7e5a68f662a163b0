import { useRef, useState } from 'react'
import { Button, Checkbox, ConfirmDialog, Dialog, Field, TextInput } from '../ui'
import { Select } from '../ui/Select'
import { countWords } from '../ui/words'
import { noSite } from './SiteCells'
import { deleteSite, placeHost, saveSite, siteNameProblem, useSites } from './site-actions'
import { hostById, useFleet } from './store'

/** Makes a site, or changes the name and the hosts of one. */
export function SiteDialog({ site, onClose }: { site: string | undefined; onClose(): void }) {
  const hosts = useFleet((fleet) => fleet.hosts)
  const [name, setName] = useState(site ?? '')
  const [members, setMembers] = useState<ReadonlySet<string>>(
    () => new Set(hosts.flatMap(({ settings }) => (site !== undefined && settings.site === site ? settings.id : []))),
  )
  const [tried, setTried] = useState(false)
  const first = useRef<HTMLInputElement>(null)
  const error = siteNameProblem(name, site)
  const pick = (hostId: string, isIn: boolean): void => {
    const next = new Set(members)
    if (isIn) next.add(hostId)
    else next.delete(hostId)
    setMembers(next)
  }
  return (
    <Dialog
      title={site === undefined ? 'New site' : `Site ${site}`}
      initialFocus={first}
      onClose={onClose}
      footer={
        <>
          <span className="f2">Kept on this workstation.</span>
          <span className="sp" />
          <Button keys="Esc" onClick={onClose}>
            Cancel
          </Button>
          <Button kind="primary" keys="Enter" submit form="site">
            {site === undefined ? 'Make site' : 'Save'}
          </Button>
        </>
      }
    >
      <form
        id="site"
        className="dform"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (error !== undefined) return
          saveSite(name.trim(), members, site)
          onClose()
        }}
      >
        <TextInput label="Name" inputRef={first} value={name} onChange={setName} error={tried ? error : undefined} />
        <Field label="Hosts">
          <fieldset className="site-hosts" aria-label="Hosts of this site">
            {hosts.map(({ settings }) => (
              <Checkbox key={settings.id} checked={members.has(settings.id)} onChange={(isIn) => pick(settings.id, isIn)}>
                <span className="el">{settings.name}</span>
                {settings.site !== undefined && settings.site !== site && <span className="f3 el">now {settings.site}</span>}
              </Checkbox>
            ))}
          </fieldset>
        </Field>
      </form>
    </Dialog>
  )
}

/** Asks before a site is forgotten. */
export function DeleteSiteDialog({ site, onClose }: { site: string; onClose(): void }) {
  const count = useFleet((fleet) => fleet.hosts.filter(({ settings }) => settings.site === site).length)
  return (
    <ConfirmDialog title={`Delete the site ${site}?`} verb="Delete" onConfirm={() => deleteSite(site)} onClose={onClose}>
      <p>
        {count === 0
          ? 'It has no hosts.'
          : `Its ${countWords(count, 'host')} ${count === 1 ? 'stays' : 'stay'} in the fleet, without a site. Nothing changes on ${count === 1 ? 'it' : 'them'}.`}
      </p>
    </ConfirmDialog>
  )
}

const none = 'none'
const fresh = 'new'
const ofSite = (site: string): string => `site:${site}`

/** Moves one host to a site, to a new one, or to none. */
export function MoveHostDialog({ hostId, onClose }: { hostId: string; onClose(): void }) {
  const host = useFleet((fleet) => hostById(fleet, hostId))
  const sites = useSites()
  const current = host?.settings.site
  const [target, setTarget] = useState(
    current !== undefined ? ofSite(current) : sites[0] !== undefined ? ofSite(sites[0]) : fresh,
  )
  const [name, setName] = useState('')
  const [tried, setTried] = useState(false)
  const error = target === fresh ? siteNameProblem(name) : undefined
  if (!host) return null
  return (
    <Dialog
      title={`Move ${host.settings.name} to a site`}
      onClose={onClose}
      footer={
        <>
          <span className="f2">Kept on this workstation.</span>
          <span className="sp" />
          <Button keys="Esc" onClick={onClose}>
            Cancel
          </Button>
          <Button kind="primary" keys="Enter" submit form="move-host">
            Move
          </Button>
        </>
      }
    >
      <form
        id="move-host"
        className="dform"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (error !== undefined) return
          placeHost(hostId, {
            site: target === none ? undefined : target === fresh ? name.trim() : target.slice(ofSite('').length),
          })
          onClose()
        }}
      >
        <Field label="Site">
          <Select
            label="Site"
            value={target}
            options={[
              ...sites.map((site) => ({ value: ofSite(site), label: site })),
              { value: none, label: noSite },
              { value: fresh, label: 'New site' },
            ]}
            onChange={setTarget}
          />
        </Field>
        {target === fresh && (
          <TextInput label="Name" value={name} onChange={setName} error={tried ? error : undefined} autoFocus />
        )}
      </form>
    </Dialog>
  )
}
