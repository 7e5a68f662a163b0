import { afterAll, beforeAll, expect, it } from 'vitest'
import { planBoot } from '../../src-main/guests/plan-boot'
import { planMend } from '../../src-main/guests/plan-mend'
import { pvgrubPath } from '../../src-shared/models/boot'
import { endedStates } from '../../src-shared/models/job'
import type { OperationCall } from '../../src-shared/operations'
import { says } from './testing/console'
import {
  connectToLab,
  guestNamed,
  jobWhen,
  type LabDomdeck,
  powerCut,
  runJob,
  succeed as succeedAt,
  tinyBase,
} from './testing/domdeck'
import { killJob, type Place, places, startHeld } from './testing/faults'
import { lab, traces } from './testing/lab'

const full = process.env.DOMDECK_FULL === '1'

// How guests boot, and old images that are mended: tiny guests with root disks of their own, made by hand as others make theirs.
let app: LabDomdeck
const { kernel = '' } = tinyBase
beforeAll(async () => {
  await lab.fresh()
  app = await connectToLab()
}, 600_000)
afterAll(() => app?.close())

const succeed = (call: OperationCall) => succeedAt(app, call)

/** What a config and an operation name a guest by. */
const ref = async (name: string) => {
  const { id, configPath = '' } = await guestNamed(app, name)
  return { name, uuid: id, configPath }
}
const start = async (name: string) => succeed({ operation: 'guest.start', input: await ref(name) })
async function off(name: string): Promise<void> {
  await succeed({ operation: 'guest.destroy', input: { name, uuid: (await guestNamed(app, name)).id } })
  // Xen's script lets go of its disk a moment later.
  await expect.poll(() => lab.sh(`losetup -j /srv/${name}.img`), { timeout: 60_000 }).toBe('')
}
const ids = async (name: string) => {
  const { items } = await planMend(app.host, { guestId: (await guestNamed(app, name)).id })
  return items.flatMap(({ id }) => (id ? [id] : []))
}

/** Waits until the console of a guest says this to somebody who presses Enter. */
async function answers(name: string, words: RegExp): Promise<void> {
  await expect
    .poll(
      () =>
        lab.sh(`
          trap '' PIPE
          said=$(mktemp -u)
          mkfifo "$said.in"
          /usr/lib/xen-4.17/bin/xenconsole --interactive --type pv "$(xl domid ${name})" <"$said.in" >"$said" 2>/dev/null &
          exec 3>"$said.in"
          printf '\\n' >&3 || :
          tries=0
          until grep -q 'login:' "$said" || [ $tries -gt 25 ]; do tries=$((tries + 1)); sleep 0.2; done
          exec 3>&-
          kill $! 2>/dev/null || :
          cat "$said"
          rm -f "$said" "$said.in"`),
      { timeout: 120_000, interval: 500 },
    )
    .toMatch(words)
}

