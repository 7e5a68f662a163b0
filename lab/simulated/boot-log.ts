import type { GuestSelf } from './guest-shell'

/** Lines of a boot, each with the second after power-on at which it appears. */
export function bootLog(self: GuestSelf): { at: number; text: string }[] {
  const lines: [at: number, text: string][] = [
    [0, `Linux version ${self.kernel} (simulated guest: no kernel runs here)`],
    [0, 'Command line: root=/dev/xvda ro console=hvc0'],
    [0.01, 'Hypervisor detected: Xen PV (simulated)'],
    [0.02, `Memory: ${self.memoryMb * 1024}K available`],
    [0.05, `smp: Brought up 1 node, ${self.vcpus} CPU${self.vcpus > 1 ? 's' : ''}`],
    [0.09, 'Grant table initialized'],
    [0.14, 'printk: console [hvc0] enabled'],
    [0.21, 'blkfront: xvda: flush diskcache: enabled; persistent grants: enabled; indirect descriptors: enabled;'],
    [0.24, 'xen_netfront: Initialising Xen virtual ethernet driver'],
    [0.29, 'EXT4-fs (xvda): mounted filesystem with ordered data mode. Quota mode: none.'],
  ]
  if (self.rootFileSystem === 'overlay') lines.push([0.33, 'overlayfs: mounted on / (lower /dev/xvda)'])
  lines.push([0.42, 'systemd[1]: Detected virtualization xen.'], [0.43, `systemd[1]: Hostname set to <${self.name}>.`])
  const kernel = lines.map(([at, text]) => ({ at, text: `[${at.toFixed(6).padStart(12)}] ${text}\r\n` }))
  const units = [
    'Journal Service',
    'Load/Save OS Random Seed',
    'Create Static Device Nodes in /dev',
    'Raise network interfaces',
    'OpenBSD Secure Shell server',
    'Serial Getty on hvc0',
  ]
  const started = units.map((unit, index) => ({
    at: 0.5 + index * 0.08,
    text: `[\u001b[0;32m  OK  \u001b[0m] Started ${unit}.\r\n`,
  }))
  return [...kernel, ...started, { at: 1, text: '\r\nDebian GNU/Linux 12 hvc0 - simulated guest, nothing here is real\r\n\r\n' }]
}
