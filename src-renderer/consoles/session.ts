import { ackEveryBytes } from '../../src-shared/console-frame'
import type { ConsoleEvent, ConsoleMark, ConsoleWatch } from '../../src-shared/models/console'
import { ProblemError } from '../../src-shared/problem'
import type { Page } from '../api/client'
import { currentClient, usePage } from '../api/page'
import { asProblem } from '../api/problem'
import { tellProblem } from '../frame/notices'
import { createFeeder } from './feeder'
import { focusedPane, movePaneToHost, type Pane, paneTitle } from './layout'
import { type Look, plainLook } from './look'
import { tellTrouble } from './marks'
import { pageLane } from './page-lane'
import { pasteBytes, pastePieces } from './paste'
import { canOpen, isAttached } from './status'
import { mayType, newFacts, useConsoles } from './store'
import { type ConsoleTerminal, createTerminal } from './terminal'
import { createTurns, nextFrameOf } from './turns'
import { keptWatch, noteWatch, watchFailed, watchHit } from './watches'

/** One pane at work: its terminal, and its attachment to the main side, made anew on every connection of the page. */
export type Session = {
  readonly terminal: ConsoleTerminal
  /** Attaches, now and after each loss of the connection; nothing the second time. */
  start(): void
  takeWriter(): Promise<void>
  /** Ends whoever holds the console, by the pid that was shown, or tries again after a failure; opens a shell. */
  evict(pid: number): Promise<void>
  /** Records the console from now on; `input` records what is typed, too. */
  record(input: boolean): Promise<void>
  stopRecording(): Promise<void>
  /** Shows this pane other than the settings say. */
  setLook(look: Partial<Look>): void
  /** Answers what the login of the shell asks. */
  answer(questionId: string, answers: readonly string[]): Promise<void>
  /** Trusts the host key that the guest has shown, and opens the shell. */
  trust(fingerprint: string): Promise<void>
  /** Types text into the guest. */
  type(text: string): void
  /** Sends a short paste as if it were typed. */
  typePaste(text: string): void
  /** Sends a paste at a guest's pace, with its progress in the pane's facts. Rejects with the problem, or when cancelled. */
  paste(text: string, signal: AbortSignal): Promise<void>
  /** What the pane waits for from now on; nothing without one. Rejects with the problem. */
  watch(watch: ConsoleWatch | undefined): Promise<void>
  /** Takes the mark of trouble off the guest's console. */
  dismissMark(): Promise<void>
  dispose(): void
}

const encoder = new TextEncoder()
/** A strip about what is over goes this long after somebody has typed on. */
const stripMs = 60_000

/** Which pane was typed in last: for this long the others let its echo go first. */
let typed = { pane: '', at: Number.NEGATIVE_INFINITY }
const politeAfterTypingMs = 500
const isTyping = (): boolean => performance.now() - typed.at < politeAfterTypingMs
const turns = createTurns({ nextFrame: nextFrameOf(isTyping), now: () => performance.now(), isTyping })

/** Takes what is typed into a pane elsewhere; true when it has. */
type Divert = (id: string, text: string) => boolean
let divert: Divert = () => false

/** Has what a person types, key by key, offered to `to` before it goes to the pane it was typed in. */
export function divertTyping(to: Divert): void {
  divert = to
}

