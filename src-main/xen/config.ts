import { type GuestType, uuidSchema } from '../../src-shared/models/guest'
import { type ConfigValue, parseConfigSyntax } from './config-syntax'
import type { Disk, Nic } from './list-json'

/** What Domdeck shows of a guest's config file. */
export type GuestConfig = {
  name?: string
  uuid?: string
  type: GuestType
  memoryMb: number
  /** What it can have at most while it runs; `memory` unless the file says so. */
  maxMemoryMb?: number
  vcpus: number
  maxVcpus?: number
  kernel?: string
  ramdisk?: string
  bootloader?: string
  /** Device of the root file system, with its options; xl puts it before `extra`, and drops both when there is a `cmdline`. */
  root?: string
  /** `extra`, or `cmdline` which wins over it. */
  commandLine?: string
  disks: Disk[]
  nics: Nic[]
  /** What xl does when it powers off, reboots or crashes. */
  actions: { poweroff: string; reboot: string; crash: string }
  /** What could not be read, a sentence each. */
  unread: string[]
}

/**
 * Reads an xl config file as far as it can be read; never throws. Defaults are xl's (xen 4.17 tools/xl/xl_parse.c): one vCPU,
 * restart at a reboot and destroy at all else, PV unless `type` or the older `builder` say otherwise.
 */
export function parseGuestConfig(text: string): GuestConfig {
  const { values, unread } = parseConfigSyntax(text)
  const string = (key: string) => {
    const value = values.get(key)
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const number = (key: string) => {
    const value = string(key)
    if (value === undefined) return undefined
    const amount = Number(value)
    if (Number.isSafeInteger(amount) && amount >= 0) return amount
    unread.push(`${key} is no number.`)
    return undefined
  }
  const specs = (key: string): ConfigValue[] => {
    const value = values.get(key)
    return Array.isArray(value) ? value : []
  }

  const name = string('name')
  const uuid = string('uuid')?.toLowerCase()
  const optional = (key: 'kernel' | 'ramdisk' | 'bootloader' | 'root') => {
    const value = string(key)
    return value === undefined ? {} : { [key]: value }
  }
  const maxMemoryMb = number('maxmem')
  const maxVcpus = number('maxvcpus')
  const commandLine = string('cmdline') ?? string('extra')
  if (uuid !== undefined && !uuidSchema.safeParse(uuid).success) unread.push('uuid is no UUID.')
  return {
    ...(name === undefined ? {} : { name }),
    ...(uuidSchema.safeParse(uuid).success && uuid !== undefined ? { uuid } : {}),
    type: typeOf(string('type'), string('builder'), unread),
    memoryMb: number('memory') ?? maxMemoryMb ?? 0,
    ...(maxMemoryMb === undefined ? {} : { maxMemoryMb }),
    vcpus: number('vcpus') ?? maxVcpus ?? 1,
    ...(maxVcpus === undefined ? {} : { maxVcpus }),
    ...optional('kernel'),
    ...optional('ramdisk'),
    ...optional('bootloader'),
    ...(string('cmdline') === undefined ? optional('root') : {}),
    ...(commandLine === undefined ? {} : { commandLine }),
    disks: specs('disk').flatMap((spec) => diskOf(spec, unread)),
    nics: specs('vif').flatMap((spec) => (typeof spec === 'string' ? [parseVifSpec(spec)] : [])),
    actions: {
      poweroff: string('on_poweroff') ?? 'destroy',
      reboot: string('on_reboot') ?? 'restart',
      crash: string('on_crash') ?? 'destroy',
    },
    unread,
  }
}

function typeOf(type: string | undefined, builder: string | undefined, unread: string[]): GuestType {
  if (type === 'pv' || type === 'pvh' || type === 'hvm') return type
  if (type !== undefined) unread.push('type is none of pv, pvh and hvm.')
  return builder === 'hvm' ? 'hvm' : 'pv'
}

function diskOf(spec: ConfigValue, unread: string[]): Disk[] {
  const disk = typeof spec === 'string' ? parseDiskSpec(spec) : undefined
  if (disk) return [disk]
  unread.push('A disk is not understood.')
  return []
}

/** Prefixes that xend had and xl still takes before the target. */
const oldPrefix = /^(?:(?:raw|qcow2?|vhd|tapdisk|tap2?|aio|ioemu|file|phy|iscsi|e?nbd|drbd):)+/

/** Words without a value that may stand between the positional ones. */
const flags = new Set(['direct-io-safe', 'discard', 'no-discard', 'trusted', 'untrusted', 'colo', 'no-colo'])

/**
 * Reads a disk specification, `[target,[format,[vdev,[access]]]]` with any of them as `key=value` too, as xen 4.17
 * tools/libs/util/libxlu_disk_l.l does. `target=` swallows the rest, commas and all. Undefined if there is no vdev, without
 * which xl refuses it.
 */
export function parseDiskSpec(spec: string): Disk | undefined {
  let rest = spec.trimStart()
  const prefix = oldPrefix.exec(rest)?.[0] ?? ''
  rest = rest.slice(prefix.length)
  let target: string | undefined
  let format = prefix === '' ? undefined : 'raw'
  let vdev: string | undefined
  let access: string | undefined
  let cdrom = false
  while (rest !== '') {
    const item = rest.trimStart()
    if (item.startsWith('target=')) {
      target = item.slice('target='.length)
      break
    }
    const comma = item.indexOf(',')
    const word = comma < 0 ? item : item.slice(0, comma)
    rest = comma < 0 ? '' : item.slice(comma + 1)
    const [, key, value = ''] = /^([a-z][-a-z0-9]*)=(.*)$/s.exec(word) ?? []
    if (key === 'format') format = value
    else if (key === 'vdev') vdev = value
    else if (key === 'access') access = value
    else if (word === 'cdrom' || word === 'devtype=cdrom') cdrom = true
    else if (key !== undefined || flags.has(word)) continue
    else if (target === undefined) target = word
    else if (format === undefined && target === '' && word.includes(':')) {
      // An empty drive in the old way: `,hdc:cdrom,r`.
      format = 'empty'
      vdev = word
    } else if (format === undefined) format = word === '' ? 'raw' : word
    else if (vdev === undefined) vdev = word
    else if (access === undefined) access = word
  }
  if (!vdev) return undefined
  // `xvda:cdrom` is an old way to write devtype=cdrom.
  const [device = '', deviceType] = vdev.split(':')
  cdrom ||= deviceType === 'cdrom'
  return { vdev: device, target: target ?? '', writable: !cdrom && access !== 'r' && access !== 'ro' }
}

/** Reads a vif specification, `mac=00:16:3e:…,bridge=xenbr0,…`. What xl would choose by itself (a random MAC) stays empty. */
export function parseVifSpec(spec: string): Nic {
  const value = (key: string) =>
    spec
      .split(',')
      .map((part) => part.trim())
      .find((part) => part.startsWith(`${key}=`))
      ?.slice(key.length + 1)
  return { mac: (value('mac') ?? '').toLowerCase(), bridge: value('bridge') ?? '' }
}
