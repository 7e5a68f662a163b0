/** What is under the cursor, and what was picked besides. Keys are those of tree rows. */
export type Selection = {
  current: string | undefined
  /** Picked guests; empty while only the current row counts. */
  picked: ReadonlySet<string>
  /** Where a range begins. */
  anchor: string | undefined
}

export const noSelection: Selection = { current: undefined, picked: new Set(), anchor: undefined }

/** A plain click or a jump: this row and no other. */
export function choose(key: string): Selection {
  return { current: key, picked: new Set(), anchor: key }
}

/** The cursor moves, the picked stay. */
export function moveTo(selection: Selection, key: string): Selection {
  return { ...selection, current: key, anchor: selection.picked.size > 0 ? selection.anchor : key }
}

/** Ctrl+click or Space: adds the row to what is picked or takes it out. The first pick of another row takes the current one along. */
export function toggle(selection: Selection, key: string, pickable: (key: string) => boolean): Selection {
  if (!pickable(key)) return moveTo(selection, key)
  const picked = new Set(selection.picked)
  const { current } = selection
  if (picked.size === 0 && current !== undefined && current !== key && pickable(current)) picked.add(current)
  if (picked.has(key)) picked.delete(key)
  else picked.add(key)
  return { current: key, picked, anchor: key }
}

/** Shift+click or Shift+arrow: all pickable rows from the anchor to this one. `keys` are the rows in order. */
export function extendTo(
  selection: Selection,
  key: string,
  keys: readonly string[],
  pickable: (key: string) => boolean,
): Selection {
  const anchor = selection.anchor ?? selection.current ?? key
  const from = keys.indexOf(anchor)
  const to = keys.indexOf(key)
  if (from < 0 || to < 0) return choose(key)
  const range = keys.slice(Math.min(from, to), Math.max(from, to) + 1).filter(pickable)
  return { current: key, picked: new Set(range), anchor }
}

/** The selection without rows that are gone; the same object when all are there. */
export function prune(selection: Selection, exists: (key: string) => boolean): Selection {
  const kept = [...selection.picked].filter(exists)
  const current = selection.current !== undefined && exists(selection.current) ? selection.current : undefined
  if (kept.length === selection.picked.size && current === selection.current) return selection
  return {
    current,
    picked: new Set(kept),
    anchor: selection.anchor !== undefined && exists(selection.anchor) ? selection.anchor : current,
  }
}

/** What an action is for: the picked, or else the current row. */
export function effective(selection: Selection): readonly string[] {
  if (selection.picked.size > 0) return [...selection.picked]
  return selection.current === undefined ? [] : [selection.current]
}
