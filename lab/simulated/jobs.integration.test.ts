import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { planClone } from '../../src-main/guests/plan-clone'
import { Jobs } from '../../src-main/jobs/jobs'
import { untilJob } from '../../src-main/jobs/testing/watching'
import { operations } from '../../src-main/operations'
import { endedStates, type Job } from '../../src-shared/models/job'
import type { OperationCall } from '../../src-shared/operations'
import { type SimulatedFleet, type SimulatedHost, startSimulatedFleet } from './server'
import { type Connected, connect, until } from './testing/connect'

let fleet: SimulatedFleet
let simulated: SimulatedHost
let connected: Connected
let jobs: Jobs
beforeEach(async () => {
  fleet = await startSimulatedFleet({ hosts: 1, guests: 4 })
  simulated = fleet.host('sim-1')
  connected = await connect(simulated)
  jobs = new Jobs(operations)
})
afterEach(async () => {
  await connected.close()
  await fleet.stop()
})

const who = { by: 'tester', from: 'here' }
const named = (name: string) => [...connected.host.guests.values()].find((guest) => guest.name === name)
const start = (call: OperationCall) => jobs.start(connected.host, call, who)
const ended = (job: Job) => untilJob(jobs, job.id, (seen) => endedStates.has(seen.state))

async function succeed(call: OperationCall): Promise<Job> {
  const job = await ended(await start(call))
  expect(job, JSON.stringify(job.problem)).toMatchObject({ state: 'succeeded', left: 'finished' })
  return job
}

function cloneRequest(mode: 'overlay' | 'throwaway', pattern: string, count: number) {
  const more = { base: 'debian-12', generation: 3, layerMb: 64, memoryMb: 256, vcpus: 1, type: 'auto' as const, bridge: 'xenbr0' }
  return planClone(connected.host, { ...more, mode, pattern, count }, new Set())
}

describe('the jobs of the product on a simulated host', () => {
  it('pass their preflight, clone two guests, and take one through its life', async () => {
    const { input, checks } = await cloneRequest('overlay', 'new-{1..}', 2)
    expect(checks.filter(({ verdict }) => verdict !== 'pass')).toEqual([])
    await succeed({ operation: 'guest.clone', input })
    await until(() => named('new-1')?.state === 'running' && named('new-2')?.state === 'running')
    const uuid = named('new-1')?.id ?? ''
    expect(named('new-1')).toMatchObject({
      type: 'pvh',
      memoryMb: 256,
      origin: { base: 'debian-12', generation: 3, mode: 'overlay' },
    })

    const domid = named('new-1')?.domid
    await succeed({ operation: 'guest.reboot', input: { name: 'new-1', uuid } })
    await until(() => ![undefined, domid].includes(named('new-1')?.domid))
    await succeed({ operation: 'guest.shutdown', input: { name: 'new-1', uuid } })
    await until(() => named('new-1')?.state === 'halted')
    const configPath = join(simulated.description.storageRoot, 'guests/new-1/guest.cfg')
    await succeed({ operation: 'guest.start', input: { name: 'new-1', uuid, configPath } })
    await until(() => named('new-1')?.state === 'running')
    await succeed({ operation: 'guest.destroy', input: { name: 'new-1', uuid } })
    await succeed({ operation: 'guest.delete', input: { name: 'new-1', uuid } })
    await connected.host.refresh()
    expect(named('new-1')).toBeUndefined()
    expect(named('new-2')?.state).toBe('running')
  })

  it('make a base of the image in the home folder, with the hook of the product in it, and a guest of that base', async () => {
    const source = join(simulated.folder, 'home/debian-12.img')
    const before = readFileSync(source)
    const { result } = await succeed({ operation: 'image.import', input: { name: 'mine', source } })
    expect(result).toMatchObject({ base: 'mine', generation: '1' })
    await connected.host.refresh()
    expect(connected.host.generations.find(({ base }) => base === 'mine')).toMatchObject({
      kernelVersion: '6.1.0-56-amd64',
      fileSystem: 'ext4',
    })
    expect(readFileSync(source).equals(before)).toBe(true)
    const image = join(simulated.description.storageRoot, 'bases/mine/1/root.img')
    const read = (path: string) => connected.host.run(['sh', '-c', `debugfs -R "cat ${path}" ${image} 2>/dev/null`])
    expect((await read('/etc/initramfs-tools/scripts/local-bottom/domdeck')).stdout.toString()).toContain('domdeck')
    expect((await read('/etc/machine-id')).stdout.toString()).toBe('')
    const { input } = await planClone(
      connected.host,
      {
        base: 'mine',
        generation: 1,
        mode: 'throwaway',
        layerMb: 64,
        memoryMb: 256,
        vcpus: 1,
        type: 'auto',
        bridge: null,
        pattern: 'brief',
        count: 1,
      },
      new Set(),
    )
    await succeed({ operation: 'guest.clone', input })
    await until(() => named('brief')?.origin?.mode === 'throwaway')
  })

  it('are interrupted by a power cut, and rolled back without a trace', async () => {
    // Held in the middle of its work: the create of a guest waits for the lock of the pretend xl.
    const held = connected.host.run(['flock', join(simulated.folder, 'xen/lock'), 'sleep', '60'])
    held.catch(() => undefined)
    const { input } = await cloneRequest('overlay', 'cut-{1..}', 2)
    const job = await start({ operation: 'guest.clone', input })
    await untilJob(jobs, job.id, (seen) => seen.ticks.some(({ state }) => state === 'running'))
    await simulated.powerCut()
    await until(() => connected.host.connection.phase !== 'ready')
    await simulated.powerOn()
    await until(() => connected.host.connection.phase === 'ready')
    await jobs.adopt(connected.host)
    const interrupted = await untilJob(jobs, job.id, (seen) => seen.state === 'interrupted')
    expect(interrupted.left).toBe('pending')
    await jobs.recover(connected.host, job.id, who)
    await untilJob(jobs, job.id, (seen) => seen.left === 'nothing')
    expect(readdirSync(join(simulated.description.storageRoot, 'guests')).filter((name) => name.startsWith('cut-'))).toEqual([])
  })
})
