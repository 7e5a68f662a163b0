import { useEffect, useRef, useState } from 'react'
import { Icon, IconButton } from '../ui'
import type { Session } from './session'

/** Search in the scrollback of one pane: Enter goes back in time, Shift+Enter forward, Esc ends it. */
export function SearchBar({ session, onClose }: { session: Session; onClose(): void }) {
  const [text, setText] = useState('')
  const [found, setFound] = useState(true)
  const input = useRef<HTMLInputElement>(null)
  const { search, xterm } = session.terminal
  useEffect(() => input.current?.focus(), [])
  const find = (back: boolean, words = text, incremental = false): void => {
    const options = { incremental }
    setFound(words === '' || (back ? search.findPrevious(words, options) : search.findNext(words, options)))
    if (words === '') xterm.clearSelection()
  }
  return (
    <search className="find">
      <div className={found ? 'field' : 'field bad'}>
        <Icon name="search" size="s" />
        <input
          ref={input}
          aria-label="Search in this console"
          value={text}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => {
            setText(event.target.value)
            find(true, event.target.value, true)
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter') find(!event.shiftKey)
            else if (event.key === 'Escape') onClose()
            else return
            event.preventDefault()
            event.stopPropagation()
          }}
        />
        {!found && (
          <span className="f3" role="status">
            not found
          </span>
        )}
      </div>
      <IconButton icon="chevron-up" iconSize="s" label="Earlier" keys="Enter" onClick={() => find(true)} />
      <IconButton icon="chevron-down" iconSize="s" label="Later" keys="Shift+Enter" onClick={() => find(false)} />
      <IconButton icon="close" iconSize="s" label="End the search" keys="Esc" onClick={onClose} />
    </search>
  )
}
