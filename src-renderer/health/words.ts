import type { HealthId, HealthItem } from '../../src-shared/models/health'

/** Why an item matters, whatever its state. */
export const whyWords: Readonly<Record<HealthId, string>> = {
  packages:
    'xl is run from the tools of the Xen that runs. After an upgrade they may be gone until the reboot, and guests cannot be reached.',
  memory: 'Without memory of its own dom0 shrinks with each guest, until the programs that serve all of them are ended.',
  panic:
    'A kernel that goes on after an oops leaves locks held and guests half served. A reboot brings them back. (A panic reboots under Xen by itself; in a boot without Xen the host stays there.)',
  hangs:
    'A task that waits for ever, on a disk that is gone, keeps the host from serving guests and from shutting down. A reboot ends that.',
  shutdown:
    'Saved memory fills the disk, takes longer than a shutdown waits, and holds the keys of encrypted guests. Shut down, they start as from a power switch.',
  autostart: 'xendomains starts what is in /etc/xen/auto, in order of name, and stops all guests with the host.',
  'storage-order':
    'When the network goes down before what is mounted over it, the host hangs at shutdown, and guests lose what they wrote last.',
  'console-logs':
    'What a guest wrote before it crashed is read there, and a console that was away fills its gap from it. A guest decides how much it writes, so the logs are rotated.',
  xenstored:
    'All that guests and tools agree on is in its memory. Without it no guest starts, stops or gets a disk until a reboot.',
  loops: 'Each disk that is a file takes a loop device. With a limit, a guest more does not start.',
}

export const stateWords: Readonly<Record<HealthItem['state'], string>> = {
  mend: 'to mend',
  waiting: 'at the next boot',
  unknown: 'not known',
  fine: 'fine',
}
