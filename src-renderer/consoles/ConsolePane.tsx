import { type ClipboardEvent, memo, useEffect, useMemo, useRef, useState } from 'react'
import { guestById, hostById, useFleet, useHost } from '../fleet/store'
import { CastStrip } from './BroadcastBar'
import { pasteToAll, stopPaste, useBroadcast } from './broadcaster'
import { ConsoleLog } from './ConsoleLog'
import { LoginDialog } from './LoginDialog'
import { activeTab, focusedPane, type Pane, paneLabel } from './layout'
import { PaneHeader } from './PaneHeader'
import { PasteDialog } from './PasteDialog'
import { usePaneDrop } from './pane-drag'
import { hasLineEnd } from './paste'
import { pasteInto } from './paste-into'
import { followPointer } from './pointer'
import { SearchBar } from './SearchBar'
import { MarkStrip, Strip } from './Strip'
import { type Session, sessionOf } from './session'
import { isOffline, strayFace, stripFace } from './status'
import { mayType, newFacts, takeKeys, useConsoles } from './store'
import { toolOf } from './tools'

/** One pane. Its terminal lives in its session and moves in here with all it holds. */
export const ConsolePane = memo(function ConsolePane({ id }: { id: string }) {
  const pane = useConsoles((state) => state.panes.get(id))
  return pane ? <LivePane pane={pane} /> : null
})

function LivePane({ pane }: { pane: Pane }) {
  const { id } = pane
  const session = useMemo(() => sessionOf(pane), [pane])
  const facts = useConsoles((state) => state.facts.get(id)) ?? newFacts
  const focused = useConsoles((state) => focusedPane(state) === id)
  const writes = useConsoles((state) => mayType(state, id))
  const guest = useFleet((fleet) => guestById(fleet, pane.hostId, pane.guestId))
  const host = useHost(pane.hostId)
  const name = guest?.name ?? pane.name
  const [place, setPlace] = usePlace(session, host !== undefined)
  const zoom = useConsoles((state) => {
    const maximised = activeTab(state).maximised
    return maximised?.id === id ? maximised.zoom : 1
  })
  useEffect(() => session.terminal.setZoom(zoom), [session, zoom])
  const { pasting, ask, answer, cancel, onPaste, offer } = usePaste(pane, writes)
  usePointer(session, pane, offer)
  useKeyboardFocus(session, place !== null && focused && !facts.searching)

  const isTarget = useBroadcast(({ audience }) => audience.targets.some((target) => target.id === id))

  const self = facts.writer?.self
  useEffect(() => {
    // Of several panes of this page on one guest, the one that has the focus writes.
    if (focused && writes && self === false) void session.takeWriter().catch(() => undefined)
  }, [focused, writes, self, session])

  const { offered } = facts
  useEffect(() => {
    if (offered === undefined) return
    useConsoles.getState().note(id, { offered: undefined })
    offer(offered)
  }, [offered, id, offer])
  const section = useRef<HTMLElement>(null)
  useEffect(() => {
    // Whoever types in the pane has seen it.
    if (facts.mark && document.hasFocus() && section.current?.contains(document.activeElement))
      useConsoles.getState().note(id, { markSeen: true })
  }, [facts.mark, id])

  const drop = usePaneDrop(id)
  const label = useConsoles((state) => paneLabel(state, id, name))
  const { note, focus } = useConsoles.getState()
  const hostName = host?.settings.name ?? 'its host'
  const shellWords = `a shell ${pane.shell?.kind === 'guest' ? 'in' : 'on'} ${name}`
  const isStray = useFleet((fleet) => fleet.loaded && hostById(fleet, pane.hostId) === undefined)
  const face = isStray ? strayFace(name) : stripFace(facts.status, { guest: name, host: hostName, shellWords }, guest)
  // Whoever opened it waits for the question; one that came later stands in the strip.
  const asks = focused && !facts.dismissed && pane.shell?.kind === 'guest'
  return (
    <section
      className={['pane', focused && 'foc', isTarget && 'cast'].filter(Boolean).join(' ')}
      aria-label={label}
      data-state={facts.status.state}
      ref={section}
      onFocusCapture={() => {
        focus(id)
        if (facts.mark && !facts.markSeen) note(id, { markSeen: true })
      }}
      {...drop.handlers}
      onPasteCapture={onPaste}
    >
      <PaneHeader pane={pane} facts={facts} session={session} writes={writes} />
      {facts.mark && <MarkStrip mark={facts.mark} session={session} name={name} />}
      {isTarget && <CastStrip id={id} />}
      <Strip
        face={face}
        facts={facts}
        session={session}
        name={name}
        onDismiss={() => note(id, { dismissed: true })}
        onLog={facts.log ? undefined : () => note(id, { log: true })}
        onTaken={() => takeKeys(id)}
        onCancelPaste={cancel}
        onAnswer={() => {
          takeKeys(id)
          note(id, { dismissed: false })
        }}
      />
      {facts.log && <ConsoleLog pane={pane} name={name} onClose={() => note(id, { log: false })} />}
      {/* Disabled for readers while offline: what is dimmed is from before. */}
      <div className="xterm-slot" aria-disabled={isOffline(facts.status)} ref={setPlace} />
      {drop.edge && <div className={`drop-at ${drop.edge}`} />}
      {facts.searching && <SearchBar session={session} onClose={() => endSearch(id)} />}
      {asks && <LoginDialog status={facts.status} session={session} name={name} onClose={() => note(id, { dismissed: true })} />}
      {pasting !== undefined && <PasteDialog text={pasting} name={name} onPaste={answer} onClose={() => ask(undefined)} />}
    </section>
  )
}

