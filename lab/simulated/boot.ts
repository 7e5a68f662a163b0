import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseMenu, resolveEntry } from '../../src-main/boot/grub-menu'

const releases = ['6.1.0-56-amd64', '6.1.0-50-amd64']
const xen = '4.17-amd64'
const dom0MemMb = 4096

const grubDefaults = `GRUB_DEFAULT=0
GRUB_TIMEOUT=1
GRUB_DISTRIBUTOR=Debian
GRUB_CMDLINE_LINUX_DEFAULT="quiet"
GRUB_CMDLINE_LINUX=""
GRUB_CMDLINE_XEN="dom0_mem=${dom0MemMb}M,max:${dom0MemMb}M"
`

/** The end of Debian's own /etc/default/grub.d/xen.cfg, which makes Xen the default. */
const xenDefaults = `if [ "\${XEN_OVERRIDE_GRUB_DEFAULT-}" = "" ]; then
	grub_warn "GRUB_DEFAULT changed to boot into Xen by default!" \\
	          "Edit /etc/default/grub.d/xen.cfg to avoid this warning."
	XEN_OVERRIDE_GRUB_DEFAULT=1
fi
if [ "$XEN_OVERRIDE_GRUB_DEFAULT" = "1" ]; then
	GRUB_DEFAULT=$( \\
		printf "$(gettext "%s, with Xen hypervisor")" \\
		"$GRUB_DISTRIBUTOR GNU/Linux")
fi
`

/** Files below the `root` of a pretend host that its GRUB is made of; the menu is for `update-grub` to make. */
export async function writeBootFiles(root: string): Promise<void> {
  const folders = ['boot/grub', 'etc/default/grub.d', 'etc/grub.d', 'etc/systemd/system', 'proc/sys/kernel']
  await Promise.all(folders.map((folder) => mkdir(join(root, folder), { recursive: true })))
  const boot = [...releases.flatMap((release) => [`vmlinuz-${release}`, `initrd.img-${release}`]), `xen-${xen}.gz`]
  await Promise.all(boot.map((name) => writeFile(join(root, 'boot', name), `simulated ${name}\n`)))
  await writeFile(join(root, 'boot/grub/grubenv'), '# GRUB Environment Block\n')
  await writeFile(join(root, 'etc/default/grub'), grubDefaults)
  await writeFile(join(root, 'etc/default/grub.d/xen.cfg'), xenDefaults)
  // Where an administrator puts entries of his own.
  const custom = join(root, 'etc/grub.d/40_custom')
  await writeFile(custom, '#!/bin/sh\nexec tail -n +3 "$0"\n')
  await chmod(custom, 0o755)
  await writeFile(join(root, 'proc/uptime'), '60.00 60.00\n')
}

/** How a boot ended: with a system that runs, or one that only a person at the host can help. */
export type Booted = 'up' | 'dead' | 'emergency'

/**
 * What GRUB and the kernel of a pretend host do at a boot: GRUB's default or what is to be booted once, the fallback where a file is missing; a kernel
 * told `init=/bin/false` panics and, with `panic=`, the next boot begins. With `emergency` on its command line it comes up without its services.
 * Writes what the system then says of itself.
 */
export async function bootOnce(folder: string): Promise<Booted> {
  const root = join(folder, 'root')
  for (let tries = 0; tries < 4; tries++) {
    const words = await runGrub(root)
    if (!words) return 'dead'
    if (/ init=\/bin\/false( |$)/.test(words.linux)) {
      if (/ panic=[1-9]/.test(words.linux)) continue
      return 'dead'
    }
    await writeFile(
      join(root, 'proc/cmdline'),
      `${words.xen === undefined ? 'BOOT_IMAGE=/boot/vmlinuz' : 'placeholder'}${words.linux}\n`,
    )
    await writeFile(join(folder, 'xen/release'), `${/vmlinuz-(\S+)/.exec(words.files.join(' '))?.[1]}\n`)
    await writeFile(join(root, 'proc/sys/kernel/panic'), `${/ panic=(\d+)/.exec(words.linux)?.[1] ?? 0}\n`)
    if (words.xen === undefined) await writeFile(join(folder, 'xen/no-xen'), '')
    else {
      await rm(join(folder, 'xen/no-xen'), { force: true })
      await writeFile(join(folder, 'xen/commandline'), `placeholder${words.xen}\n`)
    }
    return / emergency( |$)/.test(words.linux) ? 'emergency' : 'up'
  }
  return 'dead'
}

