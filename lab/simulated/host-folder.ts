import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dom0MemoryMb, writeBootFiles } from './boot'
import { writeHealthFiles } from './health'
import type { HostPlan, PlannedBase, PlannedGuest } from './plan'

/** The folder that is the whole world of one pretend host. */
export type HostFolder = {
  path: string
  storageRoot: string
  home: string
  /** Environment of every command that runs on the host, without what the fleet adds. */
  environment: Record<string, string>
}

const mebibyte = 1024 * 1024

/**
 * Makes the folder of a pretend host with its bases, guests and domains. Images are sparse and empty: 200 guests take
 * a few MB. Nothing of a simulated host lies outside its folder, and its commands get no other writable path, which is
 * what keeps them harmless; there is no sandbox.
 */
export async function makeHostFolder(path: string, plan: HostPlan): Promise<HostFolder> {
  const at = (...parts: string[]) => join(path, ...parts)
  const storageRoot = at('srv')
  const folders = [
    'xen/cfg',
    'xen/stopping',
    'dev',
    'lock',
    'home',
    'tmp',
    'state/jobs',
    'run/bases',
    'run/locks',
    'etc-xen/auto',
    'layers',
  ]
  await Promise.all(
    [...folders, 'srv/guests', 'srv/bases', 'root/etc', 'root/var/log/xen/console'].map((folder) =>
      mkdir(at(folder), { recursive: true }),
    ),
  )
  await Promise.all(plan.bridges.map((bridge) => mkdir(at('root/sys/class/net', bridge, 'bridge'), { recursive: true })))
  await mkdir(at('root/proc/sys/kernel/random'), { recursive: true })
  await writeBootId(path)
  await writeLoaders(at('root'))
  await writeBootFiles(at('root'))
  await writeHealthFiles(at('root'))
  await writeFile(at('root/etc/os-release'), 'PRETTY_NAME="Simulated dom0 (no Xen)"\nID=debian\nVERSION_ID="12"\n')
  await Promise.all(['xen/events', 'xen/store', 'xen/lock', 'xen/mounts'].map((file) => writeFile(at(file), '')))

  const uptime = await uptimeSeconds()
  const loops: string[] = []
  const addLoop = async (file: string, access: 'ro' | 'rw', owner: string) => {
    const device = at('dev', `loop${loops.length}`)
    await symlink(file, device)
    loops.push(`${[loops.length, access, file, owner].join('\t')}\n`)
    return device
  }
  for (const base of plan.bases) {
    await writeBase(storageRoot, base)
    const stands = ({ origin }: PlannedGuest) => origin?.base === base.name && origin.generation === base.generation
    if (!plan.guests.some(stands)) continue
    const image = join(storageRoot, 'bases', base.name, String(base.generation), 'root.img')
    await symlink(await addLoop(image, 'ro', '-'), at('run/bases', `${base.name}.${base.generation}`))
  }
  const rows = [dom0Row(uptime, 40 * 24 * 3600)]
  const written: string[] = []
  let domid = 0
  for (const guest of plan.guests) {
    const config = await writeGuest(path, storageRoot, guest)
    if (guest.origin && config.disk) written.push(`${writtenBlocks(guest)} ${await inodeOf(config.disk)}\n`)
    if (guest.state === 'halted') continue
    await writeFile(
      at('root/var/log/xen', `xl-${guest.name}.log`),
      `Waiting for domain ${guest.name} (domid ${domid + 1}) to die [pid 1]\n`,
    )
    domid += 1
    await writeFile(at('xen/cfg', String(domid)), config.text)
    if (config.disk) await addLoop(config.disk, 'rw', String(domid))
    rows.push(domainRow({ domid, ...guest, uptime }))
  }
  await writeFile(at('xen/domains'), rows.join(''))
  await writeFile(at('xen/loops'), loops.join(''))
  await writeFile(at('xen/written'), written.join(''))
  await writeFile(at('xen/next-domid'), `${domid + 1}\n`)
  return {
    path,
    storageRoot,
    home: at('home'),
    environment: {
      HOME: at('home'),
      TMPDIR: at('tmp'),
      USER: 'root',
      LOGNAME: 'root',
      LC_ALL: 'C',
      DOMDECK_STATE: at('state'),
      DOMDECK_RUN: at('run'),
      DOMDECK_ETC_XEN: at('etc-xen'),
      DOMDECK_ROOT: at('root'),
      DOMDECK_XEN_LOCK: at('lock'),
      DOMDECK_DETACH: 'setsid',
      SIM_HOST: path,
      SIM_NAME: plan.name,
      SIM_MEMORY_MB: String(plan.memoryMb),
      SIM_CPUS: String(plan.cpus),
      SIM_DISK_GB: String(plan.diskGb),
      SIM_BRIDGES: plan.bridges.join(' '),
      SIM_STOP_SECONDS: '0.3',
    },
  }
}

