import type { Shell } from '../../src-shared/models/console'
import { boxes, neighbour, type Side } from '../layout/neighbour'
import { close, type Direction, grid, leaves, next, split, type Tree } from '../layout/tree'
import type { Group } from './groups'

/**
 * One view of a guest's console, or a shell: of dom0, whose id is then that of the guest, or by SSH in a guest. `name` is the last known one,
 * for when the host is away.
 */
export type Pane = {
  id: string
  hostId: string
  guestId: string
  name: string
  /** As somebody called it, beside the name of its guest. */
  title?: string | undefined
  shell?: Shell | undefined
  /** From a layout that was kept: its shell opens when somebody asks. */
  restored?: true | undefined
  /** Nothing that is typed or pasted here goes to the guest. */
  readOnly?: true | undefined
  group?: Group | undefined
}

/** Whether two panes show one stream of bytes. */
export function sameStream(one: Omit<Pane, 'id'>, other: Omit<Pane, 'id'>): boolean {
  return one.hostId === other.hostId && one.guestId === other.guestId && one.shell?.id === other.shell?.id
}

/** Panes that are shown together. */
export type ConsoleTab = {
  readonly id: string
  /** As somebody called it; empty for none. */
  readonly name: string
  /** Undefined in a tab that has no pane yet. */
  readonly tree: Tree | undefined
  /** The pane that keys go to while the tab is in front. */
  readonly focused: string | undefined
  /** The pane that hides the others of its tab, and how much larger its text is meanwhile: 1 unless it is zoomed. */
  readonly maximised: { readonly id: string; readonly zoom: number } | undefined
}

/** Which panes there are and how they stand. There is always a tab, and one of them is in front; each pane is in one of them. */
export type Layout = {
  readonly panes: ReadonlyMap<string, Pane>
  readonly tabs: readonly ConsoleTab[]
  /** The tab in front. */
  readonly active: string
  /** As somebody called the window; empty for none. */
  readonly title: string
}

/** A tab without a pane. */
export function emptyTab(id: string): ConsoleTab {
  return { id, name: '', tree: undefined, focused: undefined, maximised: undefined }
}

export const emptyLayout: Layout = { panes: new Map(), tabs: [emptyTab('first')], active: 'first', title: '' }

/** A guest whose console is wanted. */
export type Wanted = Omit<Pane, 'id' | 'group'>

/** The tab in front. */
export function activeTab({ tabs, active }: Pick<Layout, 'tabs' | 'active'>): ConsoleTab {
  return tabs.find(({ id }) => id === active) ?? tabs[0] ?? emptyTab(active)
}

/** The pane that keys go to now. */
export function focusedPane(layout: Pick<Layout, 'tabs' | 'active'>): string | undefined {
  return activeTab(layout).focused
}

/** Panes in the order of the tabs, and in each as one reads them. */
export function orderedPanes({ tabs }: Pick<Layout, 'tabs'>): string[] {
  return tabs.flatMap(({ tree }) => leaves(tree))
}

/** Panes that one sees while the consoles are in front, in the order in which one reads them. */
export function visiblePanes(layout: Pick<Layout, 'tabs' | 'active'>): string[] {
  const { tree, maximised } = activeTab(layout)
  return maximised ? [maximised.id] : leaves(tree)
}

/** The tab that a pane is in. */
export function tabOf({ tabs }: Pick<Layout, 'tabs'>, paneId: string): ConsoleTab | undefined {
  return tabs.find(({ tree }) => leaves(tree).includes(paneId))
}

/** The layout with one tab changed. */
export function changeTab(layout: Layout, id: string, change: (tab: ConsoleTab) => Partial<ConsoleTab>): Layout {
  return { ...layout, tabs: layout.tabs.map((tab) => (tab.id === id ? { ...tab, ...change(tab) } : tab)) }
}

/** Goes to a pane: its tab comes to the front, and no other pane hides it. */
export function focusPane(layout: Layout, paneId: string): Layout {
  const tab = tabOf(layout, paneId)
  if (!tab) return layout
  const maximised = tab.maximised?.id === paneId ? tab.maximised : undefined
  return { ...changeTab(layout, tab.id, () => ({ focused: paneId, maximised })), active: tab.id }
}

