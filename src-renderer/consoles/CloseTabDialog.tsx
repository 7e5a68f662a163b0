import { leaves } from '../layout/tree'
import { ConfirmDialog } from '../ui'
import { countWords } from '../ui/words'
import { useConsoles } from './store'
import { closeTab, tabTitle } from './tabs'

/** Asks before several consoles close at once. */
export function CloseTabDialog({ tabId, onClose }: { tabId: string; onClose(): void }) {
  const state = useConsoles()
  const tab = state.tabs.find(({ id }) => id === tabId)
  if (!tab) return null
  return (
    <ConfirmDialog
      title={`Close the tab ${tabTitle(state, tab)} and its ${countWords(leaves(tab.tree).length, 'console')}?`}
      verb="Close tab"
      kind="primary"
      onConfirm={() => state.arrange((layout) => closeTab(layout, tabId))}
      onClose={onClose}
    >
      The guests run on, and their consoles can be opened again.
    </ConfirmDialog>
  )
}
