import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import words from './mend-words.sh?raw'

function mend(name: string, text: string, env: Record<string, string> = {}): string {
  const { stdout, stderr, status } = spawnSync('sh', ['-euc', `${words}\n${name}`], {
    input: text,
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '', mend_getty: '/sbin/getty', ...env },
  })
  if (status !== 0) throw new Error(stderr)
  return stdout
}

const fstab = `# /dev/sda1 of old
proc /proc proc defaults 0 0
/dev/sda1\t/\text3 errors=remount-ro 0 1
/dev/sda2 none swap sw 0 0
/dev/hdb1 /srv ext3 defaults 0 2
UUID=1-2 /home ext4 defaults 0 2
/dev/sdaf1 /x ext3
/dev/mapper/vg-sda1 /y ext3
`

describe('fstab', () => {
  it('of a partitioned disk keeps its numbers', () => {
    expect(mend('mend_fstab', fstab)).toBe(
      fstab.replace('/dev/sda1\t', '/dev/xvda1\t').replace('/dev/sda2', '/dev/xvda2').replace('/dev/hdb1', '/dev/xvdb1'),
    )
  })

  it('of a disk without a table has its root there, and no line that would wait for what cannot be', () => {
    const mended = mend('mend_fstab', fstab, { mend_plain: 'xvda' })
    expect(mended).toContain('/dev/xvda\t/\text3')
    expect(mended).toContain('# Domdeck: there is no such disk. /dev/sda2 none swap')
    expect(mend('mend_fstab', fstab, { mend_plain: 'xvda', mend_disks: 'xvda xvda2' })).toContain('\n/dev/xvda2 none swap')
  })
})

describe('a boot menu', () => {
  const menu = `# kopt=root=/dev/sda1 ro
root (hd0,0)
kernel /boot/vmlinuz-2.6.32 root=/dev/sda1 ro console=xvc0 resume=/dev/sda5
  linux /boot/vmlinuz-6.1 root=UUID=x ro
  linux16 /boot/memtest86+.bin
  search --set=root /dev/sda1
module /boot/vmlinuz-3 root=/dev/sda1`

  it('has the names of today on its kernel lines alone', () => {
    expect(mend('mend_menu', menu)).toBe(`${menu.replaceAll('=/dev/sda', '=/dev/xvda')}\n`)
    expect(mend('mend_menu', menu, { mend_plain: 'xvda' })).toContain('root=/dev/xvda ro console=xvc0 resume=/dev/xvda\n')
  })

  it('has hvc0 as the last console of each kernel', () => {
    const lines = mend('mend_console', menu).split('\n')
    expect(lines[2]).toBe('kernel /boot/vmlinuz-2.6.32 root=/dev/sda1 ro console=hvc0 resume=/dev/sda5')
    expect(lines[3]).toBe('  linux /boot/vmlinuz-6.1 root=UUID=x ro console=hvc0')
    expect(lines[4]).toBe('  linux16 /boot/memtest86+.bin')
    expect(lines[6]).toBe('module /boot/vmlinuz-3 root=/dev/sda1 console=hvc0')
  })

  it.each([
    ['GRUB_DEFAULT=0\nGRUB_CMDLINE_LINUX=""\n', 'GRUB_DEFAULT=0\nGRUB_CMDLINE_LINUX=" console=hvc0"\n'],
    ["GRUB_CMDLINE_LINUX='quiet'\n", "GRUB_CMDLINE_LINUX='quiet console=hvc0'\n"],
    ['GRUB_CMDLINE_LINUX=quiet\n', 'GRUB_CMDLINE_LINUX="quiet console=hvc0"\n'],
    ['GRUB_DEFAULT=0\n', 'GRUB_DEFAULT=0\nGRUB_CMDLINE_LINUX="console=hvc0"\n'],
    ['GRUB_CMDLINE_LINUX="console=hvc0"\n', 'GRUB_CMDLINE_LINUX="console=hvc0"\n'],
  ])('%j of /etc/default/grub becomes %j', (text, mended) => {
    expect(mend('mend_console', text)).toBe(mended)
  })
})

describe('a login', () => {
  it('is one line of an inittab, where hvc0 has none', () => {
    const old = 'id:2:initdefault:\n1:2345:respawn:/sbin/getty 38400 tty1\n#hvc0:23:respawn:/sbin/getty 38400 hvc0\n'
    expect(mend('mend_inittab', old)).toBe(`${old}hvc0:2345:respawn:/sbin/getty 38400 hvc0\n`)
    expect(mend('mend_inittab', 'co:2345:respawn:/sbin/agetty xvc0 9600\n')).toBe('co:2345:respawn:/sbin/agetty hvc0 9600\n')
    expect(mend('mend_inittab', 'hvc0::respawn:-/bin/sh\n')).toBe('hvc0::respawn:-/bin/sh\n')
    expect(mend('mend_securetty', 'tty1\n')).toBe('tty1\nhvc0\n')
    expect(mend('mend_upstart', '')).toContain('exec /sbin/getty 38400 hvc0')
  })
})

describe('an xl config', () => {
  it.each([
    ["[ 'phy:vg/sda1,sda1,w', 'file:/srv/sda2.img,sda2,w' ]", "[ 'phy:vg/sda1,xvda1,w', 'file:/srv/sda2.img,xvda2,w' ]"],
    ["[ 'format=raw, vdev=hda, access=rw, target=/dev/sda' ]", "[ 'format=raw, vdev=xvda, access=rw, target=/dev/sda' ]"],
    ["[ '/x.iso,,hdc:cdrom,r', 'vdev=sda1,target=sda1' ]", "[ '/x.iso,,xvdc:cdrom,r', 'vdev=xvda1,target=sda1' ]"],
    ["[ '/srv/a.img,raw,xvda,rw' ]", "[ '/srv/a.img,raw,xvda,rw' ]"],
  ])('%s', (value, mended) => {
    expect(mend('mend_disk_value', value).trimEnd()).toBe(mended)
  })
})

it('nothing that is mended needs it again', () => {
  const pieces = [
    ...fstab.split('\n'),
    'kernel /vmlinuz-2 root=/dev/sdb',
    'GRUB_CMDLINE_LINUX="x"',
    '1:2:respawn:/sbin/getty xvc0',
    'tty1',
    '\'"$(reboot)`',
  ]
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...pieces), { maxLength: 6 }),
      fc.constantFrom('mend_fstab', 'mend_menu', 'mend_console', 'mend_inittab', 'mend_securetty'),
      fc.constantFrom('', 'xvda'),
      (lines, name, plain) => {
        const once = mend(name, `${lines.join('\n')}\n`, { mend_plain: plain })
        expect(mend(name, once, { mend_plain: plain })).toBe(once)
      },
    ),
    { numRuns: 60 },
  )
})
