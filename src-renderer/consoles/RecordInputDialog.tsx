import { attempt } from '../frame/notices'
import { ConfirmDialog } from '../ui'
import { sessionOf } from './session'
import { useConsoles } from './store'

/** Asks each time before what is typed is recorded, too. */
export function RecordInputDialog({ paneId, onClose }: { paneId: string; onClose(): void }) {
  const pane = useConsoles((state) => state.panes.get(paneId))
  if (!pane) return null
  return (
    <ConfirmDialog
      title={`Record ${pane.name} with what is typed?`}
      verb="Record what is typed"
      kind="primary"
      onConfirm={() => void attempt(`Recording of ${pane.name}`, () => sessionOf(pane).record(true))}
      onClose={onClose}
    >
      Passwords that are typed or pasted will stand in the file in clear, those too that the guest does not show. Without what is
      typed, the recording has all that the guest prints.
    </ConfirmDialog>
  )
}
