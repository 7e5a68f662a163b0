import { showDialog } from '../frame/dialogs'
import { leaves } from '../layout/tree'
import { useConsoles } from './store'
import { closeTab } from './tabs'
import type { Titled } from './titles'

/** Closes a tab; one with several panes asks first. */
export function askCloseTab(tabId: string): void {
  const { tabs, arrange } = useConsoles.getState()
  const tab = tabs.find(({ id }) => id === tabId)
  if (leaves(tab?.tree).length > 1) showDialog({ kind: 'close-console-tab', tabId })
  else arrange((layout) => closeTab(layout, tabId))
}

/** Asks what a tab, a pane or this window should be called. */
export function askTitle(titled: Titled): void {
  showDialog({ kind: 'title', titled })
}
