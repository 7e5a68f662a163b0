import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import type { Job } from '../../src-shared/models/job'
import type { Problem } from '../../src-shared/problem'
import { currentClient } from '../api/page'
import { asProblem } from '../api/problem'
import { Button, Checkbox, CopyButton, Icon, IconButton, LoadingRows, ProblemNote } from '../ui'
import { download } from '../ui/download'

/** More than this of one log is not kept in the page; the host has it all. */
const maxLogCharacters = 400_000
/** As many places as are marked; the next one is always found. */
const mostMarks = 1000

/** The log of one job as it grows: to follow, search, copy and save. */
export function LogView({ job }: { job: Job }) {
  const { text, problem, loading } = useLog(job)
  const [follow, setFollow] = useState(true)
  const [query, setQuery] = useState('')
  const [at, setAt] = useState(0)
  const log = useRef<HTMLPreElement>(null)
  const places = useMemo(() => findAll(text, query), [text, query])
  const current = places.length === 0 ? undefined : at % places.length
  // biome-ignore lint/correctness/useExhaustiveDependencies: each piece of text moves the end into sight
  useEffect(() => {
    if (follow && query === '') log.current?.scrollTo({ top: log.current.scrollHeight })
  }, [text, follow, query])
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new place comes into sight
  useEffect(() => {
    log.current?.querySelector('mark.on')?.scrollIntoView({ block: 'nearest' })
  }, [current, query])
  const step = (by: number): void => setAt((before) => (before + by + places.length) % Math.max(1, places.length))
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') step(event.shiftKey ? -1 : 1)
    else if (event.key === 'Escape' && query !== '') setQuery('')
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <div className="logv">
      <div className="logv-h">
        <div className="field">
          <Icon name="search" size="s" />
          <input
            type="text"
            aria-label={`Search the log of ${job.title}`}
            placeholder="Search the log"
            spellCheck={false}
            value={query}
            onChange={(event) => {
              setQuery(event.target.value)
              setAt(0)
            }}
            onKeyDown={onKeyDown}
          />
        </div>
        <span className="f3 logv-n" role="status">
          {query !== '' && (current === undefined ? 'Not found' : `${current + 1} of ${places.length}`)}
        </span>
        <IconButton icon="chevron-up" iconSize="xs" label="Previous" disabled={current === undefined} onClick={() => step(-1)} />
        <IconButton icon="chevron-down" iconSize="xs" label="Next" disabled={current === undefined} onClick={() => step(1)} />
        <span className="sp" />
        <Checkbox checked={follow} onChange={setFollow}>
          Follow
        </Checkbox>
        <Button
          size="s"
          icon="download"
          disabled={text === ''}
          onClick={() => download(`domdeck-job-${job.id}.log`, 'text/plain', text)}
        >
          Save
        </Button>
        <CopyButton text={text} label="Copy log" />
      </div>
      {problem && <ProblemNote problem={problem} />}
      {loading && text === '' && <LoadingRows rows={6} height={16} label="Reading the log" />}
      {!loading && text === '' && !problem && <p className="f2">This job has logged nothing.</p>}
      {text !== '' && (
        <section aria-label={`Log of ${job.title}`}>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <pre ref={log} tabIndex={0}>
            <Marked text={text} places={places} length={query.length} current={current} />
          </pre>
        </section>
      )}
    </div>
  )
}

type MarkedProps = { text: string; places: readonly number[]; length: number; current: number | undefined }

/** A text with some places marked. */
function Marked({ text, places, length, current }: MarkedProps) {
  if (places.length === 0) return text
  let end = 0
  const parts = places.flatMap((place, index) => {
    const before = text.slice(end, place)
    end = place + length
    return [
      before,
      <mark key={place} className={index === current ? 'on' : undefined}>
        {text.slice(place, end)}
      </mark>,
    ]
  })
  return [...parts, text.slice(end)]
}

/** Where a word stands in a text, whatever its case; at most `mostMarks` places. */
export function findAll(text: string, query: string): number[] {
  const places: number[] = []
  if (query === '') return places
  // By pattern, because lower case of some letters has another length.
  const pattern = new RegExp(query.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gi')
  for (const { index } of text.matchAll(pattern)) {
    places.push(index)
    if (places.length === mostMarks) break
  }
  return places
}

function useLog({ hostId, id }: Job): { text: string; problem: Problem | undefined; loading: boolean } {
  const [state, setState] = useState<{ text: string; problem: Problem | undefined; loading: boolean }>({
    text: '',
    problem: undefined,
    loading: true,
  })
  useEffect(() => {
    const stop = new AbortController()
    const follow = async (): Promise<void> => {
      try {
        for await (const piece of await currentClient().jobs.log({ hostId, jobId: id }, { signal: stop.signal }))
          setState((before) => ({ ...before, text: (before.text + piece.text).slice(-maxLogCharacters) }))
        setState((before) => ({ ...before, loading: false }))
      } catch (error) {
        if (!stop.signal.aborted) setState((before) => ({ ...before, loading: false, problem: asProblem(error) }))
      }
    }
    void follow()
    return () => stop.abort()
  }, [hostId, id])
  return state
}
