import domain from '../xen/domain.sh?raw'
import guestPackages from '../xen/guest-packages.sh?raw'
import baseDevice from './base-device.sh?raw'
import disks from './guest-disks.sh?raw'
import volumes from './volumes.sh?raw'

/** The shell functions for disks of guests in all modes, with what they need: domains, the devices of bases and package images, LVM volumes. */
export const guestDisks = [domain, baseDevice, guestPackages, volumes, disks].join('\n')
