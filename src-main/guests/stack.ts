import { defineOperation } from '../jobs/define'
import domain from '../xen/domain.sh?raw'
import guestPackages from '../xen/guest-packages.sh?raw'
import stoppedGuest from '../xen/stopped-guest.sh?raw'
import baseDevice from './base-device.sh?raw'
import { guestLock, guestsLock } from './locks'
import stackScript from './stack.sh?raw'
import swapGeneration from './swap-generation.sh?raw'
import swapPackages from './swap-packages.sh?raw'

/** Both write the stack of one guest: at once if it is off, else for its next start. Its layer stays as it is. */
const stack = {
  targets: ({ name }: { name: string }) => [name],
  steps: ({ name }: { name: string }) => [`Check ${name}`, 'Write its stack'],
  locks: ({ uuid }: { uuid: string }) => [guestLock(uuid), guestsLock],
  danger: 'none' as const,
  script: [baseDevice, domain, guestPackages, stoppedGuest, swapGeneration, swapPackages, stackScript].join('\n'),
}

/** Attaches a version of a package image to a guest, or swaps the version that it has for this one. */
export const attach = defineOperation<'guest.attach'>({
  ...stack,
  id: 'guest.attach',
  title: ({ name, package: image, version }) => `Attach version ${version} of ${image} to ${name}`,
  inverse: ({ uuid, package: image, version }, { guests, result }) => {
    const guest = guests.get(uuid)
    const has = guest?.origin?.packages?.find((one) => one.name === image)
    const from = Number(result.from)
    if (!guest || !has || (has.next ?? has.version) !== version || !(from >= 0) || from === version) return []
    const about = { name: guest.name, uuid, package: image }
    if (from === 0) return [{ operation: 'guest.detach', input: about }]
    // It had that one, whatever it was made for.
    return [{ operation: 'guest.attach', input: { ...about, version: from, anyway: true } }]
  },
  variables: ({ name, uuid, package: image, version, anyway }) => ({
    ...{ name, uuid, package: image, to: String(version) },
    anyway: anyway ? '1' : '',
  }),
})

/** Takes a package image out of the stack of a guest. */
export const detach = defineOperation<'guest.detach'>({
  ...stack,
  id: 'guest.detach',
  title: ({ name, package: image }) => `Detach ${image} from ${name}`,
  inverse: ({ uuid, package: image }, { guests, result }) => {
    const guest = guests.get(uuid)
    const has = guest?.origin?.packages?.find((one) => one.name === image)
    const from = Number(result.from)
    // Attached anew it is the topmost.
    if (!guest || !(from > 0) || (has ? has.next !== 0 : result.top !== '1')) return []
    return [{ operation: 'guest.attach', input: { name: guest.name, uuid, package: image, version: from, anyway: true } }]
  },
  variables: ({ name, uuid, package: image }) => ({ name, uuid, package: image, to: '0', anyway: '' }),
})
