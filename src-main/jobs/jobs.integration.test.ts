import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ulid } from 'ulid'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Job } from '../../src-shared/models/job'
import { defineOperation, type Operations, type Plan } from './define'
import { Jobs } from './jobs'
import { withCuts } from './testing/faults'
import { hasEnded, launchPlan, planOf, tester } from './testing/launching'
import { type LocalHost, makeLocalHost } from './testing/local-host'
import { untilJob } from './testing/watching'

const noOperations = {} as Operations

const demoScript = `
drop() {
  rm -rf -- "$1"
}
begin
for item in $items; do
  step "Make $item"
  undo drop "$root/$item"
  run mkdir -- "$root/$item"
  undo_batch rm -f -- "$root/$item/a"
  undo_batch rm -f -- "$root/$item/it's b"
  run touch -- "$root/$item/a"
  printf 'b\\n' >"$root/$item/it's b"
  tick "$item" done "made"
done
step "Look"
capture listing ls -- "$root"
result listing "$listing"
`

const demo = planOf(demoScript, {
  title: 'Demo one, two',
  steps: ['Make one', 'Make two', 'Look'],
  variables: { items: 'one two' },
})

let host: LocalHost
let jobs: Jobs
beforeEach(() => {
  host = makeLocalHost()
  jobs = new Jobs(noOperations)
})
afterEach(() => host.remove())

const launch = (plan: Plan, change?: (text: string) => string) => launchPlan(jobs, host, plan, change)

const inJob = (job: Job, file: string) => join(host.jobFolder(job.id), file)
const read = (job: Job, file: string) => readFileSync(inJob(job, file), 'utf8')
const leaderOf = (job: Job) => Number(read(job, 'pid').split(' ')[0])
/** Every file a job of this test may have made. */
const traces = () => readdirSync(host.root)

