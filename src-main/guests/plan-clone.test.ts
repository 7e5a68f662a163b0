import { describe, expect, it } from 'vitest'
import type { Generation } from '../../src-shared/models/base'
import type { HostFacts } from '../../src-shared/models/host'
import type { CloneRequest } from '../../src-shared/operations'
import { type CloneHost, planClone } from './plan-clone'

const generation: Generation = {
  base: 'debian-12',
  generation: 1,
  path: '/srv/domdeck/bases/debian-12/1',
  sizeBytes: 671_088_640,
  sha256: 'e'.repeat(64),
  fileSystem: 'ext4',
  kernelVersion: '6.1.0-50-amd64',
  types: ['pv', 'pvh'],
  minMemoryMb: 96,
  source: '/srv/guest/debian.img',
  importedAt: 0,
  guests: 0,
}
const facts = { hostname: 'dom0', guestTypes: ['pv', 'pvh', 'hvm'] } as Partial<HostFacts> as HostFacts
const answer = 'check\tpass\tNames\t3 free\t\nnumber\tbytes_per_guest\t1150000\nnumber\tcomplete\t1\n'

function host(changes: { facts?: Partial<HostFacts>; generation?: Partial<Generation>; answer?: string } = {}) {
  const asked: string[] = []
  const result: CloneHost & { asked: string[] } = {
    asked,
    settings: {
      id: 'h',
      name: 'lab',
      address: 'lab',
      port: 22,
      user: 'root',
      storageRoot: '/srv/domdeck',
      simulated: false,
    },
    facts: { ...facts, ...changes.facts },
    generations: [{ ...generation, ...changes.generation }],
    run: (argv) => {
      asked.push(argv.join(' '))
      return Promise.resolve({ stdout: Buffer.from(changes.answer ?? answer), stderr: Buffer.from('gone'), exitCode: 0 })
    },
  }
  return result
}

const request: CloneRequest = {
  base: 'debian-12',
  generation: 1,
  mode: 'overlay',
  layerMb: 2048,
  memoryMb: 256,
  vcpus: 1,
  type: 'auto',
  bridge: null,
  pattern: 'web-{08..}',
  count: 3,
}

describe('planClone', () => {
  it('knows who can have encrypted disks', async () => {
    const verdict = async (changes: Partial<CloneRequest>, encryption?: boolean) => {
      const { checks } = await planClone(host({ generation: { encryption } }), { ...request, ...changes }, new Set())
      return checks.find(({ title }) => title === 'Encryption')
    }
    expect(await verdict({})).toBeUndefined()
    expect(await verdict({ encrypted: true }, true)).toMatchObject({
      verdict: 'pass',
      fact: expect.stringContaining('passphrase'),
    })
    expect(await verdict({ swapMb: 64 }, true)).toMatchObject({ verdict: 'pass', fact: 'with a key of each boot' })
    expect(await verdict({ swapMb: 64 })).toMatchObject({ verdict: 'fail', advice: expect.stringContaining('cryptsetup-bin') })
    expect(await verdict({ encrypted: true, mode: 'copy' }, true)).toMatchObject({ verdict: 'fail' })
  })

  it('pins names, UUIDs and MACs, all different, in one round trip', async () => {
    const lab = host()
    const plan = await planClone(lab, request, new Set())
    expect(plan.input.guests.map((guest) => guest.name)).toEqual(['web-08', 'web-09', 'web-10'])
    expect(new Set(plan.input.guests.map((guest) => guest.uuid)).size).toBe(3)
    expect(new Set(plan.input.guests.map((guest) => guest.mac)).size).toBe(3)
    expect(plan.input.type).toBe('pvh')
    expect(plan.bytesPerGuest).toBe(1_150_000)
    expect(lab.asked).toHaveLength(1)
    for (const guest of plan.input.guests) expect(plan.script).toContain(`${guest.name} ${guest.uuid} ${guest.mac}`)
    expect(plan.checks.map((check) => check.verdict)).toEqual(['pass', 'pass', 'pass'])
  })

  it.each([
    ['the kernel', { generation: { types: ['pv'] as Generation['types'] } }],
    ['the host', { facts: { guestTypes: ['pv'] as HostFacts['guestTypes'] } }],
  ])('falls back to PV where %s cannot do PVH, and refuses PVH asked for', async (_which, changes) => {
    expect((await planClone(host(changes), request, new Set())).input.type).toBe('pv')
    const asked = await planClone(host(changes), { ...request, type: 'pvh' }, new Set())
    expect(asked.checks[0]).toMatchObject({ title: 'Type', verdict: 'fail', fact: expect.stringContaining('PVH') })
  })

  it('fails the check when a guest would get less memory than its kernel needs', async () => {
    const plan = await planClone(host(), { ...request, memoryMb: 64 }, new Set())
    expect(plan.checks).toContainEqual(expect.objectContaining({ verdict: 'fail', fact: '64 MB, the base needs 96 MB' }))
  })

  it('refuses a bad name with the reason, before it asks the host', async () => {
    const lab = host()
    await expect(planClone(lab, { ...request, pattern: "web'; reboot #", count: 1 }, new Set())).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining('A guest name holds only a to z'),
    })
    expect(lab.asked).toEqual([])
  })

  it('says which modes the host cannot do and why, and which thin pools it has', async () => {
    const words = ['refused\treflink /srv is ext4: no reflink', 'pool\tvg0/pool0 1048576', 'pool\tvg1/p 0']
    const plan = await planClone(host({ answer: words.map((text) => `text\t${text}\n`).join('') + answer }), request, new Set())
    expect(plan.refusedModes).toEqual({ reflink: '/srv is ext4: no reflink' })
    expect(plan.pools).toEqual([
      { name: 'vg0/pool0', freeBytes: 1_048_576 },
      { name: 'vg1/p', freeBytes: 0 },
    ])
    expect(plan.input.pool).toBeUndefined()
  })

  it('pins the thin pool that the host has chosen', async () => {
    const lab = host({ answer: `text\tchosen\tvg0/pool0\n${answer}` })
    const plan = await planClone(lab, { ...request, mode: 'thin', layerMb: 640 }, new Set())
    expect(plan.input.pool).toBe('vg0/pool0')
    expect(plan.script).toContain('pool=vg0/pool0')
  })

  it.each([
    ['copy', 639, 'fail'],
    ['copy', 640, 'pass'],
    ['thin', 1000, 'pass'],
    ['qcow2', 1000, 'warn'],
  ] as const)('a disk of mode %s with %i MB for a base of 640 MB: %s', async (mode, layerMb, verdict) => {
    const { checks } = await planClone(host(), { ...request, mode, layerMb }, new Set())
    expect(checks).toContainEqual(expect.objectContaining({ title: 'Disk', verdict, fact: `${layerMb} MB, the base has 640 MB` }))
  })

  it('refuses a base that is not there', async () => {
    await expect(planClone(host(), { ...request, generation: 9 }, new Set())).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it.each([
    ['breaks off', 'check\tpass\tNames\t3 free\t\n'],
    ['answers with something else', 'sh: xl: not found\nnumber\tcomplete\t1\n'],
  ])('does not take a preflight that %s for a pass', async (_how, text) => {
    await expect(planClone(host({ answer: text }), request, new Set())).rejects.toMatchObject({ code: 'UNEXPECTED_OUTPUT' })
  })
})
