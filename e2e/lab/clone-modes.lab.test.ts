import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { planClone } from '../../src-main/guests/plan-clone'
import type { ClonePlan } from '../../src-shared/contract/guests'
import type { Guest } from '../../src-shared/models/guest'
import { endedStates, type Job } from '../../src-shared/models/job'
import type { CloneMode, CloneRequest, OperationCall } from '../../src-shared/operations'
import { says } from './testing/console'
import { connectToLab, guestNamed, jobWhen, type LabDomdeck, runJob, succeed as succeedAt, tinyBase } from './testing/domdeck'
import { killJob, places, startHeld } from './testing/faults'
import { traces as filesAndDomains, lab } from './testing/lab'

// Guests with a root disk of their own, on an XFS and in a thin pool, both of which dom0 has on loop devices; and one with no disk at all.
const full = process.env.DOMDECK_FULL === '1'
const pool = 'lab-vg/pool0'
let app: LabDomdeck
let clean: string

beforeAll(async () => {
  await lab.fresh()
  await lab.sh(
    `truncate -s 3G /srv/xfs.img; mkfs.xfs -q /srv/xfs.img; mkdir -p /srv/domdeck; mount -o loop /srv/xfs.img /srv/domdeck`,
  )
  app = await connectToLab()
  await succeed({ operation: 'image.import', input: tinyBase })
  await app.host.refresh()
}, 600_000)
afterAll(() => app?.close())

/** Volumes too: none may be left. */
const traces = async (): Promise<string> =>
  `${await filesAndDomains()}\n# volumes\n${await lab.sh('lvs --noheadings -o lv_name | grep domdeck || :')}`

const succeed = (call: OperationCall): Promise<Job> => succeedAt(app, call)

async function plan(mode: CloneMode, more: Partial<CloneRequest> = {}): Promise<ClonePlan> {
  const request: CloneRequest = {
    ...{ base: 'tiny', generation: 1, mode, layerMb: 16, memoryMb: 48, vcpus: 1, type: 'pv', bridge: null },
    ...{ pattern: `${mode}-1`, count: 1, ...more },
  }
  return planClone(app.host, request, app.domdeck.takenMacs())
}

async function clone(mode: CloneMode, more: Partial<CloneRequest> = {}): Promise<Job> {
  const { input, checks } = await plan(mode, more)
  expect(checks.filter(({ verdict }) => verdict === 'fail')).toEqual([])
  return succeed({ operation: 'guest.clone', input })
}

const guest = (name: string): Promise<Guest> => guestNamed(app, name)

const ref = async (name: string) => ({ name, uuid: (await guest(name)).id })
const start = async (name: string): Promise<Job> => {
  const { id, configPath = '' } = await guest(name)
  return succeed({ operation: 'guest.start', input: { name, uuid: id, configPath } })
}

/** What a guest says of itself and its root in one look: its name, the mount of its root, and the size of the file system in MB. */
async function look(name: string): Promise<{ hostname: string; root: string; sizeMb: number }> {
  const command =
    'echo look-$((40 + 2)); hostname; grep "^/dev/xvda / " /proc/mounts; df -m / | tail -n 1; echo mine >/root/kept; sync; echo end-$((40 + 2))'
  const said = await says(name, command, /look-42\r?\n.*end-42/s)
  const [, hostname = '', mount = '', disk = ''] = said.split(/\r?\n/)
  const [device, , type, options = ''] = mount.split(' ')
  return { hostname, root: `${device} ${type} ${options.split(',')[0]}`, sizeMb: Number(disk.split(/ +/)[1]) }
}

it('says why it cannot make thin guests, until there is a thin pool', async () => {
  expect((await plan('overlay')).refusedModes).toEqual({ thin: 'there is no LVM thin pool' })
  await lab.sh(`truncate -s 1500M /srv/pv.img; pv=$(losetup -f --show /srv/pv.img)
    vgcreate -q lab-vg "$pv"; lvcreate -q --type thin-pool -L 1200M -n pool0 lab-vg`)
  const { refusedModes, pools } = await plan('overlay')
  expect(refusedModes).toEqual({})
  expect(pools).toEqual([{ name: pool, freeBytes: 1200 * 1024 * 1024 }])
  clean = await traces()
})

const modes = [
  ['copy', 32, 'disk.img'],
  ['reflink', 16, 'disk.img'],
  ['thin', 32, undefined],
  ['qcow2', 16, 'disk.qcow2'],
] as const
const inEveryRun: readonly string[] = ['thin', 'qcow2']