/** What a boot finds: domains, loop devices and locks are gone, files stay, the boot id is new. */
export async function forgetRunning(folder: HostFolder): Promise<void> {
  const at = (...parts: string[]) => join(folder.path, ...parts)
  const uptime = await uptimeSeconds()
  await Promise.all(
    ['xen/cfg', 'xen/stopping', 'dev', 'lock', 'run', 'tmp'].map((name) => rm(at(name), { recursive: true, force: true })),
  )
  await Promise.all(['xen/cfg', 'xen/stopping', 'dev', 'lock', 'run', 'tmp'].map((name) => mkdir(at(name))))
  await Promise.all(['xen/loops', 'xen/store', 'xen/events', 'xen/mounts'].map((file) => writeFile(at(file), '')))
  await writeFile(at('xen/next-domid'), '1\n')
  await writeFile(at('xen/domains'), dom0Row(uptime, 0, await dom0MemoryMb(folder.path)))
  await writeBootId(folder.path)
}

/** Makes a guest that Domdeck did not make: its config lies in /etc/xen. Returns the path of the config. */
export async function addForeignFiles(folder: HostFolder, guest: PlannedGuest): Promise<string> {
  await writeGuest(folder.path, folder.storageRoot, guest)
  return join(folder.path, 'etc-xen', `${fileName(guest)}.cfg`)
}

/** A guest by any name has files by a plain one. */
const fileName = ({ name, uuid }: PlannedGuest): string => (/^[\w][\w.-]*$/.test(name) ? name : uuid)

type DomainStart = Pick<PlannedGuest, 'name' | 'uuid' | 'memoryMb' | 'vcpus' | 'state' | 'type' | 'load' | 'upSeconds'> & {
  domid: number
  /** Of this machine, now. */
  uptime: number
}

/** A line of xen/domains; its fields are told in stubs/domains.sh. */
function domainRow({ domid, name, uuid, memoryMb, vcpus, state, type, load, upSeconds, uptime }: DomainStart): string {
  const cpuSeconds = (load * vcpus * upSeconds).toFixed(1)
  const times = [uptime - upSeconds, load.toFixed(3), cpuSeconds, uptime]
  return `${[domid, name, uuid, memoryMb * 1024, vcpus, state, type, ...times].join('\t')}\n`
}

function dom0Row(uptime: number, upSeconds: number, memoryMb = 4096): string {
  const uuid = '00000000-0000-0000-0000-000000000000'
  return domainRow({
    domid: 0,
    name: 'Domain-0',
    uuid,
    memoryMb,
    vcpus: 4,
    state: 'running',
    type: 'pv',
    load: 0.06,
    upSeconds,
    uptime,
  })
}

async function writeBootId(path: string): Promise<void> {
  await writeFile(join(path, 'root/proc/sys/kernel/random/boot_id'), `${randomUUID()}\n`)
}

/** What boots guests besides their kernels: GRUB for them, pygrub, and what HVM needs; and GRUB for images. */
async function writeLoaders(root: string): Promise<void> {
  const files = [
    'grub-xen/grub-x86_64-xen.bin',
    'grub-xen/grub-i386-xen_pvh.bin',
    'xen-4.17/bin/pygrub',
    'xen-4.17/boot/hvmloader',
  ]
  for (const file of [...files.map((name) => `usr/lib/${name}`), 'usr/libexec/xen-qemu-system-i386']) {
    await mkdir(join(root, file, '..'), { recursive: true })
    await writeFile(join(root, file), 'simulated\n')
  }
  // GRUB's boot sector: the sector of its core image at 92, and the signature.
  const sector = Buffer.alloc(512, 'G')
  sector.writeBigUInt64LE(64n, 92)
  sector.writeUInt16LE(0xaa55, 510)
  await mkdir(join(root, 'usr/lib/grub/i386-pc'), { recursive: true })
  await writeFile(join(root, 'usr/lib/grub/i386-pc/boot.img'), sector)
}

async function uptimeSeconds(): Promise<number> {
  return Number((await readFile('/proc/uptime', 'utf8')).split(' ')[0])
}

/** Blocks of 512 bytes that a guest has written to its layer: more if it is busy, or was up for long. */
function writtenBlocks({ load, upSeconds }: PlannedGuest): number {
  return Math.round((2 + 90 * load + upSeconds / 40_000) * mebibyte) >> 9
}

