import { expect, it } from 'vitest'
import type { Job } from '../../src-shared/models/job'
import { ProblemError } from '../../src-shared/problem'
import { momentWords } from '../ui/words'
import { dayStart } from './AuditDialog'
import { auditCsv, auditJson, type HostAudit } from './audit'
import { isAwaited, mergeJobs } from './history'
import { matchesJob, parseJobFilter } from './job-filter'
import { findAll } from './LogView'
import { foldJobs, jobOf, needsPerson, trayJobs, useJobs } from './store'
import { atWorkWords, blockers, canCancel, clock, duration, holderOf, outcome, stepFraction, whoWords } from './words'

const job = (over: Partial<Job> = {}): Job => ({
  id: '01JD0000000000000000000001',
  hostId: 'h1',
  operation: 'guest.clone',
  title: 'Clone and boot web-08..web-11',
  targets: ['web-08', 'web-09'],
  by: 'ana',
  from: 'desk',
  startedAt: 0,
  state: 'running',
  steps: ['Check', 'Make layers', 'Start'],
  step: 1,
  ticks: [],
  result: {},
  left: 'pending',
  ...over,
})

it('keeps jobs newest first through snapshots, changes and removals', () => {
  const [old, young] = [job(), job({ id: '01JD0000000000000000000002' })]
  const jobs = foldJobs([], { type: 'snapshot', jobs: [old, young] })
  expect(jobs.map(({ id }) => id)).toEqual([young.id, old.id])
  const changed = foldJobs(jobs, { type: 'job', job: { ...old, state: 'succeeded' } })
  expect(changed.map(({ state }) => state)).toEqual(['running', 'succeeded'])
  expect(foldJobs(changed, { type: 'removed', hostId: 'h1', jobId: old.id })).toEqual([young])
  expect(foldJobs(changed, { type: 'removed', hostId: 'other', jobId: old.id })).toHaveLength(2)
})

it('takes the answer to a start for news only if the stream has told nothing of the job yet', () => {
  const { apply, meet } = useJobs.getState()
  const begun = job({ step: -1 })
  meet(begun)
  expect(useJobs.getState().jobs).toEqual([begun])
  const waiting = job({ state: 'queued', waitingFor: { lock: 'guests', jobId: 'x', title: 'Clone' } })
  apply({ type: 'job', job: waiting })
  meet(begun)
  expect(useJobs.getState().jobs).toEqual([waiting])
  apply({ type: 'snapshot', jobs: [] })
})

it('lets finished rows go after ten minutes, but never one that needs a person', () => {
  const done = job({ state: 'succeeded', left: 'finished', endedAt: 1000 })
  const broken = job({ id: '01JD0000000000000000000003', state: 'interrupted', endedAt: 1000 })
  const rolledBack = { ...broken, left: 'nothing' as const }
  const later = 1000 + 10 * 60_000
  expect(trayJobs([done], later - 1, new Set())).toEqual([done])
  expect(trayJobs([done], later, new Set())).toEqual([])
  expect(trayJobs([broken], later, new Set())).toEqual([broken])
  expect(trayJobs([rolledBack], later, new Set())).toEqual([])
  expect(trayJobs([job()], later, new Set())).toHaveLength(1)
  expect(trayJobs([broken], later, new Set([broken.id]))).toEqual([])
  expect(needsPerson(job({ state: 'failed', left: 'unclear' }))).toBe(true)
  expect(needsPerson(job({ state: 'failed', left: 'nothing' }))).toBe(false)
  expect(needsPerson(job({ state: 'interrupted', left: 'some' }))).toBe(false)
})

it('finds the job of a guest by host and name while it runs', () => {
  expect(jobOf([job()], 'h1', 'web-09')).toBeDefined()
  expect(jobOf([job()], 'h2', 'web-09')).toBeUndefined()
  expect(jobOf([job({ state: 'failed' })], 'h1', 'web-09')).toBeUndefined()
})

it('says where a job is and what is left of it', () => {
  expect(outcome(job())).toBe('Step 2 of 3 · Make layers')
  expect(outcome(job({ step: -1 }))).toBe('Starting')
  expect(outcome(job({ state: 'cancelled', left: 'nothing' }))).toBe('Cancelled, nothing left')
  expect(outcome(job({ state: 'failed', left: 'unclear' }))).toContain('not everything')
  expect(outcome(job({ state: 'interrupted' }))).toContain('roll it back')
  for (const state of ['failed', 'cancelled', 'interrupted'] as const)
    expect(outcome(job({ state, left: 'some' }))).toContain('what cannot be undone stays')
  expect(stepFraction(job({ progress: { done: 3, total: 4, unit: 'MB' } }))).toBe(0.75)
  expect(stepFraction(job({ progress: { done: 9, total: 4, unit: 'MB' } }))).toBe(1)
  expect(stepFraction(job({ progress: { done: 0, total: 0, unit: 'MB' } }))).toBeUndefined()
  expect([canCancel(job()), canCancel(job({ state: 'cancelling' })), canCancel(job({ state: 'succeeded' }))]).toEqual([
    true,
    false,
    false,
  ])
})

