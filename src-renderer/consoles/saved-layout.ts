import { z } from 'zod'
import { shellSchema } from '../../src-shared/models/console'
import { usePreferences } from '../frame/preferences'
import { isNewWindow } from '../frame/windows'
import { leaves, parse } from '../layout/tree'
import { groupSchema } from './groups'
import { type ConsoleTab, emptyLayout, emptyTab, type Layout, type Pane } from './layout'
import { useConsoles } from './store'
import { longestTitle } from './tabs'

const panesSchema = z.array(
  z
    .object({
      id: z.string(),
      hostId: z.string(),
      guestId: z.string(),
      name: z.string(),
      shell: shellSchema.optional(),
      readOnly: z.literal(true).optional(),
      title: z.string().max(longestTitle).optional().catch(undefined),
      // A layout is worth more than its groups.
      group: groupSchema.optional().catch(undefined),
    })
    .transform((pane) => (pane.shell ? { ...pane, restored: true as const } : pane)),
)
const tabsSchema = z.object({
  version: z.literal(2),
  panes: panesSchema,
  tabs: z.array(z.object({ id: z.string(), name: z.string(), tree: z.unknown().optional() })),
  active: z.string(),
  title: z.string().max(longestTitle).catch('').default(''),
})
/** Before there were tabs. */
const oneTreeSchema = z
  .object({ version: z.literal(1), panes: panesSchema, tree: z.unknown() })
  .transform(({ panes, tree }) => ({ panes, tabs: [{ id: 'first', name: '', tree }], active: 'first', title: '' }))
const storedSchema = z.union([tabsSchema, oneTreeSchema])

/** A layout for the preferences: which guests, how their panes stand, which are read-only, and what all is called. */
export function saveLayout({ tabs, panes, active, title }: Layout): unknown {
  return { version: 2, panes: [...panes.values()], tabs: tabs.map(({ id, name, tree }) => ({ id, name, tree })), active, title }
}

/** The layout that was kept, as far as it makes sense. */
export function restoreLayout(stored: unknown): Layout {
  const read = storedSchema.safeParse(stored)
  if (!read.success) return emptyLayout
  const byId = new Map(read.data.panes.map((pane) => [pane.id, pane]))
  const panes = new Map<string, Pane>()
  const tabs = new Map<string, ConsoleTab>()
  for (const { id, name, tree: kept } of read.data.tabs) {
    const tree = parse(kept)
    const ids = leaves(tree)
    if (ids.some((one) => !byId.has(one) || panes.has(one)) || tabs.has(id)) continue
    for (const one of ids) panes.set(one, byId.get(one) as Pane)
    tabs.set(id, { ...emptyTab(id), name, tree, focused: ids[0] })
  }
  const [first] = tabs.values()
  const { active, title } = read.data
  if (!first) return { ...emptyLayout, title }
  return { panes, tabs: [...tabs.values()], active: tabs.has(active) ? active : first.id, title }
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
    if (sameStanding(now, before)) return
    restored = true
    const layout = saveLayout(now)
    globalThis.sessionStorage?.setItem(storageKey, JSON.stringify(layout))
    if (!isNewWindow()) usePreferences.getState().change({ layout })
  })
}

/** Whether nothing of what is kept differs: the focus, which changes with every click, is not. */
function sameStanding(one: Layout, other: Layout): boolean {
  if (one.panes !== other.panes || one.active !== other.active || one.title !== other.title) return false
  if (one.tabs === other.tabs) return true
  if (one.tabs.length !== other.tabs.length) return false
  return one.tabs.every(({ id, name, tree }, index) => {
    const before = other.tabs[index]
    return before?.id === id && before.name === name && before.tree === tree
  })
}
