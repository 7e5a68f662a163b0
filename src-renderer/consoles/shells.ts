import { dom0Id, type GuestLogin } from '../../src-shared/models/console'
import type { Guest } from '../../src-shared/models/guest'
import type { HostSettings } from '../../src-shared/models/host'
import { useDock } from '../frame/dock'
import { usePreferences } from '../frame/preferences'
import type { IconName } from '../ui'
import type { Pane } from './layout'
import { newPaneId, openConsoles } from './open'

/** What a pane shows, for its header. */
export function paneKind({ shell }: Pick<Pane, 'shell'>): { icon: IconName; words: string } {
  if (!shell) return { icon: 'console', words: 'console' }
  if (shell.kind === 'guest') return { icon: 'key', words: `SSH ${shell.user}@${shell.address}` }
  return { icon: 'server', words: shell.as === 'root' ? 'dom0 shell, root' : 'dom0 shell' }
}

/** Opens a shell of a dom0 in a pane of its own. */
export function openHostShell({ id: hostId, name }: Pick<HostSettings, 'id' | 'name'>, as: 'root' | 'login' = 'root'): void {
  useDock.getState().showConsoles()
  openConsoles([{ hostId, guestId: dom0Id, name, shell: { kind: 'host', id: newPaneId(), as } }])
}

/** Opens a shell in a guest, by SSH through its dom0, and keeps how it was reached for the next time. */
export function openGuestShell({ hostId, id: guestId, name }: Pick<Guest, 'hostId' | 'id' | 'name'>, login: GuestLogin): void {
  keepLogin(guestId, login)
  useDock.getState().showConsoles()
  openConsoles([{ hostId, guestId, name, shell: { kind: 'guest', id: newPaneId(), ...login } }])
}

/** Logins that are kept; the guests that are reached most lately stay. */
const mostLogins = 500

/** Keeps how a guest is reached by SSH, or what has become known of it. */
export function keepLogin(guestId: string, login: Partial<GuestLogin>): void {
  const { guestLogins = {}, change } = usePreferences.getState()
  const { [guestId]: before, ...others } = guestLogins
  const kept = Object.entries(others).slice(-mostLogins + 1)
  change({ guestLogins: { ...Object.fromEntries(kept), [guestId]: { ...before, ...login } } })
}