it('switches a guest from its kernel on the host to pvgrub and back, and refuses what its disk cannot do', async () => {
  await lab.sh(`
    cp --sparse=always /srv/guest/tiny.img /srv/choice.img && truncate -s 64M /srv/choice.img
    e2fsck -fp /srv/choice.img >/dev/null || [ $? = 1 ]; resize2fs -f /srv/choice.img >/dev/null 2>&1
    mkdir -p /mnt/choice && mount -o loop /srv/choice.img /mnt/choice && mkdir -p /mnt/choice/boot/grub
    printf '%s\\n' "# Domdeck's menu goes here" >/mnt/choice/boot/grub/none && umount /mnt/choice
    cat >/etc/xen/choice.cfg <<'END'
# a note of the administrator
name = "choice"
uuid = "c0c0c0c0-0000-4000-8000-000000000001"
type = "pv"
kernel = "${kernel}"
root = "/dev/xvda rw"
extra = "console=hvc0 quiet word=of-the-host"
memory = 128
disk = [ 'format=raw,vdev=xvda,access=rw,target=/srv/choice.img' ]
END`)
  await start('choice')
  await says('choice', 'cat /proc/cmdline', /word=of-the-host/)
  const pvgrub = { type: 'pv' as const, kernel: pvgrubPath('pv') }
  expect(await runJob(app, { operation: 'guest.boot', input: { ...(await ref('choice')), boot: pvgrub } })).toMatchObject({
    problem: { code: 'PREFLIGHT_FAILED', detail: expect.stringContaining('choice runs') },
  })
  await off('choice')
  const before = await lab.sh('cat /etc/xen/choice.cfg')
  const was = await traces()
  expect(await runJob(app, { operation: 'guest.boot', input: { ...(await ref('choice')), boot: pvgrub } })).toMatchObject({
    state: 'failed',
    problem: { code: 'PREFLIGHT_FAILED', detail: expect.stringContaining('Menu') },
  })
  expect(await lab.sh('cat /etc/xen/choice.cfg')).toBe(before)

  await lab.sh(`
    mount -o loop /srv/choice.img /mnt/choice && cp ${kernel} /mnt/choice/boot/vmlinuz-6.1.0-tiny
    cat >/mnt/choice/boot/grub/grub.cfg <<'END'
set timeout=0
menuentry 'Tiny of its own' {
  linux /boot/vmlinuz-6.1.0-tiny root=/dev/xvda rw console=hvc0 quiet word=of-its-own-menu
}
END
    umount /mnt/choice`)
  const look = await planBoot(app.host, (await guestNamed(app, 'choice')).id, pvgrub)
  expect(look.entries).toEqual([{ title: ['Tiny of its own'], kernel: '/boot/vmlinuz-6.1.0-tiny' }])
  expect(look.checks.filter(({ verdict }) => verdict === 'fail')).toEqual([])
  const job = await succeed({ operation: 'guest.boot', input: { ...(await ref('choice')), boot: pvgrub } })
  await start('choice')
  await says('choice', 'cat /proc/cmdline', /word=of-its-own-menu/)
  await off('choice')
  await app.host.refresh()
  const { inverse = [] } = await app.domdeck.jobs.detail(app.host, job.id)
  for (const call of inverse) await succeed(call)
  expect((await lab.sh('sort /etc/xen/choice.cfg')).split('\n')).toEqual(before.split('\n').sort())
  expect(await traces()).toBe(was)
  await start('choice')
  await says('choice', 'cat /proc/cmdline', /word=of-the-host/)
  await off('choice')
})

/** Files of an old Debian, on the disk of the guest `old`: sda everywhere, and a login on tty1 alone. */
const makeOld = () =>
  lab.sh(`
    cp --sparse=always /srv/guest/tiny.img /srv/old.img && truncate -s 32M /srv/old.img
    e2fsck -fp /srv/old.img >/dev/null || [ $? = 1 ]; resize2fs -f /srv/old.img >/dev/null 2>&1
    mkdir -p /mnt/old && mount -o loop /srv/old.img /mnt/old
    printf '%s\\n' 'proc /proc proc defaults 0 0' '/dev/sda1 / ext4 defaults 0 1' >/mnt/old/etc/fstab
    printf '%s\\n' '::sysinit:/etc/boot' 'tty1:2345:respawn:/sbin/getty 38400 tty1' '::shutdown:/etc/shutdown' >/mnt/old/etc/inittab
    mkdir -p /mnt/old/boot/grub && printf '%s\\n' 'title Old' 'kernel /boot/vmlinuz-6 root=/dev/sda1 ro' >/mnt/old/boot/grub/menu.lst
    umount /mnt/old
    cat >/etc/xen/old.cfg <<'END'
name = "old"
uuid = "c0c0c0c0-0000-4000-8000-000000000002"
type = "pv"
kernel = "${kernel}"
root = "/dev/sda1 rw"
extra = "quiet"
memory = 64
disk = [ 'format=raw,vdev=sda1,access=rw,target=/srv/old.img' ]
END`)
const oldSays = () =>
  lab.sh('for file in fstab inittab; do debugfs -R "cat /etc/$file" /srv/old.img 2>/dev/null; done; cat /etc/xen/old.cfg')

it('diagnoses an old image with sda names and no login on hvc0, mends it, and it asks for a login on hvc0', async () => {
  await makeOld()
  expect(await ids('old')).toEqual(['fstab', 'menu', 'console', 'getty', 'cfg'])
  const was = await traces()
  const before = await oldSays()
  const job = await succeed({
    operation: 'guest.mend',
    input: { ...(await ref('old')), ids: ['fstab', 'menu', 'console', 'getty', 'cfg'] },
  })
  expect(await traces()).toBe(was)
  expect(await ids('old')).toEqual([])
  await lab.sh('e2fsck -fn /srv/old.img')

  // What is mended can be put back, as long as nobody wrote to it.
  await app.host.refresh()
  const { inverse = [] } = await app.domdeck.jobs.detail(app.host, job.id)
  expect(inverse).toHaveLength(1)
  for (const call of inverse) await succeed(call)
  expect(await oldSays()).toBe(before)
  await succeed({ operation: 'guest.mend', input: { ...(await ref('old')), ids: ['fstab', 'menu', 'console', 'getty', 'cfg'] } })

  await start('old')
  await answers('old', /login:/)
  await expect(ids('old')).rejects.toMatchObject({ code: 'BUSY' })
  expect(await runJob(app, { operation: 'guest.mend', input: { ...(await ref('old')), ids: ['fstab'] } })).toMatchObject({
    problem: { code: 'BUSY' },
  })
  await off('old')
})

