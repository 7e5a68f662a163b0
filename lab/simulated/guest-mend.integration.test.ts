import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { planMend } from '../../src-main/guests/plan-mend'
import type { Guest } from '../../src-shared/models/guest'
import type { MendId } from '../../src-shared/models/mend'
import { type GuestLife, startGuestLife } from './testing/guest-life'
import { insideImage, makeImage, oldFiles } from './testing/old-image'

// Old images, mended by the product's own scripts: real ext4, real e2fsprogs; only the mount is a stand-in.
const path = process.env.PATH
let life: GuestLife
let theirs: Guest
beforeAll(async () => {
  process.env.PATH = `${path}:/usr/sbin:/sbin`
  life = await startGuestLife(4)
  await life.simulated.addForeignGuest({ name: 'theirs', state: 'halted', memoryMb: 512, type: 'pv' })
  theirs = await life.guest('theirs')
  config = configNow()
}, 60_000)
afterAll(async () => {
  await life.stop()
  process.env.PATH = path
})
let config = ''
beforeEach(() => {
  makeImage(disk(), oldFiles)
  writeFileSync(theirs.configPath ?? '', config)
})

const disk = () => join(life.root, 'theirs.img')
const configNow = () => readFileSync(theirs.configPath ?? '', 'utf8')
const ref = () => ({ name: theirs.name, uuid: theirs.id, configPath: theirs.configPath ?? '' })
const items = async () => (await planMend(life.connected.host, { guestId: theirs.id })).items
const wrong = async () => (await items()).flatMap(({ id }) => (id ? [id] : [])).sort()
const mend = (ids: MendId[]) => ({ operation: 'guest.mend' as const, input: { ...ref(), ids } })
const inside = (file: string) => insideImage(disk(), file)
/** All that an image says of disks and consoles. */
const told = () => ['/etc/fstab', '/etc/inittab', '/etc/securetty', '/boot/grub/menu.lst'].map(inside).join('')

