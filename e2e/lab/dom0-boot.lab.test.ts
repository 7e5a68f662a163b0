import { afterAll, beforeAll, expect, it } from 'vitest'
import { lookAtBoot } from '../../src-main/boot/look'
import { planHostBoot } from '../../src-main/boot/plan-host-boot'
import { planClone } from '../../src-main/guests/plan-clone'
import type { BootRequest, HostBoot } from '../../src-shared/models/host-boot'
import { endedStates } from '../../src-shared/models/job'
import type { OperationInput } from '../../src-shared/operations'
import { connectToLab, guestNamed, jobWhen, type LabDomdeck, runJob, succeed, tinyBase, until } from './testing/domdeck'
import { lab } from './testing/lab'

let app: LabDomdeck

beforeAll(async () => {
  await lab.fresh()
  app = await connectToLab()
}, 600_000)
afterAll(() => app?.close())

const withXen = 'Debian GNU/Linux, with Xen hypervisor'
const plain = 'Debian GNU/Linux'

const look = async (): Promise<HostBoot> => (await lookAtBoot(app.host)).boot
const label = (boot: HostBoot, index: number | undefined) =>
  index === undefined ? undefined : boot.entries[index]?.titles.at(-1)
const entry = (boot: HostBoot, title: string) => {
  const found = boot.entries.find(({ titles }) => titles.at(-1) === title)
  if (!found) throw new Error(`The boot menu has no entry ${title}.`)
  return found
}
const planned = async (request: BootRequest): Promise<OperationInput<'host.boot'>> => {
  const { checks, planned: plan } = await planHostBoot(app.host, request)
  if (plan?.call.operation !== 'host.boot') throw new Error(JSON.stringify(checks))
  return plan.call.input
}
const change = async (request: BootRequest, minutes?: number) => {
  const input = await planned(request)
  await succeed(app, { operation: 'host.boot', input: { ...input, ...(minutes === undefined ? {} : { minutes }) } })
}
/** The app has come back to it, with Xen or without. */
const isBack = () => {
  const { connection } = app.host
  return connection.phase === 'ready' || (connection.phase === 'blocked' && connection.problem.code === 'NOT_XEN')
}
const reboot = () => runJob(app, { operation: 'host.reboot', input: { guests: 'shutdown', upgrade: false } })
/** Puts an entry into 40_custom that boots the plain kernel, or what goes by that name, with these words more. */
const addEntry = (title: string, words: string, kernel = '/boot/vmlinuz-$(uname -r)') =>
  lab.sh(`
    {
      echo "menuentry '${title}' {"
      echo "  search --no-floppy --fs-uuid --set=root $(findmnt -no UUID /)"
      echo "  linux ${kernel} root=UUID=$(findmnt -no UUID /) ro console=ttyS0,115200 mitigations=off ${words}"
      echo "  initrd /boot/initrd.img-$(uname -r)"
      echo "}"
    } >>/etc/grub.d/40_custom
    update-grub`)

it('reads the menu of Debian as GRUB shows it, with what runs', async () => {
  const boot = await look()
  expect(boot.unfit).toBeUndefined()
  expect([label(boot, boot.running), label(boot, boot.byDefault)]).toEqual([withXen, withXen])
  const titles = await lab.sh(`grep -oE "menuentry '[^']+'" /boot/grub/grub.cfg | cut -d"'" -f2`)
  expect(boot.entries.map((each) => each.titles.at(-1))).toEqual(titles.split('\n'))
})

it('gives dom0 another amount of memory, in force after a reboot with its guest around it', async () => {
  await succeed(app, { operation: 'image.import', input: tinyBase })
  await app.host.refresh()
  const { input } = await planClone(
    app.host,
    {
      base: 'tiny',
      generation: 1,
      mode: 'overlay',
      layerMb: 32,
      memoryMb: 48,
      vcpus: 1,
      type: 'pv',
      bridge: 'xenbr0',
      pattern: 'around',
      count: 1,
    },
    app.domdeck.takenMacs(),
  )
  await succeed(app, { operation: 'guest.clone', input })
  await change({ settings: { dom0MemMb: 1280 } })
  expect(await lab.sh('cat /etc/default/grub.d/zz-domdeck.cfg')).toContain('dom0_mem=1280M,max:1280M')
  expect(await reboot()).toMatchObject({ state: 'succeeded' })
  await until(app.host, isBack)
  expect(await lab.sh('xl info xen_commandline')).toContain('dom0_mem=1280M,max:1280M')
  expect(await lab.sh("xl list 0 | awk 'NR == 2 { print $3 }'")).toBe('1280')
  const boot = await look()
  expect(boot.held).toBeUndefined()
  expect(boot.last).toMatchObject({ outcome: 'kept', entry: withXen })
  expect((await guestNamed(app, 'around')).state).toBe('running')
  expect(await lab.sh('ls -A /etc/grub.d | grep -c domdeck || true; ls /boot/domdeck-before 2>/dev/null || true')).toBe('0')
  // Nothing of a package was changed.
  expect(await lab.sh('dpkg --verify grub-common grub2-common xen-hypervisor-common 2>/dev/null | grep " c " || true')).toBe('')
  // And it stays: the entry itself, as GRUB makes it, without what the trial added.
  expect(await reboot()).toMatchObject({ state: 'succeeded' })
  await until(app.host, isBack)
  expect(await lab.sh('cat /proc/cmdline')).not.toContain('domdeck.boot')
  expect(await lab.sh('xl info xen_commandline')).toContain('dom0_mem=1280M,max:1280M')
}, 1_800_000)

