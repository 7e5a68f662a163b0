import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const kernel = '6.1.0-56-amd64'

/** What an import looks at in a Debian image, and what it must clean out of it. */
const files: Record<string, string> = {
  'sbin/init': '#!/bin/sh\n',
  'usr/sbin/mkinitramfs': '#!/bin/sh\n',
  'usr/lib/systemd/systemd': 'simulated\n',
  [`boot/vmlinuz-${kernel}`]: `Linux version ${kernel} (simulated)\n`,
  [`boot/config-${kernel}`]: 'CONFIG_XEN_PV=y\nCONFIG_XEN_PVH=y\nCONFIG_PVH=y\n',
  'etc/fstab': 'UUID=9b1d0001-0000-4000-8000-000000000001 / ext4 errors=remount-ro 0 1\n',
  'etc/hostname': 'debian\n',
  'etc/machine-id': '0123456789abcdef0123456789abcdef\n',
  'etc/os-release': 'PRETTY_NAME="Simulated Debian guest"\n',
  'etc/ssh/ssh_host_ed25519_key': 'simulated\n',
  'etc/initramfs-tools/initramfs.conf': 'MODULES=most\n',
  'var/log/syslog': 'an old line\n',
}

/**
 * Makes a small but real ext4 image of a root file system that Domdeck can import as a base. Returns whether it could:
 * e2fsprogs may be missing on this workstation, and then there is nothing to import on the pretend hosts.
 */
export async function makeImportableImage(path: string): Promise<boolean> {
  const tree = await mkdtemp(join(tmpdir(), 'domdeck-image-'))
  try {
    for (const folder of ['proc', 'sys', 'dev', 'root', 'var/tmp', 'var/lib'])
      await mkdir(join(tree, folder), { recursive: true })
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(tree, name)), { recursive: true })
      await writeFile(join(tree, name), text, { mode: 0o755 })
    }
    const image = await open(path, 'wx')
    await image.truncate(64 * 1024 * 1024)
    await image.close()
    await promisify(execFile)('mke2fs', ['-q', '-F', '-t', 'ext4', '-J', 'size=4', '-d', tree, path], {
      env: { PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` },
    })
    return true
  } catch {
    await rm(path, { force: true })
    return false
  } finally {
    await rm(tree, { recursive: true, force: true })
  }
}