/**
 * Opens panes for these guests in the tab in front and focuses the first. A guest that has a pane keeps it. The first panes of a
 * tab make a grid; later ones each take half of the largest pane. `newId` names a pane.
 */
export function open(layout: Layout, wanted: readonly Wanted[], newId: () => string): Layout {
  const paneOf = (one: Wanted) => [...panes.values()].find((pane) => sameStream(pane, one))
  const panes = new Map(layout.panes)
  const added: string[] = []
  for (const one of wanted) {
    const known = paneOf(one)
    if (known) panes.set(known.id, { ...known, name: one.name })
    else {
      const pane = { ...one, id: newId() }
      panes.set(pane.id, pane)
      added.push(pane.id)
    }
  }
  const opened = added.length === 0 ? { ...layout, panes } : addPanes({ ...layout, panes }, layout.active, added)
  const first = wanted[0] && paneOf(wanted[0])
  return first ? focusPane(opened, first.id) : opened
}

/** The guest of a pane is on another host now. */
export function movePaneToHost(layout: Layout, paneId: string, hostId: string): Layout {
  const pane = layout.panes.get(paneId)
  return pane ? { ...layout, panes: new Map(layout.panes).set(paneId, { ...pane, hostId }) } : layout
}

/** Puts panes that are in no tab into this one. */
export function addPanes(layout: Layout, tabId: string, ids: readonly string[]): Layout {
  return changeTab(layout, tabId, ({ tree, focused }) => ({
    tree: tree ? ids.reduce<Tree>((rest, id) => splitLargest(rest, id), tree) : grid(ids),
    focused: focused ?? ids[0],
    maximised: undefined,
  }))
}

/** The dock is wider than high by about this much. */
const dockAspect = 1.5

function splitLargest(tree: Tree, id: string): Tree {
  const sizes = boxes(tree).map((box) => ({
    id: box.id,
    width: (box.right - box.left) * dockAspect,
    height: box.bottom - box.top,
  }))
  // Of panes of one size the first, so that a row fills from the left.
  const largest = sizes.reduce((best, one) => (one.width * one.height > best.width * best.height * 1.001 ? one : best))
  return split(tree, largest.id, largest.width >= largest.height ? 'row' : 'column', id) ?? tree
}

/** Opens another pane on the guest of this one, or another shell like it, beside or below it, and focuses it. */
export function splitPane(layout: Layout, id: string, direction: Direction, newId: () => string): Layout {
  const pane = layout.panes.get(id)
  const tab = tabOf(layout, id)
  if (!pane || !tab) return layout
  const { restored: _restored, readOnly: _readOnly, title: _title, ...same } = pane
  const twin: Pane = { ...same, id: newId(), ...(pane.shell ? { shell: { ...pane.shell, id: newId() } } : {}) }
  const panes = new Map(layout.panes).set(twin.id, twin)
  return changeTab({ ...layout, panes }, tab.id, ({ tree }) => ({
    tree: split(tree, id, direction, twin.id),
    focused: twin.id,
    maximised: undefined,
  }))
}

/** Keeps what is typed and pasted in a pane from its guest, or lets it through again. */
export function setReadOnly(layout: Layout, id: string, on: boolean): Layout {
  const pane = layout.panes.get(id)
  if (!pane) return layout
  const { readOnly: _readOnly, ...writable } = pane
  return { ...layout, panes: new Map(layout.panes).set(id, on ? { ...writable, readOnly: true } : writable) }
}

/** Gives a pane a title; an empty one takes it away. */
export function setTitle(layout: Layout, id: string, title: string): Layout {
  const pane = layout.panes.get(id)
  return pane ? { ...layout, panes: new Map(layout.panes).set(id, { ...pane, title: title.trim() || undefined }) } : layout
}

/** Closes a pane; if it had the focus, the one that follows gets it. The last one of a tab closes that, unless there is no other tab. */
export function closePane(layout: Layout, id: string): Layout {
  const panes = new Map(layout.panes)
  panes.delete(id)
  return { ...takeOut(layout, id), panes }
}

