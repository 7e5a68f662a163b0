import { hostById, useFleet } from '../fleet/store'
import { treeCommands } from '../fleet/tree-commands'
import { chosenGuests } from '../fleet/tree-store'
import { type GuestVerb, verbs } from '../guests/actions'
import { changeRefusal, changeWords, guestChanges } from '../guests/changes'
import type { IconName } from '../ui'
import { countWords } from '../ui/words'
import { showDialog } from './dialogs'
import { useDock } from './dock'
import { actOn, changeGuest, fitting, openGuestConsoles } from './guest-actions'
import { usePreferences } from './preferences'

export type Command = { title: string; icon: IconName; run(): void }

/** Everything that can be commanded now, for the palette. */
export function commands(): Command[] {
  return [...guestCommands(), ...hostCommands(), ...treeCommands(), ...pageCommands()]
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
  const changes: Command[] =
    guests.length === 1
      ? guestChanges.flatMap((change): Command[] => {
          const refused = changeRefusal(change, first, hostById(useFleet.getState(), first.hostId)) !== undefined
          const { title, icon } = changeWords[change]
          return refused ? [] : [{ title: title(first.name), icon, run: () => changeGuest(first, change) }]
        })
      : []
  const logs: Command[] =
    guests.length === 1
      ? [
          {
            title: `Logs of ${first.name}`,
            icon: 'code',
            run: () => showDialog({ kind: 'logs', hostId: first.hostId, guestId: first.id }),
          },
        ]
      : []
  return [...open, ...acts, ...changes, ...logs]
}

function hostCommands(): Command[] {
  const fleet = useFleet.getState()
  const all = fleet.hosts.flatMap((host): Command[] => {
    const { id: hostId, name, simulated } = host.settings
    const answer: Command = { title: `Answer ${name}`, icon: 'key', run: () => showDialog({ kind: 'connection', hostId }) }
    const edit: Command = { title: `Edit host ${name}`, icon: 'pencil', run: () => showDialog({ kind: 'edit-host', hostId }) }
    const test: Command = {
      title: `Test the connection to ${name}`,
      icon: 'check',
      run: () => showDialog({ kind: 'checkup', hostId }),
    }
    return [...(host.connection.phase === 'asking' ? [answer] : []), ...(simulated ? [] : [edit]), test]
  })
  const ready = fleet.hosts.filter((host) => host.connection.phase === 'ready')
  const doing = ready.flatMap((host): Command[] => {
    const hostId = host.settings.id
    const clone: Command[] =
      (fleet.bases.get(hostId)?.length ?? 0) > 0
        ? [{ title: `Clone and boot on ${host.settings.name}`, icon: 'clone', run: () => showDialog({ kind: 'clone', hostId }) }]
        : []
    return [
      ...clone,
      { title: `Hypervisor log of ${host.settings.name}`, icon: 'code', run: () => showDialog({ kind: 'logs', hostId }) },
      { title: `Import base on ${host.settings.name}`, icon: 'download', run: () => showDialog({ kind: 'import', hostId }) },
    ]
  })
  return [...doing, ...all]
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
