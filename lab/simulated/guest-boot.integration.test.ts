import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { planBoot } from '../../src-main/guests/plan-boot'
import { type Boot, pvgrubPath } from '../../src-shared/models/boot'
import type { Guest } from '../../src-shared/models/guest'
import { operationInputs } from '../../src-shared/operations'
import { type GuestLife, startGuestLife } from './testing/guest-life'
import { makeImage } from './testing/old-image'

// Real ext4 disks, read by the real e2fsprogs of this machine.
const path = process.env.PATH
let life: GuestLife
beforeAll(async () => {
  process.env.PATH = `${path}:/usr/sbin:/sbin`
  life = await startGuestLife(4)
  await life.simulated.addForeignGuest({ name: 'theirs', state: 'halted', memoryMb: 512, type: 'pv' })
}, 60_000)
afterAll(async () => {
  await life.stop()
  process.env.PATH = path
})

const ref = ({ name, id, configPath }: Guest) => ({ name, uuid: id, ...(configPath === undefined ? {} : { configPath }) })
const configOf = (guest: Guest) => readFileSync(guest.configPath ?? '', 'utf8')
const menu = `menuentry 'Debian GNU/Linux' {\n\tlinux /boot/vmlinuz-6.1.0-56-amd64 root=/dev/xvda ro\n}\n`
const loader = (type: 'pv' | 'pvh'): Boot => ({ type, kernel: pvgrubPath(type) })

/** An image behind a partition table, with or without code in the first sector. */
function partitioned(file: string, files: Record<string, string>, code: boolean): void {
  makeImage(`${file}.part`, files)
  const disk = Buffer.alloc(26 * 1024 * 1024)
  readFileSync(`${file}.part`).copy(disk, 1024 * 1024)
  if (code) disk.fill(0x90, 0, 100)
  // One active Linux partition from sector 2048 on.
  disk.set([0x80, 0, 0, 0, 0x83, 0, 0, 0], 446)
  disk.writeUInt32LE(2048, 454)
  disk.writeUInt32LE(48 * 1024, 458)
  disk.set([0x55, 0xaa], 510)
  rmSync(`${file}.part`)
  writeFileSync(file, disk)
}

const verdicts = async (guest: Guest, boot?: Boot) => {
  const { checks } = await planBoot(life.connected.host, guest.id, boot)
  return Object.fromEntries(checks.map(({ title, verdict }) => [title, verdict]))
}
const factOf = async (guest: Guest, title: string, boot?: Boot) =>
  (await planBoot(life.connected.host, guest.id, boot)).checks.find((check) => check.title === title)

