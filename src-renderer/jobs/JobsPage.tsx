import './jobs.css'
import { useDeferredValue, useMemo, useRef } from 'react'
import type { Host } from '../../src-shared/models/host'
import { hostById, useFleet } from '../fleet/store'
import { showDialog } from '../frame/dialogs'
import { Button, EmptyState, Icon, IconButton, LinkButton, LoadingRows } from '../ui'
import { clockWords, countWords } from '../ui/words'
import { HistoryProblem } from './HistoryProblem'
import {
  type HostHistory,
  isAwaited,
  jobKey,
  mergeJobs,
  rememberedJobs,
  useHistories,
  useJobsPage,
  useReadHistories,
} from './history'
import { JobDetail } from './JobDetail'
import { JobGrid } from './JobGrid'
import { matchesJob, parseJobFilter } from './job-filter'
import { useJobs } from './store'

/** All jobs that the hosts remember, newest first, with what can be known and done about each. */
export function JobsPage() {
  const fleet = useFleet()
  const { hosts } = fleet
  const parts = useHistories((state) => state.parts)
  const live = useJobs((state) => state.jobs)
  const { filter: text, selected, setFilter, select } = useJobsPage()
  const deferred = useDeferredValue(text)
  useReadHistories(hosts)

  const all = useMemo(() => mergeJobs(new Set(hosts.map((host) => host.settings.id)), parts, live), [hosts, parts, live])
  const names = useMemo(() => new Map(hosts.map((host) => [host.settings.id, host.settings.name])), [hosts])
  const hostName = (hostId: string): string => names.get(hostId) ?? hostId
  const filter = useMemo(() => parseJobFilter(deferred, Date.now()), [deferred])
  const jobs = useMemo(() => all.filter((job) => matchesJob(filter, job, names.get(job.hostId) ?? '')), [all, filter, names])
  const chosen = all.find((job) => jobKey(job) === selected)
  const chosenHost = hostById(fleet, chosen?.hostId)
  const loading = hosts.some((host) => isAwaited(host, parts.get(host.settings.id)))
  return (
    <div className="jobs-page">
      <header className="jp-h">
        <h1>Jobs</h1>
        <FilterBox value={text} onChange={setFilter} />
        <span className="sp" />
        <Button icon="download" onClick={() => showDialog({ kind: 'audit' })}>
          Audit export
        </Button>
      </header>
      <p className="jp-f f3">
        <span role="status">
          {deferred === '' ? countWords(all.length, 'job') : `${jobs.length} of ${countWords(all.length, 'job')}`}
        </span>
        {filter.unread.map((term) => (
          <span key={term} className="amber">
            {term} is not understood
          </span>
        ))}
        <Sources hosts={hosts} parts={parts} />
        <span>A host keeps its newest {rememberedJobs} jobs</span>
      </p>
      {hosts.map((host) => (
        <HistoryProblem key={host.settings.id} host={host} className="jd-note" />
      ))}
      <div className={chosen && chosenHost ? 'jp-b split' : 'jp-b'}>
        {jobs.length > 0 && <JobGrid jobs={jobs} known={live} hostName={hostName} selected={selected} onSelect={select} />}
        {jobs.length === 0 && (
          <div className="jp-none">
            {loading && all.length === 0 && <LoadingRows rows={8} height={28} label="Reading the jobs of the hosts" />}
            {!loading && all.length === 0 && (
              <EmptyState>
                {hosts.length === 0 ? 'Jobs are of hosts: add one first.' : 'No job has run on the connected hosts yet.'}
              </EmptyState>
            )}
            {all.length > 0 && (
              <EmptyState action={<LinkButton onClick={() => setFilter('')}>Clear the filter</LinkButton>}>
                No job matches.
              </EmptyState>
            )}
          </div>
        )}
        {chosen && chosenHost && <JobDetail key={jobKey(chosen)} job={chosen} host={chosenHost} />}
      </div>
    </div>
  )
}

function FilterBox({ value, onChange }: { value: string; onChange(value: string): void }) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <div className="field jp-q">
      <Icon name="filter" size="s" />
      <input
        ref={input}
        type="text"
        aria-label="Filter the jobs by words, state:, host:, by:, op: or since:"
        placeholder="Filter by words, state:, host:, by:, op:, since:2h"
        spellCheck={false}
        autoComplete="off"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && value !== '') onChange('')
          else if (event.key === 'ArrowDown' || event.key === 'Enter')
            document.querySelector<HTMLElement>('.jgrid button[tabindex="0"]')?.focus()
          else return
          event.preventDefault()
        }}
      />
      {value !== '' && (
        <IconButton
          icon="close"
          iconSize="xs"
          size="xs"
          label="Clear the filter"
          onClick={() => {
            onChange('')
            input.current?.focus()
          }}
        />
      )}
    </div>
  )
}

/** How fresh the jobs of the hosts are, where that is not now. */
function Sources({ hosts, parts }: { hosts: readonly Host[]; parts: ReadonlyMap<string, HostHistory> }) {
  const reading = hosts.filter((host) => parts.get(host.settings.id)?.loading)
  const away = hosts.filter((host) => host.connection.phase !== 'ready')
  return (
    <>
      {reading.length > 0 && <span>Reading {listed(reading.map((host) => host.settings.name))}</span>}
      {away.length > 0 && (
        <span className="amber">
          Not connected: {listed(away.map((host) => `${host.settings.name}${age(parts.get(host.settings.id))}`))}
        </span>
      )}
    </>
  )
}

const age = (part: HostHistory | undefined): string => (part?.asOf === undefined ? '' : ` (as of ${clockWords(part.asOf)})`)

/** As many names as are read in passing. */
function listed(names: readonly string[]): string {
  return names.length > 3 ? `${names.slice(0, 2).join(', ')} and ${names.length - 2} more` : names.join(', ')
}
