import { useRef, useState } from 'react'
import { leaves } from '../layout/tree'
import { Button, ConfirmDialog, Dialog, TextInput } from '../ui'
import { countWords } from '../ui/words'
import { focusedPane } from './layout'
import { takeKeys, useConsoles } from './store'
import { closeTab, longestTabName, renameTab, tabTitle } from './tabs'

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

/** Asks what a tab should be called. */
export function RenameTabDialog({ tabId, onClose }: { tabId: string; onClose(): void }) {
  const { tabs, arrange } = useConsoles()
  const tab = tabs.find(({ id }) => id === tabId)
  const [name, setName] = useState(tab?.name ?? '')
  const first = useRef<HTMLInputElement>(null)
  const error = name.trim().length > longestTabName ? `The name of a tab has at most ${longestTabName} characters.` : undefined
  const close = (): void => {
    onClose()
    const focused = focusedPane(useConsoles.getState())
    if (focused) takeKeys(focused)
  }
  return (
    <Dialog
      title="Rename the tab"
      initialFocus={first}
      onClose={close}
      footer={
        <>
          <span className="f2">Without a name it is called by its guests.</span>
          <span className="sp" />
          <Button keys="Esc" onClick={close}>
            Cancel
          </Button>
          <Button kind="primary" keys="Enter" submit form="tab-name">
            Rename
          </Button>
        </>
      }
    >
      <form
        id="tab-name"
        className="dform"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (error !== undefined) return
          arrange((layout) => renameTab(layout, tabId, name))
          close()
        }}
      >
        <TextInput label="Name" inputRef={first} value={name} onChange={setName} error={error} />
      </form>
    </Dialog>
  )
}
