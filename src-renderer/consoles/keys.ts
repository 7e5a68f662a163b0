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

/** Terminator's keys, as they are printed on buttons and in menus. Ctrl+Shift+V is the browser's own paste. */
export const keysOf = {
  splitRight: 'Ctrl+Shift+E',
  splitBelow: 'Ctrl+Shift+O',
  close: 'Ctrl+Shift+W',
  maximise: 'Ctrl+Shift+X',
  copy: 'Ctrl+Shift+C',
  paste: 'Ctrl+Shift+V',
  search: 'Ctrl+Shift+F',
} as const

const chords: Record<string, DockAct> = {
  KeyE: { act: 'split', direction: 'row' },
  KeyO: { act: 'split', direction: 'column' },
  KeyW: { act: 'close' },
  KeyN: { act: 'next', step: 1 },
  KeyP: { act: 'next', step: -1 },
  KeyX: { act: 'maximise' },
  KeyC: { act: 'copy' },
  KeyF: { act: 'search' },
}

const arrows: Record<string, Side> = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' }

/** What this key does to the dock; undefined for a key that is the guest's. Letters by what they print, else by their place. */
export function dockAct(
  event: Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'shiftKey' | 'altKey' | 'metaKey'>,
): DockAct | undefined {
  const { ctrlKey, shiftKey, altKey, metaKey } = event
  if (ctrlKey && shiftKey && !altKey && !metaKey) {
    return /^[a-z]$/i.test(event.key) ? chords[`Key${event.key.toUpperCase()}`] : chords[event.code]
  }
  const side = arrows[event.key]
  if (side && altKey && !ctrlKey && !shiftKey && !metaKey) return { act: 'go', side }
  return undefined
}
