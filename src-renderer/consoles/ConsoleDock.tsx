import './consoles.css'
import type { KeyboardEvent } from 'react'
import { SplitView } from '../layout/SplitView'
import { EmptyState, IconButton } from '../ui'
import { ConsolePane } from './ConsolePane'
import { closeWithHosts } from './follow-hosts'
import { type DockAct, dockAct, keysOf } from './keys'
import { newPaneId } from './open'
import { keepLayout } from './saved-layout'
import { sessionOf } from './session'
import { closePane, focusNext, focusSide, splitPane, useConsoles } from './store'

keepLayout()
closeWithHosts()

/** The consoles: panes as the split tree says, or what to do when there are none. */
export function ConsoleDock() {
  const tree = useConsoles((state) => state.tree)
  const maximised = useConsoles((state) => state.maximised)
  const shown = maximised === undefined ? tree : { kind: 'leaf' as const, id: maximised }
  const { resize, equalise } = useConsoles.getState()
  if (!shown) {
    return (
      <div className="dock-empty">
        <EmptyState>
          No console is open. Choose a running guest in the fleet and press Enter, or use Console in the inspector.
        </EmptyState>
      </div>
    )
  }
  return (
    <div className="dock-panes" onKeyDownCapture={onKey}>
      <SplitView
        tree={shown}
        renderLeaf={(id) => <ConsolePane key={id} id={id} />}
        describe={(id) => useConsoles.getState().panes.get(id)?.name ?? 'the pane'}
        onResize={resize}
        onEqualise={equalise}
      />
    </div>
  )
}

/** What one does with the focused pane, for the bar of tabs above the dock. */
export function ConsoleTools() {
  const focused = useConsoles((state) => state.focused)
  const maximised = useConsoles((state) => state.maximised !== undefined)
  const none = focused === undefined
  return (
    <>
      <IconButton
        icon="split-right"
        iconSize="s"
        label="Split right"
        keys={keysOf.splitRight}
        disabled={none}
        onClick={() => perform({ act: 'split', direction: 'row' })}
      />
      <IconButton
        icon="split-down"
        iconSize="s"
        label="Split below"
        keys={keysOf.splitBelow}
        disabled={none}
        onClick={() => perform({ act: 'split', direction: 'column' })}
      />
      <IconButton
        icon="maximise"
        iconSize="s"
        label={maximised ? 'Show all panes' : 'Maximise the pane'}
        keys={keysOf.maximise}
        pressed={maximised}
        disabled={none}
        onClick={() => perform({ act: 'maximise' })}
      />
      <IconButton
        icon="close"
        iconSize="s"
        label="Close the pane"
        keys={keysOf.close}
        disabled={none}
        onClick={() => perform({ act: 'close' })}
      />
    </>
  )
}

function onKey(event: KeyboardEvent): void {
  const act = dockAct(event.nativeEvent)
  if (!act || !perform(act)) return
  event.preventDefault()
  event.stopPropagation()
}

/** Does it to the focused pane. False for what has no effect here: then the key is the guest's. */
function perform(act: DockAct): boolean {
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
