import type { KeyActionId, KeyPress } from '../frame/keymap'
import { actionOf } from '../frame/keys'
import type { Side } from '../layout/neighbour'

/** What a shortcut of the console dock does. */
export type DockAct =
  | { act: 'split'; direction: 'row' | 'column' }
  | { act: 'close' }
  | { act: 'next'; step: 1 | -1 }
  | { act: 'go'; side: Side }
  | { act: 'maximise' }
  | { act: 'copy' }
  | { act: 'search' }

const acts: Partial<Record<KeyActionId, DockAct>> = {
  'split-right': { act: 'split', direction: 'row' },
  'split-below': { act: 'split', direction: 'column' },
  'pane-close': { act: 'close' },
  'pane-next': { act: 'next', step: 1 },
  'pane-previous': { act: 'next', step: -1 },
  'pane-maximise': { act: 'maximise' },
  'pane-left': { act: 'go', side: 'left' },
  'pane-right': { act: 'go', side: 'right' },
  'pane-up': { act: 'go', side: 'up' },
  'pane-down': { act: 'go', side: 'down' },
  copy: { act: 'copy' },
  search: { act: 'search' },
}

/** What this key does to the dock; undefined for a key that is the guest's. */
export function dockAct(event: KeyPress): DockAct | undefined {
  const action = actionOf(event)
  return action?.where === 'consoles' ? acts[action.id] : undefined
}