/** The wheel and the middle button. */
function usePointer(session: Session, pane: Pane, offer: (text: string) => void): void {
  const latest = useRef(offer)
  latest.current = offer
  useEffect(
    () =>
      followPointer(session.terminal, {
        onZoom: (step) => toolOf(step > 0 ? 'font-larger' : 'font-smaller').run(pane),
        onPastePrimary: (text) => latest.current(text),
      }),
    [session, pane],
  )
}

function endSearch(id: string): void {
  useConsoles.getState().note(id, { searching: false })
  takeKeys(id)
}

const fitEveryMs = 32

/** Puts the terminal where the ref is, starts it once that can be seen, and keeps it fitted. */
function usePlace(session: Session, known: boolean): [HTMLDivElement | null, (place: HTMLDivElement | null) => void] {
  const [place, setPlace] = useState<HTMLDivElement | null>(null)
  useEffect(() => {
    if (!place) return
    const { terminal } = session
    let fitting: ReturnType<typeof setTimeout> | undefined
    const fitSoon = (): void => {
      fitting ??= setTimeout(() => {
        fitting = undefined
        terminal.fit()
      }, fitEveryMs)
    }
    const sizes = new ResizeObserver(fitSoon)
    const views = new IntersectionObserver((entries) => {
      const visible = entries.at(-1)?.isIntersecting === true
      if (visible) {
        terminal.mount(place)
        terminal.fit()
        // Panes of a saved layout open when they are first seen, and once their host is there.
        if (known) session.start()
      }
      terminal.setVisible(visible)
    })
    terminal.mount(place)
    sizes.observe(place)
    views.observe(place)
    return () => {
      sizes.disconnect()
      views.disconnect()
      clearTimeout(fitting)
      terminal.setVisible(false)
    }
  }, [place, session, known])
  return [place, setPlace]
}

/** Gives the terminal the keyboard when the dock asks for it, once it is there. */
function useKeyboardFocus(session: Session, focused: boolean): void {
  const requests = useConsoles((state) => state.focusRequests)
  const answered = useRef(0)
  useEffect(() => {
    if (!focused || requests === answered.current) return
    answered.current = requests
    session.terminal.xterm.focus()
  }, [focused, requests, session])
}

/** What is pasted: several lines are asked about, and long text goes at a pace. `pasting` is the text that waits for an answer. */
function usePaste(pane: Pane, writes: boolean) {
  const [pasting, ask] = useState<string>()
  const running = useRef<AbortController | undefined>(undefined)
  const send = (text: string): void => {
    running.current?.abort()
    running.current = new AbortController()
    void pasteInto(pane, text, running.current.signal)
  }
  useEffect(() => () => running.current?.abort(), [])
  const offer = (text: string): void => {
    if (!writes || text === '' || pasteToAll(pane.id, text)) return
    if (hasLineEnd(text)) ask(text)
    else send(text)
  }
  return {
    pasting,
    ask,
    /** Takes text to paste, from wherever it is. */
    offer,
    answer: () => {
      if (pasting !== undefined) send(pasting)
    },
    cancel() {
      running.current?.abort()
      stopPaste(pane.id)
    },
    onPaste(event: ClipboardEvent) {
      if (!(event.target instanceof Element) || !event.target.closest('.xterm')) return
      // xterm would send it all at once, control characters and all.
      event.preventDefault()
      event.stopPropagation()
      offer(event.clipboardData.getData('text/plain'))
    },
  }
}
