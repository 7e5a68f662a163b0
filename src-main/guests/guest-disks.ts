import domain from '../xen/domain.sh?raw'
import baseDevice from './base-device.sh?raw'
import disks from './guest-disks.sh?raw'
import volumes from './volumes.sh?raw'

/** The shell functions for disks of guests in all modes, with what they need: domains, base devices, LVM volumes. */
export const guestDisks = [domain, baseDevice, volumes, disks].join('\n')