async function inodeOf(path: string): Promise<string> {
  const { dev, ino } = await stat(path)
  return `${dev}:${ino}`
}

async function writeSparse(path: string, bytes: number, mode = 0o644): Promise<void> {
  const file = await open(path, 'wx', mode)
  try {
    await file.truncate(bytes)
  } finally {
    await file.close()
  }
}

async function writeBase(storageRoot: string, base: PlannedBase): Promise<void> {
  const folder = join(storageRoot, 'bases', base.name, String(base.generation))
  await mkdir(folder, { recursive: true })
  await writeSparse(join(folder, 'root.img'), base.sizeMb * mebibyte, 0o444)
  await writeFile(join(folder, 'vmlinuz'), 'simulated kernel\n', { mode: 0o444 })
  await writeFile(join(folder, 'initrd.img'), 'simulated initrd\n', { mode: 0o444 })
  const about = {
    format: 1,
    base: base.name,
    generation: base.generation,
    sizeBytes: base.sizeMb * mebibyte,
    sha256: Buffer.from(`${base.name}.${base.generation} simulated.......`.padEnd(32, '.').slice(0, 32)).toString('hex'),
    fileSystem: 'ext4',
    kernelVersion: base.kernelVersion,
    types: ['pv', 'pvh'],
    minMemoryMb: 96,
    ...(base.encryption ? { encryption: true } : {}),
    stacks: true,
    source: `/root/${base.name}.img`,
    importedAt: Date.now() - base.ageDays * 24 * 3600 * 1000,
  }
  await writeFile(join(folder, 'base.json'), `${JSON.stringify(about)}\n`)
}

async function writeGuest(path: string, storageRoot: string, guest: PlannedGuest): Promise<{ text: string; disk?: string }> {
  const ours = guest.origin
  const folder = ours ? join(storageRoot, 'guests', guest.name) : join(path, 'etc-xen')
  await mkdir(folder, { recursive: true })
  const disk = ours ? join(folder, 'layer.img') : join(storageRoot, `${fileName(guest)}.img`)
  const inMemory = ours?.mode === 'throwaway'
  if (!inMemory) await writeSparse(disk, (ours?.layerMb ?? 8192) * mebibyte)
  const text = guestConfig(path, storageRoot, guest, disk)
  await writeFile(join(folder, ours ? 'guest.cfg' : `${fileName(guest)}.cfg`), text)
  if (ours) {
    const { base, generation, mode } = ours
    const about = { format: 1, name: guest.name, uuid: guest.uuid, base, generation, mode, job: '01KAHM5ZB0SEEDEDBYSEEDFLEE' }
    await writeFile(join(folder, 'guest.json'), `${JSON.stringify(about)}\n`)
  }
  return inMemory ? { text } : { text, disk }
}

function guestConfig(path: string, storageRoot: string, guest: PlannedGuest, disk: string): string {
  const { origin } = guest
  const common = [
    `name = "${guest.name}"`,
    `uuid = "${guest.uuid}"`,
    `type = "${guest.type}"`,
    `memory = ${guest.memoryMb}`,
    `vcpus = ${guest.vcpus}`,
    `vif = [ 'mac=${guest.mac},bridge=${guest.bridge}' ]`,
    'on_poweroff = "destroy"',
    'on_reboot = "restart"',
    'on_crash = "preserve"',
  ]
  if (!origin) {
    return [...common, 'bootloader = "pygrub"', `disk = [ '${disk},raw,xvda,rw' ]`, ''].join('\n')
  }
  const files = join(storageRoot, 'bases', origin.base, String(origin.generation))
  const layer = origin.mode === 'throwaway' ? 'tmpfs' : '/dev/xvdb'
  const extra = `console=hvc0 domdeck.layer=${layer} systemd.hostname=${guest.name} net.ifnames=0`
  const baseDisk = `'format=raw,vdev=xvda,access=ro,target=${join(path, 'run/bases', `${origin.base}.${origin.generation}`)}'`
  const layerDisk = origin.mode === 'throwaway' ? '' : `, 'format=raw,vdev=xvdb,access=rw,target=${disk}'`
  return [
    ...common,
    `kernel = "${files}/vmlinuz"`,
    `ramdisk = "${files}/initrd.img"`,
    'root = "/dev/xvda ro"',
    `extra = "${extra}"`,
    `disk = [ ${baseDisk}${layerDisk} ]`,
    '',
  ].join('\n')
}
