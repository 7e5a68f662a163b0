import { z } from 'zod'
import { usePreferences } from '../frame/preferences'
import { isNewWindow } from '../frame/windows'
import { leaves, parse, serialise } from '../layout/tree'
import { emptyLayout, type Layout, type Pane, useConsoles } from './store'

const panesSchema = z.object({
  panes: z.array(z.object({ id: z.string(), hostId: z.string(), guestId: z.string(), name: z.string() })),
})

/** A layout for the preferences: which guests, and how their panes stand. */
export function saveLayout({ tree, panes }: Pick<Layout, 'tree' | 'panes'>): unknown {
  return { ...(serialise(tree) as object), panes: [...panes.values()] }
}

/** The layout that was kept, as far as it makes sense. */
export function restoreLayout(stored: unknown): Layout {
  const read = panesSchema.safeParse(stored)
  const tree = parse(stored)
  if (!read.success || !tree) return emptyLayout
  const byId = new Map(read.data.panes.map((pane) => [pane.id, pane]))
  const ids = leaves(tree)
  const panes = new Map<string, Pane>()
  for (const id of ids) {
    const pane = byId.get(id)
    if (!pane) return emptyLayout
    panes.set(id, pane)
  }
  return { ...emptyLayout, panes, tree, focused: ids[0] }
}

const storageKey = 'layout'

/** The layout that this window had before it was loaded anew. */
function ownLayout(): unknown {
  const text = globalThis.sessionStorage?.getItem(storageKey)
  return text ? JSON.parse(text) : undefined
}

/**
 * Keeps the layout of this window for when it is loaded anew, and of all but added windows in the preferences, for the next
 * start. It is taken once, unless panes were opened before; an added window begins empty. Called once.
 */
export function keepLayout(): void {
  const own = ownLayout()
  let restored = own === undefined && isNewWindow()
  usePreferences.subscribe((preferences) => {
    const layout = own ?? preferences.layout
    if (restored || layout === undefined) return
    restored = true
    if (useConsoles.getState().panes.size === 0) useConsoles.getState().arrange(() => restoreLayout(layout), false)
  })
  useConsoles.subscribe((now, before) => {
    if (now.tree === before.tree && now.panes === before.panes) return
    restored = true
    const layout = saveLayout(now)
    globalThis.sessionStorage?.setItem(storageKey, JSON.stringify(layout))
    if (!isNewWindow()) usePreferences.getState().change({ layout })
  })
}
