import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import xlInfo from './stubs/xl-info.txt?raw'

/** What Debian's packages of Xen leave on a dom0 that nobody has touched, below the `root` of a pretend host; behind its boot files. */
export async function writeHealthFiles(root: string): Promise<void> {
  const files: Record<string, string | Buffer> = {
    'etc/init.d/xen': '#!/bin/sh\n',
    'etc/init.d/xendomains': '#!/bin/bash\n',
    'etc/default/xen': '#XENCONSOLED_TRACE=[none|guest|hv|all]\nXENSTORED_ARGS=\n',
    'etc/default/xendomains': 'XENDOMAINS_MIGRATE=""\nXENDOMAINS_SAVE=/var/lib/xen/save\nXENDOMAINS_RESTORE=true\n',
    'usr/lib/xen-common/bin/xen-dir': '#!/bin/sh -e\n',
    'usr/lib/xen-4.17/bin/xl': 'simulated\n',
    'sys/hypervisor/version/major': '4\n',
    'sys/hypervisor/version/minor': '17\n',
    'proc/612/comm': 'oxenstored\n',
    'proc/612/oom_score_adj': '-1000\n',
    'proc/640/comm': 'xenconsoled\n',
    'proc/mounts': '/dev/md0 / ext4 rw 0 0\nproc /proc proc rw 0 0\n',
    'proc/sys/kernel/panic_on_oops': '0\n',
    'proc/sys/kernel/hung_task_panic': '0\n',
    'proc/sys/kernel/hung_task_timeout_secs': '120\n',
    // A hypervisor has the date of its build in it.
    'boot/xen-4.17-amd64.gz': gzipSync(/^cc_compile_date\s*: (.*)$/m.exec(xlInfo)?.[1] ?? ''),
    'lib/modules/6.1.0-56-amd64/modules.dep': '',
    'lib/modules/6.1.0-50-amd64/modules.dep': '',
  }
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(root, path, '..'), { recursive: true })
    await writeFile(join(root, path), content)
  }
}

/** What systemd does with such files at a boot: sysctls, the daemons of Xen, xendomains. */
export async function startServices(folder: string): Promise<void> {
  const root = join(folder, 'root')
  const read = (path: string) => readFile(join(root, path), 'utf8').catch(() => '')
  const settings = join(root, 'etc/sysctl.d')
  for (const name of (await readdir(settings).catch(() => [])).sort()) {
    for (const [, key = '', value = ''] of (await readFile(join(settings, name), 'utf8')).matchAll(/^([a-z._]+) *= *(\S+)$/gm)) {
      await writeFile(join(root, 'proc/sys', ...key.split('.')), `${value}\n`)
    }
  }
  const unit = await read('etc/systemd/system/xen.service.d/domdeck-console-logs.conf')
  const [, words = ''] = /^Environment="XENCONSOLED_ARGS=(.*)"$/m.exec(unit) ?? []
  const [, logs] = /^ExecStartPre=-\S+ .* (\S+)$/m.exec(unit) ?? []
  if (logs) await mkdir(join(root, logs), { recursive: true })
  const own = /^XENCONSOLED_ARGS="?([^"\n]*)"?$/m.exec(await read('etc/default/xen'))?.[1]
  const argv = ['xenconsoled', ...(own ?? words).split(' ').filter(Boolean), '--pid-file', '/run/xenconsoled.pid']
  await writeFile(join(root, 'proc/640/cmdline'), argv.map((word) => `${word}\0`).join(''))
  const ran = join(folder, 'xen/xendomains-ran')
  if (existsSync(join(folder, 'xen/no-xendomains'))) await rm(ran, { force: true })
  else await writeFile(ran, '')
}
