import { create } from 'zustand'
import { useDock } from '../frame/dock'
import { tellNews } from '../frame/notices'
import { usePreferences } from '../frame/preferences'
import { readingOrder } from '../layout/neighbour'
import {
  type Agreed,
  type Audience,
  agree,
  audience,
  type BroadcastMode,
  type Candidate,
  type Doubt,
  doubt,
  endsIn,
  noAudience,
  nothingAgreed,
  paneNumber,
  showsRoot,
  type Target,
  withoutEscape,
} from './broadcast'
import { createInOrder } from './in-order'
import { activeTab, focusedPane, type Layout, tabOf, visiblePanes } from './layout'
import { hasLineEnd } from './paste'
import { pasteInto } from './paste-into'
import { divertTyping, sessionOf } from './session'
import { type ConsolesState, mayType, newFacts, takeKeys, useConsoles } from './store'

/** What a broadcast was turned on for. */
type On = {
  mode: BroadcastMode
  /** The name of the group, in that mode. */
  group: string | undefined
  /** The panes it was turned on for, without those that were taken out. */
  members: ReadonlySet<string>
  agreed: Agreed
}

/** What is asked before something is sent, or before the broadcast is on; who declines has sent nothing. */
export type Question = {
  /** Another one for each. */
  id: number
  targets: readonly Target[]
  doubt: Doubt | undefined
  /** The text, when it is about a paste. */
  paste: string | undefined
  /** What waits for the answer; empty when it is about turning the broadcast on. */
  waiting: readonly Sent[]
  goOn(): void
}

type Sent = { textFor(id: string): string } | { paste: string }

type BroadcastState = {
  on: On | undefined
  audience: Audience
  /** The target that is typed in, or was last. */
  source: string | undefined
  /** When it ends by itself, in words. */
  endsIn: string
  question: Question | undefined
}

const off: BroadcastState = { on: undefined, audience: noAudience, source: undefined, endsIn: '', question: undefined }

/** Whether what is typed goes to more than one pane, and to which. Each window has its own, and none after it is loaded anew. */
export const useBroadcast = create<BroadcastState>(() => off)

const { getState: now, setState: set } = useBroadcast
const inOrder = createInOrder()
let endsAt = 0
let questions = 0
let ticking: ReturnType<typeof setInterval> | undefined

/** Turns it on for the group of the focused pane or for all panes, if there is another one to type into; asks first where that is due. */
export function startBroadcast(mode: BroadcastMode): void {
  const state = useConsoles.getState()
  const focused = state.panes.get(focusedPane(state) ?? '')
  const group = mode === 'group' ? focused?.group?.name : undefined
  if (mode === 'group' && group === undefined) {
    tell(focused ? `${focused.name} is in no group. Its menu puts it into one.` : 'No console is open.')
    return
  }
  const members = [...state.panes.keys()].filter((id) => group === undefined || state.panes.get(id)?.group?.name === group)
  const on: On = { mode, group, members: new Set(members), agreed: nothingAgreed }
  const { targets, refused } = audience(candidates(state, on), focused?.id)
  if (targets.length < 2) {
    const others = refused.map(({ name, why }) => `${name}: ${why}`)
    tell(`There are not two panes to type into.${others.length > 0 ? ` ${others.join(', ')}.` : ''}`)
    return
  }
  const doubted = doubt(targets, nothingAgreed, isRoot)
  if (!doubted) begin(on)
  else {
    const agreed = agree(nothingAgreed, doubted)
    ask({ targets, doubt: doubted, paste: undefined, waiting: [], goOn: () => begin({ ...on, agreed }) })
  }
}

function begin(on: On): void {
  endBroadcast()
  set({ on })
  ticking = setInterval(tick, 1000)
  postpone()
  refresh()
}

/** Turns it off: what is on its way to the panes stops. */
export function endBroadcast(): void {
  clearInterval(ticking)
  inOrder.dropAll()
  set(off)
}

/** Takes a pane out of the set, or puts it in. */
export function setMember(id: string, isMember: boolean): void {
  const { on } = now()
  if (!on) return
  const members = new Set(on.members)
  if (isMember) members.add(id)
  else members.delete(id)
  set({ on: { ...on, members } })
  postpone()
  refresh()
}

/** Answers the question: goes on, or sends nothing. The keys go back to where they were. */
export function answer(goesOn: boolean): void {
  const { question } = now()
  set({ question: undefined })
  if (question && goesOn) {
    question.goOn()
    const named = new Set(question.targets.map(({ id }) => id))
    for (const sent of question.waiting) submit(sent, named)
  }
  const focused = focusedPane(useConsoles.getState())
  if (focused && !now().question) takeKeys(focused)
}

function ask(question: Omit<Question, 'id'>): void {
  questions += 1
  set({ question: { id: questions, ...question } })
}

/** Stops the paste into one pane. */
export function stopPaste(id: string): void {
  inOrder.drop(id)
}

/** Pastes into all targets if this pane is one; false if it is not. */
export function pasteToAll(id: string, text: string): boolean {
  if (!isTarget(id)) return false
  submit({ paste: text })
  return true
}