/** The memory that Xen's words give to dom0. */
export async function dom0MemoryMb(folder: string): Promise<number> {
  const words = await readFile(join(folder, 'xen/commandline'), 'utf8').catch(() => '')
  return Number(/dom0_mem=(\d+)M/.exec(words)?.[1] ?? dom0MemMb)
}

/** Command lines of the units that start by themselves with a target, in order of name, as systemd finds them at a boot. */
export async function wantedCommands(folder: string, targets: readonly string[]): Promise<string[]> {
  const root = join(folder, 'root')
  const cmdline = ` ${(await readFile(join(root, 'proc/cmdline'), 'utf8')).trim()} `
  const commands: string[] = []
  for (const target of targets) {
    const wants = join(root, 'etc/systemd/system', `${target}.wants`)
    for (const name of (await readdir(wants).catch(() => [])).sort()) {
      const unit = await readFile(join(wants, name), 'utf8')
      const condition = /^ConditionKernelCommandLine=(.*)$/m.exec(unit)?.[1]
      if (condition !== undefined && !cmdline.includes(` ${condition} `)) continue
      const [, command] = /^ExecStart=(.*)$/m.exec(unit) ?? []
      const environment = [...unit.matchAll(/^Environment=(.*)$/gm)].map(([, setting]) => setting).join(' ')
      if (command !== undefined) commands.push(`${environment} ${command}`)
    }
  }
  return commands
}

/** Files and words of an entry, and whether it resets the machine when one cannot be loaded. */
type Words = { files: string[]; xen?: string; linux: string; resets: boolean }

async function runGrub(root: string): Promise<Words | undefined> {
  const menu = await readFile(join(root, 'boot/grub/grub.cfg'), 'utf8')
  const env = join(root, 'boot/grub/grubenv')
  const environment = await readFile(env, 'utf8')
  const next = /^next_entry=(.*)$/m.exec(environment)?.[1]
  if (next) await writeFile(env, environment.replace(/^next_entry=.*\n/m, ''))
  const { items, defaultWords } = parseMenu(menu)
  const held = /if \[ -z "\$\{boot_once\}" \]; then\s+set default='([^']*)'/.exec(menu)?.[1]
  const titles = resolveEntry(items, next ?? held ?? defaultWords)
  const words = titles && wordsOf(menu, titles.at(-1) ?? '')
  if (words?.files.every((file) => existsSync(join(root, file)))) return words
  // Else GRUB stays at its menu.
  return words?.resets ? runGrub(root) : undefined
}

/** Files and words of the first entry of that title; titles are told apart by their last part here. */
function wordsOf(menu: string, title: string): Words | undefined {
  const lines = menu.split('\n')
  const quoted = `menuentry '${title.replaceAll("'", "'\\''")}' `
  const at = lines.findIndex((line) => line.trim().startsWith(quoted))
  const end = lines.findIndex((line, index) => index > at && line.trim() === '}')
  if (at < 0 || end < 0) return undefined
  const files: string[] = []
  let hypervisor: string | undefined
  let linux = ''
  let resets = false
  for (const line of lines.slice(at + 1, end)) {
    const [, test = '', command = '', file = '', words = ''] =
      /^\s*(if )?(multiboot2|module2|linux|initrd)\s+(?:--nounzip\s+)?([^\s;]+)(.*?)(?:; then true; else reboot; fi)?$/.exec(
        line,
      ) ?? []
    if (file) files.push(file)
    if (test) resets = true
    if (command === 'multiboot2') hypervisor = words.replace(/ placeholder| \$\{xen_rm_opts\}/g, '')
    else if (command === 'linux' || (command === 'module2' && linux === '')) linux = words.replace(/^ placeholder/, '')
  }
  return {
    files,
    linux: linux.trimEnd(),
    resets,
    ...(hypervisor === undefined ? {} : { xen: hypervisor }),
  }
}