/** Opens a session for a pane. */
export function createSession(pane: Pane): Session {
  const { id } = pane
  const terminal = createTerminal(`${paneTitle(pane.shell)} of ${pane.name}`)
  const { xterm } = terminal
  const { note } = useConsoles.getState()
  /** Its guest may have moved to another host. */
  const paneNow = () => useConsoles.getState().panes.get(id) ?? pane
  let attached: { page: Page; stream: number } | undefined
  let attempt: AbortController | undefined
  let everAttached = false
  /** A new shell opens by itself, once. */
  let opens = pane.shell !== undefined && pane.restored === undefined
  let disposed = false
  /** Bytes of history still to be parsed: what xterm answers to old questions of the guest must not be sent to it. */
  let historyBytes = 0
  let unackedBytes = 0
  let stripTimer: ReturnType<typeof setTimeout> | undefined
  let stopFollowing: (() => void) | undefined

  /** Bytes of one stream; a new attachment has a feeder of its own, so that none of the last one's are counted as its. */
  function feed(page: Page, stream: number) {
    return createFeeder({
      write: terminal.write,
      onParsed(count) {
        historyBytes = Math.max(0, historyBytes - count)
        // What is parsed in this turn is history still.
        if (historyBytes === 0) queueMicrotask(() => terminal.setLive(historyBytes === 0))
        if (attached?.stream !== stream || attached.page !== page) return
        unackedBytes += count
        if (unackedBytes < ackEveryBytes) return
        pageLane(page.bytes).ack(stream, unackedBytes)
        unackedBytes = 0
      },
      isFirst: () => typed.pane === id && isTyping(),
      turns,
    })
  }

  async function attach(page: Page, signal: AbortSignal): Promise<void> {
    let stopListening: () => void = () => undefined
    // Before the attachment is asked for: the lane must hear the first byte.
    const lane = pageLane(page.bytes)
    try {
      const who = await userOf(page)
      const { hostId, guestId, shell } = paneNow()
      const { watch } = useConsoles.getState().facts.get(id) ?? {}
      const size = { columns: xterm.cols, rows: xterm.rows }
      const asShell = shell ? { shell, size, open: opens } : {}
      opens = false
      const events = await page.client.consoles.attach({ hostId, guestId, who, watch, ...asShell }, { signal })
      let stream = 0
      for await (const event of events as AsyncIterable<ConsoleEvent>) {
        if (event.type === 'opened') {
          stream = event.stream
          unackedBytes = 0
          attached = { page, stream }
        } else if (event.type === 'history-end') {
          // The history holds what is on screen already. Without any, the main side is new and the screen knows more.
          if (everAttached && event.bytes > 0) xterm.reset()
          everAttached = true
          historyBytes = event.bytes
          terminal.setLive(historyBytes === 0)
          const feeder = feed(page, stream)
          const stop = lane.listen(stream, feeder.push)
          stopListening = () => {
            stop()
            if (disposed) feeder.drop()
            else feeder.flush()
          }
        } else if (event.type === 'writer') {
          note(id, { writer: { self: event.self, who: event.who } })
          if (event.self) tellSize()
        } else if (event.type === 'moved')
          useConsoles.getState().arrange((layout) => movePaneToHost(layout, id, event.hostId), false)
        else if (event.type === 'mark') noteMark(event.mark, event.isNew)
        else if (event.type === 'watch-hit') watchHit(paneNow(), event.line)
        else if (event.type === 'watch-failed') watchFailed(paneNow(), event.problem)
        else if (event.type === 'recording') {
          note(id, { recording: event.recording })
          if (event.problem) tellProblem(`Recording of ${pane.name}`, event.problem)
        } else {
          clearTimeout(stripTimer)
          stripTimer = undefined
          note(id, { status: event.status, dismissed: false })
        }
      }
    } catch (error) {
      if (!signal.aborted) note(id, { status: { state: 'failed', problem: asProblem(error) }, dismissed: false })
    } finally {
      stopListening()
      if (attached?.page === page) attached = undefined
      note(id, { recording: undefined })
    }
  }

  /** A shell takes the size of the pane that writes, and so does what is recorded. */
  function tellSize(): void {
    const recorded = useConsoles.getState().facts.get(id)?.recording
    if (!attached || !(pane.shell || recorded)) return
    const { page, stream } = attached
    page.client.consoles.resize({ stream, columns: xterm.cols, rows: xterm.rows }).catch(() => undefined)
  }

  function noteMark(mark: ConsoleMark | undefined, isNew: boolean): void {
    const before = useConsoles.getState().facts.get(id)
    note(id, { mark, markSeen: before?.markSeen === true && before.mark?.at === mark?.at })
    if (mark && isNew) tellTrouble(paneNow(), mark)
  }

  function follow(page: Page | undefined): void {
    attempt?.abort()
    attempt = undefined
    attached = undefined
    if (page) {
      attempt = new AbortController()
      void attach(page, attempt.signal)
    } else if (stopFollowing) note(id, { status: { state: 'link-lost', at: Date.now() }, writer: undefined, dismissed: false })
  }

  /**
   * Input of a person goes where this page may type; what xterm answers by itself only comes from the writer, and to nothing of the history,
   * which may take seconds to draw while somebody types elsewhere. A read-only pane sends neither.
   */
  function send(bytes: Uint8Array, isTyped = false): void {
    if (!attached || (historyBytes > 0 && !isTyped)) return
    const state = useConsoles.getState()
    if (state.panes.get(id)?.readOnly) return
    const isWriter = state.facts.get(id)?.writer?.self === true
    const hasKeys = focusedPane(state) === id
    if (!isWriter && !((isTyped || hasKeys) && mayType(state, id))) return
    // What is broadcast is echoed first where it was typed.
    if (hasKeys && !terminal.guard.isAnswer()) typed = { pane: id, at: performance.now() }
    pageLane(attached.page.bytes).input(attached.stream, bytes)
  }

  let pressed: string | undefined
  xterm.onData((text) => {
    // Answers to the guest, and what the mouse does, begin with an escape and come without a key.
    const isTyped = !text.startsWith('\x1b') || text === pressed
    pressed = undefined
    if (!isTyped || !divert(id, text)) send(encoder.encode(text), isTyped)
  })
  xterm.onBinary((text) => send(Uint8Array.from(text, (character) => character.charCodeAt(0))))
  xterm.onKey(({ key }) => {
    pressed = key
    const status = useConsoles.getState().facts.get(id)?.status
    if (stripTimer || !status || !isAttached(status)) return
    stripTimer = setTimeout(() => note(id, { dismissed: true }), stripMs)
  })
  xterm.onKey(({ domEvent }) => {
    const { status } = useConsoles.getState().facts.get(id) ?? newFacts
    if (pane.shell && domEvent.key === 'Enter' && canOpen(status)) void session.evict(0).catch(() => undefined)
  })
  xterm.onResize(({ cols, rows }) => {
    note(id, { size: { columns: cols, rows } })
    tellSize()
  })

  const session: Session = {
    terminal,
    start() {
      if (stopFollowing) return
      stopFollowing = usePage.subscribe(({ page }, before) => {
        if (page !== before.page) follow(page)
      })
      note(id, { size: { columns: xterm.cols, rows: xterm.rows } })
      noteWatch(id, keptWatch(id))
      follow(usePage.getState().page)
    },
    async takeWriter() {
      if (attached) await currentClient().consoles.takeWriter({ stream: attached.stream })
    },
    async evict(pid) {
      if (attached) await currentClient().consoles.evict({ stream: attached.stream, pid })
    },
    async record(input) {
      if (attached)
        await currentClient().consoles.record({ stream: attached.stream, columns: xterm.cols, rows: xterm.rows, input })
    },
    async stopRecording() {
      if (attached) await currentClient().consoles.stopRecording({ stream: attached.stream })
    },
    setLook(change) {
      const look = { ...(useConsoles.getState().facts.get(id)?.look ?? plainLook), ...change }
      note(id, { look })
      terminal.setLook(look)
    },
    async answer(questionId, answers) {
      if (attached) await currentClient().consoles.answer({ stream: attached.stream, questionId, answers: [...answers] })
    },
    async trust(fingerprint) {
      if (attached) await currentClient().consoles.trust({ stream: attached.stream, fingerprint })
    },
    async watch(watch) {
      if (!attached) throw new ProblemError('HOST_NOT_READY', 'This pane is not connected to Domdeck.')
      await currentClient().consoles.watch({ stream: attached.stream, watch })
      noteWatch(id, watch)
    },
    async dismissMark() {
      note(id, { mark: undefined })
      if (attached) await currentClient().consoles.dismissMark({ stream: attached.stream })
    },
    type: (text) => send(encoder.encode(text), true),
    typePaste: (text) => send(encoder.encode(pasteBytes(text, xterm.modes.bracketedPasteMode)), true),
    async paste(text, signal) {
      if (!attached || useConsoles.getState().panes.get(id)?.readOnly) return
      const { page, stream } = attached
      const sent = pasteBytes(text, xterm.modes.bracketedPasteMode)
      const pieces = pastePieces(sent)
      let done = 0
      try {
        for (const piece of pieces) {
          note(id, { pasting: { done, total: sent.length } })
          await page.client.consoles.paste({ stream, text: piece }, { signal })
          done += piece.length
        }
      } finally {
        note(id, { pasting: undefined })
      }
    },
    dispose() {
      disposed = true
      stopFollowing?.()
      clearTimeout(stripTimer)
      attempt?.abort()
      attached = undefined
      terminal.dispose()
    },
  }
  return session
}

const users = new WeakMap<Page, Promise<string>>()

/** Who types, as others see it. */
function userOf(page: Page): Promise<string> {
  const known = users.get(page) ?? page.client.settings.about().then(({ user }) => user.slice(0, 64))
  users.set(page, known)
  return known
}

const sessions = new Map<string, Session>()

/** The session of a pane; made when first asked for, ended when its pane is gone. */
export function sessionOf(pane: Pane): Session {
  const known = sessions.get(pane.id)
  if (known) return known
  const session = createSession(pane)
  sessions.set(pane.id, session)
  return session
}

useConsoles.subscribe(({ panes }, before) => {
  if (panes === before.panes) return
  for (const [id, session] of [...sessions]) {
    if (panes.has(id)) continue
    sessions.delete(id)
    session.dispose()
  }
})