describe('a job', () => {
  it('runs its steps, tells them, and leaves its result and no undo', async () => {
    const started = await launch(demo)
    const job = await untilJob(jobs, started.id, hasEnded)
    expect(job).toMatchObject({
      state: 'succeeded',
      left: 'finished',
      step: 2,
      steps: ['Make one', 'Make two', 'Look'],
      result: { listing: 'one two' },
      by: 'tester',
      from: 'here',
      ticks: [
        { name: 'one', state: 'done', note: 'made' },
        { name: 'two', state: 'done', note: 'made' },
      ],
    })
    expect(job.problem).toBeUndefined()
    expect(job.endedAt).toBeGreaterThanOrEqual(job.startedAt)
    expect(traces()).toEqual(['one', 'two'])
    expect(read(job, 'status').trim()).toBe('succeeded')
    expect(read(job, 'undo')).toBe('')
    expect(read(job, 'log')).toContain(`$ mkdir -- ${host.root}/one\n`)
  })

  it('starts as its operation declares it, and does what its preview shows', async () => {
    const operation = defineOperation({
      id: 'guest.start',
      title: (input) => `Start ${input.name}`,
      targets: (input) => [input.name],
      steps: (input) => [`Greet ${input.name}`],
      locks: (input) => [{ name: `guest-${input.name}`, shared: false }],
      danger: 'none',
      variables: (input) => ({ name: input.name }),
      script: 'begin\nstep "Greet $name"\nresult greeting "hello $name"\n',
    })
    const own = new Jobs({ ...noOperations, 'guest.start': operation })
    const call = { operation: 'guest.start' as const, input: { name: 'web', configPath: '/etc/xen/web.cfg' } }
    const preview = own.preview(host, call)
    expect(preview).toMatchObject({ steps: ['Greet web'], locks: [{ name: 'guest-web', shared: false }], danger: 'none' })
    expect(preview.script).toContain('name=web\n')
    const started = await own.start(host, call, { by: 'ada', from: 'desk' })
    const job = await untilJob(own, started.id, hasEnded)
    expect(job).toMatchObject({ title: 'Start web', targets: ['web'], by: 'ada', result: { greeting: 'hello web' } })
    expect(await own.script(host, job.id)).toBe(preview.standalone)
    expect(await own.detail(host, job.id)).toEqual({ script: preview.script, standalone: preview.standalone, call })
  })

  it('can be run again with the same input and taken back where its operation says how', async () => {
    const operation = defineOperation({
      id: 'guest.start',
      title: (input) => `Start ${input.name}`,
      targets: (input) => [input.name],
      steps: () => [],
      locks: () => [],
      danger: 'none',
      inverse: ({ name }, { result }) => [{ operation: 'guest.destroy', input: { name, uuid: result.uuid ?? '' } }],
      outdated: ({ name }, { guests }) => (guests.size === 0 ? undefined : `${name} is there.`),
      variables: (input) => ({ name: input.name }),
      script: 'begin\nresult uuid 0a000000-1111-4111-8111-111111111111\n[ "$name" != bad ] || fail BUSY "No." "Wait."\n',
    })
    const own = new Jobs({ ...noOperations, 'guest.start': operation })
    const input = { name: `it's $(reboot)`, configPath: '/etc/xen/web.cfg' }
    const call = { operation: 'guest.start' as const, input }
    const started = await own.start(host, call, tester)
    await untilJob(own, started.id, hasEnded)
    const uuid = '0a000000-1111-4111-8111-111111111111'
    const inverse = [{ operation: 'guest.destroy', input: { name: input.name, uuid } }]
    const detail = await own.detail(host, started.id)
    expect(detail).toMatchObject({ call, inverse })
    expect(detail.outdated).toBeUndefined()
    const guest = { hostId: 'local', id: uuid, name: 'web', state: 'halted' as const, memoryMb: 1, vcpus: 1, disks: [], nics: [] }
    const crowded = Object.assign(Object.create(host), { guests: new Map([[uuid, guest]]) }) as LocalHost
    expect((await own.detail(crowded, started.id)).outdated).toBe(`it's $(reboot) is there.`)
    const failed = await own.start(host, { ...call, input: { ...input, name: 'bad' } }, tester)
    await untilJob(own, failed.id, hasEnded)
    expect((await own.detail(host, failed.id)).inverse).toBeUndefined()
    await expect(own.detail(host, ulid())).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('is in the audit with every command it ran, those of its undo among them', async () => {
    const script = `begin\nstep "One"\nundo rm -f -- "$root/made"\nrun touch "$root/made"\nrun sh -c 'echo "not a command"; exit 3'\n`
    const before = Date.now()
    const first = await launch(demo)
    await untilJob(jobs, first.id, hasEnded)
    const started = await launch(planOf(script))
    await untilJob(jobs, started.id, hasEnded)
    const audited = await jobs.audit(host, { from: before - 60_000, to: Date.now() + 60_000 })
    expect(audited.map(({ job }) => job.id)).toEqual([first.id, started.id])
    expect(audited[1]?.commands).toEqual([
      { command: `touch ${host.root}/made`, undo: false },
      { command: `sh -c 'echo "not a command"; exit 3'`, undo: false },
      { command: `rm -f -- ${host.root}/made`, undo: true },
    ])
    expect(await jobs.audit(host, { from: 0, to: before - 60_000 })).toEqual([])
  })

  it('is in the history of the host, with its script and its log, for somebody who did not start it', async () => {
    const started = await launch(demo)
    await untilJob(jobs, started.id, hasEnded)
    const elsewhere = new Jobs(noOperations)
    const [job] = await elsewhere.history(host)
    expect(job).toMatchObject({ id: started.id, state: 'succeeded', left: 'finished', title: 'Demo one, two', by: 'tester' })
    expect(await elsewhere.script(host, started.id)).toContain('step "Make $item"')
    const texts: string[] = []
    for await (const { text } of elsewhere.log(host, started.id)) texts.push(text)
    expect(texts.join('')).toContain('$ touch -- ')
    await expect(elsewhere.script(host, ulid())).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('undoes in reverse when a step fails, and says which command failed with which words', async () => {
    const script = `begin
step "First"
undo sh -c 'echo undo-first >>"$1"' sh "$root/order"
run touch "$root/order"
step "Second"
undo sh -c 'echo undo-second >>"$1"' sh "$root/order"
run sh -c 'echo before; echo "no such thing" >&2; exit 7'
`
    const started = await launch(planOf(script))
    const job = await untilJob(jobs, started.id, hasEnded)
    expect(job).toMatchObject({ state: 'failed', left: 'nothing', step: 1 })
    expect(job.problem).toMatchObject({ code: 'COMMAND_FAILED', context: { exitCode: 7, output: 'before\nno such thing' } })
    expect(job.problem?.context?.command).toContain('exit 7')
    expect(readFileSync(join(host.root, 'order'), 'utf8')).toBe('undo-second\nundo-first\n')
  })

  it('says the script its own words of failure', async () => {
    const script = `begin\nstep "Check"\nfail PREFLIGHT_FAILED "Guest web-08 exists already." "Choose another name."\n`
    const started = await launch(planOf(script))
    const job = await untilJob(jobs, started.id, hasEnded)
    expect(job.problem).toMatchObject({
      code: 'PREFLIGHT_FAILED',
      detail: 'Guest web-08 exists already.',
      hint: 'Choose another name.',
    })
  })

  it.each([
    ['a failed act of the shell', 'echo x >"$root/no/such/folder"'],
    ['an unset variable', 'echo "$no_such_variable"'],
    ['an end without finish', 'exit 0'],
    ['a syntax error', 'if then'],
  ])('fails and undoes on %s', async (_, line) => {
    const script = `begin\nstep "One"\nundo rm -f -- "$root/made"\nrun touch "$root/made"\n${line}\n`
    const started = await launch(planOf(script))
    const job = await untilJob(jobs, started.id, hasEnded)
    expect(job).toMatchObject({ state: 'failed', left: 'nothing', problem: { code: 'JOB_FAILED' } })
    expect(traces()).toEqual([])
  })

  it('goes on with the undo when a line of it fails, and says that something is left', async () => {
    const script = `begin
step "One"
undo rm -f -- "$root/made"
run touch "$root/made"
undo test ! -e "$root/stuck"
run touch "$root/stuck"
run false
`
    const started = await launch(planOf(script))
    const job = await untilJob(jobs, started.id, hasEnded)
    expect(job).toMatchObject({ state: 'failed', left: 'unclear' })
    expect(job.problem?.detail).toContain(`test '!' -e ${host.root}/stuck`)
    expect(traces()).toEqual(['stuck'])

    await expect(jobs.recover(host, job.id, tester)).rejects.toMatchObject({ code: 'JOB_FAILED' })
    spawnSync('rm', [join(host.root, 'stuck')])
    await jobs.recover(host, job.id, tester)
    expect(await untilJob(jobs, job.id, (seen) => seen.left === 'nothing')).toMatchObject({ state: 'failed' })
    expect(read(job, 'undo')).toBe('')
  })

  it('is refused with the reason when the host cannot keep it, and leaves no folder', async () => {
    writeFileSync(join(host.folder, 'state'), 'a file where a folder must be')
    await expect(launch(demo)).rejects.toMatchObject({
      code: 'JOB_FAILED',
      message: expect.stringContaining('state'),
    })
    await expect(jobs.history(host)).resolves.toEqual([])
  })

  it('keeps the newest 200 ended jobs, and those whose undo has not run', async () => {
    const ids = Array.from({ length: 205 }, (_, index) => ulid(index + 1))
    for (const [index, id] of ids.entries()) {
      mkdirSync(host.jobFolder(id), { recursive: true })
      writeFileSync(join(host.jobFolder(id), 'status'), index === 1 ? 'failed\n' : 'succeeded\n')
      writeFileSync(join(host.jobFolder(id), 'job.json'), '{}')
      if (index === 1) writeFileSync(join(host.jobFolder(id), 'undo'), 'true\n')
    }
    const started = await launch(demo)
    await untilJob(jobs, started.id, hasEnded)
    const kept = readdirSync(join(host.folder, 'state', 'jobs'))
    expect(kept).toHaveLength(201)
    expect(kept).toContain(ids[1])
    expect(kept).not.toContain(ids[0])
    expect(kept).not.toContain(ids[5])
    expect(kept).toContain(ids[6])
  })
})

describe('cancel', () => {
  it('ends a long child at once, undoes, and is no failure', async () => {
    const script = `begin\nstep "Wait"\nundo rm -f -- "$root/made"\nrun touch "$root/made"\nrun sleep 300\n`
    const started = await launch(planOf(script))
    await untilJob(jobs, started.id, (job) => job.step === 0)
    await expect.poll(traces).toEqual(['made'])
    await jobs.cancel(host, started.id, tester)
    const job = await untilJob(jobs, started.id, hasEnded)
    expect(job).toMatchObject({ state: 'cancelled', left: 'nothing' })
    expect(job.problem).toBeUndefined()
    expect(traces()).toEqual([])
    await expect(jobs.cancel(host, started.id, tester)).resolves.toBeUndefined()
    await expect(jobs.cancel(host, ulid(), tester)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('leaves no trace at whatever point it comes', async () => {
    for (let at = 1; ; at += 1) {
      const started = await launch(demo, (text) => withCuts(text, [{ at, in: 'run', signal: 'TERM' }]))
      const job = await untilJob(jobs, started.id, hasEnded)
      const where = `cut point ${at}`
      if (job.state === 'succeeded') {
        // Too late to cancel, or past the last point.
        expect(traces(), where).toEqual(['one', 'two'])
        expect(at).toBeGreaterThan(40)
        return
      }
      expect(job, where).toMatchObject({ state: 'cancelled', left: 'nothing' })
      expect(traces(), where).toEqual([])
    }
  }, 240_000)
})

describe('a job that is killed', () => {
  it('leaves no trace after its recovery, at whatever point it is killed, and at whatever point the recovery is killed first', async () => {
    const small = { ...demo, variables: { items: 'one' }, steps: ['Make one', 'Look'] }
    let recoveryAt = 1
    for (let at = 1; ; at += 1) {
      const started = await launch(small, (text) =>
        withCuts(text, [
          { at, in: 'run', signal: 'KILL' },
          { at: recoveryAt, in: 'recover', signal: 'KILL' },
        ]),
      ).catch((thrown: unknown) => {
        if (thrown instanceof Error) return thrown
        throw thrown
      })
      const where = `killed at ${at}, recovery killed at ${recoveryAt}`
      if (started instanceof Error) {
        // Dead before its journal began: refused, and no folder left.
        expect(started.message, where).toContain('ended before it began')
        expect(traces(), where).toEqual([])
        continue
      }
      const { id } = started
      const job = await untilJob(jobs, id, hasEnded)
      if (job.state === 'succeeded') {
        expect(traces(), where).toEqual(['one'])
        spawnSync('rm', ['-rf', join(host.root, 'one')])
        if (!existsSync(inJob(job, `cut-run-${at}`))) {
          expect(at).toBeGreaterThan(30)
          return
        }
        continue
      }
      expect(job.state, where).toBe('interrupted')
      expect(job.problem?.code, where).toBe('JOB_INTERRUPTED')
      await jobs.recover(host, id, tester).catch((thrown: unknown) => {
        if (!existsSync(inJob(job, `cut-recover-${recoveryAt}`))) throw thrown
      })
      recoveryAt = existsSync(inJob(job, `cut-recover-${recoveryAt}`)) ? recoveryAt + 1 : 1
      await jobs.recover(host, id, tester)
      const after = await untilJob(jobs, id, (seen) => seen.left === 'nothing')
      expect(after.state, where).toBe('interrupted')
      expect(traces(), where).toEqual([])
      expect(read(job, 'status').trim(), where).toBe('recovered')
    }
  }, 240_000)

  it('has its undo on disk before the act, and no act without it', async () => {
    const script = `begin\nstep "One"\nundo rm -f -- "$root/made"\nkill -9 $$\ntouch "$root/made"\n`
    const started = await launch(planOf(script))
    const job = await untilJob(jobs, started.id, hasEnded)
    expect(job).toMatchObject({ state: 'interrupted', left: 'pending' })
    expect(read(job, 'undo')).toBe(`rm -f -- ${host.root}/made\n`)
    expect(traces()).toEqual([])
  })

  it('has its children ended before the undo, but not a daemon that made a session of its own', async () => {
    const script = `begin
step "One"
run sh -c 'setsid sleep 300 >/dev/null 2>&1 & echo $! >"$1"' sh "$root/daemon"
undo rm -f -- "$root/late"
run sh -c 'while ! [ -e "$1/go" ]; do sleep 0.1; done; touch "$1/late"' sh "$root"
`
    const started = await launch(planOf(script))
    await expect.poll(() => existsSync(inJob(started, 'undo')) && read(started, 'undo')).toContain('late')
    await expect.poll(() => read(started, 'log')).toContain('while')
    const daemon = Number(readFileSync(join(host.root, 'daemon'), 'utf8'))
    process.kill(leaderOf(started), 'SIGKILL')
    await untilJob(jobs, started.id, (job) => job.state === 'interrupted')
    const session = leaderOf(started)
    // A zombie has ended; it only waits for its parent to look.
    const members = () =>
      spawnSync('ps', ['-o', 'stat=', '-s', String(session)])
        .stdout.toString()
        .split('\n')
        .filter((stat) => stat !== '' && !stat.startsWith('Z'))
    expect(members()).not.toEqual([])
    await jobs.recover(host, started.id, tester)
    expect(members()).toEqual([])
    expect(process.kill(daemon, 0)).toBe(true)
    process.kill(daemon, 'SIGKILL')
  })

  it('is interrupted when the host has booted since, even if its process number is in use again', async () => {
    const script = `begin\nstep "One"\nundo rm -f -- "$root/made"\nrun touch "$root/made"\nkill -9 $$\n`
    const started = await launch(planOf(script))
    await untilJob(jobs, started.id, hasEnded)
    // A process that lives, under a number that the job had.
    writeFileSync(inJob(started, 'pid'), `${process.pid} 1 ${process.pid}\n`)
    const elsewhere = new Jobs(noOperations)
    await elsewhere.adopt(host)
    expect(await untilJob(elsewhere, started.id, hasEnded)).toMatchObject({ state: 'interrupted', left: 'pending' })
    const [, , , , , , , , , , , , , , , , , , , , , began] = readFileSync('/proc/self/stat', 'utf8').split(' ')
    writeFileSync(inJob(started, 'pid'), `${process.pid} ${began} ${process.pid}\n`)
    writeFileSync(inJob(started, 'boot_id'), 'another-boot\n')
    await elsewhere.recover(host, started.id, tester)
    expect(traces()).toEqual([])
  })

  it('is recovered when a power cut has left only its script and what it was to do', async () => {
    const started = await launch(planOf(`begin\nstep "One"\nkill -9 $$\n`))
    await untilJob(jobs, started.id, hasEnded)
    for (const file of readdirSync(host.jobFolder(started.id))) if (!file.startsWith('job.')) rmSync(inJob(started, file))
    await jobs.recover(host, started.id, tester)
    const elsewhere = new Jobs(noOperations)
    await elsewhere.adopt(host)
    expect(await untilJob(elsewhere, started.id, hasEnded)).toMatchObject({ state: 'interrupted', left: 'nothing' })
  })

  it('is not recovered while it runs', async () => {
    const started = await launch(planOf(`begin\nstep "Wait"\nrun sleep 300\n`))
    await expect(jobs.recover(host, started.id, tester)).rejects.toMatchObject({ code: 'BUSY' })
    await jobs.cancel(host, started.id, tester)
    expect(await untilJob(jobs, started.id, hasEnded)).toMatchObject({ state: 'cancelled' })
  })
})
