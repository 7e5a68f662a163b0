import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Argv } from '../ssh/quote'
import type { Operations } from './define'
import { Jobs } from './jobs'
import { render } from './render'
import { hasEnded, launchPlan, planOf } from './testing/launching'
import { type LocalHost, makeLocalHost } from './testing/local-host'
import { untilJob } from './testing/watching'

let host: LocalHost
let jobs: Jobs
beforeEach(() => {
  host = makeLocalHost()
  jobs = new Jobs({} as Operations)
})
afterEach(() => host.remove())

/** Counts to `$last`, a line of log each, when the files `go-1` and `go-2` let it. */
const counts = `
begin
step "First half"
run sh -c 'echo first' sh
run sh -c 'until [ -e "$1/go-1" ]; do sleep 0.05; done; echo "grün"' sh "$root"
step "Second half"
progress 3 6 MB
run sh -c 'until [ -e "$1/go-2" ]; do sleep 0.05; done; echo last' sh "$root"
`
const go = (number: 1 | 2) => writeFileSync(join(host.root, `go-${number}`), '')
const logOf = async (by: Jobs, id: string) => {
  const texts: string[] = []
  for await (const { text } of by.log(host, id)) texts.push(text)
  return texts.join('')
}

describe('a lost link', () => {
  it('makes a running job unknown, never failed; when the host is back it is followed on, with its whole log', async () => {
    const started = await launchPlan(jobs, host, planOf(counts))
    await untilJob(jobs, started.id, (job) => job.step === 0)
    const log = logOf(jobs, started.id)
    host.cut()
    const lost = await untilJob(jobs, started.id, (job) => job.state !== 'running')
    expect(lost).toMatchObject({ state: 'unknown', left: 'pending', step: 0 })
    expect(lost.problem).toBeUndefined()
    go(1)
    host.join()
    await jobs.adopt(host)
    expect(await untilJob(jobs, started.id, (job) => job.step === 1)).toMatchObject({ state: 'running' })
    go(2)
    const job = await untilJob(jobs, started.id, hasEnded)
    expect(job).toMatchObject({ state: 'succeeded', progress: { done: 3, total: 6, unit: 'MB' } })
    expect(await log).toBe(readFileSync(join(host.jobFolder(started.id), 'log'), 'utf8'))
  })

  it('does not hide how the job ended meanwhile', async () => {
    const started = await launchPlan(jobs, host, planOf(counts))
    await untilJob(jobs, started.id, (job) => job.step === 0)
    host.cut()
    await untilJob(jobs, started.id, (job) => job.state === 'unknown')
    go(1)
    go(2)
    await expect.poll(() => existsSync(join(host.jobFolder(started.id), 'status'))).toBe(true)
    host.join()
    await jobs.adopt(host)
    expect(await untilJob(jobs, started.id, hasEnded)).toMatchObject({ state: 'succeeded', left: 'finished' })
  })

  it('while starting says that nobody knows, and the next look tells', async () => {
    const plan = planOf(counts)
    const starting = launchPlan(jobs, host, plan)
    // The job has begun, and the answer is still under way or just here.
    await expect.poll(() => existsSync(join(host.folder, 'state', 'jobs'))).toBe(true)
    host.cut()
    const outcome = await starting.catch((thrown: unknown) => thrown)
    host.join()
    const folders = readdirSync(join(host.folder, 'state', 'jobs')).filter((name) => !name.endsWith('.new'))
    await jobs.adopt(host)
    if (folders.length === 0) {
      expect(outcome).toMatchObject({ code: 'CONNECTION_LOST' })
      return
    }
    go(1)
    go(2)
    expect(await untilJob(jobs, folders[0]!, hasEnded)).toMatchObject({ state: 'succeeded' })
  })
})

const anna = { by: 'anna', from: 'ws-3' }
const ben = { by: 'ben', from: 'ws-2' }

