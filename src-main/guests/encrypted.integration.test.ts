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

// What the host makes of encrypted disks, by a real sh with real files; what the guest makes of them is shown on real Xen.
const operations = guestOperations as Partial<Operations> as Operations
const uuidOf = (number: number) => `3f0c6f4e-7a0e-4f1c-9d55-00000000000${number}`
const input: CloneInput = {
  ...{ base: 'debian-12', generation: 1, mode: 'overlay', layerMb: 64, memoryMb: 128, vcpus: 1, type: 'pv', bridge: null },
  guests: [1, 2].map((number) => ({ name: `web-${number}`, uuid: uuidOf(number), mac: `00:16:3e:00:00:0${number}` })),
}
const ref = { name: 'web-1', uuid: uuidOf(1) }
const path = process.env.PATH
let folder: string
let xen: StubXen
let host: LocalHost
let jobs: Jobs
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'domdeck-encrypted-'))
  xen = makeStubXen(join(folder, 'xen'))
  process.env.PATH = `${xen.bin}:${path}:/usr/sbin:/sbin`
  host = makeLocalHost(folder)
  jobs = new Jobs(operations)
  base(1, { encryption: true })
})
afterEach(() => {
  process.env.PATH = path
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
})

function base(generation: number, more: object): void {
  const at = join(host.root, 'bases/debian-12', String(generation))
  mkdirSync(at, { recursive: true })
  for (const name of ['root.img', 'vmlinuz', 'initrd.img']) writeFileSync(join(at, name), 'of the base\n')
  writeFileSync(join(at, 'base.json'), `${JSON.stringify({ format: 1, types: ['pv'], minMemoryMb: 96, ...more })}\n`)
}

const launch = (call: OperationCall, change?: (text: string) => string) =>
  launchPlan(jobs, host, planCall(operations, call), change)
const ended = async (call: OperationCall): Promise<Job> => untilJob(jobs, (await launch(call)).id, hasEnded)
const clone = (changes: Partial<CloneInput>): OperationCall => ({ operation: 'guest.clone', input: { ...input, ...changes } })
async function cloned(changes: Partial<CloneInput>): Promise<void> {
  const job = await ended(clone(changes))
  expect(job, JSON.stringify(job.problem)).toMatchObject({ state: 'succeeded' })
}
const at = (...parts: string[]) => join(host.root, 'guests/web-1', ...parts)
const list = (...parts: string[]) => (existsSync(join(...parts)) ? readdirSync(join(...parts)).sort() : [])
const config = () => readFileSync(at('guest.cfg'), 'utf8')
const about = () => JSON.parse(readFileSync(at('guest.json'), 'utf8'))
/** What stands in a disk up to the zeros that it is made of. */
const mark = (file: string) => execFileSync('tr', ['-d', '\\0'], { input: readFileSync(file), encoding: 'utf8' })
const marked = (role: string, number = 1) => `domdeck-disk 1\nguest ${uuidOf(number)}\nrole ${role}\n`
const traces = () => ({ guests: list(host.root, 'guests'), domains: xen.domains(), loops: xen.loops() })
const nothing = { guests: [], domains: [], loops: [] }

