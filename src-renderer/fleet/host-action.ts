import { currentClient } from '../api/page'
import { showDialog, useDialogs } from '../frame/dialogs'
import { attempt } from '../frame/notices'
import type { HostFace } from './faces'
import { useFleet } from './store'

export type HostAction = NonNullable<HostFace['action']>

/** What the one button of a host that is not connected says. */
export const actionWords: Record<HostAction, string> = {
  review: 'Review',
  connect: 'Connect',
  retry: 'Retry now',
  answer: 'Answer',
}

/** What that button does. */
export function runHostAction(hostId: string, name: string, action: HostAction): void {
  if (action === 'review' || action === 'answer') showDialog({ kind: 'connection', hostId })
  else connectHost(hostId, name)
}

/** Connects a host; what its login asks, it asks the person who wanted it at once. */
export function connectHost(hostId: string, name: string): void {
  void attempt(`Connect to ${name}`, async () => {
    await currentClient().hosts.connect({ hostId })
    showWhenItAsks(hostId)
  })
}

/** A host that connects by itself, at the start or after a lost link, never opens a dialog: its row says that it needs an answer. */
function showWhenItAsks(hostId: string): void {
  let onTheWay = false
  const isOver = (): boolean => {
    const phase = useFleet.getState().hosts.find((host) => host.settings.id === hostId)?.connection.phase
    if (phase === 'asking' && useDialogs.getState().open === undefined) showDialog({ kind: 'connection', hostId })
    const ended = phase === undefined || phase === 'ready' || phase === 'asking' || phase === 'blocked'
    if (!ended && phase !== 'idle' && phase !== 'waiting') onTheWay = true
    // The event of the beginning may still be on its way.
    return ended || (onTheWay && (phase === 'idle' || phase === 'waiting'))
  }
  if (isOver()) return
  const leave = useFleet.subscribe(() => {
    if (isOver()) leave()
  })
}