it('writes times as people read them', () => {
  expect([clock(4000), clock(751_000), clock(3_723_000), clock(-5)]).toEqual(['0:04', '12:31', '1:02:03', '0:00'])
  expect([duration(9400), duration(60_000), duration(125_000)]).toEqual(['9 s', '1 min', '2 min 5 s'])
})

it('says for whom a job waits: who, from where, what, which step, since when', () => {
  const at = new Date(2026, 10, 21, 14, 2).getTime()
  const holder = job({
    by: 'anna',
    from: 'ws-3',
    title: 'Clone web-01..web-08',
    step: 2,
    steps: ['a', 'b', 'c', 'd', 'e'],
    startedAt: at,
  })
  const waitingFor = { lock: 'guests', jobId: holder.id, title: holder.title }
  const waiting = job({ id: '01JD0000000000000000000009', state: 'queued', waitingFor })
  const words = 'Waiting for anna@ws-3: Clone web-01..web-08 (step 3 of 5, since 14:02)'
  expect(outcome(waiting, holderOf(waiting, [waiting, holder]))).toBe(words)
  expect(outcome(waiting, holderOf(waiting, [{ ...holder, hostId: 'other' }]))).toBe('Waiting for Clone web-01..web-08')
  expect(holderOf({ ...waiting, state: 'running' }, [holder])).toBeUndefined()
  expect(atWorkWords({ ...holder, step: -1 })).toBe('anna@ws-3: Clone web-01..web-08 (since 14:02)')
  expect(whoWords({ by: 'root', from: 'by hand' })).toBe('root by hand')
  expect(outcome(job({ state: 'cancelling', cancelledBy: 'ben@ws-2' }))).toContain('for ben@ws-2')
  expect(outcome(job({ state: 'cancelling', recoveredBy: 'ben@ws-2' }))).toContain('ben@ws-2 rolls it back')
})

it('knows what something would have to wait for: a lock of the same name, unless both share it', () => {
  const shared = job({ locks: [{ name: 'base-x', shared: true }] })
  expect(blockers([{ name: 'base-x', shared: false }], 'h1', [shared])).toEqual([shared])
  expect(blockers([{ name: 'base-x', shared: true }], 'h1', [shared])).toEqual([])
  expect(blockers([{ name: 'base-y', shared: false }], 'h1', [shared])).toEqual([])
  expect(blockers([{ name: 'base-x', shared: false }], 'h2', [shared])).toEqual([])
  expect(blockers([{ name: 'base-x', shared: false }], 'h1', [{ ...shared, state: 'failed' }])).toEqual([])
  expect(blockers([{ name: 'base-x', shared: false }], 'h1', [job()])).toEqual([])
})

it('filters jobs by words and keys, and says which term it does not understand', () => {
  const now = new Date(2026, 10, 21, 12).getTime()
  const failed = job({ state: 'failed', by: 'anna', from: 'ws-3', startedAt: now - 3_600_000 })
  const matches = (text: string) => matchesJob(parseJobFilter(text, now), failed, 'dom0-bru1')
  for (const text of [
    '',
    'CLONE web-09',
    'state:fail',
    'host:bru1',
    'by:anna@ws',
    'op:clone state:',
    'since:2h',
    'since:today',
    'since:2026-11-21',
  ])
    expect(matches(text), text).toBe(true)
  for (const text of [
    'delete',
    'state:succeeded',
    'host:bru2',
    'by:ben',
    'op:guest.delete',
    'since:30m',
    'since:2026-11-22',
    'web state:failed by:x',
  ])
    expect(matches(text), text).toBe(false)
  expect(parseJobFilter('since:whenever state:x', now)).toMatchObject({
    unread: ['since:whenever'],
    since: undefined,
    states: ['x'],
  })
  expect(parseJobFilter('since:1w since:1d', now).since).toBe(now - 86_400_000)
  expect(parseJobFilter('$(reboot) "', now).words).toEqual(['$(reboot)', '"'])
})

