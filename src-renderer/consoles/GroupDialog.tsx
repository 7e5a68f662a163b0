import { useRef, useState } from 'react'
import { Button, Dialog, TextInput } from '../ui'
import { joinGroup } from './group-acts'
import { groupNamed, groupNameSchema, rename } from './groups'
import { useConsoles } from './store'

/** Asks for the name of a group: of a new one for a pane, or another one for a group that is there. */
export function GroupDialog({ paneId, renamed, onClose }: { paneId?: string; renamed?: string; onClose(): void }) {
  const { panes, arrange } = useConsoles.getState()
  const [name, setName] = useState(renamed ?? '')
  const [tried, setTried] = useState(false)
  const first = useRef<HTMLInputElement>(null)
  const read = groupNameSchema.safeParse(name)
  const same = groupNamed(panes, name)
  const error = !read.success
    ? read.error.issues[0]?.message
    : same && same.name !== renamed
      ? `There is a group ${same.name} already. Choose another name, or join it from the menu of a pane.`
      : undefined
  const pane = paneId === undefined ? undefined : panes.get(paneId)
  return (
    <Dialog
      title={renamed === undefined ? `New group with ${pane?.name ?? 'the pane'}` : `Rename the group ${renamed}`}
      initialFocus={first}
      onClose={onClose}
      footer={
        <>
          <span className="sp" />
          <Button keys="Esc" onClick={onClose}>
            Cancel
          </Button>
          <Button kind="primary" keys="Enter" submit form="group">
            {renamed === undefined ? 'Make' : 'Rename'}
          </Button>
        </>
      }
    >
      <form
        id="group"
        className="dform"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (error !== undefined || !read.success) return
          if (renamed !== undefined) arrange((layout) => ({ ...layout, panes: rename(layout.panes, renamed, read.data) }))
          else if (paneId !== undefined) joinGroup([paneId], read.data)
          onClose()
        }}
      >
        <TextInput label="Name" inputRef={first} value={name} onChange={setName} error={tried ? error : undefined} />
        <p className="f2">Its panes carry the name and a colour. A broadcast can go to the panes of one group.</p>
      </form>
    </Dialog>
  )
}
