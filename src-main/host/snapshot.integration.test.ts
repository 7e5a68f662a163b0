import { execFile } from 'node:child_process'
import { mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Guest } from '../../src-shared/models/guest'
import { Inventory, type InventoryChange } from './inventory'
import { parseSnapshot } from './snapshot'
import { listText, makeStubDom0, type StubDom0, type StubDomain, uuidOf } from './testing/stub-dom0'

const script = fileURLToPath(new URL('./snapshot.sh', import.meta.url))

let dom0: StubDom0
let inventory: Inventory
let answer = ''
let now = 0
beforeEach(async () => {
  dom0 = await makeStubDom0()
  inventory = new Inventory('host-1', dom0.storageRoot)
  now = 0
})
afterEach(() => dom0.remove())

/** Asks the real script, as the control shell would, and takes the answer in. `up` replaces the uptime of this machine. */
async function look(upSeconds?: number): Promise<InventoryChange> {
  now += 10
  const [, ...argv] = inventory.question(now)
  const { stdout } = await promisify(execFile)('sh', [script, ...argv], { env: dom0.environment })
  answer = stdout
  const snapshot = parseSnapshot(stdout, 'test')
  return inventory.take({ ...snapshot, upSeconds: upSeconds ?? snapshot.upSeconds }, now)
}

const domain = (domid: number, name = `web-${domid}`, more: Partial<StubDomain> = {}): StubDomain => ({
  domid,
  name,
  uuid: uuidOf(domid),
  ...more,
})
const named = () => Object.fromEntries([...inventory.guests.values()].map((guest) => [guest.name, guest]))
const guestJson = (name: string, uuid: string, more = {}) =>
  JSON.stringify({ format: 1, name, uuid, base: 'debian-12', generation: 1, mode: 'overlay', job: '01', ...more })
const baseJson = (more = {}) =>
  JSON.stringify({
    format: 1,
    base: 'debian-12',
    generation: 1,
    sizeBytes: 671088640,
    sha256: 'ab',
    fileSystem: 'ext4',
    kernelVersion: '6.1.0',
    types: ['pv', 'pvh'],
    minMemoryMb: 96,
    source: '/root/debian.img',
    importedAt: 1,
    ...more,
  })

