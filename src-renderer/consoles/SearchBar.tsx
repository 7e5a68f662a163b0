import { useEffect, useMemo, useRef, useState } from 'react'
import { Icon, IconButton } from '../ui'
import { findMatches, type Match, mostMatches, patternOf, stepMatch } from './search'
import type { Session } from './session'

/** While output comes, matches are counted anew this often. */
const countEveryMs = 250

/** Search in the scrollback of one pane: Enter goes back in time, Shift+Enter forward, Esc ends it. */
export function SearchBar({ session, onClose }: { session: Session; onClose(): void }) {
  const [text, setText] = useState('')
  const [how, setHow] = useState({ regex: false, caseSensitive: false, wholeWord: false })
  const [found, setFound] = useState<{ matches: readonly Match[]; current: number | undefined }>({
    matches: [],
    current: undefined,
  })
  const latest = useRef(found)
  latest.current = found
  const input = useRef<HTMLInputElement>(null)
  const { xterm } = session.terminal
  const { pattern, refusal } = useMemo(() => patternOf({ text, ...how }), [text, how])
  useEffect(() => input.current?.focus(), [])

  // Another query is looked for from the end of what is shown, back in time.
  useEffect(() => {
    const count = (): Match[] => (pattern ? findMatches(xterm.buffer.active, xterm.cols, pattern) : [])
    const matches = count()
    const current = stepMatch(matches, undefined, -1, xterm.buffer.active.viewportY + xterm.rows - 1)
    setFound({ matches, current })
    show(session, current === undefined ? undefined : matches[current])
    let timer: ReturnType<typeof setTimeout> | undefined
    const written = xterm.onWriteParsed(() => {
      timer ??= setTimeout(() => {
        timer = undefined
        const later = count()
        // The selection moves with the scrollback and tells which one is shown.
        const at = xterm.getSelectionPosition()?.start
        const index = at ? later.findIndex(({ row, column }) => row === at.y && column === at.x) : -1
        setFound({ matches: later, current: index < 0 ? undefined : index })
      }, countEveryMs)
    })
    const selectAgain = (): void => {
      const later = count()
      const { current: before } = latest.current
      const current = before === undefined || later.length === 0 ? undefined : Math.min(before, later.length - 1)
      setFound({ matches: later, current })
      if (current !== undefined) show(session, later[current])
    }
    // Lines wrap elsewhere then, and xterm takes the selection away only after it has told of the new size.
    const resized = xterm.onResize(() => queueMicrotask(selectAgain))
    return () => {
      written.dispose()
      resized.dispose()
      clearTimeout(timer)
    }
  }, [pattern, session, xterm])

  const step = (by: 1 | -1): void => {
    const current = stepMatch(found.matches, found.current, by, xterm.buffer.active.viewportY + xterm.rows - 1)
    setFound({ ...found, current })
    show(session, current === undefined ? undefined : found.matches[current])
  }
  const toggle = (name: keyof typeof how, label: string, sign: string) => (
    <button
      type="button"
      className={how[name] ? 'sign on' : 'sign'}
      aria-label={label}
      title={label}
      aria-pressed={how[name]}
      onClick={() => setHow({ ...how, [name]: !how[name] })}
    >
      {sign}
    </button>
  )
  const { matches, current } = found
  const total = matches.length === mostMatches ? `${mostMatches} or more` : String(matches.length)
  const says =
    refusal ?? (!pattern ? '' : matches.length === 0 ? 'not found' : `${current === undefined ? '–' : current + 1} of ${total}`)
  return (
    <search
      className="find"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        onClose()
        event.preventDefault()
        event.stopPropagation()
      }}
    >
      <div className={refusal || (pattern && matches.length === 0) ? 'field bad' : 'field'}>
        <Icon name="search" size="s" />
        <input
          ref={input}
          aria-label="Search in this console"
          value={text}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return
            step(event.shiftKey ? 1 : -1)
            event.preventDefault()
            event.stopPropagation()
          }}
        />
        {toggle('caseSensitive', 'Capitals matter', 'Aa')}
        {toggle('wholeWord', 'Whole words', 'ab')}
        {toggle('regex', 'Regular expression', '.*')}
      </div>
      <span className="count" role="status" title={says}>
        {says}
      </span>
      <IconButton icon="chevron-up" iconSize="s" label="Earlier" keys="Enter" onClick={() => step(-1)} />
      <IconButton icon="chevron-down" iconSize="s" label="Later" keys="Shift+Enter" onClick={() => step(1)} />
      <IconButton icon="close" iconSize="s" label="End the search" keys="Esc" onClick={onClose} />
    </search>
  )
}

/** Selects a match and brings it into sight. */
function show({ terminal: { xterm } }: Session, match: Match | undefined): void {
  if (!match) {
    xterm.clearSelection()
    return
  }
  xterm.select(match.column, match.row, match.length)
  const { viewportY } = xterm.buffer.active
  if (match.row < viewportY || match.row >= viewportY + xterm.rows)
    xterm.scrollToLine(Math.max(0, match.row - Math.floor(xterm.rows / 2)))
}
