import type { GuestType } from '../../src-shared/models/guest'

/** What Domdeck uses of `xl info`. */
export type XenInfo = {
  hostname: string
  xenVersion: string
  kernel: string
  threads: number
  memoryMb: number
  freeMemoryMb: number
  guestTypes: GuestType[]
}

/**
 * Reads `xl info`, a `key : value` a line, or returns undefined if it is not that: a broken answer must not pass for a host
 * without memory. Memory is in MiB, and `free_memory` has outstanding claims taken off already.
 */
export function parseInfo(text: string): XenInfo | undefined {
  const values = new Map<string, string>()
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) values.set(line.slice(0, colon).trim(), line.slice(colon + 1).trim())
  }
  const number = (key: string) => {
    const value = values.get(key) ?? ''
    return /^\d+$/.test(value) ? Number(value) : undefined
  }
  const memoryMb = number('total_memory')
  const freeMemoryMb = number('free_memory')
  const xenVersion = values.get('xen_version')
  if (memoryMb === undefined || freeMemoryMb === undefined || !xenVersion) return undefined
  return {
    hostname: values.get('host') ?? '',
    xenVersion,
    kernel: values.get('release') ?? '',
    threads: number('nr_cpus') ?? 0,
    memoryMb,
    freeMemoryMb,
    guestTypes: guestTypesOf(values.get('xen_caps') ?? '', values.get('virt_caps') ?? ''),
  }
}

/**
 * The types a host can boot. PV is always there unless Xen was built without it, which shows as a missing
 * `xen-3.0-x86_64`; HVM needs `hvm` in virt_caps; PVH needs `hap` besides, or xl says "neither hap nor shadow paging available".
 */
export function guestTypesOf(xenCaps: string, virtCaps: string): GuestType[] {
  const caps = new Set(virtCaps.split(/\s+/))
  const types: GuestType[] = []
  if (xenCaps.split(/\s+/).includes('xen-3.0-x86_64')) types.push('pv')
  if (caps.has('hvm') && caps.has('hap')) types.push('pvh')
  if (caps.has('hvm')) types.push('hvm')
  return types
}
