import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
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
import { makeStubXen, type StubXen } from './testing/stub-xen'

// The scripts run by a real sh with real files, cp and mkfs; only xl, losetup and xenstore are stand-ins.
const operations = guestOperations as Partial<Operations> as Operations
const uuidOf = (number: number) => `3f0c6f4e-7a0e-4f1c-9d55-00000000000${number}`
const input: CloneInput = {
  base: 'debian-12',
  generation: 1,
  mode: 'overlay',
  layerMb: 2048,
  memoryMb: 64,
  vcpus: 1,
  type: 'pv',
  bridge: null,
  guests: [1, 2, 3].map((number) => ({ name: `web-${number}`, uuid: uuidOf(number), mac: `00:16:3e:00:00:0${number}` })),
}

const path = process.env.PATH
let folder: string
let xen: StubXen
let host: LocalHost
let jobs: Jobs
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'domdeck-guests-'))
  xen = makeStubXen(join(folder, 'xen'))
  process.env.PATH = `${xen.bin}:${path}:/usr/sbin:/sbin`
  host = makeLocalHost(folder)
  jobs = new Jobs(operations)
  const base = join(host.root, 'bases/debian-12/1')
  mkdirSync(base, { recursive: true })
  for (const name of ['root.img', 'vmlinuz', 'initrd.img', 'base.json']) writeFileSync(join(base, name), 'of the base\n')
})
afterEach(() => {
  process.env.PATH = path
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
})

const launch = (call: OperationCall, change?: (text: string) => string) =>
  launchPlan(jobs, host, planCall(operations, call), change)
const ended = async (call: OperationCall): Promise<Job> => untilJob(jobs, (await launch(call)).id, hasEnded)
const clone = (changes: Partial<CloneInput> = {}): OperationCall => ({
  operation: 'guest.clone',
  input: { ...input, ...changes },
})
const list = (...parts: string[]) => (existsSync(join(...parts)) ? readdirSync(join(...parts)).sort() : [])
/** Everything that a clone may leave on a host, but for the template, which all later clones use. */
const traces = () => ({
  guests: list(host.root, 'guests'),
  domains: xen.domains(),
  loops: xen.loops(),
  links: list(folder, 'run/bases'),
  halfTemplates: list(host.root, 'templates').filter((name) => !name.endsWith('.img')),
})
const nothing = { guests: [], domains: [], loops: [], links: [], halfTemplates: [] }
const ro = () => `ro ${host.root}/bases/debian-12/1/root.img`

