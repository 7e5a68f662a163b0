import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jobSchema } from '../../src-shared/models/job'
import { foldEvents, foldLine, type JobSighting, nothingFolded, toJob } from './events'

const seen: JobSighting = {
  id: '01KAHV6M00ZZZZZZZZZZZZZZZZ',
  hostId: 'dom0',
  about: { operation: 'guest.clone', title: 'Clone web', targets: ['web'], steps: ['Make', 'Start'], by: 'ada', from: 'desk' },
  life: 'alive',
  undoLeft: true,
  skewMs: 0,
  cancelAsked: false,
}

const clone = `started 1795246012
waiting base-debian 01KAHV6M00ZZZZZZZZZZZZZZZY Import debian 12
running
step 1 Make
progress 10 100 MB
tick web queued
tick web running its layer
progress 60 100 MB
step 2 Start
tick web done
result uuid 3f0c6f4e-7a0e-4f1c-9d55-5f0f8a1f1b07
ended succeeded 1795246042
`

describe('folding events', () => {
  it('tells step, progress, ticks, result and times', () => {
    const job = toJob({ ...seen, status: 'succeeded', undoLeft: false }, foldEvents(clone))
    expect(job).toMatchObject({
      state: 'succeeded',
      left: 'finished',
      step: 1,
      ticks: [{ name: 'web', state: 'done' }],
      result: { uuid: '3f0c6f4e-7a0e-4f1c-9d55-5f0f8a1f1b07' },
      startedAt: 1795246012000,
      endedAt: 1795246042000,
    })
    expect(job.progress).toBeUndefined()
    expect(jobSchema.parse(job)).toEqual(job)
  })

  it('shows times by our clock', () => {
    expect(toJob({ ...seen, skewMs: 3_600_000 }, foldEvents(clone)).startedAt).toBe(1795246012000 - 3_600_000)
  })

  it('is queued while it waits for a lock, and says for whom', () => {
    const lines = clone.split('\n')
    const waiting = toJob(seen, foldEvents(lines.slice(0, 2).join('\n')))
    expect(waiting).toMatchObject({ state: 'queued', waitingFor: { lock: 'base-debian', title: 'Import debian 12' }, step: -1 })
    expect(toJob(seen, foldEvents(lines.slice(0, 3).join('\n')))).toMatchObject({ state: 'running' })
  })

  it('says who asked for its cancel, and who rolls it back', () => {
    const lines = 'started 1795246012\nrunning\nstep 1 Make\n'
    const cancelled = toJob(seen, foldEvents(`${lines}cancel-asked anna@ws-3\ncancel-asked ben@ws-2\n`))
    expect(cancelled).toMatchObject({ state: 'cancelling', cancelledBy: 'anna@ws-3' })
    const recovering = foldEvents(`${lines}\nrecovering ben@ws-2\nundoing\n`)
    expect(toJob(seen, recovering)).toMatchObject({ state: 'cancelling', recoveredBy: 'ben@ws-2' })
    expect(toJob({ ...seen, life: 'dead' }, recovering)).toMatchObject({ state: 'interrupted', recoveredBy: 'ben@ws-2' })
  })

  it.each(['failed', 'cancelled', 'recovered', undefined])('shows nothing as running in a job that ended as %s', (status) => {
    const dead = { ...seen, life: 'dead' as const, ...(status ? { status } : {}) }
    const lines = 'tick one done\ntick two running its layer\ntick three queued\n'
    expect(toJob(dead, foldEvents(lines)).ticks).toEqual([
      { name: 'one', state: 'done' },
      { name: 'two', state: 'failed', note: 'stopped here' },
      { name: 'three', state: 'queued' },
    ])
    expect(toJob(seen, foldEvents(lines)).ticks[1]).toMatchObject({ state: 'running' })
  })

  it('keeps the first reason of a failure, with the command and its output', () => {
    const job = toJob(
      { ...seen, status: 'failed', undoLeft: false },
      foldEvents(
        'command 3 xl create web.cfg\noutput libxl: error: \u001b[31mno memory\noutput again\nfail COMMAND_FAILED\nwhat xl failed\nhint Read.\nfail JOB_FAILED\nwhat x\nhint y\n',
      ),
    )
    expect(job).toMatchObject({ state: 'failed', left: 'nothing' })
    expect(job.problem).toMatchObject({
      code: 'COMMAND_FAILED',
      detail: 'xl failed',
      hint: 'Read.',
      context: { command: 'xl create web.cfg', exitCode: 3, output: 'libxl: error:  [31mno memory\nagain' },
    })
  })

  it('takes a code it does not know for a failed job', () => {
    const job = toJob({ ...seen, status: 'failed', undoLeft: false }, foldEvents('fail WHATEVER\nwhat It broke.\nhint Look.\n'))
    expect(job.problem).toMatchObject({ code: 'JOB_FAILED', detail: 'It broke.' })
  })

  it.each([
    ['alive', undefined, true, 'running', 'pending'],
    ['lost', undefined, true, 'unknown', 'pending'],
    ['new', undefined, false, 'queued', 'pending'],
    ['dead', undefined, true, 'interrupted', 'pending'],
    ['dead', undefined, false, 'interrupted', 'nothing'],
    ['dead', 'recovered', false, 'interrupted', 'nothing'],
    ['dead', 'recovered', true, 'interrupted', 'unclear'],
    ['dead', 'failed', false, 'failed', 'nothing'],
    ['dead', 'failed', true, 'failed', 'unclear'],
    ['dead', 'cancelled', false, 'cancelled', 'nothing'],
    ['dead', 'cancelled', true, 'cancelled', 'unclear'],
    ['lost', 'succeeded', true, 'succeeded', 'finished'],
    ['dead', 'nonsense', true, 'interrupted', 'pending'],
  ] as const)('a job that is %s with status %s and undo left %s is %s, %s', (life, status, undoLeft, state, left) => {
    const job = toJob({ ...seen, life, undoLeft, ...(status ? { status } : {}) }, nothingFolded)
    expect(job).toMatchObject({ state, left })
  })

  it.each([
    ['failed', false, 'failed', 'some'],
    ['failed', true, 'failed', 'unclear'],
    ['cancelled', false, 'cancelled', 'some'],
    ['recovered', false, 'interrupted', 'some'],
    [undefined, false, 'interrupted', 'some'],
    [undefined, true, 'interrupted', 'pending'],
    ['succeeded', false, 'succeeded', 'finished'],
  ] as const)('after what cannot be undone, status %s with undo left %s is %s, %s', (status, undoLeft, state, left) => {
    const job = toJob({ ...seen, life: 'dead', undoLeft, ...(status ? { status } : {}) }, foldEvents('stays\n'))
    expect(job).toMatchObject({ state, left })
    expect(job.problem?.detail ?? '').not.toContain('Nothing of it is left')
  })

  it('never takes events alone for an end: the status file decides', () => {
    expect(toJob(seen, foldEvents(clone)).state).toBe('running')
    expect(toJob({ ...seen, life: 'lost' }, foldEvents(clone)).state).toBe('unknown')
  })

  const word = fc.constantFrom(
    'started',
    'waiting',
    'running',
    'step',
    'progress',
    'tick',
    'result',
    'command',
    'output',
    'fail',
    'what',
    'hint',
    'cancelling',
    'cancel-asked',
    'recovering',
    'undoing',
    'undo-failed',
    'undo-done',
    'ended',
  )
  const rest = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('1', '1 2', '2 1 MB', '-1 3 x', 'a done', '__proto__ x', '99999999999999999999 1'),
  )
  const line = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.tuple(word, rest).map(([first, second]) => `${first} ${second}`),
  )

  it('makes a valid job of any lines, and of any part of them', () => {
    fc.assert(
      fc.property(fc.array(line), fc.nat(), fc.constantFrom('alive', 'dead', 'new', 'lost'), (lines, cut, life) => {
        const text = lines.join('\n')
        for (const part of [text, text.slice(0, cut % (text.length + 1))]) {
          const job = toJob({ ...seen, life }, foldEvents(part))
          expect(jobSchema.parse(job)).toEqual(job)
        }
      }),
    )
  })

  it('never goes back: neither the step, nor the progress within a step', () => {
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        let folded = nothingFolded
        for (const next of lines) {
          const before = folded
          folded = foldLine(folded, next)
          expect(folded.step).toBeGreaterThanOrEqual(before.step)
          const [one, two] = [before.progress, folded.progress]
          if (folded.step === before.step && one && two && one.total === two.total && one.unit === two.unit) {
            expect(two.done).toBeGreaterThanOrEqual(one.done)
          }
          if (two) expect(two.done).toBeLessThanOrEqual(two.total)
        }
      }),
    )
  })
})
