import './jobs.css'
import { useEffect, useState } from 'react'
import { endedStates, type Job } from '../../src-shared/models/job'
import type { Problem } from '../../src-shared/problem'
import { asProblem } from '../api/problem'
import { bulkJobIds, useBulks } from '../fleet/bulk-store'
import { hostById, useFleet } from '../fleet/store'
import { useDock } from '../frame/dock'
import { usePreferences } from '../frame/preferences'
import { Button, Glyph, Icon, IconButton, LinkButton, ProblemNote, Steps } from '../ui'
import { clockWords } from '../ui/words'
import { cancelJob, recoverJob } from './actions'
import { JobLog } from './JobLog'
import { JobMark } from './JobMark'
import { needsPerson, trayJobs, useJobs } from './store'
import { canCancel, clock, duration, holderOf, outcome, stepFraction } from './words'

/** The jobs of the fleet across the bottom of the window: what runs, what ended lately, what needs a person. */
export function JobTray() {
  // The page of all jobs shows them with more room.
  const onPage = useDock((dock) => dock.active === 'jobs')
  const open = usePreferences((preferences) => preferences.trayOpen) && !onPage
  const change = usePreferences((preferences) => preferences.change)
  const jobs = useJobs((state) => state.jobs)
  const [dismissed, setDismissed] = useState<ReadonlySet<string>>(new Set())
  const [logOf, setLogOf] = useState<Job>()
  const now = useClock(jobs.some((job) => !endedStates.has(job.state)) ? 1000 : 30_000)
  // What is part of a bulk shows in its line, unless it needs a person.
  const inBulks = useBulks(bulkJobIds)
  const rows = trayJobs(jobs, now, dismissed).filter((job) => needsPerson(job) || !inBulks.has(job.id))
  const running = rows.filter((job) => !endedStates.has(job.state))
  const waiting = rows.filter(needsPerson)
  return (
    <section className="tray" aria-label="Jobs" data-region="tray">
      <div className="tray-h">
        <span className="t">Jobs</span>
        {running.length > 0 && <span>{running.length} running</span>}
        {waiting.length > 0 && <span className="amber">{waiting.length} to roll back</span>}
        {rows.length - running.length - waiting.length > 0 && (
          <span>{rows.length - running.length - waiting.length} finished</span>
        )}
        {!open && running[0] && (
          <span className="tray-now">
            <Glyph shape="booting" label="" />
            <JobSentence job={running[0]} />
            <span className="f3 el">{outcome(running[0], holderOf(running[0], jobs))}</span>
          </span>
        )}
        <span className="sp" />
        <LinkButton className="f2" onClick={() => useDock.getState().showJobs()}>
          History
        </LinkButton>
        {rows.length > 0 && !onPage && (
          <IconButton
            icon={open ? 'chevron-down' : 'chevron-up'}
            size="xs"
            iconSize="s"
            label={open ? 'Collapse jobs' : 'Expand jobs'}
            aria-expanded={open}
            onClick={() => change({ trayOpen: !open })}
          />
        )}
      </div>
      {open && (
        <div className="tray-rows">
          {rows.map((job) => (
            <JobRow
              key={job.id}
              job={job}
              holder={holderOf(job, jobs)}
              now={now}
              onLog={() => setLogOf(job)}
              onDismiss={() => setDismissed((before) => new Set(before).add(job.id))}
            />
          ))}
        </div>
      )}
      {logOf && <JobLog job={jobs.find(({ id }) => id === logOf.id) ?? logOf} onClose={() => setLogOf(undefined)} />}
    </section>
  )
}

type JobRowProps = { job: Job; holder: Job | undefined; now: number; onLog(): void; onDismiss(): void }

function JobRow({ job, holder, now, onLog, onDismiss }: JobRowProps) {
  const ended = endedStates.has(job.state)
  const [refused, setRefused] = useState<Problem>()
  const act = (action: (job: Job) => Promise<void>) => (): void => {
    setRefused(undefined)
    action(job).catch((error: unknown) => setRefused(asProblem(error)))
  }
  // For whom it waits is all there is to say of it, and takes the room of its steps.
  const waits = job.state === 'queued'
  const fails = job.problem && (job.state === 'failed' || job.left === 'unclear')
  return (
    <>
      <div className={ended ? 'job done' : 'job'} data-job={job.id} data-state={job.state}>
        <JobMark job={job} />
        <JobSentence job={job} />
        <span className={waits ? 'where wide' : 'where'}>
          {!ended && !waits && <Steps total={job.steps.length} current={job.step} fraction={stepFraction(job)} />}
          <span className={needsPerson(job) ? 'amber el' : 'f2 el'} title={outcome(job, holder)}>
            {outcome(job, holder)}
          </span>
        </span>
        {!waits && <Ticks job={job} />}
        <span className="r">
          <span className="f2 took">
            {!ended && clock(now - job.startedAt)}
            {job.endedAt !== undefined && `${duration(job.endedAt - job.startedAt)} · ${clockWords(job.endedAt)}`}
          </span>
          <Button kind="ghost" size="s" onClick={onLog}>
            Log
          </Button>
          {canCancel(job) && (
            <Button size="s" className="w64" onClick={act(cancelJob)}>
              Cancel
            </Button>
          )}
          {needsPerson(job) && (
            <Button size="s" icon="undo" onClick={act(recoverJob)}>
              Roll back
            </Button>
          )}
          {ended && !needsPerson(job) && (
            <IconButton icon="close" iconSize="xs" size="xs" label={`Dismiss ${job.title}`} onClick={onDismiss} />
          )}
        </span>
      </div>
      {fails && job.problem && (
        <div className="job-why">
          <ProblemNote problem={job.problem} />
        </div>
      )}
      {refused && (
        <div className="job-why">
          <ProblemNote problem={refused} />
        </div>
      )}
    </>
  )
}

/** Verb, objects and host, the host's name in the settings of this workstation. */
export function JobSentence({ job }: { job: Job }) {
  const name = useFleet((fleet) => hostById(fleet, job.hostId)?.settings.name)
  return (
    <span className="el" title={job.title}>
      {job.title} <span className="f3">on {name ?? 'a removed host'}</span>
    </span>
  )
}

const tickMarks = { queued: 'queued', running: 'booting', failed: 'crashed' } as const

/** More than fit in the widest window. */
const mostTicks = 12

function Ticks({ job: { ticks } }: { job: Job }) {
  const done = ticks.filter((tick) => tick.state === 'done').length
  return (
    <span className="gts">
      {ticks.length > 1 && (
        <span>
          {done} of {ticks.length}
        </span>
      )}
      {telling(ticks).map((tick) => (
        <span key={tick.name} className={tick.state === 'queued' ? 'f3' : undefined} title={tick.note}>
          {tick.state === 'done' ? (
            <Icon name="check" size="s" className="green" />
          ) : (
            <Glyph shape={tickMarks[tick.state]} label={tick.state} />
          )}
          {tick.name}
        </span>
      ))}
    </span>
  )
}

/** The ticks to show: all in order while they may fit; of many first those that failed, then those under way. */
function telling(ticks: Job['ticks']): Job['ticks'] {
  if (ticks.length <= mostTicks) return ticks
  const rank = { failed: 0, running: 1, queued: 2, done: 2 }
  return [...ticks].sort((left, right) => rank[left.state] - rank[right.state]).slice(0, mostTicks)
}

/** The time, read again every `everyMs`. */
function useClock(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now
}
