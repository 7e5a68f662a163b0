import { isIP } from 'node:net'
import type { GuestAddress } from '../../src-shared/models/console'
import { ProblemError } from '../../src-shared/problem'
import addressesScript from './addresses.sh?raw'
import type { ConsoleHost } from './reader'

const timeoutMs = 20_000
const mostAddresses = 20

/** What a host knows of the addresses of a guest, the surest first; see addresses.sh. NOT_FOUND for a guest that it does not have. */
export async function guestAddresses(host: ConsoleHost, guestId: string): Promise<GuestAddress[]> {
  const guest = host.guests.get(guestId)
  if (!guest) throw new ProblemError('NOT_FOUND', `${host.settings.name} has no such guest now.`)
  const macs = guest.nics.map(({ mac }) => mac.toLowerCase())
  const argv = [
    'sh',
    '-c',
    addressesScript,
    'addresses.sh',
    guest.domid === undefined ? '' : String(guest.domid),
    ...macs,
  ] as const
  const { stdout } = await host.ask(argv, { timeoutMs })
  return parseAddresses(stdout)
}

/** The lines of addresses.sh; what is no address, and what only works on its own link, is left out. */
export function parseAddresses(text: string): GuestAddress[] {
  const found = new Map<string, GuestAddress>()
  for (const line of text.split('\n')) {
    const [, from, address = ''] = /^(xenstore|lease|neighbour) (\S+)$/.exec(line) ?? []
    if (!from || isIP(address) === 0 || /^(fe80:|127\.|169\.254\.|0\.|::1?$)/i.test(address)) continue
    if (!found.has(address)) found.set(address, { address, from: from as GuestAddress['from'] })
  }
  return [...found.values()].slice(0, mostAddresses)
}
