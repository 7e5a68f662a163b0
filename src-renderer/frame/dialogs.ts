import { create } from 'zustand'
import type { Guest } from '../../src-shared/models/guest'

/** The one dialog that is open, with what it needs. */
export type OpenDialog =
  | { kind: 'add-host' }
  | { kind: 'connection'; hostId: string }
  | { kind: 'forget-host'; hostId: string }
  | { kind: 'clone'; hostId: string; base?: { name: string; generation: number } }
  | { kind: 'import'; hostId: string }
  | { kind: 'confirm'; verb: 'destroy' | 'delete'; guests: readonly Guest[] }
  | { kind: 'lab' }
  | { kind: 'import-hosts'; text?: string }
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