it.runIf(full)(
  'is as it was when the mending is killed, or the power cut, at any place',
  async () => {
    await makeOld()
    const ids = ['fstab', 'menu', 'console', 'getty', 'cfg'] as const
    const call: OperationCall = { operation: 'guest.mend', input: { ...(await ref('old')), ids: [...ids] } }
    const state = async () => `${await traces()}\n${await oldSays()}`
    const before = await state()
    for (const place of places(call) as Place[]) {
      for (const fault of [killJob, () => powerCut(app)]) {
        const held = await startHeld(app, call, place)
        await fault(held)
        const ended = await jobWhen(app.domdeck, held.id, (one) => endedStates.has(one.state))
        if (ended.left === 'pending') await app.domdeck.jobs.recover(app.host, held.id, { by: 'lab', from: 'test' })
        await jobWhen(app.domdeck, held.id, ({ left }) => left === 'nothing')
        expect(await state(), `place ${place}`).toBe(before)
        await lab.sh('e2fsck -fn /srv/old.img')
      }
    }
  },
  3_600_000,
)

it.runIf(full)('mends a copy of a partitioned image, and a volume in place', async () => {
  await lab.sh(`
    truncate -s 40M /srv/parted.img && printf 'label: dos\\n2048,,L,*\\n' | sfdisk -q /srv/parted.img
    cp /srv/guest/tiny.img /srv/part && mkdir -p /mnt/old && mount -o loop /srv/part /mnt/old
    echo '/dev/hda1 / ext4 defaults 0 1' >/mnt/old/etc/fstab && umount /mnt/old
    dd if=/srv/part of=/srv/parted.img bs=1M seek=1 conv=notrunc status=none && rm /srv/part
    sha256sum /srv/parted.img >/srv/parted.sum`)
  const { items } = await planMend(app.host, { image: '/srv/parted.img' })
  expect(items.flatMap(({ id }) => (id ? [id] : []))).toEqual(['fstab'])
  const was = await traces()
  await succeed({ operation: 'image.mend', input: { source: '/srv/parted.img', target: '/srv/mended.img', ids: ['fstab'] } })
  expect(await lab.sh("debugfs -R 'cat /etc/fstab' '/srv/mended.img?offset=1048576' 2>/dev/null")).toBe(
    '/dev/xvda1 / ext4 defaults 0 1',
  )
  await lab.sh('sha256sum -c --quiet /srv/parted.sum')
  expect(await traces()).toBe(was)

  await lab.sh(`
    truncate -s 128M /srv/group.img && loop=$(losetup -f --show /srv/group.img) && vgcreate -q old "$loop" >/dev/null && lvcreate -q -y -L 64M -n root old >/dev/null
    dd if=/srv/mended.img of=/dev/old/root bs=1M status=none
    debugfs -w -R 'rm /etc/fstab' '/dev/old/root?offset=1048576' 2>/dev/null
    echo '/dev/sda1 / ext4 defaults 0 1' >/srv/fstab && debugfs -w -R 'write /srv/fstab /etc/fstab' '/dev/old/root?offset=1048576' 2>/dev/null
    printf '%s\\n' 'name = "lvm"' 'uuid = "c0c0c0c0-0000-4000-8000-000000000003"' 'memory = 64' 'bootloader = "pygrub"' "disk = [ 'phy:/dev/old/root,xvda,w' ]" >/etc/xen/lvm.cfg`)
  const standing = await traces()
  await succeed({ operation: 'guest.mend', input: { ...(await ref('lvm')), ids: ['fstab'] } })
  expect(await lab.sh("debugfs -R 'cat /etc/fstab' '/dev/old/root?offset=1048576' 2>/dev/null")).toBe(
    '/dev/xvda1 / ext4 defaults 0 1',
  )
  expect(await traces()).toBe(standing)
})
