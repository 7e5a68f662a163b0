import type { Lock } from '../../src-shared/models/job'

/** Jobs about one guest exclude each other; guests that others made have names no lock can bear, so the UUID names it. */
export const guestLock = (uuid: string): Lock => ({ name: `guest-${uuid}`, shared: false })

/** Held by whoever decides about names and attaches or detaches a base. */
export const guestsLock: Lock = { name: 'guests', shared: false }