/** Takes a pane out of its tab; without another pane the tab goes, too. */
export function takeOut(layout: Layout, id: string): Layout {
  const tab = tabOf(layout, id)
  if (!tab) return layout
  const tree = close(tab.tree, id)
  if (!tree && layout.tabs.length > 1) return dropTab(layout, tab.id)
  const order = leaves(tab.tree)
  const heir = order[order.indexOf(id) + 1] ?? order[order.indexOf(id) - 1]
  return changeTab(layout, tab.id, ({ focused, maximised }) => ({
    tree,
    focused: focused === id ? heir : focused,
    maximised: maximised?.id === id ? undefined : maximised,
  }))
}

/** Takes away a tab that is not the only one; if it was in front, its neighbour comes there. */
export function dropTab(layout: Layout, id: string): Layout {
  const index = layout.tabs.findIndex((tab) => tab.id === id)
  const tabs = layout.tabs.toSpliced(index, 1)
  const heir = tabs[Math.min(index, tabs.length - 1)]
  return { ...layout, tabs, active: layout.active === id ? (heir?.id ?? layout.active) : layout.active }
}

/** Moves the focus in reading order. As in Terminator, moving ends a maximised pane. */
export function focusNext(layout: Layout, step: 1 | -1): Layout {
  return changeTab(layout, layout.active, ({ tree, focused }) => ({
    focused: next(tree, focused ?? '', step),
    maximised: undefined,
  }))
}

/** Moves the focus to the pane that lies there; the same layout when there is none. */
export function focusSide(layout: Layout, side: Side): Layout {
  const { tree, focused } = activeTab(layout)
  const found = focused && neighbour(tree, focused, side)
  return found ? focusPane(layout, found) : layout
}

/** Hides the other panes of its tab behind a pane, with its text this much larger, or shows them again. */
export function toggleMaximised(layout: Layout, id: string, zoom = 1): Layout {
  const tab = tabOf(layout, id)
  if (!tab) return layout
  return changeTab(layout, tab.id, ({ maximised }) => ({ maximised: maximised ? undefined : { id, zoom }, focused: id }))
}

/** Changes how the panes of the tab in front stand, all of them in sight; the same layout when nothing changes. */
export function changeTree(layout: Layout, change: (tree: Tree | undefined) => Tree | undefined): Layout {
  const { tree } = activeTab(layout)
  const changed = change(tree)
  return changed === tree ? layout : changeTab(layout, layout.active, () => ({ tree: changed, maximised: undefined }))
}

/** Moves a pane to that side of its neighbour there; the same layout when it has none. */
export function moveToSide(layout: Layout, id: string, side: Side): Layout {
  const to = neighbour(tabOf(layout, id)?.tree, id, side)
  if (to === undefined) return layout
  return movePane(layout, id, to, side)
}

/** Moves a pane to an edge of another one, in the tab of that one, and goes there. */
export function movePane(layout: Layout, id: string, to: string, side: Side): Layout {
  const target = tabOf(layout, to)
  if (!target || id === to || !tabOf(layout, id)) return layout
  const freed = takeOut(layout, id)
  const direction = side === 'left' || side === 'right' ? 'row' : 'column'
  const before = side === 'left' || side === 'up'
  const placed = changeTab(freed, target.id, ({ tree }) => ({
    tree: split(tree, to, direction, id, before),
    maximised: undefined,
  }))
  return focusPane(placed, id)
}

/** What a pane is called among the others: what it is and its guest, with a number from the second such pane on. */
export function paneLabel(layout: Pick<Layout, 'tabs' | 'panes'>, id: string, name: string): string {
  const titleOf = (pane: string) => paneTitle(layout.panes.get(pane)?.shell)
  const title = titleOf(id)
  const isAlike = (other: string) => layout.panes.get(other)?.name === name && titleOf(other) === title
  const place = orderedPanes(layout)
    .filter((other) => other === id || isAlike(other))
    .indexOf(id)
  return place > 0 ? `${title} ${name}, pane ${place + 1}` : `${title} ${name}`
}

/** What a pane is, at the beginning of its name. */
export function paneTitle(shell: Shell | undefined): 'Console' | 'Shell' | 'SSH' {
  if (!shell) return 'Console'
  return shell.kind === 'host' ? 'Shell' : 'SSH'
}
