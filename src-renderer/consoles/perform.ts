import { equalise, longerSide, moveEdge, rotate } from '../layout/edges'
import type { Direction } from '../layout/tree'
import { insertNumber, startBroadcast } from './broadcaster'
import { groupPanes, ungroupPanes } from './group-acts'
import type { DockAct } from './keys'
import {
  activeTab,
  changeTree,
  closePane,
  focusedPane,
  focusNext,
  focusSide,
  type Layout,
  moveToSide,
  type Pane,
  splitPane,
  toggleMaximised,
} from './layout'
import { measure, zoomOf } from './measure'
import { paneToWindow } from './named-layouts'
import { newPaneId } from './open'
import { sessionOf } from './session'
import { useConsoles } from './store'
import { askCloseTab, askTitle } from './tab-acts'
import { movePaneToTab, moveTab, newTab, showTab, stepTab } from './tabs'
import { toolOf } from './tools'

/** Does it to the focused pane, or to the tab in front. False for what has no effect here: then the key is the guest's. */
export function perform(act: DockAct): boolean {
  const state = useConsoles.getState()
  const { active } = state
  const pane = state.panes.get(focusedPane(state) ?? '')
  switch (act.act) {
    case 'new-tab':
      return change((layout) => newTab(layout, newPaneId))
    case 'title': {
      const id = act.of === 'tab' ? active : pane?.id
      if (id !== undefined) askTitle({ of: act.of, id })
      return id !== undefined
    }
    case 'close-tab':
      askCloseTab(active)
      return true
    case 'tab':
      return state.tabs.length > 1 && change((layout) => stepTab(layout, act.step))
    case 'tab-at':
      return change((layout) => showTab(layout, layout.tabs[act.place - 1]?.id ?? ''))
    case 'move-tab':
      return state.tabs.length > 1 && change((layout) => moveTab(layout, active, act.step))
    case 'group':
      groupPanes(act.of)
      return true
    case 'ungroup':
      ungroupPanes(act.of)
      return true
    case 'broadcast':
      startBroadcast(act.mode)
      return true
  }
  if (!pane) return false
  switch (act.act) {
    case 'split':
      return change((layout) => splitPane(layout, pane.id, directionOf(act.direction, pane), newPaneId))
    case 'close':
      return change((layout) => closePane(layout, pane.id))
    case 'next':
      return change((layout) => focusNext(layout, act.step))
    case 'go':
      return focusSide(state, act.side) !== state && change((layout) => focusSide(layout, act.side))
    case 'maximise':
      return change((layout) => toggleMaximised(layout, pane.id, act.zoom ? zoomOf(sessionOf(pane).terminal) : 1))
    case 'edge': {
      const { cell, area } = measure(sessionOf(pane).terminal)
      return change((layout) => changeTree(layout, (tree) => moveEdge(tree, pane.id, act.side, cell, area)))
    }
    case 'move':
      return change((layout) => moveToSide(layout, pane.id, act.side))
    case 'rotate':
      return change((layout) => changeTree(layout, (tree) => rotate(tree, act.clockwise)))
    case 'equalise':
      return change((layout) => changeTree(layout, (tree) => equalise(tree, [], { down: true })))
    case 'pane-to-new-tab':
      return change((layout) => movePaneToTab(layout, pane.id, undefined, newPaneId))
    case 'pane-to-window':
      paneToWindow(pane)
      return true
    case 'pane-to-tab':
      return change((layout) => movePaneToTab(layout, pane.id, activeTab(stepTab(layout, act.step)).id, newPaneId))
    case 'number':
      insertNumber(act.padded)
      return true
    case 'tool': {
      const tool = toolOf(act.tool)
      if (tool.refusal?.(pane) === undefined) tool.run(pane)
      return true
    }
    case 'copy':
      // The copy event is xterm's: it puts the selection there, and needs no permission as the clipboard API does.
      if (sessionOf(pane).terminal.xterm.hasSelection()) document.execCommand('copy')
      return true
  }
}

function directionOf(direction: Direction | 'auto', pane: Pane): Direction {
  return direction === 'auto' ? longerSide(measure(sessionOf(pane).terminal).pane) : direction
}

/** Changes the layout, and gives the keys to the pane that has the focus then. */
function change(how: (layout: Layout) => Layout): true {
  useConsoles.getState().arrange(how)
  return true
}
