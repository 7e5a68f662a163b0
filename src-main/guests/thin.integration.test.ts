import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Job } from '../../src-shared/models/job'
import type { CloneInput, OperationCall } from '../../src-shared/operations'
import { type Operations, planCall } from '../jobs/define'
import { Jobs } from '../jobs/jobs'
import { withCuts } from '../jobs/testing/faults'
import { hasEnded, launchPlan } from '../jobs/testing/launching'
import { type LocalHost, makeLocalHost } from '../jobs/testing/local-host'
import { untilJob } from '../jobs/testing/watching'
import { guestOperations } from './operations'
import { makeStubLvm, type StubLvm } from './testing/stub-lvm'
import { makeStubXen, type StubXen } from './testing/stub-xen'

// The scripts run by a real sh; only Xen and LVM are stand-ins. That real LVM takes these words the lab shows.
const operations = guestOperations as Partial<Operations> as Operations
const uuidOf = (number: number) => `3f0c6f4e-7a0e-4f1c-9d55-00000000000${number}`
const base = 'vg0/domdeck-base.debian-12.1'
const path = process.env.PATH
let folder: string
let xen: StubXen
let lvm: StubLvm
let host: LocalHost
let jobs: Jobs
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'domdeck-thin-'))
  xen = makeStubXen(join(folder, 'xen'))
  lvm = makeStubLvm(xen.bin)
  process.env.PATH = `${xen.bin}:${path}:/usr/sbin:/sbin`
  host = makeLocalHost(folder)
  jobs = new Jobs(operations)
  const generation = join(host.root, 'bases/debian-12/1')
  mkdirSync(generation, { recursive: true })
  for (const name of ['root.img', 'vmlinuz', 'initrd.img', 'base.json']) writeFileSync(join(generation, name), 'of the base\n')
})
afterEach(() => {
  process.env.PATH = path
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
})

const clone = (...names: string[]): OperationCall => {
  const guests = names.map((name, index) => ({ name, uuid: uuidOf(index + 1), mac: `00:16:3e:00:00:0${index}` }))
  // The pretend base has no MB, so that no file system has to grow.
  const input = { base: 'debian-12', generation: 1, mode: 'thin', pool: 'vg0/pool0', layerMb: 0, memoryMb: 64, vcpus: 1 } as const
  return { operation: 'guest.clone', input: { ...input, type: 'pv', bridge: null, guests } satisfies CloneInput }
}
const launch = (call: OperationCall, change?: (text: string) => string) =>
  launchPlan(jobs, host, planCall(operations, call), change)
const ended = async (call: OperationCall): Promise<Job> => untilJob(jobs, (await launch(call)).id, hasEnded)
async function succeed(call: OperationCall): Promise<void> {
  const job = await ended(call)
  expect(job, JSON.stringify(job.problem)).toMatchObject({ state: 'succeeded' })
}
const guests = () => readdirSync(join(host.root, 'guests')).sort()
const about = (name: string) => JSON.parse(readFileSync(join(host.root, 'guests', name, 'guest.json'), 'utf8'))
const config = (name: string) => readFileSync(join(host.root, 'guests', name, 'guest.cfg'), 'utf8')
const ref = (name: string, number: number) => ({ name, uuid: uuidOf(number) })

