import type { HostSettings } from '../../src-shared/models/host'

/** Where a host is, as one writes it for ssh: `[user@]address[:port]`, with what is left to `~/.ssh/config` left out. */
export function whereOf({ user, address, port = 22 }: Pick<HostSettings, 'user' | 'address' | 'port'>): string {
  const place = port === 22 ? address : address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
  return user === undefined ? place : `${user}@${place}`
}
