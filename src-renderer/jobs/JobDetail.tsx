import { Tabs } from '@base-ui/react/tabs'
import { useEffect, useState } from 'react'
import type { JobDetail as Detail } from '../../src-shared/contract/jobs'
import type { Host } from '../../src-shared/models/host'
import { endedStates, type Job } from '../../src-shared/models/job'
import type { OperationCall } from '../../src-shared/operations'
import type { Problem } from '../../src-shared/problem'
import { currentClient } from '../api/page'
import { asProblem } from '../api/problem'
import { useCall } from '../api/use-call'
import { showDialog } from '../frame/dialogs'
import { Button, CodeBlock, CopyButton, Glyph, Icon, LoadingRows, Note, ProblemNote } from '../ui'
import { clockWords, countWords, dayWords } from '../ui/words'
import { cancelJob, recoverJob } from './actions'
import { CallsDialog } from './CallsDialog'
import { JobMark } from './JobMark'
import { LogView } from './LogView'
import { needsPerson, useJobs } from './store'
import { canCancel, duration, holderOf, outcome, whoWords } from './words'

/** One job of the jobs page: how it went, what it said, what it ran, and what can be done about it. */
export function JobDetail({ job, host }: { job: Job; host: Host }) {
  const ready = host.connection.phase === 'ready'
  const ended = endedStates.has(job.state)
  const holder = useJobs(({ jobs }) => holderOf(job, jobs))
  const { detail, problem } = useDetail(job, ready)
  const act = useCall()
  const [asked, setAsked] = useState<'retry' | 'undo'>()
  const [part, setPart] = useState<'steps' | 'log' | 'script'>('steps')
  const over = ended && job.state !== 'succeeded' && !needsPerson(job)
  const { call, inverse } = detail ?? {}
  return (
    <section className="jd" aria-label={`Job ${job.title}`}>
      <header className="jd-h">
        <div className="jd-t">
          <JobMark job={job} />
          <h2 className="el" title={job.title}>
            {job.title}
          </h2>
          <span className="sp" />
          {canCancel(job) && (
            <Button size="s" disabled={!ready || act.busy} onClick={() => void act.run(() => cancelJob(job))}>
              Cancel
            </Button>
          )}
          {needsPerson(job) && (
            <Button size="s" icon="undo" disabled={!ready || act.busy} onClick={() => void act.run(() => recoverJob(job))}>
              Roll back
            </Button>
          )}
          {over && call && detail?.outdated === undefined && (
            <Button size="s" icon="reboot" disabled={!ready} onClick={() => setAsked('retry')}>
              Retry
            </Button>
          )}
          {inverse && inverse.length > 0 && (
            <Button size="s" icon="undo" disabled={!ready} onClick={() => setAsked('undo')}>
              Undo
            </Button>
          )}
        </div>
        <p className="jd-f f2">
          <span>{outcome(job, holder)}</span>
          <span>{host.settings.name}</span>
          <span>by {whoWords(job)}</span>
          <span>
            {dayWords(job.startedAt)} {clockWords(job.startedAt)}
          </span>
          {job.endedAt !== undefined && <span>took {duration(job.endedAt - job.startedAt)}</span>}
          {job.cancelledBy && job.state === 'cancelled' && <span>cancelled by {job.cancelledBy}</span>}
          {job.recoveredBy && ended && <span>rolled back by {job.recoveredBy}</span>}
        </p>
      </header>
      {act.problem && (
        <div className="jd-note">
          <ProblemNote problem={act.problem} />
        </div>
      )}
      <Tabs.Root className="jd-tabs" value={part} onValueChange={(value) => setPart(value as typeof part)}>
        <Tabs.List className="ht" aria-label={`Parts of ${job.title}`}>
          <Tabs.Tab value="steps" className="ht-t">
            Steps
          </Tabs.Tab>
          <Tabs.Tab value="log" className="ht-t">
            Log
          </Tabs.Tab>
          <Tabs.Tab value="script" className="ht-t">
            Script
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="steps" className="jd-p">
          {job.problem && <ProblemNote problem={job.problem} />}
          <StepList job={job} />
          <Again job={job} host={host} detail={detail} over={over} />
        </Tabs.Panel>
        <Tabs.Panel value="log" className="jd-p">
          <LogView key={job.id} job={job} />
        </Tabs.Panel>
        <Tabs.Panel value="script" className="jd-p">
          {problem && <ProblemNote problem={problem} />}
          {!detail &&
            !problem &&
            (ready ? <LoadingRows rows={6} height={16} label="Reading the script" /> : <Away host={host} />)}
          {detail && (
            <>
              <p className="f2 jd-s">
                <span className="mono">{job.id}</span>
                <span className="sp" />
                <span>Copy as script, with the job library: runs by hand as root</span>
                <CopyButton text={detail.standalone} label="Copy as script" />
              </p>
              <CodeBlock label={`Script of ${job.title}`} text={detail.script} />
            </>
          )}
        </Tabs.Panel>
      </Tabs.Root>
      {asked === 'retry' && call && (
        <CallsDialog
          title={`Run again: ${job.title}?`}
          text="A new job with the same input, from its first step on."
          verb="Retry"
          host={host}
          calls={[call]}
          onClose={() => setAsked(undefined)}
        />
      )}
      {asked === 'undo' && inverse && (
        <CallsDialog
          title={`Undo: ${job.title}?`}
          text={undoWords(inverse)}
          verb="Undo"
          host={host}
          calls={inverse}
          onClose={() => setAsked(undefined)}
        />
      )}
    </section>
  )
}

