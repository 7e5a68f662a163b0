import { expect, it } from 'vitest'
import type { Job } from '../../src-shared/models/job'
import { foldJobs, jobOf, needsPerson, trayJobs } from './store'
import { canCancel, clock, duration, outcome, stepFraction } from './words'

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
