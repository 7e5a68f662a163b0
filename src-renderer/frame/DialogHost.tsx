import { HostBootDialog } from '../boot/HostBootDialog'
import { RebootHostDialog } from '../boot/RebootHostDialog'
import { CloseTabDialog } from '../consoles/CloseTabDialog'
import { GroupDialog } from '../consoles/GroupDialog'
import { LayoutsDialog } from '../consoles/LayoutsDialog'
import { RecordInputDialog } from '../consoles/RecordInputDialog'
import { SshDialog } from '../consoles/SshDialog'
import { TitleDialog } from '../consoles/TitleDialog'
import { WatchDialog } from '../consoles/WatchDialog'
import { BulkDialog } from '../fleet/BulkDialog'
import { BulkProgress } from '../fleet/BulkProgress'
import { SaveFilterDialog } from '../fleet/SavedFilters'
import { DeleteSiteDialog, MoveHostDialog, SiteDialog } from '../fleet/SiteDialogs'
import { useHost } from '../fleet/store'
import { BootDialog } from '../guests/BootDialog'
import { ChangeDialog } from '../guests/ChangeDialog'
import { CloneDialog } from '../guests/CloneDialog'
import { ConfirmGuests } from '../guests/ConfirmGuests'
import { GrowDialog } from '../guests/GrowDialog'
import { LayerFilesDialog } from '../guests/LayerFilesDialog'
import { LogsDialog } from '../guests/LogsDialog'
import { MendDialog } from '../guests/MendDialog'
import { MigrateDialog } from '../guests/MigrateDialog'
import { MendHostDialog } from '../health/MendHostDialog'
import { CheckupDialog } from '../hosts/CheckupDialog'
import { CleanDialog } from '../hosts/CleanDialog'
import { ConnectionDialog } from '../hosts/ConnectionDialog'
import { ForgetHostDialog } from '../hosts/ForgetHostDialog'
import { HostDialog } from '../hosts/HostDialog'
import { BootImageDialog } from '../images/BootImageDialog'
import { CopyDialog } from '../images/CopyDialog'
import { EditDialog } from '../images/EditDialog'
import { ExportDialog } from '../images/ExportDialog'
import { ImportDialog } from '../images/ImportDialog'
import { PackageDialog } from '../images/PackageDialog'
import { PromoteDialog } from '../images/PromoteDialog'
import { StackDialog } from '../images/StackDialog'
import { SwapDialog } from '../images/SwapDialog'
import { AuditDialog } from '../jobs/AuditDialog'
import { CallsDialog } from '../jobs/CallsDialog'
import { RecordingsDialog } from '../recordings/RecordingsDialog'
import { EditDialog as SequencesDialog } from '../sequences/EditDialog'
import { ProgressDialog } from '../sequences/ProgressDialog'
import { RunDialog } from '../sequences/RunDialog'
import { ImportHostsDialog } from '../settings/ImportHostsDialog'
import { TrustDialog } from '../trust/TrustDialog'
import { LabDialog } from '../welcome/Welcome'
import { useDialogs } from './dialogs'
import { HelpDialog } from './HelpDialog'
import { Palette } from './Palette'

