import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Job } from '../../src-shared/models/job'
import { connectToLab, type LabDomdeck, runJob } from './testing/domdeck'
import { lab } from './testing/lab'

// Guests that others made, on real files, loop devices, bind mounts and qcow2 chains. Plain xl is the witness that nobody else refuses this.
let app: LabDomdeck
const holder = { name: 'holder', uuid: randomUUID() }

/** A config as an administrator writes it, with one disk. */
const config = (name: string, disk: string, uuid = '') =>
  lab.sh(
    `printf '%s\\n' 'name="${name}"' 'memory=24' 'kernel="/srv/guest/tinylinux"' 'ramdisk="/srv/guest/tiny.cpio.gz"' "disk=['${disk}']" ${uuid && `'uuid="${uuid}"'`} >/etc/xen/${name}.cfg`,
  )
const start = (name: string, uuid?: string): Promise<Job> =>
  runJob(app, { operation: 'guest.start', input: { name, ...(uuid ? { uuid } : {}), configPath: `/etc/xen/${name}.cfg` } })
const refused = (detail: string) => ({
  state: 'failed',
  left: 'nothing',
  problem: { code: 'BUSY', detail: expect.stringContaining(detail) },
})
const runningNames = () => lab.sh("xl list | awk 'NR > 2 { print $1 }' | sort | tr '\\n' ' '")

beforeAll(async () => {
  await lab.fresh()
  app = await connectToLab()
  await lab.sh(`
    mkdir -p /srv/disks /mnt/bound && truncate -s 16M /srv/disks/one.img
    ln -s one.img /srv/disks/link.img
    ln /srv/disks/one.img /srv/disks/hard.img
    mount --bind /srv/disks /mnt/bound
    qemu-img create -q -f qcow2 -b /srv/disks/one.img -F raw /srv/disks/top.qcow2
    qemu-img create -q -f qcow2 -b top.qcow2 -F qcow2 /srv/disks/topmost.qcow2`)
  await config('holder', '/srv/disks/one.img,raw,xvda,rw', holder.uuid)
  expect(await start('holder', holder.uuid)).toMatchObject({ state: 'succeeded' })
}, 600_000)
afterAll(() => app?.close())

const full = process.env.DOMDECK_FULL === '1'
const ways = [
  ['the same file', '/srv/disks/one.img,raw,xvda,rw'],
  ['a symlink', '/srv/disks/link.img,raw,xvda,rw'],
  ['a hard link', '/srv/disks/hard.img,raw,xvda,rw'],
  ['a bind mount', 'format=raw,vdev=xvda,access=rw,target=/mnt/bound/one.img'],
  ['a qcow2 image on it', '/srv/disks/top.qcow2,qcow2,xvda,rw'],
  ['a qcow2 image on a qcow2 image on it', '/srv/disks/topmost.qcow2,qcow2,xvda,rw'],
] as const
const inEveryRun: readonly string[] = ['a hard link', 'a qcow2 image on a qcow2 image on it']

it.each(ways.filter(([what]) => full || inEveryRun.includes(what)))(
  'refuses a second guest by %s, and names the first',
  async (_what, disk) => {
    await config('thief', disk)
    expect(await start('thief')).toMatchObject(refused('by holder, which runs'))
    expect(await runningNames()).toBe('holder')
  },
)

it('refuses it by a second loop device, with its own UUID or with that of the first', async () => {
  const loop = await lab.sh('losetup -f --show /srv/disks/one.img')
  await config('thief', `phy:${loop},xvda,w`)
  expect(await start('thief')).toMatchObject(refused('by holder, which runs'))
  // The loop device alone, once the guest that has the file is off.
  await config('other', '/srv/disks/hard.img,raw,xvda,rw')
  await lab.sh('rm /etc/xen/thief.cfg /etc/xen/holder.cfg; xl destroy holder')
  expect(await start('other')).toMatchObject(refused(`is attached to ${loop} on the host`))
  await lab.sh(`losetup -d ${loop}; rm /etc/xen/other.cfg`)
  await config('holder', '/srv/disks/one.img,raw,xvda,rw', holder.uuid)
  expect(await start('holder', holder.uuid)).toMatchObject({ state: 'succeeded' })
  await config('thief', '/srv/disks/one.img,raw,xvda,rw', holder.uuid)
  expect(await start('thief', holder.uuid)).toMatchObject(refused('holder runs with the UUID of thief'))
})

it('is needed: plain xl starts the second guest on the same file', async () => {
  await config('thief', '/srv/disks/hard.img,raw,xvda,rw')
  await lab.sh('xl create -q /etc/xen/thief.cfg')
  expect(await runningNames()).toBe('holder thief')
  expect(await lab.sh('losetup -l -n -O BACK-INO,RO | sort | uniq -c | grep -c "^ *2 .* 0$"')).toBe('1')
  await lab.sh('xl destroy thief')
})

it('goes by a config that is off too', async () => {
  const adopt = { operation: 'guest.adopt', input: { ...holder, configPath: '/etc/xen/holder.cfg' } } as const
  const { problem } = await runJob(app, adopt)
  expect(problem?.detail).toContain('belongs as /srv/disks/hard.img to thief too, by its config /etc/xen/thief.cfg')
  await lab.sh('rm /etc/xen/thief.cfg')
  expect(await runJob(app, adopt)).toMatchObject({ state: 'succeeded' })
})
