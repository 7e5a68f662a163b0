import { open, useConsoles, type Wanted } from './store'

/**
 * Opens the consoles of these guests, or goes to the panes they have, and focuses the first. Consoles that open by themselves
 * while somebody types elsewhere do not take the keys from there.
 */
export function openConsoles(wanted: readonly Wanted[]): void {
  const typing = document.activeElement?.matches('.xterm-helper-textarea, main input, aside input') ?? false
  useConsoles.getState().arrange((layout) => {
    const opened = open(layout, wanted, newPaneId)
    return typing && layout.focused ? { ...opened, focused: layout.focused } : opened
  }, !typing)
}

/** A name for a new pane. */
export function newPaneId(): string {
  return Math.random().toString(36).slice(2, 10)
}
