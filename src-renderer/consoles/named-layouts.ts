import { type SavedLayout, savedLayoutSchema } from '../../src-shared/models/preferences'
import { usePreferences } from '../frame/preferences'
import { isNewWindow, openWindow } from '../frame/windows'
import { leaves } from '../layout/tree'
import { countWords } from '../ui/words'
import { join } from './groups'
import { closePane, type Layout, type Pane } from './layout'
import { newPaneId } from './open'
import { restoreLayout, saveLayout } from './saved-layout'
import { useConsoles } from './store'

/** As many as the preferences hold. */
const mostLayouts = 100

/** Why a layout cannot be kept under this name; undefined when it can. `except` is the one that is renamed. */
export function layoutNameProblem(name: string, except?: SavedLayout): string | undefined {
  const { layouts = [] } = usePreferences.getState()
  const read = savedLayoutSchema.shape.name.safeParse(name)
  if (!read.success) return read.error.issues[0]?.message
  if (layouts.some((one) => one !== except && one.name.toLowerCase() === read.data.toLowerCase()))
    return `There is a layout ${read.data} already.`
  return !except && layouts.length >= mostLayouts ? `There are ${mostLayouts} layouts. Delete one first.` : undefined
}

/** Keeps what is open under a name. */
export function keepLayoutAs(name: string): void {
  const { layouts = [], change } = usePreferences.getState()
  change({ layouts: [...layouts, { name: name.trim(), layout: saveLayout(useConsoles.getState()) }] })
}

/** Gives a kept layout another name. */
export function renameLayout(saved: SavedLayout, name: string): void {
  const { layouts = [], change } = usePreferences.getState()
  change({ layouts: layouts.map((one) => (one.name === saved.name ? { ...one, name: name.trim() } : one)) })
}

/** Forgets a kept layout; what is open of it stays. */
export function deleteLayout({ name }: SavedLayout): void {
  const { layouts = [], change } = usePreferences.getState()
  change({ layouts: layouts.filter((one) => one.name !== name) })
}

/** What a kept layout holds, in words. */
export function layoutWords({ layout }: SavedLayout): string {
  const { tabs, panes } = restoreLayout(layout)
  return `${countWords(tabs.length, 'tab')}, ${countWords(panes.size, 'pane')}`
}

/** Opens the tabs of a kept layout beside those that are open. Their panes attach when they are first seen. */
export function openLayout({ layout }: SavedLayout): void {
  useConsoles.getState().arrange((now) => addLayout(now, restoreLayout(layout), newPaneId))
}

/** The tabs of `added`, with panes of their own, after those of a layout; the one in front there comes to the front. Tabs without any pane give way. */
export function addLayout(layout: Layout, added: Layout, newId: () => string): Layout {
  const names = new Map([...added.panes.keys(), ...added.tabs.map(({ id }) => id)].map((id) => [id, newId()]))
  const named = (id: string): string => names.get(id) ?? id
  const fresh = restoreLayout(
    JSON.parse(JSON.stringify(saveLayout(added)), (key, value) =>
      (key === 'id' || key === 'active') && typeof value === 'string' ? named(value) : value,
    ),
  )
  const kept = layout.panes.size === 0 ? [] : layout.tabs
  const panes: Layout['panes'] = new Map([...layout.panes, ...fresh.panes])
  return {
    // A group that there is already of the same name takes them as it is.
    panes: [...fresh.panes.values()].reduce((all, { id, group }) => (group ? join(all, [id], group.name) : all), panes),
    tabs: [...kept, ...fresh.tabs],
    active: fresh.active,
    title: layout.title || fresh.title,
  }
}

const handedKey = 'handed-pane'

/** Moves a pane to a window of its own: it is left for that one to take. */
export function paneToWindow(pane: Pane): void {
  localStorage.setItem(handedKey, JSON.stringify(pane))
  openWindow()
  useConsoles.getState().arrange((layout) => closePane(layout, pane.id))
}

/** Takes, in a window that was opened beside another one, the pane that was left for it. Called once. */
export function takeHanded(): void {
  const text = isNewWindow() ? globalThis.localStorage?.getItem(handedKey) : undefined
  if (!text) return
  localStorage.removeItem(handedKey)
  const pane: unknown = JSON.parse(text)
  const id = pane !== null && typeof pane === 'object' && 'id' in pane ? pane.id : undefined
  const layout = restoreLayout({ version: 1, panes: [pane], tree: { kind: 'leaf', id } })
  if (leaves(layout.tabs[0]?.tree).length > 0) useConsoles.getState().arrange((now) => addLayout(now, layout, newPaneId))
}
