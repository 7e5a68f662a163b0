import { create } from 'zustand'
import type { Guest } from '../../src-shared/models/guest'
import type { MendableId } from '../../src-shared/models/health'
import type { SavedFilter } from '../../src-shared/models/preferences'
import type { Sequence } from '../../src-shared/models/sequence'
import type { OperationCall } from '../../src-shared/operations'
import type { Titled } from '../consoles/titles'
import type { BulkVerb } from '../fleet/bulk-acts'
import type { AskingVerb } from '../guests/actions'
import type { GuestChange } from '../guests/changes'
import type { MendSource } from '../guests/MendDialog'
import type { BootImageSource } from '../images/BootImageDialog'
import type { ExportSource } from '../images/ExportDialog'
import type { SequenceTarget } from '../sequences/runs'

/** The one dialog that is open, with what it needs. */
export type OpenDialog =
  | { kind: 'add-host' }
  | { kind: 'edit-host'; hostId: string }
  | { kind: 'connection'; hostId: string }
  | { kind: 'checkup'; hostId: string }
  | { kind: 'forget-host'; hostId: string }
  | { kind: 'clone'; hostId: string; base?: { name: string; generation: number } }
  | { kind: 'import'; hostId: string; image?: string }
  | { kind: 'export'; hostId: string; source: ExportSource }
  | { kind: 'boot-image'; hostId: string; source: BootImageSource }
  | { kind: 'clean'; hostId: string }
  | { kind: 'host-boot'; hostId: string; once?: readonly string[]; default?: string }
  | { kind: 'reboot-host'; hostId: string }
  | { kind: 'mend-host'; hostId: string; id: MendableId }
  | { kind: 'confirm'; verb: AskingVerb; guests: readonly Guest[] }
  | { kind: 'change'; hostId: string; guestId: string; change: GuestChange }
  | { kind: 'boot'; hostId: string; guestId: string }
  | { kind: 'mend'; hostId: string; source: MendSource }
  | { kind: 'migrate'; hostId: string; guestId: string }
  | { kind: 'layer-files'; hostId: string; guestId: string }
  | { kind: 'grow'; hostId: string; guestId: string }
  | { kind: 'promote'; hostId: string; guestId: string }
  | { kind: 'swap'; hostId: string; base: string; generation?: number; guestIds: readonly string[] }
  | { kind: 'package'; hostId: string; guestId: string }
  | { kind: 'stack'; hostId: string; package?: string; version?: number; guestIds: readonly string[] }
  | { kind: 'edit-base'; hostId: string; base: string; generation: number }
  | { kind: 'copy-base'; hostId: string; base: string; generation: number }
  | { kind: 'ask'; hostId: string; title: string; text: string; verb: string; calls: readonly OperationCall[] }
  | { kind: 'run-sequence'; guests: readonly SequenceTarget[]; sequence?: Sequence }
  | { kind: 'sequence-run'; id: string }
  | { kind: 'sequences' }
  | { kind: 'ssh'; hostId: string; guestId: string }
  | { kind: 'logs'; hostId: string; guestId?: string }
  | { kind: 'bulk'; verb: BulkVerb; guests: readonly Guest[] }
  | { kind: 'bulk-progress'; id: string }
  | { kind: 'site'; site?: string }
  | { kind: 'delete-site'; site: string }
  | { kind: 'move-host'; hostId: string }
  | { kind: 'save-filter'; rename?: SavedFilter }
  | { kind: 'trust'; hostId?: string }
  | { kind: 'lab' }
  | { kind: 'audit' }
  | { kind: 'import-hosts'; text?: string }
  | { kind: 'close-console-tab'; tabId: string }
  | { kind: 'title'; titled: Titled }
  | { kind: 'record-input'; paneId: string }
  | { kind: 'recordings' }
  | { kind: 'watch-console'; paneId: string }
  | { kind: 'group'; paneId?: string; renamed?: string }
  | { kind: 'layouts' }
  | { kind: 'help' }
  | { kind: 'palette' }

type DialogsState = { open: OpenDialog | undefined; show(dialog: OpenDialog): void; close(): void }

/** Which dialog is open. Opening another one replaces it. */
export const useDialogs = create<DialogsState>((set) => ({
  open: undefined,
  show: (open) => set({ open }),
  close: () => set({ open: undefined }),
}))

/** Opens a dialog from anywhere. */
export function showDialog(dialog: OpenDialog): void {
  useDialogs.getState().show(dialog)
}
