/**
 * Where a shortcut is heard: `page` everywhere but in a console, whose keys are the guest's; `everywhere` in a console too;
 * `consoles` on the panes of the dock.
 */
type Where = 'page' | 'everywhere' | 'consoles'

/** Terminator has actions for so many tabs. */
const tabPlaces = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10'] as const

/**
 * All that has a shortcut, with the usual ones, separated by spaces. Consoles have Terminator's, and beside each that a browser or
 * the desktop keeps for itself another one: Alt+Shift where Terminator has Ctrl+Shift or Super, Alt where it has Ctrl.
 */
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
  { id: 'pane-close', title: 'Close the pane', where: 'consoles', keys: 'Ctrl+Shift+W Alt+Shift+W' },
  { id: 'pane-maximise', title: 'Maximise the pane, or show all', where: 'consoles', keys: 'Ctrl+Shift+X' },
  { id: 'pane-next', title: 'Next pane', where: 'consoles', keys: 'Ctrl+Shift+N Ctrl+Tab Alt+Shift+N' },
  { id: 'pane-previous', title: 'Previous pane', where: 'consoles', keys: 'Ctrl+Shift+P Ctrl+Shift+Tab Alt+Shift+P' },
  { id: 'pane-left', title: 'Pane to the left', where: 'consoles', keys: 'Alt+Left' },
  { id: 'pane-right', title: 'Pane to the right', where: 'consoles', keys: 'Alt+Right' },
  { id: 'pane-up', title: 'Pane above', where: 'consoles', keys: 'Alt+Up' },
  { id: 'pane-down', title: 'Pane below', where: 'consoles', keys: 'Alt+Down' },
  { id: 'tab-new', title: 'New tab', where: 'consoles', keys: 'Ctrl+Shift+T Alt+Shift+T' },
  { id: 'tab-next', title: 'Next tab', where: 'consoles', keys: 'Ctrl+PageDown Alt+PageDown' },
  { id: 'tab-previous', title: 'Previous tab', where: 'consoles', keys: 'Ctrl+PageUp Alt+PageUp' },
  {
    id: 'tab-move-right',
    title: 'Move the tab to the right',
    where: 'consoles',
    keys: 'Ctrl+Shift+PageDown Alt+Shift+PageDown',
  },
  {
    id: 'tab-move-left',
    title: 'Move the tab to the left',
    where: 'consoles',
    keys: 'Ctrl+Shift+PageUp Alt+Shift+PageUp',
  },
  { id: 'tab-rename', title: 'Rename the tab', where: 'consoles', keys: 'Ctrl+Alt+A' },
  { id: 'tab-close', title: 'Close the tab', where: 'consoles', keys: '' },
  { id: 'pane-to-new-tab', title: 'Move the pane to a new tab', where: 'consoles', keys: '' },
  { id: 'pane-to-next-tab', title: 'Move the pane to the next tab', where: 'consoles', keys: '' },
  { id: 'pane-to-previous-tab', title: 'Move the pane to the previous tab', where: 'consoles', keys: '' },
  ...tabPlaces.map((place) => ({ id: `tab-${place}`, title: `Go to tab ${place}`, where: 'consoles', keys: '' }) as const),
  { id: 'copy', title: 'Copy what is selected', where: 'consoles', keys: 'Ctrl+Shift+C' },
  { id: 'paste-selection', title: 'Paste the last selection', where: 'consoles', keys: '' },
  { id: 'search', title: 'Search in the pane', where: 'consoles', keys: 'Ctrl+Shift+F' },
  { id: 'font-larger', title: 'Larger font in the pane', where: 'consoles', keys: 'Ctrl+Plus' },
  { id: 'font-smaller', title: 'Smaller font in the pane', where: 'consoles', keys: 'Ctrl+-' },
  { id: 'font-normal', title: 'Usual font size in the pane', where: 'consoles', keys: 'Ctrl+0' },
  { id: 'font-larger-all', title: 'Larger font in all panes', where: 'consoles', keys: '' },
  { id: 'font-smaller-all', title: 'Smaller font in all panes', where: 'consoles', keys: '' },
  { id: 'font-normal-all', title: 'Usual font size in all panes', where: 'consoles', keys: '' },
  { id: 'tell-size', title: 'Tell the guest the size of the pane', where: 'consoles', keys: '' },
  { id: 'clear', title: 'Clear the scrollback of the pane', where: 'consoles', keys: '' },
  { id: 'reset', title: 'Reset the terminal', where: 'consoles', keys: 'Ctrl+Shift+R' },
  { id: 'reset-clear', title: 'Reset and clear the terminal', where: 'consoles', keys: 'Ctrl+Shift+G' },
  { id: 'read-only', title: 'Read-only pane, or typing again', where: 'consoles', keys: '' },
  { id: 'times', title: 'Show when each line came', where: 'consoles', keys: '' },
] as const satisfies readonly (Omit<KeyAction, 'id'> & { id: string })[]

export type KeyActionId = (typeof keyActions)[number]['id']
export type KeyAction = { id: KeyActionId; title: string; where: Where; keys: string }

/** What a person has changed: keys by action, separated by spaces, empty for none. */
export type KeyChanges = Readonly<Record<string, string>>

export type KeyPress = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'shiftKey' | 'altKey' | 'metaKey'>

/** Keys that a browser keeps for itself, or a desktop: a page may never hear them. */
const keptByShell = /^Ctrl\+(?:Shift\+)?(?:[NTWQ]|Tab|PageUp|PageDown)$|^Ctrl\+Shift\+[IP]$|Meta\+/

/** Whether a browser, or the desktop around it, may keep these keys for itself. */
export function isKeptByBrowser(keys: string): boolean {
  return keptByShell.test(keys)
}

