import { CloneDialog } from '../guests/CloneDialog'
import { ConfirmGuests } from '../guests/ConfirmGuests'
import { AddHostDialog } from '../hosts/AddHostDialog'
import { ConnectionDialog } from '../hosts/ConnectionDialog'
import { ForgetHostDialog } from '../hosts/ForgetHostDialog'
import { ImportDialog } from '../images/ImportDialog'
import { ImportHostsDialog } from '../settings/ImportHostsDialog'
import { LabDialog } from '../welcome/Welcome'
import { useDialogs } from './dialogs'
import { Palette } from './Palette'

/** The dialog that is open. */
export function DialogHost() {
  const { open, close } = useDialogs()
  switch (open?.kind) {
    case 'add-host':
      return <AddHostDialog onClose={close} />
    case 'connection':
      return <ConnectionDialog hostId={open.hostId} onClose={close} />
    case 'forget-host':
      return <ForgetHostDialog hostId={open.hostId} onClose={close} />
    case 'clone':
      return <CloneDialog hostId={open.hostId} base={open.base} onClose={close} />
    case 'import':
      return <ImportDialog hostId={open.hostId} onClose={close} />
    case 'confirm':
      return <ConfirmGuests verb={open.verb} guests={open.guests} onClose={close} />
    case 'lab':
      return <LabDialog onClose={close} />
    case 'import-hosts':
      return <ImportHostsDialog text={open.text} onClose={close} />
    case 'palette':
      return <Palette onClose={close} />
    case undefined:
      return null
  }
}
