import type { Job } from '../../src-shared/models/job'
import { whoWords } from './words'

/** What the filter box of the jobs asks for; all parts must hold. `since` is a moment, epoch milliseconds. */
export type JobFilter = {
  words: readonly string[]
  states: readonly string[]
  hosts: readonly string[]
  by: readonly string[]
  operations: readonly string[]
  since: number | undefined
  /** Terms that say nothing, such as `since:yesterdayish`: shown, so that nobody takes all jobs for what was asked. */
  unread: readonly string[]
}

const lists = { state: 'states', host: 'hosts', by: 'by', op: 'operations' } as const
const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 } as const

/**
 * Reads `clone state:failed host:dom0 by:anna op:guest since:2h`. `since:` takes an age (`30m`, `2h`, `3d`, `1w`), `today` or a day
 * (`2026-11-20`). A key without a value yet is ignored, so that nothing vanishes while one types.
 */
export function parseJobFilter(text: string, nowMs: number): JobFilter {
  const found = { words: [], states: [], hosts: [], by: [], operations: [], unread: [] } as Record<
    Exclude<keyof JobFilter, 'since'>,
    string[]
  >
  let since: number | undefined
  for (const term of text.toLowerCase().split(/\s+/).filter(Boolean)) {
    const [, key = '', value = ''] = /^(state|host|by|op|since):(.*)$/.exec(term) ?? []
    if (key === '') found.words.push(term)
    else if (value === '') continue
    else if (key !== 'since') found[lists[key as keyof typeof lists]].push(value)
    else {
      const moment = momentOf(value, nowMs)
      if (moment === undefined) found.unread.push(term)
      else since = Math.max(since ?? 0, moment)
    }
  }
  return { ...found, since }
}

function momentOf(value: string, nowMs: number): number | undefined {
  const [, count, unit] = /^(\d{1,4})([mhdw])$/.exec(value) ?? []
  if (count && unit) return nowMs - Number(count) * unitMs[unit as keyof typeof unitMs]
  if (value === 'today') return new Date(nowMs).setHours(0, 0, 0, 0)
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return undefined
  // Without a zone a date with a time is the reader's own.
  const day = new Date(`${value}T00:00:00`).getTime()
  return Number.isNaN(day) ? undefined : day
}

/** Whether a job passes. Words look into title, targets and id; the others where their key says. */
export function matchesJob(filter: JobFilter, job: Job, hostName: string): boolean {
  const told = [job.title, ...job.targets, job.id].join(' ').toLowerCase()
  const who = whoWords(job).toLowerCase()
  return (
    (filter.since === undefined || job.startedAt >= filter.since) &&
    filter.words.every((word) => told.includes(word)) &&
    filter.states.every((state) => job.state.startsWith(state)) &&
    filter.hosts.every((host) => hostName.toLowerCase().includes(host)) &&
    filter.by.every((by) => who.includes(by)) &&
    filter.operations.every((operation) => job.operation.toLowerCase().includes(operation))
  )
}
