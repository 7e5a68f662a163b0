import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Lock } from '../../src-shared/models/job'
import type { Operations } from './define'
import { Jobs } from './jobs'
import { hasEnded, launchPlan, planOf, tester } from './testing/launching'
import { type LocalHost, makeLocalHost } from './testing/local-host'
import { untilJob } from './testing/watching'

let host: LocalHost
let jobs: Jobs
beforeEach(() => {
  host = makeLocalHost()
  jobs = new Jobs({} as Operations)
})
afterEach(() => host.remove())

const alone: Lock[] = [{ name: 'guest-web', shared: false }]
const together: Lock[] = [{ name: 'base-debian', shared: true }]
/** Ends when the test makes the file `go`. */
const waits = `begin\nstep "Wait"\nrun sh -c 'until [ -e "$1" ]; do sleep 0.05; done' sh "$go"\n`
const quick = `begin\nstep "Quick"\n`
const go = (name: string) => join(host.folder, name)
const waiting = (title: string, locks: Lock[], file: string) =>
  launchPlan(jobs, host, planOf(waits, { title, locks, variables: { go: go(file) } }))
const atWork = (id: string) => untilJob(jobs, id, (job) => job.step === 0)

describe('locks', () => {
  it('let the second job wait, naming who holds it, and run when the first has ended', async () => {
    const first = await waiting('Clone web', alone, 'go-first')
    await atWork(first.id)
    const second = await launchPlan(jobs, host, planOf(quick, { title: 'Delete web', locks: alone }))
    const queued = await untilJob(jobs, second.id, (job) => job.state === 'queued' && job.waitingFor !== undefined)
    expect(queued).toMatchObject({
      waitingFor: { lock: 'guest-web', jobId: first.id, title: 'Clone web' },
      step: -1,
      left: 'pending',
    })
    expect(readFileSync(join(host.jobFolder(second.id), 'log'), 'utf8')).toMatch(
      /^Waiting for tester@here: Clone web \(step 1: Wait, since \d\d:\d\d\)$/m,
    )
    writeFileSync(go('go-first'), '')
    expect(await untilJob(jobs, first.id, hasEnded)).toMatchObject({ state: 'succeeded' })
    const ended = await untilJob(jobs, second.id, hasEnded)
    expect(ended).toMatchObject({ state: 'succeeded' })
    expect(ended.waitingFor).toBeUndefined()
    expect(readFileSync(join(host.folder, 'run', 'locks', 'guest-web'), 'utf8')).toBe(`${second.id} Delete web\n`)
  })

  it('let shared holders work together, and an exclusive one wait for the last of them', async () => {
    const first = await waiting('Clone one', together, 'go-first')
    const second = await waiting('Clone two', together, 'go-second')
    await atWork(first.id)
    await atWork(second.id)
    const third = await launchPlan(
      jobs,
      host,
      planOf(quick, { title: 'Delete base', locks: [{ name: 'base-debian', shared: false }] }),
    )
    await untilJob(jobs, third.id, (job) => job.waitingFor !== undefined)
    writeFileSync(go('go-second'), '')
    await untilJob(jobs, second.id, hasEnded)
    expect((await untilJob(jobs, third.id, () => true)).state).toBe('queued')
    writeFileSync(go('go-first'), '')
    expect(await untilJob(jobs, third.id, hasEnded)).toMatchObject({ state: 'succeeded' })
  })

  it('can be waited for no longer: a cancel while waiting ends the job and changes nothing', async () => {
    const first = await waiting('Clone web', alone, 'go-first')
    await atWork(first.id)
    const second = await launchPlan(jobs, host, planOf(quick, { locks: alone }))
    await untilJob(jobs, second.id, (job) => job.waitingFor !== undefined)
    await jobs.cancel(host, second.id, tester)
    expect(await untilJob(jobs, second.id, hasEnded)).toMatchObject({ state: 'cancelled', left: 'nothing', step: -1 })
    writeFileSync(go('go-first'), '')
    expect(await untilJob(jobs, first.id, hasEnded)).toMatchObject({ state: 'succeeded' })
  })

  it('are not kept by a daemon that a command leaves behind', async () => {
    const script = `begin\nstep "One"\nrun sh -c 'setsid sleep 300 >/dev/null 2>&1 & echo $! >"$1"' sh "$file"\n`
    const first = await launchPlan(jobs, host, planOf(script, { locks: alone, variables: { file: go('daemon') } }))
    expect(await untilJob(jobs, first.id, hasEnded)).toMatchObject({ state: 'succeeded' })
    const daemon = Number(readFileSync(go('daemon'), 'utf8'))
    expect(existsSync(`/proc/${daemon}`)).toBe(true)
    const second = await launchPlan(jobs, host, planOf(quick, { locks: alone }))
    expect(await untilJob(jobs, second.id, hasEnded)).toMatchObject({ state: 'succeeded' })
    process.kill(daemon, 'SIGKILL')
  })

  it('are held by the recovery too', async () => {
    const script = `begin\nstep "One"\nundo rm -f -- "$root/made"\nrun touch "$root/made"\nkill -9 $$\n`
    const dead = await launchPlan(jobs, host, planOf(script, { title: 'Dead one', locks: alone }))
    await untilJob(jobs, dead.id, hasEnded)
    const holder = await waiting('Holder', alone, 'go-holder')
    await atWork(holder.id)
    const recovered = jobs.recover(host, dead.id, tester)
    await expect.poll(() => readFileSync(join(host.jobFolder(dead.id), 'events'), 'utf8')).toContain('waiting guest-web')
    expect(existsSync(join(host.root, 'made'))).toBe(true)
    writeFileSync(go('go-holder'), '')
    await recovered
    expect(existsSync(join(host.root, 'made'))).toBe(false)
  })
})
