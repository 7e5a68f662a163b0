import { usePage } from '../api/page'
import { useFleet } from '../fleet/store'
import { closePane } from './layout'
import { useConsoles } from './store'

/**
 * Closes the panes of a host that was removed. A host that is only not there yet, after a new start of the main side, keeps its
 * panes: they attach when it comes. Called once.
 */
export function closeWithHosts(): void {
  let seenOn = usePage.getState().page
  useFleet.subscribe(({ hosts }, before) => {
    const { page } = usePage.getState()
    const sameConnection = page === seenOn
    seenOn = page
    if (hosts === before.hosts || !sameConnection) return
    const now = new Set(hosts.map((host) => host.settings.id))
    const removed = new Set(before.hosts.map((host) => host.settings.id).filter((id) => !now.has(id)))
    if (removed.size === 0) return
    const gone = [...useConsoles.getState().panes.values()].filter(({ hostId }) => removed.has(hostId))
    if (gone.length > 0)
      useConsoles.getState().arrange((layout) => gone.reduce((rest, { id }) => closePane(rest, id), layout), false)
  })
}