describe('a thin guest', () => {
  it('is a snapshot of the volume of its base, which goes with the last of them', async () => {
    await succeed(clone('web-1', 'web-2'))
    expect(lvm.volumes()).toEqual([base, 'vg0/domdeck-web-1', 'vg0/domdeck-web-2'])
    expect(about('web-2')).toMatchObject({ base: 'debian-12', generation: 1, mode: 'thin', volume: 'vg0/domdeck-web-2' })
    expect(config('web-2')).toContain('target=/dev/vg0/domdeck-web-2')
    expect(xen.domains()).toEqual(['web-1', 'web-2'])
    expect(xen.loops()).toEqual([])
    await succeed({ operation: 'guest.delete', input: ref('web-1', 1) })
    expect(lvm.volumes()).toEqual([base, 'vg0/domdeck-web-2'])
    await succeed({ operation: 'guest.delete', input: ref('web-2', 2) })
    expect(lvm.volumes()).toEqual([])
    expect(guests()).toEqual([])
  })

  it('takes its volume along to another name, and back when the job is cut', async () => {
    await succeed(clone('web-1'))
    await succeed({ operation: 'guest.destroy', input: ref('web-1', 1) })
    const rename: OperationCall = { operation: 'guest.rename', input: { ...ref('web-1', 1), newName: 'shop' } }
    let killed = 0
    for (let at = 3; ; at += 5) {
      const { id } = await launch(rename, (text) => withCuts(text, [{ at, in: 'run', signal: 'KILL' }]))
      if ((await untilJob(jobs, id, hasEnded)).state === 'succeeded') break
      killed += 1
      await jobs.recover(host, id, { by: 'tester', from: 'here' })
      expect({ at, volumes: lvm.volumes(), guests: guests() }).toEqual({
        at,
        volumes: [base, 'vg0/domdeck-web-1'],
        guests: ['web-1'],
      })
      expect(about('web-1').volume).toBe('vg0/domdeck-web-1')
    }
    expect(killed).toBeGreaterThan(5)
    expect(lvm.volumes()).toEqual([base, 'vg0/domdeck-shop'])
    expect(about('shop')).toMatchObject({ name: 'shop', volume: 'vg0/domdeck-shop' })
    expect(config('shop')).toContain(`target=/dev/vg0/domdeck-shop'`)
    const configPath = join(host.root, 'guests/shop/guest.cfg')
    await succeed({ operation: 'guest.start', input: { ...ref('shop', 1), configPath } })
  }, 120_000)

  it('is refused where a volume of its name is, which stays', async () => {
    lvm.add('vg0/domdeck-web-1')
    const job = await ended(clone('web-1'))
    expect(job).toMatchObject({ state: 'failed', left: 'nothing', problem: { code: 'BUSY' } })
    expect(lvm.volumes()).toEqual(['vg0/domdeck-web-1'])
  })

  it('does not start without its volume, and says so', async () => {
    await succeed(clone('web-1'))
    await succeed({ operation: 'guest.destroy', input: ref('web-1', 1) })
    rmSync(join(folder, 'xen/volumes'))
    writeFileSync(join(folder, 'xen/volumes'), '')
    const configPath = join(host.root, 'guests/web-1/guest.cfg')
    const job = await ended({ operation: 'guest.start', input: { ...ref('web-1', 1), configPath } })
    expect(job).toMatchObject({
      state: 'failed',
      problem: { code: 'NOT_FOUND', detail: expect.stringContaining('vg0/domdeck-web-1') },
    })
  })

  it.each([
    ['clone', () => clone('web-2'), [base, 'vg0/domdeck-web-1']],
    ['delete', (): OperationCall => ({ operation: 'guest.delete', input: ref('web-1', 1) }), undefined],
  ] as const)(
    'is there or not, and its volume with it, wherever a %s is killed',
    async (_what, call, before) => {
      await succeed({ ...clone('web-1') })
      for (let at = 3; ; at += 9) {
        const asked = call()
        if (asked.operation === 'guest.clone') for (const guest of asked.input.guests) guest.uuid = uuidOf(2)
        const { id } = await launch(asked, (text) => withCuts(text, [{ at, in: 'run', signal: 'KILL' }]))
        if ((await untilJob(jobs, id, hasEnded)).state === 'succeeded') break
        await jobs.recover(host, id, { by: 'tester', from: 'here' })
        const volumes = guests().includes('web-1') ? [base, 'vg0/domdeck-web-1'] : []
        expect({ at, volumes: lvm.volumes() }).toEqual({ at, volumes: before ?? volumes })
        if (!guests().includes('web-1')) await succeed(clone('web-1'))
      }
    },
    240_000,
  )
})
