import type { Host } from '../../src-shared/models/host'
import { currentClient } from '../api/page'
import { canBoot } from '../boot/use-boot'
import { hostShellEntries } from '../consoles/shell-menu'
import { connectHost } from '../fleet/host-action'
import { showDialog } from '../frame/dialogs'
import { useDock } from '../frame/dock'
import { copyLink } from '../frame/links'
import { attempt } from '../frame/notices'
import type { MenuEntry } from '../ui'

/** What can be done to a host besides opening it. */
export function hostMenu(host: Host): MenuEntry[] {
  const hostId = host.settings.id
  const { name } = host.settings
  const away = host.connection.phase === 'idle'
  return [
    ...hostShellEntries(host),
    { label: 'Connection', icon: 'key', onSelect: () => showDialog({ kind: 'connection', hostId }) },
    { label: 'Test the connection', icon: 'check', onSelect: () => showDialog({ kind: 'checkup', hostId }) },
    { label: 'Host keys', icon: 'lock', onSelect: () => showDialog({ kind: 'trust', hostId }) },
    away
      ? {
          label: 'Connect',
          icon: 'network',
          onSelect: () => connectHost(hostId, name),
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
    {
      label: 'Make an image bootable',
      icon: 'power',
      disabled: host.connection.phase === 'ready' ? undefined : 'not connected',
      onSelect: () => showDialog({ kind: 'boot-image', hostId, source: { path: '' } }),
    },
    {
      label: 'Check an old image',
      icon: 'check',
      disabled: host.connection.phase === 'ready' ? undefined : 'not connected',
      onSelect: () => showDialog({ kind: 'mend', hostId, source: { image: '' } }),
    },
    {
      label: 'Edit host',
      icon: 'pencil',
      disabled: host.settings.simulated ? 'simulated' : undefined,
      onSelect: () => showDialog({ kind: 'edit-host', hostId }),
    },
    { label: 'Move to site', icon: 'layers', onSelect: () => showDialog({ kind: 'move-host', hostId }) },
    {
      label: 'Clean up',
      icon: 'trash',
      disabled: host.connection.phase === 'ready' ? undefined : 'not connected',
      onSelect: () => showDialog({ kind: 'clean', hostId }),
    },
    {
      label: 'Boot menu',
      icon: 'power',
      onSelect: () => useDock.getState().showHost(hostId, 'boot'),
    },
    {
      label: 'Health',
      icon: 'shield',
      onSelect: () => useDock.getState().showHost(hostId, 'health'),
    },
    {
      label: 'Reboot host',
      icon: 'reboot',
      disabled: canBoot(host) ? undefined : 'not connected',
      onSelect: () => showDialog({ kind: 'reboot-host', hostId }),
    },
    {
      label: 'Hypervisor log',
      icon: 'code',
      disabled: host.connection.phase === 'ready' ? undefined : 'not connected',
      onSelect: () => showDialog({ kind: 'logs', hostId }),
    },
    { label: 'Copy link', icon: 'copy', onSelect: () => copyLink({ kind: 'host', host: name }) },
    'rule',
    { label: 'Remove from Domdeck', icon: 'trash', danger: true, onSelect: () => showDialog({ kind: 'forget-host', hostId }) },
  ]
}