describe('an old guest', () => {
  it('is diagnosed line by line, with what becomes of each', async () => {
    const found = await items()
    expect(found.find(({ id }) => id === 'fstab')).toMatchObject({
      verdict: 'fail',
      changes: [
        '  /etc/fstab',
        '- /dev/sda1 / ext3 errors=remount-ro 0 1',
        '+ /dev/xvda / ext3 errors=remount-ro 0 1',
        '- /dev/sda2 none swap sw 0 0',
        '+ # Domdeck: there is no such disk. /dev/sda2 none swap sw 0 0',
      ],
    })
    expect(await wrong()).toEqual(['console', 'fstab', 'getty', 'login', 'menu'])
    expect(found.find(({ id }) => id === 'getty')?.changes).toContain('+ hvc0:2345:respawn:/sbin/getty 38400 hvc0')
  })

  it('is mended, found right, and put back to the letter', async () => {
    const before = told()
    writeFileSync(
      theirs.configPath ?? '',
      config
        .replace('raw,xvda', 'raw,sda1')
        .replace('bootloader = "pygrub"', 'kernel = "/k"\nroot = "/dev/sda1 ro"\nextra = "quiet"'),
    )
    const oldConfig = configNow()
    expect(await wrong()).toContain('cfg')
    const job = await life.succeed(mend(['fstab', 'menu', 'console', 'getty', 'login', 'cfg']))
    expect(await wrong()).toEqual([])
    expect(inside('/etc/fstab')).toContain('/dev/xvda1 / ext3')
    expect(inside('/boot/grub/menu.lst')).toContain('root=/dev/xvda1 ro console=hvc0')
    expect(configNow()).toContain('root = "/dev/xvda1 ro"\nextra = "quiet console=hvc0"')
    expect(configNow()).toContain('raw,xvda1')
    await life.undo(job)
    expect(told()).toBe(before)
    expect(configNow()).toBe(oldConfig)
  })

  it('is as it was or mended wherever the job is cut, with no mount left', async () => {
    const before = told()
    const killed = await life.cutAlong(mend(['fstab', 'getty']), 3, () => {
      expect(told()).toBe(before)
      expect(readFileSync(join(life.simulated.folder, 'xen/mounts'), 'utf8')).toBe('')
    })
    expect(killed).toBeGreaterThan(3)
    expect(await wrong()).toEqual(['console', 'login', 'menu'])
  }, 120_000)

  it('is put back by another try when the first was cut off', async () => {
    const before = told()
    const job = await life.succeed(mend(['fstab', 'getty', 'login']))
    const back = { operation: 'guest.unmend' as const, input: { ...ref(), job: job.id } }
    const killed = await life.cutAlong(back, 3, () => undefined)
    expect(killed).toBeGreaterThan(2)
    expect(told()).toBe(before)
    expect(await life.ended({ ...back, input: { ...back.input, job: '01KAHM5ZB00000000000000000' } })).toMatchObject({
      problem: { code: 'NOT_FOUND', detail: expect.stringContaining('no longer kept') },
    })
  }, 120_000)

  it('keeps what somebody has changed since: then it is not put back', async () => {
    const job = await life.succeed(mend(['fstab']))
    makeImage(disk(), { ...oldFiles, 'etc/fstab': '# mine\n' })
    await expect(life.undo(job)).rejects.toThrow('has been changed since it was mended')
    expect(inside('/etc/fstab')).toBe('# mine\n')
  })

  it('is left alone while it runs, while another has its disk, and where there is nothing to mend', async () => {
    const { configPath = '' } = theirs
    await life.succeed({ operation: 'guest.start', input: { ...ref(), configPath } })
    await life.guest('theirs')
    await expect(items()).rejects.toMatchObject({ code: 'BUSY' })
    expect(await life.ended(mend(['fstab']))).toMatchObject({
      problem: { code: 'BUSY', detail: 'theirs runs, and its disks are in use.' },
    })
    await life.succeed({ operation: 'guest.destroy', input: { name: theirs.name, uuid: theirs.id } })
    await life.guest('theirs')
    expect(await life.ended(mend(['cfg']))).toMatchObject({
      problem: { code: 'BAD_INPUT', detail: expect.stringContaining('nothing to mend of cfg') },
    })

    await life.simulated.addForeignGuest({ name: 'thief', state: 'running', memoryMb: 64, type: 'pv' })
    const thief = await life.guest('thief')
    await life.succeed({ operation: 'guest.destroy', input: { name: 'thief', uuid: thief.id } })
    writeFileSync(thief.configPath ?? '', readFileSync(thief.configPath ?? '', 'utf8').replace('thief.img', 'theirs.img'))
    await life.run('xl', 'create', '-q', thief.configPath ?? '')
    const before = told()
    expect((await items())[0]).toMatchObject({ title: 'In use', verdict: 'fail', fact: expect.stringContaining('thief') })
    expect(await life.ended(mend(['fstab']))).toMatchObject({
      problem: { code: 'BUSY', detail: expect.stringContaining('thief') },
    })
    expect(told()).toBe(before)
    await life.run('xl', 'destroy', 'thief')
    await life.run('rm', thief.configPath ?? '')
  })

  it('cannot lead out of its disk, nor fill anything', async () => {
    makeImage(disk(), {
      'sbin/init': 'x',
      'sbin/getty': 'x',
      'etc/fstab': '->/etc/passwd',
      'etc/inittab': 'id:2:initdefault:\n',
      'etc/securetty': '|',
      'boot/grub/menu.lst': `${'kernel /boot/vmlinuz-1 root=/dev/sda1\n'.repeat(100_000)}`,
      'boot/grub/grub.cfg': 'linux /boot/vmlinuz-1 root=/dev/sda1 $(reboot) `id` \u0007\'\\"\n',
    })
    const found = await items()
    const say = (title: string) => found.find((item) => item.title === title)
    expect(say('Disks in fstab')).toMatchObject({
      verdict: 'warn',
      fact: '/etc/fstab is no plain file, but a symlink',
      changes: [],
    })
    expect(say('Login of root')).toMatchObject({ verdict: 'warn', fact: expect.stringContaining('FIFO') })
    expect(say('Disks in the boot menu')?.changes.join()).toContain('root=/dev/xvda $(reboot) `id`')
    expect(await life.ended(mend(['fstab']))).toMatchObject({ problem: { code: 'BAD_INPUT' } })
    const passwd = readFileSync('/etc/passwd', 'utf8')
    await life.succeed(mend(['menu', 'getty']))
    expect(readFileSync('/etc/passwd', 'utf8')).toBe(passwd)
    expect(inside('/boot/grub/grub.cfg')).toContain('root=/dev/xvda $(reboot) `id` \u0007\'\\"\n')
  })

  it('gets what its own init takes: a job of upstart, a unit of systemd', async () => {
    makeImage(disk(), { ...oldFiles, 'sbin/initctl': 'x', 'etc/init/tty1.conf': 'x\n', 'etc/inittab': '' })
    expect((await items()).find(({ id }) => id === 'getty')).toMatchObject({ fact: 'upstart starts none on hvc0' })
    await life.succeed(mend(['getty']))
    expect(inside('/etc/init/hvc0.conf')).toContain('exec /sbin/getty 38400 hvc0\n')
    expect(await wrong()).not.toContain('getty')

    makeImage(disk(), {
      'etc/fstab': '',
      'sbin/init': '->/lib/systemd/systemd',
      'lib/systemd/system-generators/systemd-getty-generator': 'x',
      'etc/systemd/system/serial-getty@hvc0.service': '->/dev/null',
    })
    expect(await wrong()).toEqual(['getty'])
    const job = await life.succeed(mend(['getty']))
    expect(await wrong()).toEqual([])
    await life.undo(job)
    expect(await wrong()).toEqual(['getty'])
  })
})