describe.each(modes.filter(([mode]) => full || inEveryRun.includes(mode)))('a guest of mode %s', (mode, layerMb, file) => {
  let name = `${mode}-1`
  const kept = () => says(name, 'cat /root/kept', /(?<=\n)mine(?=\r?\n)/)

  it('boots to a prompt from a root of its own, which has the size that was asked for', async () => {
    await clone(mode, { layerMb })
    const { hostname, root, sizeMb } = await look(name)
    expect({ hostname, root }).toEqual({ hostname: name, root: '/dev/xvda ext4 rw' })
    expect(Math.abs(sizeMb - layerMb)).toBeLessThan(layerMb / 4)
    const { origin } = await guest(name)
    expect(origin).toMatchObject({ mode, base: 'tiny', generation: 1 })
    expect(origin?.layerAllocatedBytes).toBeGreaterThan(100_000)
    if (mode !== 'qcow2') expect(origin?.layerBytes).toBe(layerMb * 1024 * 1024)
    expect(await lab.sh('losetup -n -O RO -j /srv/domdeck/bases/tiny/1/root.img')).toBe('')
  })

  if (full && mode === 'reflink')
    it('keeps what it wrote over a stop', async () => {
      await succeed({ operation: 'guest.destroy', input: await ref(name) })
      await start(name)
      await kept()
    })

  if (full && mode === 'thin')
    it('is renamed with its volume, and keeps what it wrote', async () => {
      await succeed({ operation: 'guest.destroy', input: await ref(name) })
      await succeed({ operation: 'guest.rename', input: { ...(await ref(name)), newName: 'thin-2' } })
      name = 'thin-2'
      expect(await lab.sh('ls /dev/lab-vg')).toBe('domdeck-thin-2')
      expect((await guest(name)).origin?.layerBytes).toBe(layerMb * 1024 * 1024)
      await start(name)
      await kept()
    })

  if (mode === 'qcow2')
    it('is saved and restored, and refuses to move', async () => {
      await succeed({ operation: 'guest.save', input: await ref(name) })
      await succeed({ operation: 'guest.restore', input: await ref(name) })
      await kept()
      const to = { name: 'self', address: '127.0.0.1', port: 22 }
      const moved = await runJob(app, { operation: 'guest.migrate', input: { ...(await ref(name)), to } })
      expect(moved).toMatchObject({ state: 'failed', left: 'nothing' })
    })

  it('is deleted with all that is its own, and its base is as it was', async () => {
    await lab.sh(`[ -e ${file ? `/srv/domdeck/guests/${name}/${file}` : `/dev/lab-vg/domdeck-${name}`} ]`)
    await succeed({ operation: 'guest.delete', input: await ref(name) })
    expect(await traces()).toBe(clean)
    await lab.sh(`cd /srv/domdeck/bases/tiny/1; grep -q "$(sha256sum root.img | cut -d' ' -f1)" base.json`)
  })
})

it.runIf(full)('forgets what was written to a throwaway guest', async () => {
  await clone('throwaway')
  const name = 'throwaway-1'
  await says(name, 'grep " / " /proc/mounts; echo soon-gone >/root/kept; cat /root/kept', /overlay [\s\S]*\nsoon-gone/)
  await succeed({ operation: 'guest.reboot', input: await ref(name) })
  await says(name, 'cat /root/kept', /No such file/)
  await succeed({ operation: 'guest.delete', input: await ref(name) })
  expect(await traces()).toBe(clean)
})

it.runIf(full)('refuses a volume that is there already, and leaves it', async () => {
  await lab.sh('lvcreate -q -V 8m -n domdeck-thin-1 --thinpool lab-vg/pool0')
  const taken = await runJob(app, { operation: 'guest.clone', input: (await plan('thin')).input })
  expect(taken).toMatchObject({ state: 'failed', left: 'nothing', problem: { code: 'BUSY' } })
  await lab.sh('lvremove -q -y lab-vg/domdeck-thin-1')
  expect(await traces()).toBe(clean)
})

describe.each(full ? (['copy', 'reflink', 'thin', 'qcow2'] as const) : (['thin'] as const))('a clone job of mode %s', (mode) => {
  const call = async (): Promise<OperationCall> => ({
    operation: 'guest.clone',
    input: (await plan(mode, { layerMb: 32 })).input,
  })

  it.each(full ? [2, 3, 4, 5, 6] : [5])('leaves no trace when it is killed at place %i and rolled back', async (place) => {
    const asked = await call()
    expect(places(asked)).toContain(place)
    const job = await startHeld(app, asked, place)
    await killJob(job)
    await jobWhen(app.domdeck, job.id, ({ state }) => endedStates.has(state))
    await app.domdeck.jobs.recover(app.host, job.id, { by: 'lab', from: 'test' })
    await jobWhen(app.domdeck, job.id, ({ left }) => left !== 'pending')
    expect(await traces()).toBe(clean)
  })
})