const Away = ({ host }: { host: Host }) => <p className="f2">{host.settings.name} is not connected; the script lies there.</p>

function undoWords(calls: readonly OperationCall[]): string {
  const names = calls.flatMap(({ input }) => ('name' in input ? [input.name] : [])).join(', ')
  if (calls.every(({ operation }) => operation === 'guest.delete'))
    return `Deletes ${names}: what this job made, with all that was written there since. The base stays.`
  return `Takes back what this job did to ${names}.`
}

/** What can be done once a job is over, in words where there is no button for it. */
function Again({ job, host, detail, over }: { job: Job; host: Host; detail: Detail | undefined; over: boolean }) {
  if (!detail || !endedStates.has(job.state)) return null
  const { call, inverse, outdated } = detail
  if (job.state === 'succeeded') {
    if (!call || inverse === undefined) return <p className="f3">A job of this kind cannot be undone by another one.</p>
    if (inverse.length === 0) return <p className="f3">There is nothing of it that another job can take back exactly.</p>
    return null
  }
  if (!over) return <p className="f3">Roll it back first; then it can be run again.</p>
  if (!call) return <p className="f3">This job does not say what it was asked for. Its script can be copied and run by hand.</p>
  if (outdated !== undefined) {
    return (
      <Note tone="amber" action={<PlanAgain call={call} host={host} />}>
        It cannot be retried as it was: {outdated}
      </Note>
    )
  }
  return (
    <p className="f3">
      Retry begins with the first step
      {job.left === 'some'
        ? '. What cannot be undone stays.'
        : ': what the failed steps had made was removed, so that there is no half of it to go on from.'}
    </p>
  )
}

function PlanAgain({ call, host }: { call: OperationCall; host: Host }) {
  if (call.operation !== 'guest.clone') return null
  const { base, generation } = call.input
  return (
    <Button size="s" onClick={() => showDialog({ kind: 'clone', hostId: host.settings.id, base: { name: base, generation } })}>
      Plan again
    </Button>
  )
}

/** All steps, how far each is, and below them what the job tells of each of its objects. */
function StepList({ job }: { job: Job }) {
  const done = job.state === 'succeeded' ? job.steps.length : job.step
  const ended = endedStates.has(job.state)
  const { ticks } = job
  return (
    <div className="jd-steps">
      <ol aria-label="Steps">
        {job.steps.map((title, index) => (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place
            key={index}
            className={index > done ? 'f3' : undefined}
            aria-current={index === done && !ended ? 'step' : undefined}
          >
            {index < done && <Icon name="check" size="xs" className="green" />}
            {index === done && <Glyph shape={ended ? 'crashed' : 'booting'} label={ended ? 'stopped here' : 'under way'} />}
            {index > done && <Glyph shape="queued" label="not begun" />}
            <span>{title}</span>
            {index === done && !ended && job.progress && (
              <span className="f3">
                {job.progress.done} of {job.progress.total} {job.progress.unit}
              </span>
            )}
          </li>
        ))}
      </ol>
      {ticks.length > 0 && (
        <div>
          <p className="f3">
            {ticks.filter((tick) => tick.state === 'done').length} of {countWords(ticks.length, 'object')} done
          </p>
          <ul aria-label="Objects">
            {ticks.map((tick) => (
              <li key={tick.name} title={tick.note}>
                {tick.state === 'done' ? (
                  <Icon name="check" size="xs" className="green" />
                ) : (
                  <Glyph shape={tickMarks[tick.state]} label={tick.state} />
                )}
                <span>{tick.name}</span>
                {tick.note && <span className="f3 el">{tick.note}</span>}
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  )
}

const tickMarks = { queued: 'queued', running: 'booting', failed: 'crashed' } as const

/** What the host says about a job; asked again when it has ended, and when another one about its guests has, which may be its undo. */
function useDetail(
  { hostId, id, state, targets }: Job,
  ready: boolean,
): { detail: Detail | undefined; problem: Problem | undefined } {
  const [found, setFound] = useState<{ id: string; detail?: Detail; problem?: Problem }>({ id })
  const endedCount = useJobs(
    ({ jobs }) =>
      jobs.filter(
        (job) => job.hostId === hostId && endedStates.has(job.state) && job.targets.some((name) => targets.includes(name)),
      ).length,
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: an end of a job may change the answer
  useEffect(() => {
    if (!ready) return
    const stop = new AbortController()
    currentClient()
      .jobs.detail({ hostId, jobId: id }, { signal: stop.signal })
      .then(
        (detail) => setFound({ id, detail }),
        (error: unknown) => {
          if (!stop.signal.aborted) setFound({ id, problem: asProblem(error) })
        },
      )
    return () => stop.abort()
  }, [hostId, id, state, ready, endedCount])
  // Until the answer comes, the one about another job says nothing.
  const current = found.id === id ? found : undefined
  return { detail: current?.detail, problem: current?.problem }
}
