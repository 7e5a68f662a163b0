import type { DockAct } from './keys'
import { newPaneId } from './open'
import { sessionOf } from './session'
import { closePane, focusNext, focusSide, splitPane, useConsoles } from './store'

/** Does it to the focused pane. False for what has no effect here: then the key is the guest's. */
export function perform(act: DockAct): boolean {
  const state = useConsoles.getState()
  const pane = state.focused === undefined ? undefined : state.panes.get(state.focused)
  if (!pane) return false
  switch (act.act) {
    case 'split':
      state.arrange((layout) => splitPane(layout, pane.id, act.direction, newPaneId))
      return true
    case 'close':
      state.arrange((layout) => closePane(layout, pane.id))
      return true
    case 'next':
      state.arrange((layout) => focusNext(layout, act.step))
      return true
    case 'go':
      if (focusSide(state, act.side).focused === pane.id) return false
      state.arrange((layout) => focusSide(layout, act.side))
      return true
    case 'maximise':
      state.toggleMaximised(pane.id)
      return true
    case 'search':
      state.note(pane.id, { searching: true })
      return true
    case 'copy':
      // The copy event is xterm's: it puts the selection there, and needs no permission as the clipboard API does.
      if (sessionOf(pane).terminal.xterm.hasSelection()) document.execCommand('copy')
      return true
  }
}
