import { type Boot, type BootWay, bootWay, pvgrubPath } from '../../src-shared/models/boot'
import type { Guest } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import { hasOwnRoot } from '../../src-shared/operations'

/** How each way is called, and what it means. */
export const bootWords: Record<BootWay, { label: string; about: string }> = {
  direct: { label: 'Directly', about: 'Xen loads a kernel of the host. What the guest installs in /boot is never booted.' },
  pvgrub: { label: 'By pvgrub', about: 'GRUB runs in the guest and reads its own menu: the guest chooses its kernel.' },
  pygrub: { label: 'By pygrub', about: 'Deprecated: a program of the host reads the menu on the disk of the guest, as root.' },
  hvm: { label: 'As HVM', about: 'A whole machine by qemu, with the loader in the first sector of its disk.' },
}
export const bootWays: readonly BootWay[] = ['direct', 'pvgrub', 'pygrub', 'hvm']

/** How a guest boots, in a few words. */
export function bootsAs({ type, kernel, bootloader }: Guest): string {
  const way = bootWay({ type, kernel, bootloader })
  if (way !== undefined) return bootWords[way].label.toLowerCase().replace('hvm', 'HVM')
  return bootloader === undefined ? 'nothing to boot' : `by ${bootloader}`
}

/** Why its way to boot cannot be changed now, in a few words, or undefined when it can. */
export function bootRefusal(guest: Guest, host: Host | undefined): string | undefined {
  if (host?.connection.phase !== 'ready') return 'host not connected'
  if (guest.draft) return 'a draft'
  if (guest.configPath === undefined) return 'no config file'
  if (guest.origin && !hasOwnRoot(guest.origin.mode)) return 'its root is an overlay'
  return guest.state === 'halted' ? undefined : 'shut it down first'
}

/** What the form holds; the paths and the line are those of a direct boot. */
export type BootForm = { way: BootWay; type: 'pv' | 'pvh'; kernel: string; ramdisk: string; root: string; extra: string }

/** A form that changes nothing but what is likely wanted: pvgrub, or for a guest that has it, its kernel on the host. */
export function bootFormOf(guest: Guest, host: Host): BootForm {
  const { origin, name, disks, kernel, type } = guest
  const root = host.settings.storageRoot
  const now = bootWay(guest)
  const files =
    origin?.mode === 'copy' || origin?.mode === 'reflink'
      ? `${root}/guests/${name}`
      : origin && `${root}/bases/${origin.base}/${origin.generation}`
  const pvh = host.facts?.guestTypes.includes('pvh') ?? false
  return {
    way: now === 'pvgrub' ? 'direct' : 'pvgrub',
    type: type === 'pv' || type === 'pvh' ? type : pvh ? 'pvh' : 'pv',
    kernel: now === 'direct' && kernel !== undefined ? kernel : files ? `${files}/vmlinuz` : '',
    ramdisk: files ? `${files}/initrd.img` : '',
    root: `/dev/${disks[0]?.vdev ?? 'xvda'} ${origin ? 'rw' : 'ro'}`,
    extra: origin ? `console=hvc0 systemd.hostname=${name} net.ifnames=0` : 'console=hvc0',
  }
}

/** The keys of the config that a form means. */
export function bootOf({ way, type, ...direct }: BootForm): Boot {
  switch (way) {
    case 'direct': {
      const given = Object.entries(direct).flatMap(([key, value]) => (value.trim() === '' ? [] : [[key, value.trim()]]))
      return { type, ...Object.fromEntries(given) }
    }
    case 'pvgrub': {
      const kernel = pvgrubPath(type)
      return { type, ...(kernel === undefined ? {} : { kernel }) }
    }
    case 'pygrub':
      return { type, bootloader: 'pygrub' }
    case 'hvm':
      return { type: 'hvm' }
  }
}