/** The dialog that is open. */
export function DialogHost() {
  const { open, close } = useDialogs()
  switch (open?.kind) {
    case 'add-host':
      return <HostDialog onClose={close} />
    case 'edit-host':
      return <HostDialog key={open.hostId} hostId={open.hostId} onClose={close} />
    case 'connection':
      return <ConnectionDialog hostId={open.hostId} onClose={close} />
    case 'checkup':
      return <CheckupDialog hostId={open.hostId} onClose={close} />
    case 'forget-host':
      return <ForgetHostDialog hostId={open.hostId} onClose={close} />
    case 'clone':
      return <CloneDialog hostId={open.hostId} base={open.base} onClose={close} />
    case 'import':
      return <ImportDialog hostId={open.hostId} image={open.image} onClose={close} />
    case 'export':
      return <ExportDialog hostId={open.hostId} source={open.source} onClose={close} />
    case 'boot-image':
      return <BootImageDialog hostId={open.hostId} source={open.source} onClose={close} />
    case 'clean':
      return <CleanDialog hostId={open.hostId} onClose={close} />
    case 'host-boot':
      return <HostBootDialog hostId={open.hostId} once={open.once} default={open.default} onClose={close} />
    case 'reboot-host':
      return <RebootHostDialog hostId={open.hostId} onClose={close} />
    case 'mend-host':
      return <MendHostDialog hostId={open.hostId} id={open.id} onClose={close} />
    case 'confirm':
      return <ConfirmGuests verb={open.verb} guests={open.guests} onClose={close} />
    case 'bulk':
      return <BulkDialog verb={open.verb} guests={open.guests} onClose={close} />
    case 'bulk-progress':
      return <BulkProgress id={open.id} onClose={close} />
    case 'site':
      return <SiteDialog site={open.site} onClose={close} />
    case 'delete-site':
      return <DeleteSiteDialog site={open.site} onClose={close} />
    case 'move-host':
      return <MoveHostDialog hostId={open.hostId} onClose={close} />
    case 'save-filter':
      return <SaveFilterDialog rename={open.rename} onClose={close} />
    case 'change':
      return <ChangeDialog hostId={open.hostId} guestId={open.guestId} change={open.change} onClose={close} />
    case 'boot':
      return <BootDialog hostId={open.hostId} guestId={open.guestId} onClose={close} />
    case 'mend':
      return <MendDialog hostId={open.hostId} source={open.source} onClose={close} />
    case 'migrate':
      return <MigrateDialog hostId={open.hostId} guestId={open.guestId} onClose={close} />
    case 'layer-files':
      return <LayerFilesDialog hostId={open.hostId} guestId={open.guestId} onClose={close} />
    case 'grow':
      return <GrowDialog hostId={open.hostId} guestId={open.guestId} onClose={close} />
    case 'promote':
      return <PromoteDialog hostId={open.hostId} guestId={open.guestId} onClose={close} />
    case 'swap':
      return <SwapDialog {...open} onClose={close} />
    case 'package':
      return <PackageDialog hostId={open.hostId} guestId={open.guestId} onClose={close} />
    case 'stack':
      return <StackDialog {...open} onClose={close} />
    case 'edit-base':
      return <EditDialog {...open} onClose={close} />
    case 'copy-base':
      return <CopyDialog {...open} onClose={close} />
    case 'ask':
      return <Ask {...open} onClose={close} />
    case 'run-sequence':
      return <RunDialog guests={open.guests} sequence={open.sequence} onClose={close} />
    case 'sequence-run':
      return <ProgressDialog id={open.id} onClose={close} />
    case 'sequences':
      return <SequencesDialog onClose={close} />
    case 'ssh':
      return <SshDialog hostId={open.hostId} guestId={open.guestId} onClose={close} />
    case 'logs':
      return <LogsDialog hostId={open.hostId} guestId={open.guestId} onClose={close} />
    case 'trust':
      return <TrustDialog hostId={open.hostId} onClose={close} />
    case 'lab':
      return <LabDialog onClose={close} />
    case 'audit':
      return <AuditDialog onClose={close} />
    case 'import-hosts':
      return <ImportHostsDialog text={open.text} onClose={close} />
    case 'close-console-tab':
      return <CloseTabDialog tabId={open.tabId} onClose={close} />
    case 'title':
      return <TitleDialog titled={open.titled} onClose={close} />
    case 'record-input':
      return <RecordInputDialog paneId={open.paneId} onClose={close} />
    case 'recordings':
      return <RecordingsDialog onClose={close} />
    case 'watch-console':
      return <WatchDialog paneId={open.paneId} onClose={close} />
    case 'group':
      return <GroupDialog {...open} onClose={close} />
    case 'layouts':
      return <LayoutsDialog onClose={close} />
    case 'help':
      return <HelpDialog onClose={close} />
    case 'palette':
      return <Palette onClose={close} />
    case undefined:
      return null
  }
}

/** A question about jobs of a host that may have been removed meanwhile. */
function Ask({ hostId, ...question }: { hostId: string } & Omit<Parameters<typeof CallsDialog>[0], 'host'>) {
  const host = useHost(hostId)
  return host ? <CallsDialog host={host} {...question} /> : null
}
