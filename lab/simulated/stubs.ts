import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import config from './stubs/config.awk?raw'
import control from './stubs/control.sh?raw'
import cpu from './stubs/cpu.awk?raw'
import domains from './stubs/domains.sh?raw'
import grub from './stubs/grub.sh?raw'
import host from './stubs/host.sh?raw'
import list from './stubs/list.awk?raw'
import losetup from './stubs/losetup.sh?raw'
import mount from './stubs/mount.sh?raw'
import xenconsole from './stubs/xenconsole.sh?raw'
import xenstoreTree from './stubs/xenstore.awk?raw'
import xenstore from './stubs/xenstore.sh?raw'
import xentop from './stubs/xentop.sh?raw'
import xl from './stubs/xl.sh?raw'
import xlDmesg from './stubs/xl-dmesg.txt?raw'
import xlInfo from './stubs/xl-info.txt?raw'

/** The scripts that stand for programs, and every name each is run as. */
const programs: [script: string, names: string[]][] = [
  [xl, ['xl']],
  [
    xenstore,
    ['xenstore-read', 'xenstore-list', 'xenstore-ls', 'xenstore-exists', 'xenstore-write', 'xenstore-rm', 'xenstore-watch'],
  ],
  [xentop, ['xentop']],
  [grub, ['grub-mkconfig', 'update-grub', 'grub-editenv', 'grub-probe']],
  [xenconsole, ['xenconsole']],
  [losetup, ['losetup']],
  [mount, ['mount', 'umount', 'mountpoint', 'unshare', 'chroot', 'lsinitramfs', 'cpio', 'fstrim', 'grub-install']],
  [
    host,
    [
      'hostname',
      'uname',
      'nproc',
      'whoami',
      'id',
      'sudo',
      'df',
      'stat',
      'systemd-run',
      'systemctl',
      'systemd-escape',
      'lsblk',
      'dpkg-query',
      'apt-get',
      'ssh',
      'chown',
      'chgrp',
      'chattr',
      'lvs',
      'lvcreate',
      'lvchange',
      'lvextend',
      'lvremove',
      'lvrename',
      'dmsetup',
      'xfs_info',
    ],
  ],
]

const libraries = {
  'config.awk': config,
  'control.sh': control,
  'cpu.awk': cpu,
  'domains.sh': domains,
  'list.awk': list,
  'xenstore.awk': xenstoreTree,
  'xl-dmesg.txt': xlDmesg,
  'xl-info.txt': xlInfo,
}

/** Writes the stand-ins for Xen's and root's programs into `folder`: `bin/` for the PATH, `lib/` for what they share. */
export async function writeStubs(folder: string): Promise<{ bin: string; lib: string }> {
  const bin = join(folder, 'bin')
  const lib = join(folder, 'lib')
  await Promise.all([mkdir(bin), mkdir(lib)])
  await Promise.all(Object.entries(libraries).map(([name, text]) => writeFile(join(lib, name), text)))
  for (const [script, [first, ...others]] of programs) {
    if (first === undefined) continue
    await writeFile(join(bin, first), script)
    await chmod(join(bin, first), 0o755)
    await Promise.all(others.map((name) => symlink(first, join(bin, name))))
  }
  return { bin, lib }
}
