import { leaves } from '../layout/tree'
import { addPanes, type ConsoleTab, changeTab, dropTab, emptyTab, focusPane, type Layout, tabOf, takeOut } from './layout'

/** The longest name of a tab, and title of a pane or window. */
export const longestTitle = 40

/** Opens a tab without a pane after the one in front, and goes there. */
export function newTab(layout: Layout, newId: () => string): Layout {
  const tab = emptyTab(newId())
  const index = layout.tabs.findIndex(({ id }) => id === layout.active)
  return { ...layout, tabs: layout.tabs.toSpliced(index + 1, 0, tab), active: tab.id }
}

/** Closes a tab with its panes; its neighbour comes to the front. Of the last tab the panes and the name go. */
export function closeTab(layout: Layout, id: string): Layout {
  const tab = layout.tabs.find((one) => one.id === id)
  if (!tab) return layout
  const gone = new Set(leaves(tab.tree))
  const panes = new Map([...layout.panes].filter(([paneId]) => !gone.has(paneId)))
  return layout.tabs.length > 1 ? { ...dropTab(layout, id), panes } : { ...layout, panes, tabs: [emptyTab(id)] }
}

/** Brings a tab to the front; the same layout when there is none of this id. */
export function showTab(layout: Layout, id: string): Layout {
  return layout.active !== id && layout.tabs.some((tab) => tab.id === id) ? { ...layout, active: id } : layout
}

/** Goes to the next tab (1) or the previous one (-1), around the ends. */
export function stepTab(layout: Layout, step: 1 | -1): Layout {
  const { tabs } = layout
  const index = tabs.findIndex(({ id }) => id === layout.active)
  return showTab(layout, tabs[(index + step + tabs.length) % tabs.length]?.id ?? '')
}

/** Moves a tab one place to the right (1) or left (-1), around the ends as in Terminator. */
export function moveTab(layout: Layout, id: string, step: 1 | -1): Layout {
  const { tabs } = layout
  const index = tabs.findIndex((tab) => tab.id === id)
  const tab = tabs[index]
  if (!tab) return layout
  return { ...layout, tabs: tabs.toSpliced(index, 1).toSpliced((index + step + tabs.length) % tabs.length, 0, tab) }
}

/** Gives a tab a name; an empty one takes it away. */
export function renameTab(layout: Layout, id: string, name: string): Layout {
  return changeTab(layout, id, () => ({ name: name.trim() }))
}

/** Moves a pane to another tab, or to a new one at the end, and goes there. A tab that has no pane left closes. */
export function movePaneToTab(layout: Layout, paneId: string, to: string | undefined, newId: () => string): Layout {
  const from = tabOf(layout, paneId)
  if (!from || from.id === to) return layout
  // The only pane of its tab is in a tab of its own already.
  if (to === undefined && leaves(from.tree).length === 1) return layout
  const target = to === undefined ? emptyTab(newId()) : layout.tabs.find(({ id }) => id === to)
  if (!target) return layout
  const wide = to === undefined ? { ...layout, tabs: [...layout.tabs, target] } : layout
  return focusPane(addPanes(takeOut(wide, paneId), target.id, [paneId]), paneId)
}

/** What a tab is called: by its name, else by the titles of its panes or their guests. */
export function tabTitle({ tabs, panes }: Pick<Layout, 'tabs' | 'panes'>, tab: ConsoleTab): string {
  if (tabs.length === 1) return tab.name === '' ? 'Consoles' : `Consoles: ${tab.name}`
  if (tab.name !== '') return tab.name
  const [first, ...others] = new Set(leaves(tab.tree).map((id) => panes.get(id)?.title ?? panes.get(id)?.name ?? ''))
  if (first === undefined) return 'No console'
  return others.length === 0 ? first : `${first} +${others.length}`
}

/** Tabs that a pane can be moved to. */
export function otherTabs(layout: Layout, paneId: string): readonly ConsoleTab[] {
  const own = tabOf(layout, paneId)
  return layout.tabs.filter((tab) => tab !== own)
}
