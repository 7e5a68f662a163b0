import { execFile, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { endedStates, type Job } from '../../src-shared/models/job'
import type { OperationCall } from '../../src-shared/operations'
import { connectToLab, jobWhen, type LabDomdeck, powerCut, runJob, succeed as succeedAt } from './testing/domdeck'
import { cutLinks, killJob, type Place, places, release, startHeld } from './testing/faults'
import { lab, traces } from './testing/lab'

// Disk images made and given GRUB on dom0, booted by the BIOS of a QEMU without Xen, and as PV and PVH guests by Xen's own GRUBs, each to a
// login prompt. Every run boots one of them once; all of them by all ways take an hour.
const full = process.env.DOMDECK_FULL === '1'
const patienceMs = 30 * 60_000
let app: LabDomdeck
const succeed = (call: OperationCall): Promise<Job> => succeedAt(app, call)
const images = '/srv/boot'
const at = (name: string) => `${images}/${name}.img`
const bootable = (name: string, table: 'mbr' | 'gpt'): OperationCall => ({
  operation: 'image.bootable',
  input: { from: { path: at('root') }, target: at(name), table, format: 'raw' },
})
const grub = (path: string): OperationCall => ({ operation: 'image.grub', input: { path } })

beforeAll(async () => {
  await lab.fresh()
  app = await connectToLab()
  // In emulation udev may take longer than the 90 s that systemd waits for a console.
  await lab.sh(`
    mkdir ${images} /mnt/image
    cp --sparse=always /srv/guest/debian.img ${at('root')}
    mount -o loop ${at('root')} /mnt/image
    mkdir -p /mnt/image/etc/systemd/system.conf.d
    printf '[Manager]\\nDefaultTimeoutStartSec=1800\\n' >/mnt/image/etc/systemd/system.conf.d/slow.conf
    umount /mnt/image`)
}, 600_000)
afterAll(() => app?.close())

/** What makes an image whose root is in LVM: a volume of two pieces, in a group that dom0 also has. dom0's own initrd knows LVM. */
async function makeLvmImage(name: string, table: 'mbr' | 'gpt'): Promise<void> {
  const layout = {
    mbr: 'label: dos\nstart=4096, type=8e\n',
    gpt: 'label: gpt\nstart=2048, size=2048, type=21686148-6449-6E6F-744E-656564454649\nstart=4096, type=E6D6D379-F507-44C2-A23C-238F2A3DF928\n',
  }[table]
  await lab.sh(`
    cd ${images}
    truncate -s 900M ${name}.img
    printf '${layout.replaceAll('\n', '\\n')}' | sfdisk -q ${name}.img
    device=$(losetup --show -f -o 2097152 --sizelimit $((896 * 1048576)) ${name}.img)
    vg() { command=$1; shift; "$command" --devices "$device" -q "$@" >/dev/null; }
    vg pvcreate "$device"
    vg vgcreate for-guests "$device"
    vg lvcreate -an -Zn -Wn -L 300M -n root for-guests
    vg lvcreate -an -Zn -Wn -L 8M -n between for-guests
    vg lvextend -L 644M for-guests/root
    vg lvchange -ay for-guests/root
    udevadm settle
    dd if=${at('root')} of=/dev/for-guests/root bs=1M conv=sparse status=none
    mount /dev/for-guests/root /mnt/image
    sed -i 's|^/dev/xvda |/dev/mapper/for--guests-root |' /mnt/image/etc/fstab
    cp /boot/vmlinuz-"$(uname -r)" /boot/initrd.img-"$(uname -r)" /mnt/image/boot/
    umount /mnt/image
    vg vgchange -an for-guests
    losetup -d "$device"
    udevadm settle`)
}

/** Boots it as a guest by one of Xen's GRUBs, until there is a login prompt on hvc0. */
async function bootGuest(name: string, type: 'pv' | 'pvh'): Promise<void> {
  const loader = { pv: 'grub-x86_64-xen.bin', pvh: 'grub-i386-xen_pvh.bin' }[type]
  const guest = `${name}-${type}`
  await lab.sh(`
    printf 'name = "${guest}"\\ntype = "${type}"\\nmemory = 256\\nkernel = "/usr/lib/grub-xen/${loader}"\\ndisk = ["${at(name)},raw,xvda,rw"]\\n' >${images}/${guest}.cfg
    xl create -q ${images}/${guest}.cfg`)
  await lab.sh(`
    mkfifo ${images}/${guest}.in
    setsid /usr/lib/xen-4.17/bin/xenconsole --interactive --type pv "$(xl domid ${guest})" <${images}/${guest}.in >${images}/${guest}.log 2>/dev/null &
    setsid sh -c 'exec sleep 100000 >${images}/${guest}.in' >/dev/null 2>&1 &
    echo $! >${images}/${guest}.pid`)
  let said = ''
  try {
    await expect
      .poll(
        async () => {
          said = await lab.sh(`tail -c 2000 ${images}/${guest}.log | tr -cd '[:print:]\\n'`)
          return said
        },
        { timeout: patienceMs, interval: 2000 },
      )
      .toMatch(/login: *$/)
  } finally {
    await lab.sh(`kill "$(cat ${images}/${guest}.pid)"; xl destroy ${guest} || :; rm ${images}/${guest}.*`)
  }
  expect(said).toMatch(/login: *$/)
}

/** Boots a copy of it on this workstation by a BIOS, without Xen, until there is a login prompt on its serial line. */
async function bootBios(name: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'domdeck-boot-'))
  const log = join(folder, 'serial')
  const ssh = join(import.meta.dirname, '../../lab/ssh')
  await writeFile(log, '')
  await promisify(execFile)('sh', [
    '-c',
    '"$1" "tar -C $2 -cSf - $3 | gzip -1" | tar -C "$4" -xSzf -',
    'sh',
    ...[ssh, images, `${name}.img`, folder],
  ])
  const machine = spawn('qemu-system-x86_64', [
    ...['-accel', 'tcg', '-m', '512', '-nodefaults', '-display', 'none', '-no-reboot', '-serial', `file:${log}`],
    ...['-drive', `if=virtio,format=raw,file=${join(folder, `${name}.img`)},cache=unsafe`],
  ])
  try {
    await expect.poll(() => readFile(log, 'utf8'), { timeout: patienceMs, interval: 2000 }).toMatch(/login: *$/)
  } finally {
    machine.kill('SIGKILL')
    await rm(folder, { recursive: true })
  }
}

