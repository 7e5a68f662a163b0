import './consoles.css'
import type { KeyboardEvent } from 'react'
import { useKeys } from '../frame/keys'
import { SplitView } from '../layout/SplitView'
import { EmptyState, IconButton } from '../ui'
import { ConsolePane } from './ConsolePane'
import { closeWithHosts } from './follow-hosts'
import { dockAct } from './keys'
import { perform } from './perform'
import { keepLayout } from './saved-layout'
import { useConsoles } from './store'

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
        keys={useKeys('split-right')}
        disabled={none}
        onClick={() => perform({ act: 'split', direction: 'row' })}
      />
      <IconButton
        icon="split-down"
        iconSize="s"
        label="Split below"
        keys={useKeys('split-below')}
        disabled={none}
        onClick={() => perform({ act: 'split', direction: 'column' })}
      />
      <IconButton
        icon="maximise"
        iconSize="s"
        label={maximised ? 'Show all panes' : 'Maximise the pane'}
        keys={useKeys('pane-maximise')}
        pressed={maximised}
        disabled={none}
        onClick={() => perform({ act: 'maximise' })}
      />
      <IconButton
        icon="close"
        iconSize="s"
        label="Close the pane"
        keys={useKeys('pane-close')}
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
