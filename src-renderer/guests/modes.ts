import type { CloneMode } from '../../src-shared/operations'

/** What the modes of a clone are called on the page. */
export const modeNames: Record<CloneMode, string> = {
  overlay: 'Overlay',
  throwaway: 'Throwaway (RAM)',
  copy: 'Full copy',
  reflink: 'Reflink',
  thin: 'LVM thin',
  qcow2: 'qcow2',
}
