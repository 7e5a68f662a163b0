import type { ConsoleMark } from '../../src-shared/models/console'
import { useDock } from '../frame/dock'
import { tell } from '../frame/happenings'
import { usePreferences } from '../frame/preferences'
import { leaves, type Tree } from '../layout/tree'
import type { Pane } from './layout'
import { type PaneFacts, takeKeys, useConsoles } from './store'

const words: Record<ConsoleMark['kind'], string> = {
  panic: 'Kernel panic',
  oops: 'Kernel oops',
  watchdog: 'Hung task or CPU',
  memory: 'Out of memory',
}

/** What a mark of trouble is called. */
export function markWords({ kind }: ConsoleMark): string {
  return words[kind]
}

/** Tells of trouble that a guest's console has just shown. */
export function tellTrouble(pane: Pane, mark: ConsoleMark): void {
  if (!usePreferences.getState().tellCrashes) return
  tell({
    key: `crashed ${pane.hostId} ${pane.guestId}`,
    tone: 'bad',
    title: `${pane.name}: ${words[mark.kind].toLowerCase()}`,
    text: mark.line,
    show: () => showPane(pane.id),
  })
}

/** Brings a pane to the front, with the keys. */
export function showPane(paneId: string): void {
  useDock.getState().showConsoles()
  takeKeys(paneId)
}

/** Trouble in these panes that nobody has looked at yet. */
function unseen(facts: ReadonlyMap<string, PaneFacts>, paneIds: readonly string[]): ConsoleMark | undefined {
  const found = paneIds.map((id) => facts.get(id)).find((one) => one?.mark && !one.markSeen)
  return found?.mark
}

/** Trouble on the console of a guest that nobody has looked at yet. */
export function useGuestMark(hostId: string, guestId: string): ConsoleMark | undefined {
  return useConsoles(({ facts, panes }) => {
    const own = [...panes.values()].filter((pane) => pane.hostId === hostId && pane.guestId === guestId)
    return unseen(
      facts,
      own.map(({ id }) => id),
    )
  })
}

/** Trouble in a tab of consoles that nobody has looked at yet. */
export function useTabMark(tree: Tree | undefined): ConsoleMark | undefined {
  return useConsoles(({ facts }) => unseen(facts, leaves(tree)))
}
