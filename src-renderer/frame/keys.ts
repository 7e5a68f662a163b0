import { endBroadcast } from '../consoles/broadcaster'
import { useAbout } from './about'
import { showDialog, useDialogs } from './dialogs'
import { useDock } from './dock'
import { type KeyActionId, type KeyPress, keymap, keysFor, keysOf } from './keymap'
import { usePreferences } from './preferences'
import { cycleRegion } from './regions'
import { hideWindow, openWindow, toggleFullScreen } from './windows'

let known: { changes: Readonly<Record<string, string>>; map: ReturnType<typeof keymap> } | undefined

/** What a key press means now. */
export function actionOf(event: KeyPress): { id: KeyActionId; where: 'page' | 'everywhere' | 'consoles' } | undefined {
  const { keys: changes } = usePreferences.getState()
  if (known?.changes !== changes) known = { changes, map: keymap(changes) }
  const keys = keysOf(event)
  const action = keys === undefined ? undefined : known.map.get(keys)
  return action?.desktopOnly && isInBrowser(useAbout.getState()) ? undefined : action
}

/** The keys of an action, to print; undefined when it has none. */
export function useKeys(id: KeyActionId): string | undefined {
  const inBrowser = useAbout(isInBrowser)
  return usePreferences((preferences) => keysFor(preferences.keys, id, inBrowser)) || undefined
}

/** The keys of an action now, to print; undefined when it has none. */
export function keysNow(id: KeyActionId): string | undefined {
  return keysFor(usePreferences.getState().keys, id, isInBrowser(useAbout.getState())) || undefined
}

function isInBrowser({ about }: ReturnType<typeof useAbout.getState>): boolean {
  return about?.shell === 'browser'
}

let recorder: ((keys: string | undefined, event: KeyboardEvent) => void) | undefined

/** While set, every key press goes there and nowhere else. */
export function recordKeys(listener: typeof recorder): void {
  recorder = listener
}

const acts: Partial<Record<KeyActionId, () => void>> = {
  palette: () => showDialog({ kind: 'palette' }),
  'palette-in-console': () => showDialog({ kind: 'palette' }),
  jobs: () => useDock.getState().showJobs(),
  'jobs-in-console': () => useDock.getState().showJobs(),
  settings: () => useDock.getState().showSettings(),
  'new-window': openWindow,
  'close-window': () => window.close(),
  'full-screen': toggleFullScreen,
  'window-title': () => showDialog({ kind: 'title', titled: { of: 'window' } }),
  'hide-window': hideWindow,
  layouts: () => showDialog({ kind: 'layouts' }),
  help: () => showDialog({ kind: 'help' }),
  'region-next': () => cycleRegion(false),
  'region-next-in-console': () => cycleRegion(false),
  'region-previous': () => cycleRegion(true),
  'region-previous-in-console': () => cycleRegion(true),
  'broadcast-off': endBroadcast,
  filter: () => document.getElementById('fleet-filter')?.focus(),
}

/**
 * Keys of the whole page, heard before anything below gets them. A terminal that has the focus keeps all that are not said to
 * be heard there too, for they are the guest's.
 */
export function onPageKey(event: KeyboardEvent): void {
  if (recorder) {
    take(event)
    recorder(keysOf(event), event)
    return
  }
  if (useDialogs.getState().open) return
  const target = event.target instanceof HTMLElement ? event.target : undefined
  const inTerminal = target?.closest('.xterm') != null
  const typing = target?.matches('input, textarea, [contenteditable]') ?? false
  // The Command key of a Mac is as good as Ctrl.
  const action = actionOf({
    key: event.key,
    code: event.code,
    ctrlKey: event.ctrlKey || event.metaKey,
    shiftKey: event.shiftKey,
    altKey: event.altKey,
    metaKey: false,
  })
  if (!action || action.where === 'consoles' || (inTerminal && action.where === 'page')) return
  // A sign is text where one types.
  if (typing && event.key.length === 1 && !(event.ctrlKey || event.metaKey || event.altKey)) return
  if (action.id === 'filter' && !document.getElementById('fleet-filter')) return
  take(event)
  acts[action.id]?.()
}

function take(event: KeyboardEvent): void {
  event.preventDefault()
  event.stopPropagation()
}
