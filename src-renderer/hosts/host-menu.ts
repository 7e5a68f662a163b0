import type { Host } from '../../src-shared/models/host'
import { currentClient } from '../api/page'
import { showDialog } from '../frame/dialogs'
import { copyLink } from '../frame/links'
import { attempt } from '../frame/notices'
import type { MenuEntry } from '../ui'

/** What can be done to a host besides opening it. */
export function hostMenu(host: Host): MenuEntry[] {
  const hostId = host.settings.id
  const { name } = host.settings
  const away = host.connection.phase === 'idle'
  return [
    { label: 'Connection', icon: 'key', onSelect: () => showDialog({ kind: 'connection', hostId }) },
    away
      ? {
          label: 'Connect',
          icon: 'network',
          onSelect: () => void attempt(`Connect to ${name}`, async () => currentClient().hosts.connect({ hostId })),
        }
      : {
          label: 'Disconnect',
          icon: 'close',
          onSelect: () => void attempt(`Disconnect ${name}`, async () => currentClient().hosts.disconnect({ hostId })),
        },
    {
      label: 'Import base',
      icon: 'download',
      disabled: host.connection.phase === 'ready' ? undefined : 'not connected',
      onSelect: () => showDialog({ kind: 'import', hostId }),
    },
    { label: 'Copy link', icon: 'copy', onSelect: () => copyLink({ kind: 'host', host: name }) },
    'rule',
    { label: 'Remove from Domdeck', icon: 'trash', danger: true, onSelect: () => showDialog({ kind: 'forget-host', hostId }) },
  ]
}
