import { dom0Id } from '../../src-shared/models/console'
import type { Host } from '../../src-shared/models/host'
import { guestById, hostById, useFleet } from '../fleet/store'
import { showDialog } from '../frame/dialogs'
import type { MenuEntry } from '../ui'
import type { Pane } from './layout'
import { openHostShell } from './shells'

/** Shells that a host offers: root's, and the login's own where that is not root. */
export function hostShellEntries({ settings, connection }: Host): MenuEntry[] {
  const disabled = connection.phase === 'ready' ? undefined : 'not connected'
  const { user } = settings
  const login: MenuEntry[] =
    user !== undefined && user !== 'root'
      ? [{ label: `Open a shell of ${user}`, icon: 'server', disabled, onSelect: () => openHostShell(settings, 'login') }]
      : []
  return [{ label: 'Open a shell', icon: 'server', disabled, onSelect: () => openHostShell(settings) }, ...login]
}

/** SSH into a guest, as an entry of its menus. */
export function sshEntry(hostId: string, guestId: string): MenuEntry {
  const fleet = useFleet.getState()
  const guest = guestById(fleet, hostId, guestId)
  const ready = hostById(fleet, hostId)?.connection.phase === 'ready'
  const disabled = !ready ? 'host not connected' : guest?.domid === undefined ? 'not running' : undefined
  return { label: 'SSH into it', icon: 'key', disabled, onSelect: () => showDialog({ kind: 'ssh', hostId, guestId }) }
}

/** Runs a sequence on a guest, as an entry of its menus. */
export function sequenceEntry(hostId: string, guestId: string, name: string): MenuEntry {
  const ready = hostById(useFleet.getState(), hostId)?.connection.phase === 'ready'
  return {
    label: 'Run a sequence',
    icon: 'play',
    disabled: ready ? undefined : 'host not connected',
    onSelect: () => showDialog({ kind: 'run-sequence', guests: [{ hostId, guestId, name }] }),
  }
}

/** What the menu of a pane offers of shells and sequences. */
export function shellMenu({ hostId, guestId, name }: Pane): MenuEntry[] {
  const host = hostById(useFleet.getState(), hostId)
  if (!host) return []
  const [first] = hostShellEntries(host)
  const open = first && first !== 'rule' ? [{ ...first, label: 'Open a shell of its host' }] : []
  const ofGuest = guestId === dom0Id ? [] : [sequenceEntry(hostId, guestId, name), sshEntry(hostId, guestId)]
  return [...ofGuest, ...open]
}
