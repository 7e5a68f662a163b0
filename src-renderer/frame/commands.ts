import { useFleet } from '../fleet/store'
import { chosenGuests } from '../fleet/tree-store'
import { type GuestVerb, verbs } from '../guests/actions'
import type { IconName } from '../ui'
import { countWords } from '../ui/words'
import { showDialog } from './dialogs'
import { useDock } from './dock'
import { actOn, fitting, openGuestConsoles } from './guest-actions'
import { usePreferences } from './preferences'

export type Command = { title: string; icon: IconName; run(): void }

/** Everything that can be commanded now, for the palette. */
export function commands(): Command[] {
  return [...guestCommands(), ...hostCommands(), ...pageCommands()]
}

function guestCommands(): Command[] {
  const guests = chosenGuests()
  const [first] = guests
  if (!first) return []
  const names = (count: number): string => (count === 1 ? first.name : countWords(count, 'selected guest'))
  const running = guests.filter((guest) => guest.state === 'running')
  const open: Command[] =
    running.length > 0
      ? [{ title: `Open console of ${names(running.length)}`, icon: 'console', run: () => openGuestConsoles(running) }]
      : []
  const acts = (Object.keys(verbs) as GuestVerb[]).flatMap((verb): Command[] => {
    const able = fitting(verb, guests)
    const { label, icon } = verbs[verb]
    const name = able.length === 1 ? (able[0]?.name ?? '') : names(able.length)
    return able.length > 0 ? [{ title: `${label} ${name}`, icon, run: () => actOn(verb, able) }] : []
  })
  return [...open, ...acts]
}

function hostCommands(): Command[] {
  const fleet = useFleet.getState()
  const ready = fleet.hosts.filter((host) => host.connection.phase === 'ready')
  return ready.flatMap((host): Command[] => {
    const hostId = host.settings.id
    const clone: Command[] =
      (fleet.bases.get(hostId)?.length ?? 0) > 0
        ? [{ title: `Clone and boot on ${host.settings.name}`, icon: 'clone', run: () => showDialog({ kind: 'clone', hostId }) }]
        : []
    return [
      ...clone,
      { title: `Import base on ${host.settings.name}`, icon: 'download', run: () => showDialog({ kind: 'import', hostId }) },
    ]
  })
}

function pageCommands(): Command[] {
  const { change, inspectorOpen, sideOpen } = usePreferences.getState()
  return [
    { title: 'Add host', icon: 'add', run: () => showDialog({ kind: 'add-host' }) },
    { title: 'Start the local Xen lab or a simulated fleet', icon: 'flask', run: () => showDialog({ kind: 'lab' }) },
    { title: 'Show consoles', icon: 'console', run: () => useDock.getState().showConsoles() },
    { title: 'Show jobs of all hosts', icon: 'clock', run: () => useDock.getState().showJobs() },
    { title: 'Export an audit of the jobs', icon: 'download', run: () => showDialog({ kind: 'audit' }) },
    {
      title: inspectorOpen ? 'Hide the inspector' : 'Show the inspector',
      icon: 'panel-right',
      run: () => change({ inspectorOpen: !inspectorOpen }),
    },
    {
      title: sideOpen === false ? 'Show the fleet' : 'Hide the fleet',
      icon: 'panel-left',
      run: () => change({ sideOpen: sideOpen === false }),
    },
    { title: 'Theme: dark', icon: 'moon', run: () => change({ theme: 'dark' }) },
    { title: 'Theme: light', icon: 'sun', run: () => change({ theme: 'light' }) },
    { title: 'Theme: as the system', icon: 'sun', run: () => change({ theme: 'system' }) },
  ]
}