describe('guest.clone', () => {
  it('makes all guests on one read-only loop device, each with a small layer of its own', async () => {
    const job = await ended(clone())
    expect(job).toMatchObject({ state: 'succeeded', result: { guests: 'web-1 web-2 web-3' } })
    expect(job.ticks.map((tick) => tick.state)).toEqual(['done', 'done', 'done'])
    expect(xen.domains()).toEqual(['web-1', 'web-2', 'web-3'])
    expect(xen.loops().filter((loop) => loop.startsWith('ro'))).toEqual([ro()])
    expect(list(host.root, 'guests/web-1')).toEqual(['guest.cfg', 'guest.json', 'layer.img'])
    const layer = statSync(join(host.root, 'guests/web-3/layer.img'))
    expect(layer.size).toBe(2048 * 1024 * 1024)
    expect(layer.blocks * 512).toBeLessThanOrEqual(1.2 * 1024 * 1024)
    expect(JSON.parse(readFileSync(join(host.root, 'guests/web-2/guest.json'), 'utf8'))).toEqual({
      format: 1,
      name: 'web-2',
      uuid: uuidOf(2),
      base: 'debian-12',
      generation: 1,
      mode: 'overlay',
      job: job.id,
    })
  })

  it('gives a throwaway guest no layer file', async () => {
    const job = await ended(clone({ mode: 'throwaway', layerMb: 64 }))
    expect(job.state).toBe('succeeded')
    expect(list(host.root, 'guests/web-1')).toEqual(['guest.cfg', 'guest.json'])
    expect(xen.loops()).toEqual([ro()])
  })

  it('leaves no trace of any guest when one of them cannot start, and says why', async () => {
    xen.refuse('web-2')
    const job = await ended(clone())
    expect(job).toMatchObject({ state: 'failed', left: 'nothing' })
    expect(job.problem).toMatchObject({ detail: 'The host has not enough free memory for web-2.' })
    expect(traces()).toEqual(nothing)
  })

  it('keeps the base attached for the guests of other jobs when a later clone fails', async () => {
    await ended(clone())
    xen.refuse('db')
    const job = await ended(clone({ guests: [{ name: 'db', uuid: uuidOf(9), mac: '00:16:3e:00:00:09' }] }))
    expect(job.state).toBe('failed')
    expect(traces()).toMatchObject({ guests: ['web-1', 'web-2', 'web-3'], links: ['debian-12.1'] })
    expect(xen.loops()).toContain(ro())
  })

  it.each([
    ['a guest of this name', () => mkdirSync(join(host.root, 'guests/web-2'), { recursive: true }), 'web-2'],
    ['a domain of this name', () => xen.addDomain('web-3', uuidOf(8)), 'web-3'],
    ['a domain of this UUID', () => xen.addDomain('other', uuidOf(1)), 'web-1'],
    [
      'a config with this MAC',
      () => {
        mkdirSync(join(folder, 'etc-xen'))
        writeFileSync(join(folder, 'etc-xen/old.cfg'), `vif = [ 'mac=00:16:3e:00:00:02' ]\n`)
      },
      '00:16:3e:00:00:02',
    ],
  ])('refuses under its lock when there is %s by now', async (_what, arrange, word) => {
    arrange()
    const before = traces()
    const job = await ended(clone({ bridge: 'xenbr0' }))
    expect(job).toMatchObject({ state: 'failed', problem: { code: 'BUSY', detail: expect.stringContaining(word) } })
    expect(traces()).toEqual(before)
    expect(xen.creates()).toBe(0)
  })

  it('leaves all guests or no trace when it is killed, at points all along it, and rolled back', async () => {
    const small = { layerMb: 16, guests: input.guests.slice(0, 2) }
    let killed = 0
    for (let at = 3; ; at += 9) {
      const { id } = await launch(clone(small), (text) => withCuts(text, [{ at, in: 'run', signal: 'KILL' }]))
      const job = await untilJob(jobs, id, hasEnded)
      if (job.state === 'succeeded') break
      expect(job.state).toBe('interrupted')
      killed += 1
      await jobs.recover(host, id, { by: 'tester', from: 'here' })
      expect({ at, ...traces() }).toEqual({ at, ...nothing })
    }
    expect(killed).toBeGreaterThan(5)
    expect(xen.domains()).toEqual(['web-1', 'web-2'])
  }, 240_000)
})