it('merges what hosts remember with what is told live, each job once and newest first, of the hosts that are there', () => {
  const [old, young] = [job({ state: 'succeeded', startedAt: 1 }), job({ id: '01JD0000000000000000000002', startedAt: 2 })]
  const parts = new Map([
    ['h1', { jobs: [{ ...young, state: 'running' as const }, old], asOf: 5, loading: false }],
    ['gone', { jobs: [job({ hostId: 'gone' })], asOf: 5, loading: false }],
  ])
  const live = [{ ...young, state: 'failed' as const }, job({ hostId: 'h2', startedAt: 9 })]
  const merged = mergeJobs(new Set(['h1', 'h2']), parts, live)
  expect(merged.map(({ hostId, state }) => `${hostId} ${state}`)).toEqual(['h2 running', 'h1 failed', 'h1 succeeded'])
})

it('waits for a host that has yet to say what it remembers, and for none that could not', () => {
  const ready = { connection: { phase: 'ready' as const, since: 1 } }
  const { problem } = new ProblemError('SESSION_REFUSED', 'sim-1 opens no further session.')
  expect(isAwaited(ready, undefined)).toBe(true)
  expect(isAwaited(ready, { jobs: [], loading: true })).toBe(true)
  expect(isAwaited(ready, { jobs: [], loading: false, problem })).toBe(false)
  expect(isAwaited(ready, { jobs: [], loading: true, asOf: 5 })).toBe(false)
  expect(isAwaited({ connection: { phase: 'idle' } }, undefined)).toBe(false)
})

it('exports who did what with which commands, and names the hosts that are away', () => {
  const evil = job({
    title: '=cmd|"x",\n2',
    by: 'anna',
    from: 'ws-3',
    endedAt: 1000,
    cancelledBy: 'ben@ws-2',
    state: 'cancelled',
  })
  const commands = [
    { command: `rm -f -- '/a, b'`, undo: false },
    { command: 'xl destroy 3', undo: true },
  ]
  const audits: HostAudit[] = [
    {
      host: 'dom0-a',
      jobs: [
        { job: evil, commands },
        { job: job({ title: 'Quiet' }), commands: [] },
      ],
    },
    { host: 'dom0-b', missing: new ProblemError('HOST_NOT_READY', 'dom0-b was not connected.').problem },
  ]
  const lines = auditCsv(audits).split('\r\n')
  expect(lines[0]).toBe('host,job,operation,title,targets,who,started,ended,state,cancelled by,rolled back by,kind,command')
  expect(lines[1]).toBe(
    `dom0-a,${evil.id},guest.clone,"'=cmd|""x"",\n2",web-08 web-09,anna@ws-3,1970-01-01T00:00:00.000Z,1970-01-01T00:00:01.000Z,cancelled,ben@ws-2,,command,"rm -f -- '/a, b'"`,
  )
  expect(lines[2]).toMatch(/,undo,xl destroy 3$/)
  expect(lines[3]).toMatch(/,Quiet,.*,running,,,job,$/)
  expect(lines[4]).toBe('dom0-b,,,Host not connected: dom0-b was not connected.,,,,,,,,missing,')
  const json = JSON.parse(auditJson(audits, { from: 0, to: 1000 }))
  expect(json).toMatchObject({
    hosts: ['dom0-a'],
    missing: [{ host: 'dom0-b' }],
    jobs: [{ title: evil.title, commands }, { ended: null }],
  })
})

it('writes a moment of another year as its day', () => {
  const now = new Date(2026, 10, 21, 15, 33).getTime()
  expect(momentWords(now, now)).toBe('21 Nov 15:33')
  expect(momentWords(new Date(2025, 9, 9, 12).getTime(), now)).toBe('9 Oct 2025')
})

it('takes only whole days that there are', () => {
  expect(dayStart(' 2026-11-20 ')).toBe(new Date(2026, 10, 20).getTime())
  for (const none of ['', '2026-02-31', '20.11.2026', '2026-13-01', '2026-11-20T00:00'])
    expect(dayStart(none), none).toBeUndefined()
})

it('finds words of a log as they are written, whatever their case', () => {
  expect(findAll('Xl create a.cfg\nxl list', 'XL')).toEqual([0, 16])
  expect(findAll('a.b aXb', 'a.b')).toEqual([0])
  expect(findAll('x', '')).toEqual([])
  expect(findAll('İi [', '[')).toEqual([3])
  expect(findAll('a'.repeat(5000), 'a')).toHaveLength(1000)
})
