import type { Guest } from '../../src-shared/models/guest'
import { newPaneId, openConsoles } from '../consoles/open'
import { useConsoles } from '../consoles/store'
import { openGrid, openTabs } from '../consoles/together'
import { hostById, useFleet } from '../fleet/store'
import { type GuestVerb, operationFor, refusal, verbs } from '../guests/actions'
import type { GuestChange } from '../guests/changes'
import { startOperation } from '../jobs/actions'
import { showDialog } from './dialogs'
import { useDock } from './dock'
import { attempt } from './notices'

/** Brings the consoles of these guests to the front. */
export function openGuestConsoles(guests: readonly Guest[]): void {
  if (guests.length === 0) return
  useDock.getState().showConsoles()
  openConsoles(guests.map(({ hostId, id, name }) => ({ hostId, guestId: id, name })))
}

/** Shows the consoles of these guests side by side in one tab, or each in a tab of its own; panes that they have move there. */
export function openGuestsTogether(guests: readonly Guest[], how: 'grid' | 'tabs'): void {
  useDock.getState().showConsoles()
  const wanted = guests.map(({ hostId, id, name }) => ({ hostId, guestId: id, name }))
  useConsoles.getState().arrange((layout) => (how === 'grid' ? openGrid : openTabs)(layout, wanted, newPaneId))
}

/** Those of the guests that this verb makes sense for now. */
export function fitting(verb: GuestVerb, guests: readonly Guest[]): Guest[] {
  const fleet = useFleet.getState()
  return guests.filter((guest) => refusal(verb, guest, hostById(fleet, guest.hostId)) === undefined)
}

/** Does this to all that it fits; what loses something, and what is done to several, asks first. */
export function actOn(verb: GuestVerb, guests: readonly Guest[]): void {
  const able = fitting(verb, guests)
  if (able.length === 0) return
  if (guests.length > 1) showDialog({ kind: 'bulk', verb, guests })
  else if (verb === 'destroy' || verb === 'delete' || verb === 'discard') showDialog({ kind: 'confirm', verb, guests: able })
  else startAll(verb, able)
}

/** Starts one job for each guest. */
export function startAll(verb: GuestVerb, guests: readonly Guest[]): void {
  for (const guest of guests) {
    void attempt(`${verbs[verb].label} ${guest.name}`, () => startOperation(guest.hostId, operationFor(verb, guest)))
  }
}

/** Opens the form for one setting of a guest. */
export function changeGuest(guest: Guest, change: GuestChange): void {
  showDialog({ kind: 'change', hostId: guest.hostId, guestId: guest.id, change })
}
