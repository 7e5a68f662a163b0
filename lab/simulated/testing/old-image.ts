import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** What a Debian of 2010 has on its disk: sda everywhere, terminals that a Xen guest has not, and none on hvc0. */
export const oldFiles: Record<string, string> = {
  'sbin/init': '#!/bin/sh\n',
  'sbin/getty': '#!/bin/sh\n',
  'etc/fstab': 'proc /proc proc defaults 0 0\n/dev/sda1 / ext3 errors=remount-ro 0 1\n/dev/sda2 none swap sw 0 0\n',
  'etc/inittab': 'id:2:initdefault:\nsi::sysinit:/etc/init.d/rcS\n1:2345:respawn:/sbin/getty 38400 tty1\n',
  'etc/securetty': 'console\ntty1\n',
  'boot/grub/menu.lst': 'default 0\ntitle Debian\nroot (hd0,0)\nkernel /boot/vmlinuz-2.6.32 root=/dev/sda1 ro\n',
  'boot/vmlinuz-2.6.32': 'k',
}

/** Makes an ext4 image with these files; a value that begins with `->` is a link, and one that is `|` a pipe. */
export function makeImage(file: string, files: Record<string, string>): void {
  const tree = mkdtempSync(join(tmpdir(), 'domdeck-disk-'))
  for (const [name, text] of Object.entries({ 'etc/hostname': 'x\n', ...files })) {
    mkdirSync(dirname(join(tree, name)), { recursive: true })
    if (text.startsWith('->')) symlinkSync(text.slice(2), join(tree, name))
    else if (text === '|') execFileSync('mkfifo', [join(tree, name)])
    else writeFileSync(join(tree, name), text)
  }
  rmSync(file, { force: true })
  writeFileSync(file, '')
  truncateSync(file, 24 * 1024 * 1024)
  execFileSync('mke2fs', ['-q', '-F', '-t', 'ext4', '-J', 'size=4', '-d', tree, file], {
    env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  })
  rmSync(tree, { recursive: true })
}

/** What a file in an image says, or '' where there is none. */
export const insideImage = (image: string, file: string): string =>
  execFileSync('debugfs', ['-R', `cat ${file}`, image], {
    encoding: 'utf8',
    stdio: 'pipe',
    env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  })
