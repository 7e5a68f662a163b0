import { create } from 'zustand'
import type { ConsoleStatus } from '../../src-shared/models/console'
import { boxes, neighbour, type Side } from '../layout/neighbour'
import { close, type Direction, equalise, grid, leaves, next, type Path, resize, split, type Tree } from '../layout/tree'

/** One view of a guest's console. `name` is the last known one, for when the host is away. */
export type Pane = { id: string; hostId: string; guestId: string; name: string }

/** Which panes there are and how they stand. */
export type Layout = {
  panes: ReadonlyMap<string, Pane>
  tree: Tree | undefined
  /** The pane that keys go to. */
  focused: string | undefined
  maximised: string | undefined
}

export const emptyLayout: Layout = { panes: new Map(), tree: undefined, focused: undefined, maximised: undefined }

/** A guest whose console is wanted. */
export type Wanted = Omit<Pane, 'id'>

/**
 * Opens panes for these guests and focuses the first. A guest that has a pane keeps it. The first panes make a grid; later
 * ones each take half of the largest pane. `newId` names a pane.
 */
export function open(layout: Layout, wanted: readonly Wanted[], newId: () => string): Layout {
  const paneOf = (one: Wanted) =>
    [...panes.values()].find(({ hostId, guestId }) => hostId === one.hostId && guestId === one.guestId)
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
  const tree = layout.tree ? added.reduce(splitLargest, layout.tree) : grid(added)
  const focused = wanted[0] ? (paneOf(wanted[0])?.id ?? layout.focused) : layout.focused
  return { panes, tree, focused, maximised: layout.maximised === focused && added.length === 0 ? layout.maximised : undefined }
}

/** The dock is wider than high by about this much. */
const dockAspect = 1.5

function splitLargest(tree: Tree | undefined, id: string): Tree | undefined {
  const sizes = boxes(tree).map((box) => ({
    id: box.id,
    width: (box.right - box.left) * dockAspect,
    height: box.bottom - box.top,
  }))
  // Of panes of one size the first, so that a row fills from the left.
  const largest = sizes.reduce((best, one) => (one.width * one.height > best.width * best.height * 1.001 ? one : best))
  return split(tree, largest.id, largest.width >= largest.height ? 'row' : 'column', id)
}

/** Opens another pane on the guest of this one, beside or below it, and focuses it. */
export function splitPane(layout: Layout, id: string, direction: Direction, newId: () => string): Layout {
  const pane = layout.panes.get(id)
  if (!pane) return layout
  const twin = { ...pane, id: newId() }
  return {
    panes: new Map(layout.panes).set(twin.id, twin),
    tree: split(layout.tree, id, direction, twin.id),
    focused: twin.id,
    maximised: undefined,
  }
}

/** Closes a pane; if it had the focus, the one that follows gets it. */
export function closePane(layout: Layout, id: string): Layout {
  const tree = close(layout.tree, id)
  const panes = new Map(layout.panes)
  panes.delete(id)
  const order = leaves(layout.tree)
  const heir = order[order.indexOf(id) + 1] ?? order[order.indexOf(id) - 1]
  return {
    panes,
    tree,
    focused: layout.focused === id ? heir : layout.focused,
    maximised: layout.maximised === id ? undefined : layout.maximised,
  }
}

/** Moves the focus in reading order. As in Terminator, moving ends a maximised pane. */
export function focusNext(layout: Layout, step: 1 | -1): Layout {
  return { ...layout, focused: next(layout.tree, layout.focused ?? '', step), maximised: undefined }
}

/** Moves the focus to the pane that lies there; the same layout when there is none. */
export function focusSide(layout: Layout, side: Side): Layout {
  const found = layout.focused && neighbour(layout.tree, layout.focused, side)
  return found ? { ...layout, focused: found, maximised: undefined } : layout
}

/** What one sees of a pane besides its bytes, which are never here. */
export type PaneFacts = {
  status: ConsoleStatus
  /** Undefined until the main side has said. */
  writer: { self: boolean; who: string | undefined } | undefined
  size: { columns: number; rows: number } | undefined
  /** The strip of this status was dismissed. */
  dismissed: boolean
  pasting: { done: number; total: number } | undefined
  searching: boolean
}

export const newFacts: PaneFacts = {
  status: { state: 'attaching' },
  writer: undefined,
  size: undefined,
  dismissed: false,
  pasting: undefined,
  searching: false,
}

type ConsolesState = Layout & {
  facts: ReadonlyMap<string, PaneFacts>
  /** Counts requests to put the keyboard focus into the focused pane: clicks set `focused` without one. */
  focusRequests: number
  /** Changes the layout; `take` asks for the keyboard focus too. */
  arrange(change: (layout: Layout) => Layout, take?: boolean): void
  resize(path: Path, ratios: readonly number[]): void
  equalise(path: Path): void
  focus(id: string): void
  toggleMaximised(id: string): void
  note(id: string, facts: Partial<PaneFacts>): void
}

/** The panes of the console dock. */
export const useConsoles = create<ConsolesState>((set) => ({
  ...emptyLayout,
  facts: new Map(),
  focusRequests: 0,
  arrange: (change, take = true) =>
    set((state) => {
      const layout = change(state)
      const facts = new Map([...state.facts].filter(([id]) => layout.panes.has(id)))
      return { ...layout, facts, focusRequests: state.focusRequests + (take ? 1 : 0) }
    }),
  resize: (path, ratios) => set(({ tree }) => ({ tree: resize(tree, path, ratios) })),
  equalise: (path) => set(({ tree }) => ({ tree: equalise(tree, path) })),
  focus: (id) => set((state) => (state.focused === id || !state.panes.has(id) ? state : { focused: id })),
  toggleMaximised: (id) =>
    set((state) => ({ maximised: state.maximised === id ? undefined : id, focused: id, focusRequests: state.focusRequests + 1 })),
  note: (id, part) =>
    set((state) => {
      if (!state.panes.has(id)) return state
      const before = state.facts.get(id) ?? newFacts
      return { facts: new Map(state.facts).set(id, { ...before, ...part }) }
    }),
}))

/** Puts the keyboard focus into a pane. */
export function takeKeys(id: string): void {
  useConsoles.getState().arrange((layout) => ({ ...layout, focused: id }))
}

/** Whether this page may type into the pane: it writes, or another pane of this page on the same guest does. */
export function mayType(state: Pick<ConsolesState, 'panes' | 'facts'>, id: string): boolean {
  const pane = state.panes.get(id)
  if (!pane) return false
  return [...state.panes.values()].some(
    (other) => other.hostId === pane.hostId && other.guestId === pane.guestId && state.facts.get(other.id)?.writer?.self === true,
  )
}

/** What a pane is called among the others: its guest, with a number from the second pane of that name on. */
export function paneLabel({ tree, panes }: Pick<Layout, 'tree' | 'panes'>, id: string, name: string): string {
  const alike = leaves(tree).filter((other) => other === id || panes.get(other)?.name === name)
  const place = alike.indexOf(id)
  return place > 0 ? `Console ${name}, pane ${place + 1}` : `Console ${name}`
}