describe('guests with a root disk of their own', () => {
  const image = () => join(host.root, 'bases/debian-12/1/root.img')
  const one = input.guests.slice(0, 1)
  const disk = (name: string) => join(host.root, 'guests/web-1', name)
  beforeEach(() => {
    execFileSync('truncate', ['-s', '16M', image()])
    execFileSync('mkfs.ext4', ['-q', '-F', image()], { env: { PATH: process.env.PATH } })
    execFileSync('chmod', ['0444', image()])
  })

  it('a full copy has a grown disk, kernel and initrd of its own, and needs the base no more', async () => {
    const job = await ended(clone({ mode: 'copy', layerMb: 24, guests: input.guests.slice(0, 2) }))
    expect(job, JSON.stringify(job.problem)).toMatchObject({ state: 'succeeded' })
    expect(job.ticks.map(({ state }) => state)).toEqual(['done', 'done'])
    expect(list(disk(''))).toEqual(['disk.img', 'guest.cfg', 'guest.json', 'initrd.img', 'vmlinuz'])
    expect(statSync(disk('disk.img')).size).toBe(24 * 1024 * 1024)
    expect(statSync(disk('disk.img')).blocks * 512).toBeLessThan(8 * 1024 * 1024)
    const header = execFileSync('dumpe2fs', ['-h', disk('disk.img')], { encoding: 'utf8', env: { PATH: process.env.PATH } })
    const [blocks, size] = ['Block count', 'Block size'].map((key) =>
      Number(new RegExp(`^${key}: +(\\d+)`, 'm').exec(header)?.[1]),
    )
    expect((blocks ?? 0) * (size ?? 0)).toBe(24 * 1024 * 1024)
    const about = JSON.parse(readFileSync(disk('guest.json'), 'utf8'))
    expect(about).toEqual({ format: 1, name: 'web-1', uuid: uuidOf(1), from: 'debian-12/1', mode: 'copy', job: job.id })
    expect(xen.loops()).toEqual(['web-1', 'web-2'].map((name) => `rw ${host.root}/guests/${name}/disk.img`))
    rmSync(join(host.root, 'bases'), { recursive: true })
    const ref = { name: 'web-1', uuid: uuidOf(1) }
    expect((await ended({ operation: 'guest.destroy', input: ref })).state).toBe('succeeded')
    const start = await ended({ operation: 'guest.start', input: { ...ref, configPath: disk('guest.cfg') } })
    expect(start.state).toBe('succeeded')
    expect((await ended({ operation: 'guest.delete', input: ref })).state).toBe('succeeded')
    expect(traces()).toMatchObject({ guests: ['web-2'], domains: ['web-2'] })
  })

  it('a qcow2 is backed by the base, which is not attached for it', async () => {
    const job = await ended(clone({ mode: 'qcow2', layerMb: 16, guests: one }))
    expect(job, JSON.stringify(job.problem)).toMatchObject({ state: 'succeeded' })
    const about = JSON.parse(execFileSync('qemu-img', ['info', '--output=json', disk('disk.qcow2')], { encoding: 'utf8' }))
    expect(about).toMatchObject({ format: 'qcow2', 'backing-filename': image(), 'backing-filename-format': 'raw' })
    expect(JSON.parse(readFileSync(disk('guest.json'), 'utf8'))).toMatchObject({
      base: 'debian-12',
      generation: 1,
      mode: 'qcow2',
    })
    expect(xen.loops()).toEqual([])
  })

  it.each([
    ['a disk smaller than the base', { mode: 'copy', layerMb: 15 }, 'BAD_INPUT', /^A disk of 15 MB does not hold .* 16 MB\.$/],
    ['a volume without a pool', { mode: 'thin', layerMb: 16 }, 'BAD_INPUT', /^No thin pool/],
    ['a qcow2 on a base that can be written to', { mode: 'qcow2', layerMb: 16 }, 'PREFLIGHT_FAILED', /can be written to/],
  ] as const)('refuses %s', async (_what, changes, code, detail) => {
    if (changes.mode === 'qcow2') execFileSync('chmod', ['0644', image()])
    const job = await ended(clone({ ...changes, guests: one }))
    expect(job).toMatchObject({ state: 'failed', left: 'nothing', problem: { code, detail: expect.stringMatching(detail) } })
    expect(traces()).toEqual(nothing)
  })

  it('leaves all or no trace when a full copy is killed, at points all along it, and rolled back', async () => {
    let killed = 0
    for (let at = 3; ; at += 9) {
      const call = clone({ mode: 'copy', layerMb: 24, guests: one })
      const { id } = await launch(call, (text) => withCuts(text, [{ at, in: 'run', signal: 'KILL' }]))
      const job = await untilJob(jobs, id, hasEnded)
      if (job.state === 'succeeded') break
      expect(job.state).toBe('interrupted')
      killed += 1
      await jobs.recover(host, id, { by: 'tester', from: 'here' })
      expect({ at, ...traces() }).toEqual({ at, ...nothing })
    }
    expect(killed).toBeGreaterThan(5)
  }, 240_000)
})

