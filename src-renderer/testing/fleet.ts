import type { Guest } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'

/** A connected host for tests of the page. */
export function testHost(name: string, more: Partial<Host> = {}): Host {
  return {
    settings: { id: name, name, address: name, port: 22, user: 'root', storageRoot: '/srv/domdeck', simulated: false },
    connection: { phase: 'ready', since: 0 },
    asOf: 0,
    ...more,
  }
}

/** A running guest for tests of the page; its UUID is made of `index`. */
export function testGuest(hostId: string, name: string, index = 1, more: Partial<Guest> = {}): Guest {
  return {
    hostId,
    id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    name,
    state: 'running',
    memoryMb: 256,
    vcpus: 1,
    disks: [],
    nics: [],
    ...more,
  }
}
