import { ProblemError } from '../../src-shared/problem'

/** Xen's prefix 00:16:3e, and 23 bits of our own: libxl keeps the fourth byte below 0x80 (xen 4.17 libxl_nic.c). */
const ownBits = 23

/**
 * A MAC address for the guest of this UUID that is not among the taken ones, and takes it. It follows from the UUID, and moves
 * on by one where that is taken. Addresses are compared in lower case. Throws BAD_INPUT when all are taken.
 */
export function takeMac(uuid: string, taken: Set<string>): string {
  const size = 2 ** ownBits
  const start = Number.parseInt(uuid.replaceAll('-', '').slice(-6), 16) % size
  for (let step = 0; step < size; step += 1) {
    const hex = ((start + step) % size).toString(16).padStart(6, '0')
    const mac = `00:16:3e:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4)}`
    if (!taken.has(mac)) {
      taken.add(mac)
      return mac
    }
  }
  throw new ProblemError('BAD_INPUT', 'All MAC addresses of the prefix 00:16:3e are taken.')
}