/** Types into each target its number, or without a broadcast into the focused pane. */
export function insertNumber(padded: boolean): void {
  useDock.getState().showConsoles()
  const state = useConsoles.getState()
  const focused = state.panes.get(focusedPane(state) ?? '')
  if (!focused) return
  const ids = readingOrder(activeTab(state).tree)
  const numberOf = (id: string): string => paneNumber(ids, id, padded)
  if (isTarget(focused.id)) submit({ textFor: numberOf })
  else sessionOf(focused).type(numberOf(focused.id))
}

divertTyping((id, typed) => {
  if (!isTarget(id)) return false
  const text = withoutEscape(typed)
  if (text !== '') submit({ textFor: () => text })
  return true
})

/** Sends to the targets, or asks first. Whoever was asked about these `named` ones sends to no other. */
function submit(sent: Sent, named?: ReadonlySet<string>): void {
  const { on, audience: heard, question } = now()
  if (!on) return
  if (question) {
    // The dialog has not the keys yet: what is typed on comes after what waits. No paste goes without its own question.
    if (!('paste' in sent)) set({ question: { ...question, waiting: [...question.waiting, sent] } })
    return
  }
  const targets = heard.targets.filter(({ id }) => named?.has(id) ?? true)
  const doubted = doubt(targets, on.agreed, isRoot)
  const paste = 'paste' in sent ? sent.paste : undefined
  if (doubted || (paste !== undefined && !named && hasLineEnd(paste))) {
    const goOn = (): void => {
      const still = now().on
      if (still && doubted) set({ on: { ...still, agreed: agree(still.agreed, doubted) } })
    }
    ask({ targets, doubt: doubted, paste, waiting: [sent], goOn })
    return
  }
  postpone()
  const { panes } = useConsoles.getState()
  for (const { id } of targets) {
    const pane = panes.get(id)
    if (!pane) continue
    inOrder.send(id, (signal) => {
      if ('paste' in sent) return pasteInto(pane, sent.paste, signal)
      sessionOf(pane).type(sent.textFor(id))
    })
  }
}

/** Whether what is typed into this pane is broadcast. */
function isTarget(id: string): boolean {
  // A workstation that slept has timers that are late.
  if (now().on && Date.now() >= endsAt) tick()
  return now().audience.targets.some((target) => target.id === id)
}

function isRoot(id: string): boolean {
  const pane = useConsoles.getState().panes.get(id)
  return pane !== undefined && showsRoot(sessionOf(pane).terminal.lastLine())
}

function postpone(): void {
  endsAt = Date.now() + usePreferences.getState().broadcastMinutes * 60_000
  tick()
}

function tick(): void {
  const leftMs = endsAt - Date.now()
  set({ endsIn: endsIn(leftMs) })
  if (leftMs > 0) return
  endBroadcast()
  tell('It ended by itself: nothing was typed for a while.')
}

function tell(text: string): void {
  const show = useDock.getState().showConsoles
  tellNews({ key: 'broadcast', tone: 'plain', title: 'Broadcast', text, show })
}

/** Finds out anew who hears it. What was on its way to a pane that hears it no more stops. */
function refresh(): void {
  const { on, audience: before, source } = now()
  if (!on) return
  const state = useConsoles.getState()
  const all = candidates(state, on)
  if (all.length === 0) {
    endBroadcast()
    return
  }
  const focused = focusedPane(state)
  const next = audience(all, focused)
  const heard = new Set(next.targets.map(({ id }) => id))
  for (const { id } of before.targets) if (!heard.has(id)) inOrder.drop(id)
  const typedIn = [focused, source].find((id) => id !== undefined && heard.has(id))
  if (typedIn !== source || JSON.stringify(next) !== JSON.stringify(before)) set({ audience: next, source: typedIn })
}

useConsoles.subscribe(refresh)

/** The panes that it is about, in reading order. */
function candidates(state: ConsolesState, on: On): Candidate[] {
  const inSight = new Set(visiblePanes(state))
  const ids = state.tabs.flatMap(({ tree }) => readingOrder(tree))
  return ids.flatMap((id) => {
    const pane = state.panes.get(id)
    if (!pane || (on.mode === 'group' && pane.group?.name !== on.group)) return []
    const { status, writer } = state.facts.get(id) ?? newFacts
    return {
      id,
      name: pane.name,
      console: `${pane.hostId} ${pane.guestId} ${pane.shell?.id ?? ''}`,
      isMember: on.members.has(id),
      hidden: inSight.has(id) ? undefined : whereHidden(state, id),
      status,
      readOnly: mayType(state, id) ? undefined : writer?.who ? `read-only, ${writer.who} is typing` : 'read-only',
    }
  })
}

function whereHidden(layout: Layout, id: string): string {
  const tab = tabOf(layout, id)
  const before = tab?.maximised === undefined ? undefined : layout.panes.get(tab.maximised.id)?.name
  return tab?.id === layout.active && before !== undefined ? `behind ${before}` : 'in another tab'
}
