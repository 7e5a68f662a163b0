/**
 * Where a shortcut is heard: `page` everywhere but in a console, whose keys are the guest's; `everywhere` in a console too;
 * `consoles` on the panes of the dock.
 */
type Where = 'page' | 'everywhere' | 'consoles'

/** All that has a shortcut, with the usual one. Consoles have Terminator's. */
export const keyActions = [
  { id: 'palette', title: 'Search hosts, guests, commands', where: 'page', keys: 'Ctrl+K' },
  { id: 'palette-in-console', title: 'Search, also from a console', where: 'everywhere', keys: 'Ctrl+Shift+K' },
  { id: 'filter', title: 'Filter the fleet', where: 'page', keys: '/' },
  { id: 'jobs', title: 'Show the jobs of all hosts', where: 'page', keys: 'Ctrl+J' },
  { id: 'jobs-in-console', title: 'Show the jobs, also from a console', where: 'everywhere', keys: 'Ctrl+Shift+J' },
  { id: 'settings', title: 'Open the settings', where: 'page', keys: 'Ctrl+,' },
  { id: 'new-window', title: 'Open another window', where: 'everywhere', keys: '' },
  { id: 'region-next', title: 'Next part of the window', where: 'page', keys: 'F6' },
  { id: 'region-previous', title: 'Previous part of the window', where: 'page', keys: 'Shift+F6' },
  { id: 'region-next-in-console', title: 'Next part of the window, also from a console', where: 'everywhere', keys: 'Ctrl+F6' },
  {
    id: 'region-previous-in-console',
    title: 'Previous part of the window, also from a console',
    where: 'everywhere',
    keys: 'Ctrl+Shift+F6',
  },
  { id: 'split-right', title: 'Split the pane to the right', where: 'consoles', keys: 'Ctrl+Shift+E' },
  { id: 'split-below', title: 'Split the pane below', where: 'consoles', keys: 'Ctrl+Shift+O' },
  { id: 'pane-close', title: 'Close the pane', where: 'consoles', keys: 'Ctrl+Shift+W' },
  { id: 'pane-maximise', title: 'Maximise the pane, or show all', where: 'consoles', keys: 'Ctrl+Shift+X' },
  { id: 'pane-next', title: 'Next pane', where: 'consoles', keys: 'Ctrl+Shift+N' },
  { id: 'pane-previous', title: 'Previous pane', where: 'consoles', keys: 'Ctrl+Shift+P' },
  { id: 'pane-left', title: 'Pane to the left', where: 'consoles', keys: 'Alt+Left' },
  { id: 'pane-right', title: 'Pane to the right', where: 'consoles', keys: 'Alt+Right' },
  { id: 'pane-up', title: 'Pane above', where: 'consoles', keys: 'Alt+Up' },
  { id: 'pane-down', title: 'Pane below', where: 'consoles', keys: 'Alt+Down' },
  { id: 'copy', title: 'Copy what is selected', where: 'consoles', keys: 'Ctrl+Shift+C' },
  { id: 'search', title: 'Search in the pane', where: 'consoles', keys: 'Ctrl+Shift+F' },
] as const satisfies readonly { id: string; title: string; where: Where; keys: string }[]

export type KeyActionId = (typeof keyActions)[number]['id']
export type KeyAction = { id: KeyActionId; title: string; where: Where; keys: string }

/** What a person has changed: keys by action, empty for none. */
export type KeyChanges = Readonly<Record<string, string>>

export type KeyPress = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'shiftKey' | 'altKey' | 'metaKey'>

const named: Record<string, string> = {
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
  ArrowUp: 'Up',
  ArrowDown: 'Down',
  ' ': 'Space',
  '+': 'Plus',
}

