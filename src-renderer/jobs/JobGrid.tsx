import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useEffect, useRef } from 'react'
import type { Job } from '../../src-shared/models/job'
import { LinkButton, TableSpacer } from '../ui'
import { clockWords, dayWords, momentWords } from '../ui/words'
import { jobKey } from './history'
import { JobMark } from './JobMark'
import { duration, holderOf, outcome, whoWords } from './words'

type JobGridProps = {
  jobs: readonly Job[]
  /** All that are known, to name whom one waits for. */
  known: readonly Job[]
  hostName(hostId: string): string
  selected: string | undefined
  onSelect(key: string): void
}

const rowHeight = 28
const columns = ['Job', 'Operation', 'Targets', 'Host', 'By', 'Started', 'Took'] as const

/** Jobs as a table of any length: one tab stop, arrows inside. */
export function JobGrid({ jobs, known, hostName, selected, onSelect }: JobGridProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const moving = useRef(false)
  const virtual = useVirtualizer({
    count: jobs.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => (jobs[index] ? jobKey(jobs[index]) : index),
    overscan: 12,
    scrollMargin: rowHeight,
  })
  const index = jobs.findIndex((job) => jobKey(job) === selected)

  // What was chosen elsewhere, or by a key, comes into sight; a new job above it moves nothing.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new choice scrolls
  useEffect(() => {
    if (index >= 0) virtual.scrollToIndex(index)
  }, [selected])

  // A row that a key went to may have to be drawn first.
  useEffect(() => {
    const button = moving.current && scroller.current?.querySelector<HTMLElement>('[aria-current] button')
    if (!button) return
    moving.current = false
    button.focus({ preventScroll: true })
  })

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 2)
    const moves: Record<string, number> = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      PageDown: index + page,
      PageUp: index - page,
      Home: 0,
      End: jobs.length - 1,
    }
    const target = moves[event.key]
    const job = target === undefined ? undefined : jobs[Math.max(0, Math.min(jobs.length - 1, target))]
    if (!job) return
    event.preventDefault()
    moving.current = true
    onSelect(jobKey(job))
  }

  const shown = virtual.getVirtualItems()
  const [from, to] = [shown[0]?.index ?? 0, (shown.at(-1)?.index ?? -1) + 1]
  // The tab stop: the chosen row, or the first that is drawn.
  const stop = index >= from && index < to ? index : from
  return (
    <div ref={scroller} className="jgrid">
      <table className="tbl" aria-label="Jobs of all hosts" aria-rowcount={jobs.length + 1} onKeyDown={onKeyDown}>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((column) => (
              <th key={column}>{column}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          <TableSpacer rows={from} rowHeight={rowHeight} />
          {jobs.slice(from, to).map((job, offset) => (
            <JobLine
              key={jobKey(job)}
              job={job}
              holder={holderOf(job, known)}
              host={hostName(job.hostId)}
              at={from + offset}
              on={from + offset === index}
              stop={from + offset === stop}
              onSelect={() => onSelect(jobKey(job))}
            />
          ))}
          <TableSpacer rows={jobs.length - to} rowHeight={rowHeight} />
        </tbody>
      </table>
    </div>
  )
}

type JobLineProps = {
  job: Job
  holder: Job | undefined
  host: string
  at: number
  on: boolean
  stop: boolean
  onSelect(): void
}

function JobLine({ job, holder, host, at, on, stop, onSelect }: JobLineProps) {
  const bad = job.state === 'failed' || job.state === 'interrupted'
  const targets = job.targets.join(', ')
  return (
    <tr aria-rowindex={at + 2} aria-current={on || undefined} data-job-row={job.id} data-state={job.state} onClick={onSelect}>
      <td title={`${job.title}: ${outcome(job, holder)}`}>
        <span className="c">
          <JobMark job={job} />
          <LinkButton className="plain el" tabIndex={stop ? 0 : -1}>
            {job.title}
          </LinkButton>
          {job.state !== 'succeeded' && <span className={bad ? 'red' : 'f3'}>{job.state}</span>}
        </span>
      </td>
      <td className="f2">{job.operation}</td>
      <td className="f2" title={targets}>
        {targets}
      </td>
      <td className="f2" title={host}>
        {host}
      </td>
      <td className="f2" title={whoWords(job)}>
        {whoWords(job)}
      </td>
      <td className="f2" title={`${dayWords(job.startedAt)} ${clockWords(job.startedAt)}`}>
        {momentWords(job.startedAt)}
      </td>
      <td className="n f2">{job.endedAt === undefined ? '' : duration(job.endedAt - job.startedAt)}</td>
    </tr>
  )
}
