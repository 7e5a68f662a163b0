import './consoles.css'
import { type KeyboardEvent, useEffect, useRef } from 'react'
import { useKeys } from '../frame/keys'
import { SplitView } from '../layout/SplitView'
import { leaf } from '../layout/tree'
import { EmptyState, IconButton } from '../ui'
import { BroadcastMenu } from './BroadcastMenu'
import { ConsolePane } from './ConsolePane'
import { TabMenu } from './ConsoleTabs'
import { closeWithHosts } from './follow-hosts'
import { dockAct } from './keys'
import { activeTab, focusedPane } from './layout'
import { takeHanded } from './named-layouts'
import { perform } from './perform'
import { keepLayout } from './saved-layout'
import { useConsoles } from './store'
import { showWindowTitle } from './titles'

showWindowTitle()
keepLayout()
takeHanded()
closeWithHosts()

/** The consoles of the tab in front: panes as its split tree says, or what to do when there are none. */
export function ConsoleDock() {
  const { tree, maximised } = useConsoles(activeTab)
  const requests = useConsoles((state) => state.focusRequests)
  const empty = useRef<HTMLDivElement>(null)
  useEffect(() => {
    // Keys for tabs are heard here; a pane takes the focus by itself.
    if (requests > 0) empty.current?.focus()
  }, [requests])
  const shown = maximised ? leaf(maximised.id) : tree
  const { resize, equalise } = useConsoles.getState()
  if (!shown) {
    return (
      <div className="dock-empty" ref={empty} tabIndex={-1} onKeyDownCapture={onKey}>
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
  const focused = useConsoles(focusedPane)
  const maximised = useConsoles((state) => activeTab(state).maximised !== undefined)
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
        onClick={() => perform({ act: 'maximise', zoom: false })}
      />
      <IconButton
        icon="close"
        iconSize="s"
        label="Close the pane"
        keys={useKeys('pane-close')}
        disabled={none}
        onClick={() => perform({ act: 'close' })}
      />
      <BroadcastMenu />
      <TabMenu />
    </>
  )
}

function onKey(event: KeyboardEvent): void {
  const act = dockAct(event.nativeEvent)
  if (!act || !perform(act)) return
  event.preventDefault()
  event.stopPropagation()
}