it('boots plain Linux by label, and back into Xen by label', async () => {
  const { settings, entries } = await look()
  await change({ settings: { ...settings, default: entry({ entries } as HostBoot, plain).value } })
  expect(await reboot()).toMatchObject({ state: 'succeeded' })
  await until(app.host, isBack)
  expect(app.host.connection).toMatchObject({ phase: 'blocked', problem: { code: 'NOT_XEN' } })
  expect(await lab.sh('cat /sys/hypervisor/type 2>/dev/null || echo none')).toBe('none')
  const linux = await look()
  expect([label(linux, linux.running), label(linux, linux.byDefault)]).toEqual([plain, plain])
  await change({ settings: { ...linux.settings, default: entry(linux, withXen).value } })
  expect(await reboot()).toMatchObject({ state: 'succeeded' })
  await until(app.host, () => app.host.connection.phase === 'ready')
  expect(await lab.sh('cat /sys/hypervisor/type')).toBe('xen')
  expect(label(await look(), (await look()).running)).toBe(withXen)
}, 1_800_000)

it('boots an entry of a submenu once, and the default after that', async () => {
  const title = entry(await look(), `Debian GNU/Linux, with Linux ${await lab.sh('uname -r')}`).titles
  await change({ settings: {}, once: title })
  expect(await reboot()).toMatchObject({ state: 'succeeded' })
  await until(app.host, isBack)
  expect(await lab.sh('cat /sys/hypervisor/type 2>/dev/null || echo none')).toBe('none')
  await until(app.host, isBack)
  expect(await reboot()).toMatchObject({ state: 'succeeded' })
  await until(app.host, () => app.host.connection.phase === 'ready')
  expect(label(await look(), (await look()).running)).toBe(withXen)
}, 1_800_000)

it.each([
  { title: 'Panics', words: 'init=/bin/false', why: 'It did not come up.' },
  { title: 'Finds no root', words: 'rootdelay=5 root=UUID=00000000-0000-0000-0000-000000000000', why: 'It did not come up.' },
  { title: 'Has no kernel', words: '', kernel: '/boot/gone', why: 'It did not come up.' },
  { title: 'Is deaf', words: 'systemd.mask=ssh.service', why: 'It came up, but nobody logged in to it by SSH.', minutes: 1 },
])(
  'comes back by itself from an entry that is broken: $title',
  async ({ title, words, kernel, why, minutes }) => {
    await addEntry(title, words, kernel)
    const before = await look()
    const files = await lab.sh('cat /etc/default/grub.d/zz-domdeck.cfg; grep -v "^#" /boot/grub/grub.cfg')
    await change({ settings: { ...before.settings, default: entry(before, title).value } }, minutes)
    const job = await reboot()
    expect(job).toMatchObject({ state: 'failed', problem: { code: 'JOB_FAILED' } })
    expect(job.problem?.detail).toContain(why)
    await until(app.host, () => app.host.connection.phase === 'ready')
    const boot = await look()
    expect(boot.last).toMatchObject({ outcome: 'back', entry: title })
    expect([label(boot, boot.running), label(boot, boot.byDefault)]).toEqual([withXen, withXen])
    expect(await lab.sh('cat /etc/default/grub.d/zz-domdeck.cfg; grep -v "^#" /boot/grub/grub.cfg')).toBe(files)
    expect((await guestNamed(app, 'around')).state).toBe('running')
  },
  1_800_000,
)

it('comes back from one that is cut off by the power, and its job goes on after that', async () => {
  const before = await look()
  await change({ settings: { ...before.settings, dom0MemMb: 1152 } })
  const job = await app.domdeck.jobs.start(
    app.host,
    { operation: 'host.reboot', input: { guests: 'shutdown', upgrade: false } },
    { by: 'test', from: 'workstation' },
  )
  await until(app.host, () => app.host.connection.phase !== 'ready')
  // In the middle of its boot or of the shutdown before it: the trial is used up, or is still to come.
  await lab.powerCut()
  const ended = await jobWhen(app.domdeck, job.id, ({ state }) => endedStates.has(state))
  expect(['succeeded', 'failed']).toContain(ended.state)
  await until(app.host, () => app.host.connection.phase === 'ready')
  const boot = await look()
  expect(boot.held).toBeUndefined()
  expect(boot.last?.outcome).toBe(ended.state === 'succeeded' ? 'kept' : 'back')
  const memory = ended.state === 'succeeded' ? 1152 : 1280
  // The boot from before is what it was, and so is the next one.
  expect(boot.settings.dom0MemMb).toBe(memory)
  expect(await lab.sh("xl list 0 | awk 'NR == 2 { print $3 }'")).toBe(String(memory))
  expect((await guestNamed(app, 'around')).state).toBe('running')
}, 1_800_000)