describe('another Domdeck', () => {
  it('looks up what a host announces, many in one question, and follows what runs', async () => {
    const started = await Promise.all([1, 2, 3].map((one) => launchPlan(jobs, host, planOf(counts, { title: `Count ${one}` }))))
    expect(readFileSync(join(host.folder, 'run/jobs'), 'utf8').trim().split('\n').sort()).toEqual(
      started.map((job) => job.id).sort(),
    )
    let questions = 0
    const ask = (argv: Argv) => {
      questions += 1
      return host.ask(argv)
    }
    const counting = Object.assign(Object.create(host), { ask }) as LocalHost
    const other = new Jobs({} as Operations)
    for (const { id } of started) other.announced(counting, id)
    for (const { id, title } of started)
      expect(await untilJob(other, id, (job) => job.step === 0)).toMatchObject({ title, state: 'running' })
    expect(questions).toBeLessThan(3)
    // A second announcement of what is followed is no question.
    for (const { id } of started) other.announced(counting, id)
    expect(questions).toBeLessThan(3)
    for (const { id } of started) await other.cancel(host, id, ben)
    for (const { id } of started) await untilJob(other, id, hasEnded)
  })

  it('cancels the same job at the same moment: it ends once, and neither is told of a failure', async () => {
    const started = await launchPlan(jobs, host, planOf(counts))
    const other = new Jobs({} as Operations)
    await other.adopt(host)
    await untilJob(other, started.id, (job) => job.step === 0)
    await Promise.all([
      jobs.cancel(host, started.id, anna),
      other.cancel(host, started.id, ben),
      jobs.cancel(host, started.id, anna),
    ])
    for (const each of [jobs, other]) {
      const ended = await untilJob(each, started.id, hasEnded)
      expect(ended).toMatchObject({ state: 'cancelled', left: 'nothing' })
      expect(['anna@ws-3', 'ben@ws-2']).toContain(ended.cancelledBy)
    }
    const events = readFileSync(join(host.jobFolder(started.id), 'events'), 'utf8')
    expect(events.match(/^ended /gm)).toHaveLength(1)
    expect(events.match(/^undoing$/gm)).toHaveLength(1)
  })

  it('rolls back the same dead job at the same moment: the undo runs once', async () => {
    const script = `begin\nstep "One"\nundo sh -c 'echo undone >>"$1"' sh "$root/undone"\nkill -9 $$\n`
    const dead = await launchPlan(jobs, host, planOf(script))
    await untilJob(jobs, dead.id, hasEnded)
    const other = new Jobs({} as Operations)
    await other.adopt(host)
    const ends = await Promise.allSettled([jobs.recover(host, dead.id, anna), other.recover(host, dead.id, ben)])
    // Who comes while the other is at it is told so; who comes after it finds nothing to do.
    const refused = ends.filter((end) => end.status === 'rejected').map((end) => end.reason)
    expect(refused.length).toBeLessThan(2)
    for (const reason of refused) {
      expect(reason).toMatchObject({ code: 'BUSY' })
      expect(reason.message).toMatch(/^(anna@ws-3|ben@ws-2) is rolling this job back\.$/)
    }
    expect(readFileSync(join(host.root, 'undone'), 'utf8')).toBe('undone\n')
    for (const each of [jobs, other])
      expect(await untilJob(each, dead.id, (job) => job.left === 'nothing')).toMatchObject({ state: 'interrupted' })
  })

  it('says who rolls a job back to somebody who wants to do it too, while it lasts', async () => {
    const script = `begin\nstep "One"\nundo sh -c 'until [ -e "$1" ]; do sleep 0.05; done' sh "$root/go"\nkill -9 $$\n`
    const dead = await launchPlan(jobs, host, planOf(script))
    await untilJob(jobs, dead.id, hasEnded)
    const first = jobs.recover(host, dead.id, anna)
    const other = new Jobs({} as Operations)
    await expect.poll(() => readFileSync(join(host.jobFolder(dead.id), 'events'), 'utf8')).toContain('undoing')
    await other.adopt(host)
    expect(await untilJob(other, dead.id, (job) => job.recoveredBy !== undefined)).toMatchObject({
      state: 'cancelling',
      recoveredBy: 'anna@ws-3',
    })
    await expect(other.recover(host, dead.id, ben)).rejects.toMatchObject({
      code: 'BUSY',
      message: 'anna@ws-3 is rolling this job back.',
    })
    writeFileSync(join(host.root, 'go'), '')
    await first
    expect(await untilJob(other, dead.id, hasEnded)).toMatchObject({ state: 'interrupted', left: 'nothing' })
  })

  it('adopts a running job, follows it, and can cancel it; forgetting the host removes it', async () => {
    const started = await launchPlan(jobs, host, planOf(counts, { title: 'Count' }))
    const other = new Jobs({} as Operations)
    await other.adopt(host)
    expect(await untilJob(other, started.id, (job) => job.step === 0)).toMatchObject({ state: 'running', title: 'Count' })
    expect(await other.history(host)).toMatchObject([{ id: started.id, state: 'running' }])
    await other.cancel(host, started.id, ben)
    expect(await untilJob(jobs, started.id, hasEnded)).toMatchObject({ state: 'cancelled', cancelledBy: 'ben@ws-2' })
    expect(await untilJob(other, started.id, hasEnded)).toMatchObject({ state: 'cancelled' })
    other.forget('local')
    const stop = new AbortController()
    for await (const event of other.watch(stop.signal)) {
      expect(event).toEqual({ type: 'snapshot', jobs: [] })
      break
    }
  })

  it('shows a job whose folder has been removed by hand no longer', async () => {
    const started = await launchPlan(jobs, host, planOf(counts))
    await untilJob(jobs, started.id, (job) => job.step === 0)
    const leader = Number(readFileSync(join(host.jobFolder(started.id), 'pid'), 'utf8').split(' ')[0])
    host.cut()
    await untilJob(jobs, started.id, (job) => job.state === 'unknown')
    process.kill(-leader, 'SIGKILL')
    rmSync(host.jobFolder(started.id), { recursive: true })
    host.join()
    await jobs.adopt(host)
    expect(await jobs.history(host)).toEqual([])
    for await (const event of jobs.watch()) {
      expect(event).toEqual({ type: 'snapshot', jobs: [] })
      break
    }
  })
})