const named: Record<string, string> = {
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
  ArrowUp: 'Up',
  ArrowDown: 'Down',
  ' ': 'Space',
  '+': 'Plus',
  // The key of + without Shift, where that is needed.
  '=': 'Plus',
}

/** What was pressed, as it is printed: `Ctrl+Shift+E`. Letters by what they print, else by their place. Undefined for a modifier alone. */
export function keysOf(event: KeyPress): string | undefined {
  const { key, code, ctrlKey, shiftKey, altKey, metaKey } = event
  if (['Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'Dead', 'Process', 'Unidentified', ''].includes(key)) return undefined
  const chorded = ctrlKey || altKey || metaKey
  const place = /^(?:Key([A-Z])|Digit([0-9]))$/.exec(code)
  const isLetter = /^[a-z]$/i.test(key)
  const name = isLetter ? key.toUpperCase() : ((chorded ? (place?.[1] ?? place?.[2]) : undefined) ?? named[key] ?? key)
  // Whether / or + needs Shift is the keyboard's affair.
  const isSign = name === 'Plus' || (name.length === 1 && !isLetter && !chorded)
  return [ctrlKey && 'Ctrl', altKey && 'Alt', shiftKey && !isSign && 'Shift', metaKey && 'Meta', name].filter(Boolean).join('+')
}

/** All keys of an action now, those to be printed first. */
export function allKeysFor(changes: KeyChanges, id: KeyActionId): readonly string[] {
  return listed(changes[id] ?? actionOf(id).keys)
}

function listed(keys: string): string[] {
  return keys.split(' ').filter((one) => one !== '')
}

/** The keys of an action to print; empty for none. In a browser those that it lets through, if there are any. */
export function keysFor(changes: KeyChanges, id: KeyActionId, inBrowser = false): string {
  const all = allKeysFor(changes, id)
  return (inBrowser ? all.find((keys) => !isKeptByBrowser(keys)) : undefined) ?? all[0] ?? ''
}

function actionOf(id: KeyActionId): KeyAction {
  return keyActions.find((action) => action.id === id) as KeyAction
}

/** Which action each shortcut means. A shortcut that makes no sense, as in an edited settings file, means nothing. */
export function keymap(changes: KeyChanges): ReadonlyMap<string, KeyAction> {
  const map = new Map<string, KeyAction>()
  for (const action of keyActions) {
    for (const keys of allKeysFor(changes, action.id)) {
      if (!map.has(keys) && refusedKeys(keys, action.where) === undefined) map.set(keys, action)
    }
  }
  return map
}

/** What may be taken from a guest: what terminals take, and what no program in one is used to get. */
const takenFromGuests =
  /^(?:(?:Ctrl|Alt)\+Shift\+(?:[A-Z0-9]|F\d+|Left|Right|Up|Down|Home|End|PageUp|PageDown)|Ctrl\+(?:Shift\+)?Tab|(?:Ctrl|Alt)\+Page(?:Up|Down)|Alt\+(?:Left|Right|Up|Down)|Ctrl\+F\d+|Ctrl\+(?:Plus|-|0))$/
/** And what Terminator takes besides. */
const takenByTerminator = new Set(['Ctrl+Alt+A'])
const editing = /^Ctrl\+[ACVXYZ]$|^Ctrl\+(?:Alt\+)?(?:Shift\+)?(?:Left|Right|Home|End|Backspace|Delete)$/
const moving = /^(?:Shift\+)?(?:Tab|Enter|Space|Escape|Backspace|Delete|Insert|Left|Right|Up|Down|Home|End|PageUp|PageDown)$/

/** Why these keys cannot be a shortcut there, in a sentence; undefined when they can. */
export function refusedKeys(keys: string, where: Where): string | undefined {
  if (keys.includes('Meta+')) return `${keys} belongs to the desktop: shortcuts use Ctrl, Alt and Shift.`
  if (keys === 'Ctrl+Shift+V') return `${keys} pastes.`
  if (where !== 'page')
    return takenFromGuests.test(keys) || takenByTerminator.has(keys)
      ? undefined
      : `${keys} is the guest’s. From a console only these are taken: Ctrl+Shift or Alt+Shift with a key, Ctrl with a function key, + - or 0, Alt with an arrow, and what Terminator takes.`
  if (moving.test(keys)) return `${keys} moves through the page and presses its buttons.`
  if (editing.test(keys)) return `${keys} edits text.`
  return undefined
}

/** The action that has these keys, besides `id` itself. */
export function holderOf(changes: KeyChanges, keys: string, id: KeyActionId): KeyAction | undefined {
  return keyActions.find((action) => action.id !== id && allKeysFor(changes, action.id).includes(keys))
}

/**
 * Gives keys to an action (empty: none). Whoever had one of them keeps its others; who is left without any gets those that this one
 * had, as far as it may have them.
 */
export function rebind(changes: KeyChanges, id: KeyActionId, keys: string): KeyChanges {
  const wanted = listed(keys)
  let free = allKeysFor(changes, id).filter((one) => !wanted.includes(one))
  const next: Record<string, string> = { ...changes, [id]: keys }
  for (const holder of keyActions) {
    const held = allKeysFor(changes, holder.id)
    if (holder.id === id || !held.some((one) => wanted.includes(one))) continue
    const rest = held.filter((one) => !wanted.includes(one))
    const swapped = rest.length > 0 ? [] : free.filter((one) => refusedKeys(one, holder.where) === undefined)
    free = free.filter((one) => !swapped.includes(one))
    next[holder.id] = [...rest, ...swapped].join(' ')
  }
  // What is as usual again is no change; what is of a later version stays.
  return Object.fromEntries(
    Object.entries(next).filter(([one, value]) => keyActions.find(({ id: known }) => known === one)?.keys !== value),
  )
}