/** What was pressed, as it is printed: `Ctrl+Shift+E`. Letters by what they print, else by their place. Undefined for a modifier alone. */
export function keysOf(event: KeyPress): string | undefined {
  const { key, code, ctrlKey, shiftKey, altKey, metaKey } = event
  if (['Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'Dead', 'Process', 'Unidentified', ''].includes(key)) return undefined
  const chorded = ctrlKey || altKey || metaKey
  const place = /^(?:Key([A-Z])|Digit([0-9]))$/.exec(code)
  const isLetter = /^[a-z]$/i.test(key)
  const name = isLetter ? key.toUpperCase() : ((chorded ? (place?.[1] ?? place?.[2]) : undefined) ?? named[key] ?? key)
  // Whether / needs Shift is the keyboard's affair.
  const isSign = name.length === 1 && !isLetter && !chorded
  return [ctrlKey && 'Ctrl', altKey && 'Alt', shiftKey && !isSign && 'Shift', metaKey && 'Meta', name].filter(Boolean).join('+')
}

/** The keys of an action now; empty for none. */
export function keysFor(changes: KeyChanges, id: KeyActionId): string {
  return changes[id] ?? actionOf(id).keys
}

function actionOf(id: KeyActionId): KeyAction {
  return keyActions.find((action) => action.id === id) as KeyAction
}

/** Which action each shortcut means. A shortcut that makes no sense, as in an edited settings file, means nothing. */
export function keymap(changes: KeyChanges): ReadonlyMap<string, KeyAction> {
  const map = new Map<string, KeyAction>()
  for (const action of keyActions) {
    const keys = keysFor(changes, action.id)
    if (keys !== '' && !map.has(keys) && refusedKeys(keys, action.where) === undefined) map.set(keys, action)
  }
  return map
}

/** What may be taken from a guest: what terminals take, and what no program in one is used to get. */
const takenFromGuests =
  /^(?:Ctrl\+Shift\+(?:[A-Z0-9]|F\d+|Left|Right|Up|Down|Home|End|PageUp|PageDown)|Alt\+(?:Left|Right|Up|Down)|Ctrl\+F\d+)$/
const editing = /^Ctrl\+[ACVXYZ]$|^Ctrl\+(?:Alt\+)?(?:Shift\+)?(?:Left|Right|Home|End|Backspace|Delete)$/
const moving = /^(?:Shift\+)?(?:Tab|Enter|Space|Escape|Backspace|Delete|Insert|Left|Right|Up|Down|Home|End|PageUp|PageDown)$/

/** Why these keys cannot be a shortcut there, in a sentence; undefined when they can. */
export function refusedKeys(keys: string, where: Where): string | undefined {
  if (keys.includes('Meta+')) return `${keys} belongs to the desktop: shortcuts use Ctrl, Alt and Shift.`
  if (keys === 'Ctrl+Shift+V') return `${keys} pastes.`
  if (where !== 'page')
    return takenFromGuests.test(keys)
      ? undefined
      : `${keys} is the guest’s. From a console only these are taken: Ctrl+Shift with a key, Ctrl with a function key, Alt with an arrow.`
  if (moving.test(keys)) return `${keys} moves through the page and presses its buttons.`
  if (editing.test(keys)) return `${keys} edits text.`
  return undefined
}

/** The action that has these keys, besides `id` itself. */
export function holderOf(changes: KeyChanges, keys: string, id: KeyActionId): KeyAction | undefined {
  return keyActions.find((action) => action.id !== id && keysFor(changes, action.id) === keys)
}

/**
 * Gives keys to an action (empty: none). Whoever had them gets those that this one had, or none if it may not have them.
 */
export function rebind(changes: KeyChanges, id: KeyActionId, keys: string): KeyChanges {
  const before = keysFor(changes, id)
  const next: Record<string, string> = { ...changes, [id]: keys }
  const holder = keys === '' ? undefined : holderOf(changes, keys, id)
  if (holder) next[holder.id] = before === '' || refusedKeys(before, holder.where) === undefined ? before : ''
  // What is as usual again is no change; what is of a later version stays.
  return Object.fromEntries(
    Object.entries(next).filter(([one, value]) => keyActions.find(({ id: known }) => known === one)?.keys !== value),
  )
}
