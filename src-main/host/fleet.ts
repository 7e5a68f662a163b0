import type { FleetEvent } from '../../src-shared/contract/fleet'
import type { Guest } from '../../src-shared/models/guest'
import type { HostSettings } from '../../src-shared/models/host'
import { ProblemError } from '../../src-shared/problem'
import { Host } from './host'
import type { HostServices } from './services'

/** All hosts, simulated ones too. */
export class Fleet {
  readonly #hosts = new Map<string, { host: Host; leave(): void }>()
  readonly #watchers = new Set<Watcher>()
  readonly #hostListeners = new Set<(host: Host) => void>()

  constructor(private readonly services: HostServices) {}

  hosts(): Host[] {
    return [...this.#hosts.values()].map(({ host }) => host)
  }

  /** Throws NOT_FOUND. */
  get(hostId: string): Host {
    const entry = this.#hosts.get(hostId)
    if (!entry) throw new ProblemError('NOT_FOUND', `There is no host ${hostId} in the fleet.`)
    return entry.host
  }

  /** Adds a host, not yet connecting; one with the same id is removed first. */
  add(settings: HostSettings): Host {
    this.remove(settings.id)
    const host = new Host(settings, this.services)
    const { id: hostId } = settings
    const leaves = [
      host.on('change', () => this.#tell({ type: 'host', host: host.model })),
      host.on('guests', ({ changed, removed }) => this.#tell({ type: 'guests', hostId, changed, removed })),
      host.on('bases', (generations) => this.#tell({ type: 'bases', hostId, generations: [...generations] })),
      host.on('packages', (packages) => this.#tell({ type: 'packages', hostId, packages: [...packages] })),
      host.on('cpu', ({ at, use }) => this.#tell({ type: 'cpu', hostId, at, use })),
    ]
    const leave = () => {
      for (const stop of leaves) stop()
    }
    this.#hosts.set(hostId, { host, leave })
    this.#tell({ type: 'host', host: host.model })
    for (const listener of [...this.#hostListeners]) listener(host)
    return host
  }

  /** Disconnects and forgets a host; nothing changes on it. */
  remove(hostId: string): void {
    const entry = this.#hosts.get(hostId)
    if (!entry) return
    this.#hosts.delete(hostId)
    entry.leave()
    entry.host.disconnect()
    this.#tell({ type: 'host-removed', hostId })
  }

  /** Trusts the key that a host has shown; see `Host.trust`. Others that stopped at the same key, such as that of a jump host, try again, too. */
  async trust(hostId: string, fingerprint: string): Promise<void> {
    await this.get(hostId).trust(fingerprint)
    for (const host of this.hosts()) {
      const { connection } = host
      if (connection.phase !== 'blocked' || connection.problem.code !== 'HOST_KEY_UNKNOWN') continue
      if (connection.presentedKey?.fingerprint === fingerprint) host.connect()
    }
  }

  /** Calls the listener with every host of now and every one to come. */
  onHost(listener: (host: Host) => void): () => void {
    this.#hostListeners.add(listener)
    for (const host of this.hosts()) listener(host)
    return () => void this.#hostListeners.delete(listener)
  }

  /**
   * The fleet as it changes: everything first, then only what changed. Events carry state, so those that a slow reader has not
   * taken yet are merged, and what waits for it is never more than the fleet itself. Ends when the signal aborts.
   */
  async *watch(signal?: AbortSignal): AsyncGenerator<FleetEvent, void, undefined> {
    const watcher = new Watcher()
    this.#watchers.add(watcher)
    const stop = () => watcher.wake()
    signal?.addEventListener('abort', stop, { once: true })
    try {
      if (signal?.aborted) return
      yield this.#snapshot()
      for (;;) {
        await watcher.filled
        if (signal?.aborted) return
        for (let event = watcher.take(); event; event = watcher.take()) {
          yield event
          if (signal?.aborted) return
        }
      }
    } finally {
      this.#watchers.delete(watcher)
      signal?.removeEventListener('abort', stop)
    }
  }

  #snapshot(): FleetEvent {
    const hosts = this.hosts()
    return {
      type: 'snapshot',
      hosts: hosts.map((host) => host.model),
      guests: hosts.flatMap((host) => [...host.guests.values()]),
      bases: hosts.map((host) => ({ hostId: host.settings.id, generations: [...host.generations] })),
      packages: hosts.map((host) => ({ hostId: host.settings.id, packages: [...host.packages] })),
    }
  }

  #tell(event: FleetEvent): void {
    for (const watcher of this.#watchers) watcher.put(event)
  }
}

/** What one reader of `watch` has yet to take: at most one event of a kind a host, in order of the first of its kind. */
class Watcher {
  readonly #waiting = new Map<string, FleetEvent>()
  #wake: () => void = () => undefined
  filled = this.#sleep()

  put(event: FleetEvent): void {
    if (event.type === 'snapshot') return
    const hostId = event.type === 'host' ? event.host.settings.id : event.hostId
    if (event.type === 'host-removed') {
      for (const kind of ['host', 'guests', 'bases', 'packages', 'cpu']) this.#waiting.delete(`${kind} ${hostId}`)
    }
    const key = `${event.type} ${hostId}`
    const before = this.#waiting.get(key)
    this.#waiting.set(key, before?.type === 'guests' && event.type === 'guests' ? mergeGuests(before, event) : event)
    this.wake()
  }

  take(): FleetEvent | undefined {
    for (const [key, event] of this.#waiting) {
      this.#waiting.delete(key)
      return event
    }
    this.filled = this.#sleep()
    return undefined
  }

  wake(): void {
    this.#wake()
  }

  #sleep(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}

type GuestsEvent = Extract<FleetEvent, { type: 'guests' }>

function mergeGuests(before: GuestsEvent, after: GuestsEvent): GuestsEvent {
  const changed = new Map<string, Guest>(before.changed.map((guest) => [guest.id, guest]))
  const removed = new Set(before.removed)
  for (const id of after.removed) {
    changed.delete(id)
    removed.add(id)
  }
  for (const guest of after.changed) {
    changed.set(guest.id, guest)
    removed.delete(guest.id)
  }
  return { ...after, changed: [...changed.values()], removed: [...removed] }
}
