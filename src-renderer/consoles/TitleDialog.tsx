import { useRef, useState } from 'react'
import { Button, Dialog, TextInput } from '../ui'
import { focusedPane } from './layout'
import { takeKeys, useConsoles } from './store'
import { longestTitle } from './tabs'
import { giveTitle, type Titled, titleOf } from './titles'

const words = {
  tab: { title: 'Rename the tab', label: 'Name', verb: 'Rename', without: 'Without a name it is called by its guests.' },
  pane: { title: 'Title of the pane', label: 'Title', verb: 'Set title', without: 'Without a title it shows its guest alone.' },
  window: { title: 'Title of the window', label: 'Title', verb: 'Set title', without: 'Without a title it is called Domdeck.' },
} as const

/** Asks what a tab, a pane or this window should be called. */
export function TitleDialog({ titled, onClose }: { titled: Titled; onClose(): void }) {
  const [title, setTitle] = useState(() => titleOf(useConsoles.getState(), titled) ?? '')
  const first = useRef<HTMLInputElement>(null)
  const said = words[titled.of]
  const tooLong = title.trim().length > longestTitle
  const error = tooLong ? `The ${said.label.toLowerCase()} of a ${titled.of} has at most ${longestTitle} characters.` : undefined
  const close = (): void => {
    onClose()
    const focused = focusedPane(useConsoles.getState())
    if (focused) takeKeys(focused)
  }
  return (
    <Dialog
      title={said.title}
      initialFocus={first}
      onClose={close}
      footer={
        <>
          <span className="f2">{said.without}</span>
          <span className="sp" />
          <Button keys="Esc" onClick={close}>
            Cancel
          </Button>
          <Button kind="primary" keys="Enter" submit form="title-form">
            {said.verb}
          </Button>
        </>
      }
    >
      <form
        id="title-form"
        className="dform"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (tooLong) return
          useConsoles.getState().arrange((layout) => giveTitle(layout, titled, title))
          close()
        }}
      >
        <TextInput label={said.label} inputRef={first} value={title} onChange={setTitle} error={error} />
      </form>
    </Dialog>
  )
}