describe('the initrd of an old guest', () => {
  it('gets the drivers of Xen and KVM by its own mkinitramfs, and back', async () => {
    const folders = Object.fromEntries(['proc', 'sys', 'dev', 'var/tmp'].map((name) => [`${name}/.keep`, '']))
    makeImage(disk(), {
      'sbin/init': '->/lib/systemd/systemd',
      'etc/systemd/system/getty.target.wants/serial-getty@hvc0.service': '->/lib/systemd/system/serial-getty@.service',
      'usr/sbin/mkinitramfs': 'x',
      'etc/initramfs-tools/modules': '# mine\nraid1\n',
      'boot/vmlinuz-6.1.0-9': 'k',
      'boot/initrd.img-6.1.0-9': 'of old\n',
      'boot/config-6.1.0-9': 'CONFIG_VIRTIO_NET=y\n',
      ...folders,
    })
    const [drivers] = (await items()).filter(({ id }) => id === 'initrd')
    expect(drivers).toMatchObject({
      verdict: 'fail',
      fact: 'not in /boot/initrd.img-6.1.0-9: xen-blkfront xen-netfront virtio_pci virtio_blk',
      advice: expect.stringContaining('only for images that you trust'),
    })
    const job = await life.succeed(mend(['initrd']))
    expect(await wrong()).toEqual([])
    expect(inside('/etc/initramfs-tools/modules')).toBe(
      '# mine\nraid1\nxen-blkfront\nxen-netfront\nvirtio_pci\nvirtio_blk\nvirtio_net\n',
    )
    await life.undo(job)
    expect(inside('/boot/initrd.img-6.1.0-9')).toBe('of old\n')
    expect(await wrong()).toEqual(['initrd'])
  })
})

describe('an image', () => {
  const target = () => join(life.root, 'mended.img')

  it('is mended in a copy, and never written to itself', async () => {
    const source = join(life.root, 'old.img')
    makeImage(source, oldFiles)
    const sum = execFileSync('sha256sum', [source])
    const { items: found } = await planMend(life.connected.host, { image: source })
    expect(found.flatMap(({ id }) => (id ? [id] : []))).toEqual(['fstab', 'menu', 'console', 'getty', 'login'])
    const call = { operation: 'image.mend' as const, input: { source, target: target(), ids: ['fstab', 'getty'] as MendId[] } }
    const killed = await life.cutAlong(call, 6, () => {
      expect(existsSync(target())).toBe(false)
      expect(readdirSync(life.root).filter((name) => name.includes('mended'))).toEqual([])
    })
    expect(killed).toBeGreaterThan(3)
    expect(insideImage(target(), '/etc/fstab')).toContain('/dev/xvda / ext3')
    expect(execFileSync('sha256sum', [source])).toEqual(sum)
    expect(await life.ended(call)).toMatchObject({ problem: { code: 'BUSY', detail: `${target()} is there already.` } })
  }, 120_000)

  it('that is none is told so', async () => {
    const look = async (image: string) => (await planMend(life.connected.host, { image })).items
    expect(await look('/nowhere.img')).toEqual([expect.objectContaining({ title: 'Image', verdict: 'fail' })])
    writeFileSync(join(life.root, 'text.img'), 'nothing')
    expect(await look(join(life.root, 'text.img'))).toEqual([expect.objectContaining({ title: 'Root', verdict: 'fail' })])
    expect(await look('/etc/$(reboot)')).toEqual([expect.objectContaining({ verdict: 'fail' })])
  })
})