describe('how a guest boots', () => {
  let theirs: Guest
  const disk = () => theirs.disks[0]?.target ?? ''
  beforeAll(async () => {
    theirs = await life.guest('theirs')
    makeImage(disk(), { 'boot/vmlinuz-6.1.0-56-amd64': 'k', 'boot/vmlinuz-5.10.0-9-amd64': 'k', 'boot/grub/grub.cfg': menu })
  })

  it('is told with the kernels and the menu that its disk holds', async () => {
    const look = await planBoot(life.connected.host, theirs.id)
    expect(look).toMatchObject({
      way: 'pygrub',
      entries: [{ title: ['Debian GNU/Linux'], kernel: '/boot/vmlinuz-6.1.0-56-amd64' }],
    })
    expect(look.kernels.map(({ place, name }) => `${place} ${name}`).sort()).toEqual([
      'disk 5.10.0-9-amd64',
      'disk 6.1.0-56-amd64',
    ])
    expect(look.checks.find(({ title }) => title === 'Loader')).toMatchObject({
      verdict: 'warn',
      fact: expect.stringContaining('deprecated'),
    })
  })

  it('changes to pvgrub and back to the letter of the config', async () => {
    const before = configOf(theirs)
    const job = await life.succeed({ operation: 'guest.boot', input: { ...ref(theirs), boot: loader('pvh') } })
    expect(configOf(theirs)).toContain('type = "pvh"')
    expect(configOf(theirs)).toContain(`kernel = "${pvgrubPath('pvh')}"`)
    expect(configOf(theirs)).not.toContain('bootloader')
    expect(await life.guest('theirs')).toMatchObject({ type: 'pvh', kernel: pvgrubPath('pvh') })
    await life.succeed({ operation: 'guest.start', input: { ...ref(theirs), configPath: theirs.configPath ?? '' } })
    expect(await verdicts(await life.guest('theirs'))).toMatchObject({ Guest: 'fail' })
    expect(
      await life.ended({ operation: 'guest.boot', input: { ...ref(theirs), boot: { type: 'pv', bootloader: 'pygrub' } } }),
    ).toMatchObject({
      state: 'failed',
      problem: { code: 'PREFLIGHT_FAILED', detail: 'theirs cannot boot so: Guest: theirs runs.' },
    })
    await life.succeed({ operation: 'guest.destroy', input: { name: theirs.name, uuid: theirs.id } })
    await life.undo(job)
    expect(configOf(theirs).split('\n').sort()).toEqual(before.split('\n').sort())
  })

  it('is the old way or the new one wherever the job is cut', async () => {
    const before = configOf(theirs)
    const killed = await life.cutAlong({ operation: 'guest.boot', input: { ...ref(theirs), boot: loader('pv') } }, 3, () => {
      expect(configOf(theirs)).toBe(before)
    })
    expect(killed).toBeGreaterThan(3)
    await life.succeed({ operation: 'guest.boot', input: { ...ref(theirs), boot: { type: 'pv', bootloader: 'pygrub' } } })
  })

  it('is refused with what is missing: the loader on the host, the menu, the kernel, the boot sector', async () => {
    const grub = join(life.simulated.folder, 'root', pvgrubPath('pv') ?? '')
    renameSync(grub, `${grub}.away`)
    expect(await factOf(theirs, 'Loader', loader('pv'))).toMatchObject({
      verdict: 'fail',
      advice: expect.stringContaining('grub-xen-host'),
    })
    const before = configOf(theirs)
    expect(await life.ended({ operation: 'guest.boot', input: { ...ref(theirs), boot: loader('pv') } })).toMatchObject({
      problem: { code: 'PREFLIGHT_FAILED', hint: 'Install it there: apt install grub-xen-host.' },
    })
    expect(configOf(theirs)).toBe(before)
    renameSync(`${grub}.away`, grub)

    makeImage(disk(), {
      'boot/vmlinuz-2.6.32': 'k',
      'boot/grub/menu.lst': 'title Old\nkernel /boot/vmlinuz-2.6.32 root=/dev/sda1\n',
    })
    expect(await factOf(theirs, 'Menu', loader('pv'))).toMatchObject({ verdict: 'fail', fact: expect.stringContaining('GRUB 1') })
    expect(await verdicts(theirs)).toMatchObject({ Menu: 'pass', Kernels: 'pass' })
    makeImage(disk(), { 'boot/grub/grub.cfg': menu })
    expect(await verdicts(theirs, loader('pv'))).toMatchObject({ Menu: 'pass', Kernels: 'fail' })
    expect(await verdicts(theirs, { type: 'hvm' })).toMatchObject({ 'Boot sector': 'fail' })
    partitioned(disk(), { 'boot/vmlinuz-6.1.0-56-amd64': 'k', 'boot/grub/grub.cfg': menu }, false)
    expect(await verdicts(theirs, loader('pv'))).toMatchObject({ Menu: 'pass', Kernels: 'pass' })
    expect(await factOf(theirs, 'Boot sector', { type: 'hvm' })).toMatchObject({
      verdict: 'fail',
      fact: 'xvda has no loader in it',
    })
    partitioned(disk(), {}, true)
    expect(await verdicts(theirs, { type: 'hvm' })).toMatchObject({ 'Boot sector': 'pass', Loader: 'pass', Hardware: 'pass' })
    expect(await factOf(theirs, 'Kernel', { type: 'pv', kernel: '/nowhere' })).toMatchObject({ verdict: 'fail' })
  })

  it('reads nothing outside of the disk, and what is too large not at all', async () => {
    makeImage(disk(), {
      'boot/grub/grub.cfg': '->/etc/passwd',
      'boot/vmlinuz-6': 'k',
      "boot/vmlinuz-$(reboot) 'x'": 'k',
      'boot/vmlinuz-é': 'k',
    })
    const look = await planBoot(life.connected.host, theirs.id, loader('pv'))
    expect(look.entries).toEqual([])
    expect(look.kernels).toEqual([{ place: 'disk', name: '6', booted: false }])
    expect(look.checks.find(({ title }) => title === 'Menu')).toMatchObject({ verdict: 'fail' })
    makeImage(disk(), { 'boot/grub/grub.cfg': menu + '#'.repeat(5_000_000) })
    expect((await planBoot(life.connected.host, theirs.id, loader('pv'))).entries).toEqual([])
    writeFileSync(disk(), 'no file system')
    expect(await verdicts(theirs, loader('pv'))).toMatchObject({ Menu: 'fail' })
    rmSync(disk())
    expect(await verdicts(theirs, loader('pv'))).toMatchObject({ Menu: 'warn' })
  })

  it('of an overlay guest is by its base, whatever kernel lies in its layer', async () => {
    const web = await life.guest('web-01')
    await life.succeed({ operation: 'guest.destroy', input: { name: web.name, uuid: web.id } })
    makeImage(join(life.root, 'guests/web-01/layer.img'), { 'upper/boot/vmlinuz-6.1.0-99-amd64': 'k' })
    const look = await planBoot(life.connected.host, web.id)
    expect(look.way).toBe('direct')
    expect(look.booted).toMatch(/^6\.1\.0-/)
    expect(look.kernels).toEqual([{ place: 'layer', name: '6.1.0-99-amd64', booted: false }])
    expect(look.checks.find(({ title }) => title === 'Kernel in the layer')).toMatchObject({
      verdict: 'warn',
      fact: '6.1.0-99-amd64 is never booted',
    })
    expect(await verdicts(web, loader('pvh'))).toMatchObject({ Root: 'fail' })
  })

  it('takes no values that a config would read as something else', () => {
    const input = (boot: unknown) => operationInputs['guest.boot'].safeParse({ ...ref(theirs), boot }).success
    expect(input({ type: 'pv', kernel: '/boot/k', extra: "console=hvc0 $(reboot) 'q'" })).toBe(true)
    for (const boot of [
      { type: 'pv' },
      { type: 'pv', kernel: 'k' },
      { type: 'pv', kernel: '/k"; on_crash = "x' },
      { type: 'pv', kernel: '/k', extra: 'a\nb' },
      { type: 'pv', kernel: '/k', extra: 'a\\' },
      { type: 'pv', bootloader: '/tmp/mine' },
      { type: 'pv', kernel: '/k', extra: 'x'.repeat(5000) },
    ]) // prettier-ignore
      expect(input(boot)).toBe(false)
  })
})