describe('guest.clone with encryption', () => {
  it('makes sparse empty disks that name the guest and their use, and no key', async () => {
    await cloned({ encrypted: true, swapMb: 32 })
    expect(list(at())).toEqual(['guest.cfg', 'guest.json', 'layer.img', 'swap.img'])
    expect(mark(at('layer.img'))).toBe(marked('layer'))
    expect(mark(at('swap.img'))).toBe(marked('swap'))
    expect(mark(join(host.root, 'guests/web-2/layer.img'))).toBe(marked('layer', 2))
    expect([statSync(at('layer.img')).size, statSync(at('swap.img')).size]).toEqual([64, 32].map((mb) => mb * 1024 * 1024))
    expect(statSync(at('layer.img')).blocks * 512).toBeLessThanOrEqual(64 * 1024)
    expect(statSync(at('layer.img')).mode & 0o777).toBe(0o600)
    expect(about()).toMatchObject({ mode: 'overlay', encrypted: true, encryptedSwap: true })
    expect(config()).toContain(' domdeck.layer=luks:/dev/xvdb domdeck.swap=/dev/xvds ')
    expect(config()).toContain(`'format=raw,vdev=xvdb,access=rw,target=${at('layer.img')}'`)
    expect(config()).toContain(`'format=raw,vdev=xvds,access=rw,target=${at('swap.img')}'`)
    expect(list(host.root, 'templates')).toEqual([])
  })

  it('gives a throwaway guest a disk instead of RAM, and a plain guest with swap its plain layer', async () => {
    await cloned({ mode: 'throwaway', encrypted: true, guests: input.guests.slice(0, 1) })
    expect(mark(at('layer.img'))).toBe(marked('throwaway'))
    expect(about()).toMatchObject({ mode: 'throwaway', encrypted: true })
    expect(config()).toContain(' domdeck.layer=throwaway:/dev/xvdb ')
    expect(config()).toContain(`'format=raw,vdev=xvdb,access=rw,target=${at('layer.img')}'`)
    expect((await ended({ operation: 'guest.delete', input: ref })).state).toBe('succeeded')
    await cloned({ swapMb: 16, guests: input.guests.slice(0, 1) })
    expect(about()).toMatchObject({ mode: 'overlay', encryptedSwap: true })
    expect(about()).not.toHaveProperty('encrypted')
    expect(config()).toContain(' domdeck.layer=/dev/xvdb domdeck.swap=/dev/xvds ')
    expect(list(host.root, 'templates')).toEqual(['ext4-64.img'])
  })

  it.each([
    ['a generation whose initrd cannot', () => base(1, {}), {}, 'The initrd of generation 1 of debian-12 cannot encrypt.'],
    [
      'a guest with a root of its own',
      () => {},
      { mode: 'copy' as const },
      'A guest with a root disk of its own has no encrypted disks.',
    ],
  ])('refuses %s', async (_what, arrange, changes, detail) => {
    arrange()
    for (const asked of [{ encrypted: true }, { swapMb: 16 }]) {
      expect(await ended(clone({ ...asked, ...changes }))).toMatchObject({
        state: 'failed',
        left: 'nothing',
        problem: { detail },
      })
      expect(traces()).toEqual(nothing)
    }
  })

  it('leaves all or no trace when it is killed, at points all along it, and rolled back', async () => {
    let killed = 0
    for (let at = 3; ; at += 9) {
      const call = clone({ encrypted: true, swapMb: 16, guests: input.guests.slice(0, 1) })
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

describe('a guest with an encrypted layer', () => {
  beforeEach(() => cloned({ encrypted: true, guests: input.guests.slice(0, 1) }))

  it('is not saved, and dumps no core: its memory holds the key', async () => {
    expect(await ended({ operation: 'guest.save', input: ref })).toMatchObject({
      state: 'failed',
      problem: {
        code: 'BAD_INPUT',
        detail: expect.stringMatching(/^web-1 has encrypted disks, and its memory holds their keys/),
      },
    })
    const policy = {
      operation: 'guest.crash-policy',
      input: { ...ref, configPath: at('guest.cfg'), policy: 'coredump-restart' },
    } as const
    expect(await ended(policy)).toMatchObject({ state: 'failed', problem: { code: 'BAD_INPUT' } })
    expect(xen.domains()).toEqual(['web-1'])
    expect(config()).toContain('on_crash    = "preserve"')
    expect(await ended({ ...policy, input: { ...policy.input, policy: 'restart' } })).toMatchObject({ state: 'succeeded' })
  })

  it.each([
    ['guest.grow', { layerMb: 200 }],
    ['guest.check', { repair: true }],
  ] as const)('is not touched by %s, which would have to read it', async (operation, more) => {
    await ended({ operation: 'guest.destroy', input: ref })
    writeFileSync(at('layer.img'), 'LUKS and more')
    const call = { operation, input: { ...ref, ...more } } as OperationCall
    expect(await ended(call)).toMatchObject({
      state: 'failed',
      problem: { code: 'BAD_INPUT', detail: 'The layer of web-1 is encrypted, and this host has no key to read it.' },
    })
    expect(readFileSync(at('layer.img'), 'utf8')).toBe('LUKS and more')
  })

  it('is kept as a snapshot and put back as it was, and is new after a reset', async () => {
    await ended({ operation: 'guest.destroy', input: ref })
    writeFileSync(at('layer.img'), 'LUKS and more'.padEnd(64 * 1024))
    const { result } = await ended({ operation: 'guest.snapshot', input: ref })
    expect(await ended({ operation: 'guest.reset', input: ref })).toMatchObject({ state: 'succeeded' })
    expect(mark(at('layer.img'))).toBe(marked('layer'))
    expect(statSync(at('layer.img')).size).toBe(64 * 1024)
    const revert = { operation: 'guest.revert', input: { ...ref, snapshot: result.snapshot ?? '' } } as const
    expect(await ended(revert)).toMatchObject({ state: 'succeeded' })
    expect(mark(at('layer.img')).trim()).toBe('LUKS and more')
  })

  it('goes to another generation only if that one can encrypt', async () => {
    await ended({ operation: 'guest.destroy', input: ref })
    const swap = { operation: 'guest.swap', input: { ...ref, base: 'debian-12', generation: 2 } } as const
    base(2, {})
    expect(await ended(swap)).toMatchObject({
      state: 'failed',
      problem: {
        code: 'BAD_INPUT',
        detail: 'The initrd of generation 2 of debian-12 cannot encrypt, and web-1 has encrypted disks.',
      },
    })
    base(2, { encryption: true })
    expect(await ended(swap)).toMatchObject({ state: 'succeeded' })
    expect(about()).toMatchObject({ generation: 2, previous: 1, encrypted: true })
  })
})
