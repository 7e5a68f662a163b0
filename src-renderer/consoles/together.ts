import { activeTab, addPanes, focusPane, type Layout, sameStream, takeOut, type Wanted } from './layout'
import { movePaneToTab, newTab } from './tabs'

/** Puts the consoles of these guests side by side in a tab of their own. Panes that they have move there. */
export function openGrid(layout: Layout, wanted: readonly Wanted[], newId: () => string): Layout {
  const { found, ids } = withPanes(layout, wanted, newId)
  const [first] = ids
  if (first === undefined) return layout
  const tabbed = activeTab(layout).tree ? newTab(found, newId) : found
  const freed = ids.reduce(takeOut, tabbed)
  return focusPane(addPanes(freed, tabbed.active, ids), first)
}

/** Gives each of these guests a tab of its own, the first in front. Panes that they have move there. */
export function openTabs(layout: Layout, wanted: readonly Wanted[], newId: () => string): Layout {
  const { found, ids } = withPanes(layout, wanted, newId)
  const all = ids.reduce((rest, id) => {
    if (layout.panes.has(id)) return movePaneToTab(rest, id, undefined, newId)
    const tabbed = activeTab(rest).tree ? newTab(rest, newId) : rest
    return addPanes(tabbed, tabbed.active, [id])
  }, found)
  return ids[0] === undefined ? layout : focusPane(all, ids[0])
}

/** The first pane of each guest, made where there is none; it is in no tab yet then. */
function withPanes(layout: Layout, wanted: readonly Wanted[], newId: () => string): { found: Layout; ids: string[] } {
  const panes = new Map(layout.panes)
  const ids = wanted.map((one) => {
    const known = [...panes.values()].find((pane) => sameStream(pane, one))
    const pane = known ?? { ...one, id: newId() }
    panes.set(pane.id, pane)
    return pane.id
  })
  return { found: { ...layout, panes }, ids: [...new Set(ids)] }
}
