import { describe, expect, it } from 'vitest'
import type { Check } from '../../src-shared/contract/guests'
import type { Guest } from '../../src-shared/models/guest'
import { type MigrateHost, planMigrate } from './plan-migrate'

const guest: Guest = {
  hostId: 'one',
  id: '11111111-1111-4111-8111-111111111111',
  name: 'web-01',
  state: 'running',
  domid: 3,
  memoryMb: 256,
  vcpus: 1,
  disks: [],
  nics: [],
  adopted: true,
}
const same = ['storage 77 2026-11-21 10:00:00.123456789 +0000', 'xen 4.17.5', 'cpu 178bf3ff:f6f83203:2e500800', 'free 4096']

function host(name: string, lines: string[], storageRoot = '/srv/domdeck', one = guest): MigrateHost {
  return {
    settings: { id: name, name, address: `${name}.example`, port: 22, user: 'root', storageRoot, simulated: false },
    guests: new Map([[one.id, one]]),
    run: async () => ({ stdout: Buffer.from(`${lines.join('\n')}\n`), stderr: Buffer.alloc(0), exitCode: 0 }),
  }
}
const plan = async (here: string[], there: string[], root?: string): Promise<Check[]> =>
  (await planMigrate(host('one', here), host('two', there, root), guest.id)).checks.filter(({ verdict }) => verdict !== 'pass')
const change = (before: string, after: string) => same.map((line) => (line.startsWith(before) ? after : line)).filter(Boolean)

describe('planMigrate', () => {
  it('passes two hosts that share storage, Xen, CPU and trust', async () => {
    expect(await plan([...same, 'domain -b----', 'named yes', 'ssh yes'], same)).toEqual([])
  })

  it.each([
    ['thin', 'an LVM volume of this host'],
    ['qcow2', 'a qcow2 file'],
    ['copy', undefined],
  ] as const)('on the disk of a guest of mode %s says %s', async (mode, fact) => {
    const [one, two] = [host('one', [...same, 'ssh yes']), host('two', same)]
    const origin = { base: 'debian-12', generation: 1, mode, layerBytes: 1, layerAllocatedBytes: 1 }
    const { checks } = await planMigrate({ ...one, guests: new Map([[guest.id, { ...guest, origin }]]) }, two, guest.id)
    const failed = checks.filter(({ verdict }) => verdict === 'fail')
    expect(failed.map((check) => check.fact)).toEqual(fact === undefined ? [] : [fact])
  })

  it('refuses a PV guest where Xen cannot follow its writes, and no other', async () => {
    const [without, withShadow] = ['virt pv hvm hap', 'virt pv hvm hap shadow']
    const typed = (type: 'pv' | 'pvh', virt: string) =>
      planMigrate(host('one', [...same, virt, 'ssh yes'], undefined, { ...guest, type }), host('two', same), guest.id)
    const failed = async (type: 'pv' | 'pvh', virt: string) =>
      (await typed(type, virt)).checks.filter(({ verdict }) => verdict === 'fail').map(({ fact }) => fact)
    expect(await failed('pv', without)).toEqual([expect.stringContaining('the Xen of one moves no PV guest')])
    expect(await failed('pv', withShadow)).toEqual([])
    expect(await failed('pvh', without)).toEqual([])
  })

  it.each([
    ['the folder is not there', change('storage', ''), 'Shared storage', 'fail', '/srv/domdeck/guests/web-01 is not on two'],
    [
      'it is a copy',
      change('storage', 'storage 78 2026-11-21 10:00:00.123456789 +0000'),
      'Shared storage',
      'fail',
      'another folder',
    ],
    [
      'it changed at another moment',
      change('storage', 'storage 77 2026-11-21 10:00:01.0 +0000'),
      'Shared storage',
      'fail',
      'another folder',
    ],
    ['Xen is older', change('xen', 'xen 4.14.6'), 'Xen', 'fail', '4.17.5 here, 4.14.6 on two'],
    ['Xen is newer', change('xen', 'xen 4.17.10'), 'Xen', 'warn', '4.17.10 on two'],
    ['the CPU lacks a feature', change('cpu', 'cpu 178bf3ff:f6f83202:2e500800'), 'CPU', 'fail', 'two lacks features'],
    ['there is no memory', change('free', 'free 100'), 'Memory', 'fail', '100 MB free on two, 256 MB needed'],
    ['it runs there already', [...same, 'domain -b----'], 'Name', 'fail', 'web-01 runs on two already'],
  ])('says so when %s', async (_what, there, title, verdict, fact) => {
    const found = await plan([...same, 'ssh yes'], there)
    expect(found).toEqual([{ title, verdict, fact: expect.stringContaining(fact), advice: expect.stringMatching(/\.$/) }])
  })

  it('takes a CPU that has more for good enough', async () => {
    expect(await plan([...same, 'ssh yes'], change('cpu', 'cpu 178bf3ff:ffffffff:2e500800:1'))).toEqual([])
  })

  it('wants the storage at one path', async () => {
    expect(await plan([...same, 'ssh yes'], same, '/data/domdeck')).toMatchObject([
      { fact: '/srv/domdeck here, /data/domdeck on two' },
    ])
  })

  it.each([
    ['Host key verification failed.', 'does not know the key of two'],
    ['root@two.example: Permission denied (publickey).', 'authorized_keys on two'],
    ['sh: 1: ssh: not found', 'Install openssh-client on one'],
    ['ssh: connect to host two.example port 22: Connection refused', 'Try on one: ssh -p 22 root@two.example true'],
  ])('has a next step for %j', async (said, advice) => {
    expect(await plan([...same, `no-ssh ${said}`], same)).toEqual([
      { title: 'SSH between the hosts', verdict: 'fail', fact: said, advice: expect.stringContaining(advice) },
    ])
  })
})