describe('a snapshot of a host', () => {
  it('shows running domains with their details, and leaves Domain-0 out', async () => {
    await dom0.setDomains([domain(17), domain(18, 'web-02', { state: '--p---' })])
    const change = await look()
    expect(change.changed.map((guest) => guest.name)).toEqual(['web-17', 'web-02'])
    expect(named()['web-17']).toEqual({
      hostId: 'host-1',
      id: uuidOf(17),
      name: 'web-17',
      state: 'running',
      domid: 17,
      type: 'pv',
      memoryMb: 24,
      vcpus: 1,
      cpuSeconds: 1,
      kernel: '/srv/guest/tinylinux',
      disks: [{ vdev: 'xvda', target: '/srv/17.img', writable: true }],
      nics: [{ mac: '00:16:3e:00:00:01', bridge: 'xenbr0' }],
    })
    expect(named()['web-02']?.state).toBe('paused')
    expect(inventory.warnings).toEqual([])
  })

  it('asks xl list -l only for domains that are new', async () => {
    await dom0.setDomains([1, 2, 3, 4, 5].map((domid) => domain(domid)))
    await look()
    await dom0.setDomains([1, 2, 3, 4, 5, 6].map((domid) => domain(domid)))
    await look()
    await look()
    expect((await dom0.calls()).filter((call) => call.startsWith('list -l'))).toEqual(['list -l', 'list -l 6'])
    expect(named()['web-6']?.type).toBe('pv')
  })

  it('stops asking for a domain whose details xl does not have', async () => {
    await dom0.setDomains([domain(7)])
    await rm(`${dom0.folder}/list-l-7.json`)
    for (let count = 0; count < 12; count += 1) await look()
    expect((await dom0.calls()).filter((call) => call.startsWith('list -l'))).toHaveLength(5)
    expect(named()['web-7']).toMatchObject({ state: 'running', disks: [] })
  })

  it('says nothing again when only time passed, but keeps CPU time and its use', async () => {
    await dom0.setDomains([domain(1, 'busy', { seconds: 10 }), domain(2, 'idle', { seconds: 5, state: '-b----' })])
    expect((await look(100)).cpu).toBeUndefined()
    await dom0.setDomains([domain(1, 'busy', { seconds: 15, state: '------' }), domain(2, 'idle', { seconds: 5 })])
    const change = await look(110)
    expect(answer).not.toContain('|')
    expect(change).toMatchObject({ changed: [], removed: [], generations: undefined, domainsChanged: false })
    expect(change.cpu).toEqual({ [uuidOf(1)]: 0.5, [uuidOf(2)]: 0 })
    expect(named().busy?.cpuSeconds).toBe(15)
    expect((await look(112)).cpu).toBeUndefined()
  })

  it('costs an idle host with 200 guests of ours less than 1 kB a second', async () => {
    const domains = Array.from({ length: 200 }, (_, index) => domain(1000 + index, `web-${index}`, { seconds: 12345.6 }))
    await dom0.setDomains(domains)
    for (const { name, uuid } of domains) {
      await dom0.write(`guests/${name}/guest.json`, guestJson(name, uuid))
      await dom0.write(`guests/${name}/guest.cfg`, `name = "${name}"\nuuid = "${uuid}"\nmemory = 128\n`)
      await dom0.write(`guests/${name}/layer.img`, '')
    }
    await look()
    expect(inventory.guests.size).toBe(200)
    await look()
    const bytesAPoll = inventory.question(now + 10).join(' ').length + answer.length
    // A poll every 10 s; the rest of the budget is for the frames of SSH and the keepalive.
    expect(bytesAPoll / 10).toBeLessThan(500)
    expect(inventory.guests.size).toBe(200)
  })

  it('sends only what is near a change of 200 domains, and the use of CPU only now and then', async () => {
    const domains = Array.from({ length: 200 }, (_, index) => domain(1 + index))
    await dom0.setDomains(domains)
    await look(100)
    await dom0.setDomains(domains.filter(({ domid }) => domid !== 77))
    now -= 9
    expect(await look(101)).toMatchObject({ changed: [], removed: [uuidOf(77)], cpu: undefined })
    expect(answer.length + inventory.question(now).join(' ').length).toBeLessThan(3000)
    expect((await look(111)).cpu).toBeDefined()
  })

  it('asks anew for the details of a domid that comes again between two that are known', async () => {
    await dom0.setDomains([domain(1), domain(3)])
    await look()
    await dom0.setDomains([domain(1), domain(2), domain(3)])
    await look()
    expect(inventory.settled).toBe(false)
    await look()
    expect(inventory.settled).toBe(true)
    expect(named()['web-2']?.type).toBe('pv')
    expect((await dom0.calls()).filter((call) => call.startsWith('list -l'))).toEqual(['list -l 1', 'list -l 3', 'list -l 2'])
  })

  it.each([
    ['has no name yet', { name: '(null)' }, false],
    ['is dying', { state: '-----d' }, false],
    ['was just made and waits', { state: '--p---' }, false],
    ['runs', {}, true],
    ['crashed', { state: '---sc-' }, true],
  ])('is settled or not while a domain %s', async (_, more, settled) => {
    await dom0.setDomains([domain(1), domain(2, 'web', more)])
    await look()
    expect(inventory.settled).toBe(settled)
  })

  it('takes a domain that stays paused for one that somebody paused', async () => {
    await dom0.setDomains([domain(1, 'web', { state: '--p---' })])
    await look()
    await look()
    expect(inventory.settled).toBe(true)
  })

  it('shows the disk that each guest writes to, a volume too, and counts a copy as on no base', async () => {
    await dom0.setDomains([])
    const [copy, qcow2, thin] = [1, 2, 3].map(uuidOf)
    const from = { base: undefined, generation: undefined, from: 'debian-12/1', mode: 'copy' }
    await dom0.write('bases/debian-12/1/base.json', baseJson())
    await dom0.write('guests/copy/guest.json', guestJson('copy', copy ?? '', from))
    await dom0.write('guests/copy/disk.img', 'x'.repeat(5000))
    await dom0.write('guests/qcow2/guest.json', guestJson('qcow2', qcow2 ?? '', { mode: 'qcow2' }))
    await dom0.write('guests/qcow2/disk.qcow2', 'y')
    await dom0.write('guests/t-1/guest.json', guestJson('t-1', thin ?? '', { mode: 'thin', volume: 'lab-vg/domdeck-t-1' }))
    await dom0.write(`${dom0.folder}/dev/mapper/lab--vg-domdeck--t--1`, '')
    await dom0.program(
      'dmsetup',
      `#!/bin/sh
      echo 'lab--vg-domdeck--base.debian--12.1: 0 32768 thin 30000 32767'
      echo 'lab--vg-domdeck--t--1: 0 65536 thin 10240 18431'`,
    )
    dom0.environment.DOMDECK_ROOT = dom0.folder
    await look()
    const origin = { base: 'debian-12', generation: 1 }
    expect(named().copy?.origin).toEqual({ ...origin, mode: 'copy', layerBytes: 5000, layerAllocatedBytes: 262144 })
    expect(named().qcow2?.origin).toMatchObject({ ...origin, mode: 'qcow2', layerBytes: 1 })
    expect(named()['t-1']?.origin).toEqual({ ...origin, mode: 'thin', layerBytes: 65536 * 512, layerAllocatedBytes: 10240 * 512 })
    expect(inventory.generations.map(({ guests }) => guests)).toEqual([2])
    expect(inventory.warnings).toEqual([])
    await look()
    expect(answer).not.toContain('layer ')
  })

  it('shows a change of state, and a guest that is gone', async () => {
    await dom0.setDomains([domain(1), domain(2)])
    await look()
    await dom0.setDomains([domain(1, 'web-1', { state: '---sc-' })])
    expect(await look()).toMatchObject({ changed: [{ name: 'web-1', state: 'crashed' }], removed: [uuidOf(2)] })
  })

  it('keeps a guest one guest over its reboot, while old and new domain are both there', async () => {
    const uuid = uuidOf(9)
    await dom0.setDomains([domain(20, 'web', { uuid })])
    await look()
    await dom0.setDomains([domain(21, 'web', { uuid }), domain(20, 'web', { uuid, state: '---srd' })])
    await look()
    expect([...inventory.guests.values()]).toMatchObject([{ id: uuid, domid: 21, state: 'running' }])
  })

  it('knows its own guests, running and halted, with base and layer', async () => {
    await dom0.write('bases/debian-12/1/base.json', baseJson())
    await dom0.write('bases/debian-12/2/base.json', baseJson({ generation: 2 }))
    for (const [name, number] of [
      ['web-1', 1],
      ['web-2', 2],
    ] as const) {
      await dom0.write(`guests/${name}/guest.json`, guestJson(name, uuidOf(number)))
      await dom0.write(
        `guests/${name}/guest.cfg`,
        `name = "${name}"\nuuid = "${uuidOf(number)}"\ntype = "pvh"\nmemory = 256\nvcpus = 2\n`,
      )
      await dom0.write(`guests/${name}/layer.img`, '')
      await truncate(`${dom0.storageRoot}/guests/${name}/layer.img`, 2 ** 31)
    }
    await dom0.setDomains([domain(1)])
    const change = await look()
    expect(change.generations).toMatchObject([
      { base: 'debian-12', generation: 1, guests: 2, path: `${dom0.storageRoot}/bases/debian-12/1` },
      { base: 'debian-12', generation: 2, guests: 0 },
    ])
    const origin = { base: 'debian-12', generation: 1, mode: 'overlay', layerBytes: 2 ** 31, layerAllocatedBytes: 0 }
    expect(named()['web-1']).toMatchObject({
      state: 'running',
      domid: 1,
      configPath: `${dom0.storageRoot}/guests/web-1/guest.cfg`,
      origin,
    })
    expect(named()['web-2']).toMatchObject({ id: uuidOf(2), state: 'halted', type: 'pvh', memoryMb: 256, vcpus: 2, origin })
    expect(named()['web-2']?.domid).toBeUndefined()

    await rm(`${dom0.storageRoot}/guests/web-2`, { recursive: true })
    expect(await look()).toMatchObject({ removed: [uuidOf(2)], generations: [{ guests: 1 }, { guests: 0 }] })
  })

  it('shows what a layer takes as it grows', async () => {
    await dom0.write('guests/web-1/guest.json', guestJson('web-1', uuidOf(1)))
    await dom0.write('guests/web-1/layer.img', 'x')
    await look()
    await writeFile(`${dom0.storageRoot}/guests/web-1/layer.img`, Buffer.alloc(2 ** 20, 1))
    expect((await look()).changed).toMatchObject([{ origin: { layerBytes: 2 ** 20, layerAllocatedBytes: 2 ** 20 } }])
  })

  it('knows guests that others made: halted by their config, running by UUID or name', async () => {
    await dom0.write(
      `${dom0.etcXen}/pinned.cfg`,
      `name = 'pinned'\nuuid = '${uuidOf(5)}'\nmemory = 512\ndisk = ['/dev/vg/p,raw,xvda,w']\n`,
    )
    await dom0.write(`${dom0.etcXen}/loose.cfg`, "name = 'loose'\nmemory = 64\n")
    await dom0.write(`${dom0.etcXen}/other-tool.cfg`, '[section]\nthis is = no guest\n')
    await mkdir(`${dom0.etcXen}/auto`)
    await symlink('../loose.cfg', `${dom0.etcXen}/auto/loose.cfg`)
    await symlink('../gone.cfg', `${dom0.etcXen}/auto/gone.cfg`)
    await look()
    const halted = (guest: Partial<Guest>) => expect.objectContaining({ state: 'halted', ...guest })
    expect([...inventory.guests.values()]).toEqual([
      halted({ id: `cfg:${dom0.etcXen}/loose.cfg`, name: 'loose', memoryMb: 64 }),
      halted({ id: uuidOf(5), name: 'pinned', disks: [{ vdev: 'xvda', target: '/dev/vg/p', writable: true }] }),
    ])

    await dom0.setDomains([domain(5, 'pinned'), domain(6, 'loose')])
    await look()
    expect([...inventory.guests.values()]).toMatchObject([
      { id: uuidOf(5), name: 'pinned', state: 'running', configPath: `${dom0.etcXen}/pinned.cfg` },
      { id: uuidOf(6), name: 'loose', state: 'running', configPath: `${dom0.etcXen}/loose.cfg` },
    ])
  })

  it('warns of broken files and loses nothing else by them', async () => {
    await dom0.setDomains([domain(1)])
    await dom0.write('guests/good/guest.json', guestJson('good', uuidOf(8)))
    await dom0.write('guests/cut/guest.json', '{"format":1,"na')
    await dom0.write('guests/moved/guest.json', guestJson('elsewhere', uuidOf(9)))
    await dom0.write('guests/twin/guest.json', guestJson('twin', uuidOf(8)))
    await dom0.write('bases/evil/1/base.json', baseJson({ base: '../../etc' }))
    await dom0.write(`${dom0.etcXen}/huge.cfg`, `name = 'huge'\n${'#'.repeat(100_000)}`)
    await look()
    expect(Object.keys(named()).sort()).toEqual(['good', 'web-1'])
    expect(inventory.generations).toEqual([])
    const about = (path: string) => inventory.warnings.filter((warning) => warning.includes(path))
    for (const path of ['guests/cut', 'guests/moved', 'guests/twin', 'bases/evil/1', 'huge.cfg'])
      expect(about(path)).toHaveLength(1)
    expect(inventory.warnings).toHaveLength(5)
  })

  it.each(['a b', '|end', 'end', "it's $(reboot)", 'ü 名 😀', 'x\ny', 'up 5', '-rf', '1234', 'x'.repeat(300)])(
    'shows a domain and a config by the name %j, whatever it says',
    async (name) => {
      await dom0.setDomains([domain(1, name), domain(2, 'after')])
      await dom0.write(`${dom0.etcXen}/1.cfg`, `name = "${name.replace('\n', '\\n')}!"\nend\n|end\nfile 1 1:1 /etc/passwd\n`)
      await look()
      expect(new Set(Object.keys(named()))).toEqual(new Set([name, 'after', `${name}!`]))
    },
  )

  it('refuses an answer that was cut', async () => {
    expect(() => parseSnapshot('list 0 1\n|Name', 'xen-01')).toThrow('xen-01 came incomplete')
  })

  it('fails when xl fails, and says nothing', async () => {
    await rm(`${dom0.folder}/list-v.txt`)
    await expect(look()).rejects.toMatchObject({ code: 1, stdout: '' })
  })

  it('has a stub whose list looks like the recorded one', () => {
    expect(listText([domain(17, 'web-01', { uuid: uuidOf(17), seconds: 37.6 })]).split('\n')[2]).toBe(
      `web-01                                      17    24     1     r-----      37.6 ${uuidOf(17)}        -                -`,
    )
  })
})
