import { focusedPane, focusPane, open, type Wanted } from './layout'
import { useConsoles } from './store'

/**
 * Opens the consoles of these guests, or goes to the panes they have, and focuses the first. Consoles that open by themselves
 * while somebody types elsewhere do not take the keys from there.
 */
export function openConsoles(wanted: readonly Wanted[]): void {
  const typing = document.activeElement?.matches('.xterm-helper-textarea, main input, aside input') ?? false
  useConsoles.getState().arrange((layout) => {
    const opened = open(layout, wanted, newPaneId)
    const before = focusedPane(layout)
    return typing && before !== undefined ? focusPane(opened, before) : opened
  }, !typing)
}

/** A name for a new pane. */
export function newPaneId(): string {
  return Math.random().toString(36).slice(2, 10)
}
