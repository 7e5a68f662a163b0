import { type Layout, setTitle } from './layout'
import { useConsoles } from './store'
import { renameTab } from './tabs'

/** What a person gives a title. What a guest says its title is (OSC 0 and 2), nobody hears. */
export type Titled = { of: 'tab'; id: string } | { of: 'pane'; id: string } | { of: 'window' }

/** The title that somebody gave; empty for none, undefined when it is gone. */
export function titleOf(layout: Layout, titled: Titled): string | undefined {
  if (titled.of === 'window') return layout.title
  if (titled.of === 'tab') return layout.tabs.find(({ id }) => id === titled.id)?.name
  const pane = layout.panes.get(titled.id)
  return pane && (pane.title ?? '')
}

/** The layout with this title; an empty one brings the automatic one back. */
export function giveTitle(layout: Layout, titled: Titled, title: string): Layout {
  if (titled.of === 'window') return { ...layout, title: title.trim() }
  return titled.of === 'tab' ? renameTab(layout, titled.id, title) : setTitle(layout, titled.id, title)
}

/** Has the window, or the tab of the browser, called as its layout says. Called once. */
export function showWindowTitle(): void {
  useConsoles.subscribe(({ title }, before) => {
    if (title !== before.title) document.title = title === '' ? 'Domdeck' : `${title} · Domdeck`
  })
}
