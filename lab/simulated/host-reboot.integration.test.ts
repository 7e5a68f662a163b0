import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lookAtBoot } from '../../src-main/boot/look'
import { planHostBoot } from '../../src-main/boot/plan-host-boot'
import { hasEnded, tester } from '../../src-main/jobs/testing/launching'
import { untilJob } from '../../src-main/jobs/testing/watching'
import type { Job } from '../../src-shared/models/job'
import type { OperationCall } from '../../src-shared/operations'
import { until } from './testing/connect'
import { type GuestLife, startGuestLife } from './testing/guest-life'

let life: GuestLife
beforeAll(async () => {
  life = await startGuestLife(4)
  life.connected.host.on('ready', () => void life.jobs.adopt(life.connected.host))
  life.connected.host.on('bare', () => void life.jobs.adopt(life.connected.host))
}, 60_000)
afterAll(() => life.stop(), 60_000)

const host = () => life.connected.host
const file = (path: string) => join(life.simulated.folder, 'root', path)
const reboot = (guests: 'shutdown' | 'leave', upgrade = false): OperationCall => ({
  operation: 'host.reboot',
  input: { guests, upgrade },
})
const running = async () => {
  await host().refresh()
  return [...host().guests.values()].flatMap(({ name, state }) => (state === 'running' ? [name] : [])).sort()
}
/** Starts it and waits for its end, dialling at once when the host is away. */
const through = async (call: OperationCall): Promise<Job> => {
  const { id } = await life.jobs.start(host(), call, tester)
  const stop = host().on('change', () => {
    if (host().connection.phase === 'waiting') setTimeout(() => host().connect(), 200)
  })
  try {
    return await untilJob(life.jobs, id, hasEnded)
  } finally {
    stop()
  }
}
const isBack = () => until(() => host().connection.phase === 'ready')

describe('host.reboot', () => {
  it('shuts the guests down, reboots, waits, and starts them again, while nobody looks', async () => {
    const before = await running()
    expect(before.length).toBeGreaterThan(1)
    const boot = host().facts?.bootId
    const job = await through(reboot('shutdown'))
    expect(job).toMatchObject({ state: 'succeeded', step: 4 })
    expect(job.ticks.map(({ name, state }) => [name, state]).sort()).toEqual(before.map((name) => [name, 'done']))
    await isBack()
    expect(host().facts?.bootId).not.toBe(boot)
    expect(await running()).toEqual(before)
    const log = readFileSync(join(life.simulated.folder, 'state/jobs', job.id, 'log'), 'utf8')
    expect(log.indexOf('xl shutdown')).toBeLessThan(log.indexOf('systemctl reboot'))
    expect(existsSync(file(`etc/systemd/system/domdeck-resume-${job.id}.service`))).toBe(false)
  })

  it('leaves the guests to the host, which starts none by itself here', async () => {
    const before = await running()
    const job = await through(reboot('leave'))
    expect(job).toMatchObject({ state: 'succeeded', step: 2 })
    await isBack()
    expect(await running()).toEqual([])
    for (const name of before) {
      const { id, configPath = '' } = await life.guest(name)
      await life.succeed({ operation: 'guest.start', input: { name, uuid: id, configPath } })
    }
  })

  it('upgrades while no guest runs, and holds the new system until it has proven itself', async () => {
    const before = await running()
    const job = await through(reboot('shutdown', true))
    expect(job).toMatchObject({ state: 'succeeded', result: { kernel: '6.1.0-60-amd64' } })
    await isBack()
    expect(await running()).toEqual(before)
    expect((await lookAtBoot(host())).boot).toMatchObject({ last: { outcome: 'kept', entry: 'the upgraded system' } })
    expect(existsSync(file('etc/grub.d/42_domdeck'))).toBe(false)
  })

  it('starts the guests on the boot from before, and fails, when a changed one did not prove itself', async () => {
    appendFileSync(
      file('etc/grub.d/40_custom'),
      "menuentry 'Broken' --id broken {\n\tlinux /boot/vmlinuz-6.1.0-56-amd64 init=/bin/false\n}\n",
    )
    await life.run('update-grub')
    const plan = await planHostBoot(host(), { settings: { default: 'broken' } })
    await life.succeed(plan.planned?.call as OperationCall)
    const before = await running()
    const job = await through(reboot('shutdown'))
    expect(job).toMatchObject({ state: 'failed', left: 'some', problem: { code: 'JOB_FAILED' } })
    expect(job.problem?.detail).toContain('It did not come up.')
    await isBack()
    expect(await running()).toEqual(before)
  })

  it('goes on after a power cut in the middle of its reboot, and is rolled back after one before it', async () => {
    const before = await running()
    const { id } = await life.jobs.start(host(), reboot('shutdown'), tester)
    const resume = join(life.simulated.folder, 'state/jobs', id, 'resume')
    await until(() => existsSync(resume))
    await life.simulated.powerCut()
    await life.simulated.powerOn()
    const ended = await untilJob(life.jobs, id, hasEnded)
    expect(ended.state).toBe('succeeded')
    await isBack()
    expect(await running()).toEqual(before)

    const cut = await life.ended(reboot('shutdown'), (text) => text.replace("step 'Reboot'", () => 'kill -s KILL $$'))
    expect(cut, JSON.stringify(cut.problem)).toMatchObject({ state: 'interrupted', left: 'pending' })
    expect(await running()).toEqual([])
    await life.simulated.powerCut()
    await life.simulated.powerOn()
    await until(() => host().connection.phase !== 'ready')
    await isBack()
    await life.jobs.recover(host(), cut.id, tester)
    expect(await running()).toEqual(before)
  })

  it('goes on when the host goes down once more while it waits, which is no cancel', async () => {
    const before = await running()
    const plan = await planHostBoot(host(), { settings: { dom0MemMb: 2048 } })
    await life.succeed(plan.planned?.call as OperationCall)
    const { id } = await life.jobs.start(host(), reboot('shutdown'), tester)
    const job = (name: string) => join(life.simulated.folder, 'state/jobs', id, name)
    await until(() => existsSync(job('resume')))
    // So that nobody comes by SSH, and the changed boot has nothing to prove itself by.
    host().disconnect()
    await until(() => readFileSync(job('events'), 'utf8').includes('resumed') && readFileSync(job('pid'), 'utf8') !== '')
    await until(() => existsSync(join(life.simulated.folder, 'state/boot/trial')))
    const pid = readFileSync(job('pid'), 'utf8').split(' ')[0] ?? ''
    // What systemd does to it in a shutdown.
    await life.run('kill', '-TERM', pid)
    await until(() => !existsSync(`/proc/${pid}`))
    await life.run('systemctl', 'reboot')
    await until(() => readFileSync(file('proc/cmdline'), 'utf8').includes('domdeck.boot=before'))
    host().connect()
    const ended = await untilJob(life.jobs, id, (one) => hasEnded(one) && one.problem?.code !== 'JOB_INTERRUPTED')
    expect(ended.problem?.detail).toContain('It came up, but nobody logged in to it by SSH.')
    await isBack()
    expect(await running()).toEqual(before)
  })

  it('refuses before it touches a guest that it could not start again', async () => {
    const before = await running()
    await life.simulated.addForeignGuest({ name: 'nowhere' })
    await life.run('rm', life.etcXen('nowhere.cfg'))
    const job = await through(reboot('shutdown'))
    expect(job).toMatchObject({ state: 'failed', problem: { code: 'NOT_FOUND' } })
    expect(await running()).toEqual([...before, 'nowhere'].sort())
    await life.run('xl', 'destroy', 'nowhere')
  })
})