describe('the life of a guest', () => {
  const ref = { name: 'web-1', uuid: uuidOf(1) }
  beforeEach(async () => {
    expect((await ended(clone({ guests: input.guests.slice(0, 2), layerMb: 16 }))).state).toBe('succeeded')
  })

  it('is destroyed, started and deleted; its base stays, and its loop device goes with the last guest', async () => {
    expect((await ended({ operation: 'guest.destroy', input: ref })).state).toBe('succeeded')
    expect(xen.domains()).toEqual(['web-2'])
    const configPath = join(host.root, 'guests/web-1/guest.cfg')
    expect((await ended({ operation: 'guest.start', input: { ...ref, configPath } })).state).toBe('succeeded')
    expect(xen.domains()).toEqual(['web-2', 'web-1'])
    expect((await ended({ operation: 'guest.delete', input: ref })).state).toBe('succeeded')
    expect(traces()).toMatchObject({ guests: ['web-2'], domains: ['web-2'], links: ['debian-12.1'] })
    expect((await ended({ operation: 'guest.delete', input: { name: 'web-2', uuid: uuidOf(2) } })).state).toBe('succeeded')
    expect(traces()).toEqual(nothing)
    expect(list(host.root, 'bases/debian-12/1')).toContain('root.img')
    expect(list(host.root).filter((name) => name.startsWith('.'))).toEqual([])
  })

  it.each(['guest.shutdown', 'guest.reboot'] as const)(
    '%s asks again when the guest has dropped the request',
    async (operation) => {
      xen.drop(2)
      const { id } = await launch({ operation, input: ref }, (text) => text.replace('again_s=20', 'again_s=1'))
      expect((await untilJob(jobs, id, hasEnded)).state).toBe('succeeded')
      expect(xen.domains()).toEqual(operation === 'guest.shutdown' ? ['web-2'] : ['web-1', 'web-2'])
    },
  )

  it('says that a guest does not shut down, and leaves it running', async () => {
    xen.drop(9)
    const { id } = await launch({ operation: 'guest.shutdown', input: ref }, (text) =>
      text.replace('again_s=20', 'again_s=1').replace(/^limit_s=.*$/m, 'limit_s=2'),
    )
    expect(await untilJob(jobs, id, hasEnded)).toMatchObject({
      state: 'failed',
      problem: { detail: 'web-1 has not shut down within 2 seconds.' },
    })
    expect(xen.domains()).toEqual(['web-1', 'web-2'])
  })

  it('attaches the base before a start after dom0 has rebooted', async () => {
    for (const name of ['domains', 'loops']) writeFileSync(join(folder, 'xen', name), '')
    rmSync(join(folder, 'run/bases'), { recursive: true })
    const configPath = join(host.root, 'guests/web-1/guest.cfg')
    expect((await ended({ operation: 'guest.start', input: { ...ref, configPath } })).state).toBe('succeeded')
    expect(xen.loops()).toEqual([ro(), `rw ${host.root}/guests/web-1/layer.img`])
    expect(list(folder, 'run/bases')).toEqual(['debian-12.1'])
  })

  it.each(['guest.destroy', 'guest.shutdown', 'guest.reboot', 'guest.delete'] as const)(
    '%s never hits a namesake with another UUID',
    async (operation) => {
      const job = await ended({ operation, input: { name: 'web-1', uuid: uuidOf(7) } })
      expect(job).toMatchObject({ state: 'failed', problem: { code: 'NOT_FOUND' } })
      expect(traces()).toMatchObject({ guests: ['web-1', 'web-2'], domains: ['web-1', 'web-2'] })
    },
  )

  it('does not delete a guest that others made', async () => {
    mkdirSync(join(host.root, 'guests/by-hand'))
    const job = await ended({ operation: 'guest.delete', input: { name: 'by-hand', uuid: uuidOf(5) } })
    expect(job).toMatchObject({ state: 'failed', problem: { code: 'NOT_FOUND' } })
    expect(traces().guests).toContain('by-hand')
  })
})
