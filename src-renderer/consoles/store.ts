import { create } from 'zustand'
import type { ConsoleMark, ConsoleStatus, ConsoleWatch } from '../../src-shared/models/console'
import type { RunningRecording } from '../../src-shared/models/recording'
import { equalise, type Reach } from '../layout/edges'
import { type Path, resize } from '../layout/tree'
import { changeTab, emptyLayout, focusedPane, focusPane, type Layout, sameStream } from './layout'
import { type Look, plainLook } from './look'

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
  look: Look
  /** The console is recorded, by whomever. */
  recording: RunningRecording | undefined
  /** What the menu pasted: the pane asks about it as about any other paste. */
  offered: string | undefined
  /** The host's log of the console is shown above the terminal. */
  log: boolean
  /** Trouble that the guest's kernel has told of. */
  mark: ConsoleMark | undefined
  /** Somebody has looked at the pane since. */
  markSeen: boolean
  /** What the pane waits for. */
  watch: ConsoleWatch | undefined
}

export const newFacts: PaneFacts = {
  status: { state: 'attaching' },
  writer: undefined,
  size: undefined,
  dismissed: false,
  pasting: undefined,
  searching: false,
  look: plainLook,
  recording: undefined,
  offered: undefined,
  log: false,
  mark: undefined,
  markSeen: false,
  watch: undefined,
}

export type ConsolesState = Layout & {
  facts: ReadonlyMap<string, PaneFacts>
  /** Counts requests to put the keyboard focus into the focused pane: clicks set `focused` without one. */
  focusRequests: number
  /** Changes the layout; `take` asks for the keyboard focus too. */
  arrange(change: (layout: Layout) => Layout, take?: boolean): void
  resize(path: Path, ratios: readonly number[]): void
  equalise(path: Path, reach?: Reach): void
  focus(id: string): void
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
  resize: (path, ratios) => set((state) => changeTab(state, state.active, ({ tree }) => ({ tree: resize(tree, path, ratios) }))),
  equalise: (path, reach) =>
    set((state) => changeTab(state, state.active, ({ tree }) => ({ tree: equalise(tree, path, reach) }))),
  focus: (id) => set((state) => (focusedPane(state) === id ? state : focusPane(state, id))),
  note: (id, part) =>
    set((state) => {
      if (!state.panes.has(id)) return state
      const before = state.facts.get(id) ?? newFacts
      return { facts: new Map(state.facts).set(id, { ...before, ...part }) }
    }),
}))

/** Puts the keyboard focus into a pane. */
export function takeKeys(id: string): void {
  useConsoles.getState().arrange((layout) => focusPane(layout, id))
}

/** Whether this page may type into the pane: it writes, or another pane of this page on the same guest does, and nobody made it read-only. */
export function mayType(state: Pick<ConsolesState, 'panes' | 'facts'>, id: string): boolean {
  const pane = state.panes.get(id)
  if (!pane || pane.readOnly) return false
  return [...state.panes.values()].some((other) => sameStream(other, pane) && state.facts.get(other.id)?.writer?.self === true)
}