describe('by hand', () => {
  it('the standalone text runs with sh, keeps a journal that Domdeck shows, and can be rolled back', async () => {
    const script = `begin\nstep "One"\nundo rm -f -- "$root/made"\nrun touch "$root/made"\n[ -e "$root/go-1" ] || kill -9 $$\n`
    const { standalone } = render(planOf(script, { title: 'By hand' }), host.root)
    const file = join(host.folder, 'by-hand.sh')
    writeFileSync(file, standalone)
    const env = { PATH: process.env.PATH, DOMDECK_STATE: join(host.folder, 'state'), DOMDECK_RUN: join(host.folder, 'run') }
    const runs = () => new Promise((resolve) => spawn('sh', [file], { env, stdio: 'ignore' }).on('close', resolve))
    await runs()
    await jobs.adopt(host)
    const [dead] = await jobs.history(host)
    expect(dead).toMatchObject({ title: 'By hand', from: 'by hand', state: 'interrupted', left: 'pending' })
    const recovery = spawnSync('sh', [join(host.jobFolder(dead!.id), 'job.sh'), 'recover'], { env })
    expect(recovery.stdout.toString()).toBe('Rolled back.\n')
    expect(existsSync(join(host.root, 'made'))).toBe(false)
    const again = spawnSync('sh', [join(host.jobFolder(dead!.id), 'job.sh')], { env })
    expect(again.stderr.toString()).toContain('it runs once')
    go(1)
    expect(await runs()).toBe(0)
    expect(await jobs.history(host)).toMatchObject([{ state: 'succeeded' }, { state: 'interrupted', left: 'nothing' }])
  })
})

const mount = mkdtempSync(join(tmpdir(), 'domdeck-full-'))
const canMount =
  process.getuid?.() === 0 && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'domdeck-test', mount]).status === 0
if (canMount) spawnSync('umount', [mount])
afterAll(() => rmSync(mount, { recursive: true }))

describe.skipIf(!canMount)('a full disk (needs root, for a file system of 1 MB)', () => {
  let full: LocalHost
  beforeEach(() => {
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'domdeck-test', mount])
    full = makeLocalHost(mount, 'full')
  })
  afterEach(() => {
    spawnSync('umount', [mount])
  })

  it('fails the job with the words of the command, undoes it, and still writes how it ended', async () => {
    const script = `begin\nstep "Copy"\nundo rm -f -- "$root/big"\nrun dd if=/dev/zero of="$root/big" bs=64k count=100\n`
    const started = await launchPlan(jobs, full, planOf(script))
    const job = await untilJob(jobs, started.id, hasEnded)
    expect(job).toMatchObject({ state: 'failed', left: 'nothing', problem: { code: 'COMMAND_FAILED' } })
    expect(job.problem?.context?.output).toContain('No space left on device')
    expect(job.problem?.hint).toMatch(/^dd: .*: No space left on device\. Make room there, then run it again\.$/)
    expect(readdirSync(full.root)).toEqual([])
  })

  it('fails the job before the act when the undo cannot be written, even if all space is gone for good', async () => {
    const script = `
begin
step "Fill"
cat /dev/zero >"$root/foreign" 2>/dev/null || :
step "Act"
long=$(head -c 5000 /dev/zero | tr '\\0' x)
undo rm -f -- "$root/made-$long" "$root/made"
touch "$root/made"
`
    const started = await launchPlan(jobs, full, planOf(script))
    const job = await untilJob(jobs, started.id, hasEnded)
    expect(job.state).toBe('failed')
    expect(job.problem).toMatchObject({ code: 'JOB_FAILED', detail: expect.stringContaining('file system may be full') })
    expect(existsSync(join(full.root, 'made'))).toBe(false)
  })

  it('refuses a job that it cannot keep', async () => {
    spawnSync('dd', ['if=/dev/zero', `of=${join(full.root, 'foreign')}`, 'bs=64k'])
    await expect(launchPlan(jobs, full, planOf(counts))).rejects.toMatchObject({ code: 'JOB_FAILED' })
    expect(await jobs.history(full)).toEqual([])
  })
})