it(
  'makes a bootable disk of a file system, and Xen boots it as PV by pvgrub',
  async () => {
    const before = await traces()
    await succeed(bootable('mbr-plain', 'mbr'))
    await bootGuest('mbr-plain', 'pv')
    // The kernel lets go of the disk of a guest a moment after it.
    await expect.poll(traces, { timeout: 30_000 }).toBe(before)
  },
  patienceMs,
)

it('puts GRUB on no disk of the host, no mounted one, none of a running guest, and no link to one', async () => {
  await lab.sh(`
    truncate -s 64M ${images}/mounted
    mkfs.ext4 -q ${images}/mounted
    mkdir ${images}/mnt
    mount -o loop ${images}/mounted ${images}/mnt
    cp --sparse=always /srv/guest/tiny.img ${images}/running
    printf 'name = "runs"\\ntype = "pv"\\nmemory = 32\\nkernel = "/srv/guest/tinylinux"\\nramdisk = "/srv/guest/tiny.cpio.gz"\\ndisk = ["${images}/running,raw,xvda,rw"]\\n' >${images}/runs.cfg
    xl create -q ${images}/runs.cfg
    ln -s /dev/vda ${images}/to-vda
    ln -s ${images}/running ${images}/to-running`)
  const before = await lab.sh('head -c 1M /dev/vda | sha256sum')
  const refused = async (path: string): Promise<string> => {
    const job = await runJob(app, grub(path))
    expect(job).toMatchObject({ state: 'failed', left: 'nothing', problem: { code: 'PREFLIGHT_FAILED' } })
    return job.problem?.detail ?? ''
  }
  expect(await refused('/dev/vda')).toMatch(/\/dev\/vda is a disk, not an image file\. .*mounted on the host at \//)
  expect(await refused(`${images}/to-vda`)).toMatch(/to-vda, which leads to \/dev\/vda, is a disk, not an image file/)
  const device = await lab.sh(`losetup -n -O NAME -j ${images}/mounted`)
  expect(await refused(device)).toContain(`is mounted on the host at ${images}/mnt`)
  expect(await refused(`${images}/mounted`)).toContain(`is mounted on the host at ${images}/mnt`)
  for (const path of [`${images}/running`, `${images}/to-running`]) expect(await refused(path)).toContain('by runs, which runs')
  expect(await lab.sh('head -c 1M /dev/vda | sha256sum')).toBe(before)
  await lab.sh(
    `xl destroy runs; umount ${images}/mnt; rm -r ${images}/mnt ${images}/mounted ${images}/running ${images}/to-* ${images}/runs.cfg`,
  )
})

it.each([3, ...(full ? [1, 2, 4, 5, 6] : [])] as Place[])(
  'leaves image and host as they were when the job is killed, or the power cut, at place %i',
  async (place) => {
    const call = grub(at('mbr-plain'))
    expect(places(call)).toContain(place)
    for (const fault of full ? [killJob, () => powerCut(app)] : [killJob]) {
      const state = async () => `${await traces()}\n${await lab.sh(`ls -A ${images}; dmsetup ls; sha256sum ${at('mbr-plain')}`)}`
      const before = await state()
      const job = await startHeld(app, call, place)
      await fault(job)
      const ended = await jobWhen(app.domdeck, job.id, (one) => endedStates.has(one.state))
      if (ended.left === 'pending') await app.domdeck.jobs.recover(app.host, job.id, { by: 'lab', from: 'test' })
      await jobWhen(app.domdeck, job.id, ({ left }) => left === 'nothing')
      const after = await state()
      // At its very end the image is complete already.
      const same = (text: string) => (place > 5 ? text.replace(/^[0-9a-f]{64}/m, '') : text)
      expect(same(after)).toBe(same(before))
    }
  },
  patienceMs,
)

/** It fails with these words, and leaves the image and the host as they were. */
async function failsUnchanged(call: OperationCall, image: string, words: RegExp, during?: () => Promise<unknown>): Promise<void> {
  const state = async () =>
    `${await traces()}\n${await lab.sh(`ls -A -I ballast ${dirname(image)}; dmsetup ls; stat -c "%i %s %y" ${image}`)}`
  const before = await state()
  let job: Job
  if (during) {
    const held = await startHeld(app, call, 2)
    await during()
    await release(held)
    job = await jobWhen(app.domdeck, held.id, (one) => endedStates.has(one.state))
  } else job = await runJob(app, call)
  expect(job).toMatchObject({ state: 'failed', left: 'nothing' })
  expect(`${job.problem?.detail} ${job.problem?.context?.output ?? ''}`).toMatch(words)
  expect(job.problem?.hint).toBeTruthy()
  expect(await state()).toBe(before)
}

it.runIf(full)('says what is missing before anything is done: GRUB itself, or a place for it', async () => {
  const modules = '/usr/lib/grub/i386-pc'
  await lab.sh(`mv ${modules}/boot.img ${modules}/boot.aside`)
  try {
    await failsUnchanged(grub(at('mbr-plain')), at('mbr-plain'), /this host has no GRUB for BIOS/)
  } finally {
    await lab.sh(`mv ${modules}/boot.aside ${modules}/boot.img`)
  }
  await lab.sh(`truncate -s 10M ${at('no-bios')}; printf 'label: gpt\\nstart=2048\\n' | sfdisk -q ${at('no-bios')}`)
  await failsUnchanged(grub(at('no-bios')), at('no-bios'), /has no BIOS boot partition/)
  await lab.sh(`rm ${at('no-bios')}`)
})

describe.runIf(full)('an image is whole, and the host as it was,', () => {
  it(
    'when GRUB cannot be installed after all',
    async () => {
      const module = '/usr/lib/grub/i386-pc/part_msdos.mod'
      const call = grub(at('mbr-plain'))
      await failsUnchanged(call, at('mbr-plain'), /GRUB could not be put on/, () => lab.sh(`mv ${module} ${module}.aside`))
      await lab.sh(`mv ${module}.aside ${module}`)
    },
    patienceMs,
  )

  it(
    'when there is no room for the copy, from the beginning or in the middle',
    async () => {
      const inside = `${images}/small/disk.img`
      await lab.sh(`
        kb=$(du -k ${at('mbr-plain')} | cut -f 1)
        mkdir ${images}/small && truncate -s $((kb * 3 + 200000))k ${images}/small.fs && mkfs.ext4 -q ${images}/small.fs
        mount -o loop ${images}/small.fs ${images}/small && cp --sparse=always ${at('mbr-plain')} ${inside}`)
      const fill = () =>
        lab.sh(`fallocate -l $(($(df --output=avail -k ${images}/small | tail -n 1) - 40000))k ${images}/small/ballast`)
      try {
        await fill()
        await failsUnchanged(grub(inside), inside, /Space: .* are free under/)
        await lab.sh(`rm ${images}/small/ballast`)
        await failsUnchanged(grub(inside), inside, /No space left|are free under/, fill)
      } finally {
        await lab.sh(`umount ${images}/small; rm -r ${images}/small ${images}/small.fs`)
      }
    },
    patienceMs,
  )

  it(
    'when the link is cut, which is no end of the job',
    async () => {
      const before = await traces()
      const held = await startHeld(app, grub(at('mbr-plain')), 3)
      await cutLinks()
      await release(held)
      const job = await jobWhen(app.domdeck, held.id, (one) => endedStates.has(one.state))
      expect(job).toMatchObject({ state: 'succeeded', result: { table: 'MBR' } })
      expect(await traces()).toBe(before)
    },
    patienceMs,
  )
})

describe.runIf(full)('every kind of image, by every way', () => {
  const kinds = ['mbr-plain', 'gpt-plain', 'mbr-lvm', 'gpt-lvm'] as const
  it(
    'is made on dom0, where a volume group of the same name is untouched',
    async () => {
      await succeed(bootable('gpt-plain', 'gpt'))
      for (const table of ['mbr', 'gpt'] as const) await makeLvmImage(`${table}-lvm`, table)
      await lab.sh(`
      truncate -s 64M ${images}/own
      device=$(losetup --show -f ${images}/own)
      pvcreate -q "$device" && vgcreate -q for-guests "$device" && lvcreate -q -L 8M -n root for-guests`)
      const own = () => lab.sh('vgs --noheadings -o name,uuid,seqno for-guests; lvs --noheadings for-guests; dmsetup table')
      const before = [await traces(), await own()]
      for (const name of ['mbr-lvm', 'gpt-lvm']) {
        const { result } = await succeed(grub(at(name)))
        expect(result.root).toBe('LVM volume for--guests-root')
      }
      expect([await traces(), await own()]).toEqual(before)
      await lab.sh(`vgchange -q -an for-guests; losetup -d "$(losetup -n -O NAME -j ${images}/own)"; rm ${images}/own`)
    },
    patienceMs,
  )

  it.each(kinds)('boots to a login prompt by the BIOS of a QEMU without Xen: %s', (name) => bootBios(name), patienceMs)
  it.each(kinds)('boots to a login prompt as PVH guest: %s', (name) => bootGuest(name, 'pvh'), patienceMs)
  it.each(kinds)('boots to a login prompt as PV guest: %s', (name) => bootGuest(name, 'pv'), patienceMs)
})
