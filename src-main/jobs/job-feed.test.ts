import { describe, expect, it } from 'vitest'
import type { JobEvent } from '../../src-shared/contract/jobs'
import type { Job } from '../../src-shared/models/job'
import { JobFeed } from './job-feed'

const job = (id: string, step: number): Job => ({
  id,
  hostId: 'dom0',
  operation: 'guest.clone',
  title: 'Clone web',
  targets: ['web'],
  by: 'ada',
  from: 'desk',
  startedAt: 0,
  state: 'running',
  steps: ['Make'],
  step,
  ticks: [],
  result: {},
  left: 'pending',
})

describe('the feed of jobs', () => {
  it('gives a snapshot, then the newest of each job to a watcher that was slow', async () => {
    const feed = new JobFeed()
    feed.put(job('a', -1))
    const stop = new AbortController()
    const watching = feed.watch(stop.signal)
    expect((await watching.next()).value).toEqual({ type: 'snapshot', jobs: [job('a', -1)] })
    feed.put(job('a', 0))
    feed.put(job('b', 0))
    feed.put(job('a', 1))
    feed.remove('dom0', 'b')
    feed.remove('dom0', 'never-there')
    expect((await watching.next()).value).toEqual({ type: 'job', job: job('a', 1) })
    expect((await watching.next()).value).toEqual({ type: 'removed', hostId: 'dom0', jobId: 'b' })
    const next = watching.next()
    feed.put(job('c', 0))
    expect((await next).value).toEqual({ type: 'job', job: job('c', 0) })
    const last = watching.next()
    stop.abort()
    expect(await last).toEqual({ done: true, value: undefined } satisfies IteratorResult<JobEvent, void>)
  })
})
