import { keyParts, takenByTerminator, type Where } from './key-table'

export type KeyActionId = (typeof keyParts)[number]['actions'][number]['id']
export type KeyAction = { id: KeyActionId; title: string; where: Where; keys: string; desktopOnly?: true }

/** All that has a shortcut. */
export const keyActions: readonly KeyAction[] = keyParts.flatMap(({ actions }): readonly KeyAction[] => actions)

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
const editing = /^Ctrl\+[ACVXYZ]$|^Ctrl\+(?:Alt\+)?(?:Shift\+)?(?:Left|Right|Home|End|Backspace|Delete)$/
const moving = /^(?:Shift\+)?(?:Tab|Enter|Space|Escape|Backspace|Delete|Insert|Left|Right|Up|Down|Home|End|PageUp|PageDown)$/

/** Why these keys cannot be a shortcut there, in a sentence; undefined when they can. */
export function refusedKeys(keys: string, where: Where): string | undefined {
  if (takenByTerminator.has(keys) && where !== 'page') return undefined
  if (keys.includes('Meta+')) return `${keys} belongs to the desktop: shortcuts use Ctrl, Alt and Shift.`
  if (keys === 'Ctrl+Shift+V') return `${keys} pastes.`
  if (where !== 'page')
    return takenFromGuests.test(keys)
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

/** Why keys of an action have no effect, as after the settings file was edited by hand, in a sentence; undefined when all have. */
export function conflictOf(changes: KeyChanges, id: KeyActionId): string | undefined {
  const map = keymap(changes)
  for (const keys of allKeysFor(changes, id)) {
    const holder = map.get(keys)
    if (holder?.id === id) continue
    return refusedKeys(keys, actionOf(id).where) ?? `${keys} is “${holder?.title}” already.`
  }
  return undefined
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
