import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { FleetEvent } from '../../src-shared/contract/fleet'
import type { HostSettings } from '../../src-shared/models/host'
import { HostKeyError, type PresentedKey } from '../ssh/trust'
import { Fleet } from './fleet'
import { type FakeSessions, fakeSessions, nothingThrough } from './testing/fake-sessions'
import { listText, type StubDomain, uuidOf } from './testing/stub-dom0'

const settings = (id: string): HostSettings => ({
  id,
  name: `xen-${id}`,
  address: '192.0.2.1',
  port: 22,
  user: 'root',
  storageRoot: '/srv/domdeck',
  simulated: false,
})

let sessions: Map<string, FakeSessions>
let slow: Set<string>
/** What a host shows, or the jump host on the way to it. */
let shown: Map<string, PresentedKey>
let trusted: Set<string>
let fleet: Fleet
let sum = 1
beforeEach(() => {
  vi.useFakeTimers()
  sessions = new Map()
  slow = new Set()
  shown = new Map()
  trusted = new Set()
  fleet = new Fleet({
    dial: async ({ id }) => {
      if (slow.has(id)) return new Promise(() => undefined)
      const key = shown.get(id)
      if (key && !trusted.has(key.line)) throw new HostKeyError('HOST_KEY_UNKNOWN', 'Nobody knows it.', key)
      const made = fakeSessions()
      sessions.set(id, made)
      return made
    },
    dialThrough: nothingThrough,
    addTrust: async (line) => void trusted.add(line),
  })
})
afterEach(() => {
  for (const host of fleet.hosts()) fleet.remove(host.settings.id)
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

const settled = () => vi.advanceTimersByTimeAsync(0)

async function shows(hostId: string, domains: readonly StubDomain[]): Promise<void> {
  const made = sessions.get(hostId)
  sum += 1
  if (made) made.snapshot = `up ${sum * 10}\nlist 0 ${sum}\n${listText(domains).trimEnd().replace(/^/gm, '|')}\nend\n`
  await fleet.get(hostId).refresh()
}

const web = (domid: number, more: Partial<StubDomain> = {}): StubDomain => ({
  domid,
  name: `web-${domid}`,
  uuid: uuidOf(domid),
  ...more,
})

/** Takes what waits for a reader of `watch`. */
async function drain(iterator: AsyncGenerator<FleetEvent, void, undefined>, count: number): Promise<FleetEvent[]> {
  const events: FleetEvent[] = []
  while (events.length < count) {
    const next = await iterator.next()
    if (next.done) break
    events.push(next.value)
  }
  return events
}

describe('the fleet', () => {
  it('has hosts by id, and says which one it does not have', () => {
    const host = fleet.add(settings('a'))
    expect(fleet.get('a')).toBe(host)
    expect(() => fleet.get('b')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }))
    const seen: string[] = []
    const stop = fleet.onHost((one) => seen.push(one.settings.id))
    fleet.add(settings('b'))
    stop()
    fleet.add(settings('c'))
    expect(seen).toEqual(['a', 'b'])
  })

  it('tells everything first, then only what changed', async () => {
    fleet.add(settings('a')).connect()
    await settled()
    await shows('a', [web(1), web(2)])
    await settled()
    const watching = fleet.watch()
    const [snapshot] = await drain(watching, 1)
    expect(snapshot).toMatchObject({
      type: 'snapshot',
      hosts: [{ settings: { id: 'a' }, connection: { phase: 'ready' } }],
      guests: [{ id: uuidOf(1) }, { id: uuidOf(2) }],
      bases: [{ hostId: 'a', generations: [] }],
    })
    await shows('a', [web(1, { state: '--p---' })])
    const events = await drain(watching, 1)
    expect(events).toMatchObject([
      { type: 'guests', hostId: 'a', changed: [{ id: uuidOf(1), state: 'paused' }], removed: [uuidOf(2)] },
    ])
    fleet.remove('a')
    let last: FleetEvent | undefined
    while (last?.type !== 'host-removed') [last] = await drain(watching, 1)
    expect(last).toEqual({ type: 'host-removed', hostId: 'a' })
    await watching.return()
  })

  it('merges what a slow reader has not taken, and loses no state by it', async () => {
    fleet.add(settings('a')).connect()
    await settled()
    const watching = fleet.watch()
    await drain(watching, 1)
    for (let round = 0; round < 500; round += 1) {
      await shows('a', [web(1, { memoryMb: 100 + round }), ...(round % 2 ? [web(2)] : [web(3)])])
    }
    // Until the next poll, which reads the facts anew.
    await vi.advanceTimersByTimeAsync(10_000)
    const stop = new AbortController()
    const waiting: FleetEvent[] = []
    // No more than one event of each kind waits for the host.
    for (let taken = 0; taken < 3; taken += 1) waiting.push(...(await drain(watching, 1)))
    expect(waiting.map((event) => event.type).sort()).toEqual(['cpu', 'guests', 'host'])
    expect(waiting.find((event) => event.type === 'guests')).toMatchObject({
      changed: [{ id: uuidOf(1), memoryMb: 599 }, { id: uuidOf(2) }],
      removed: [uuidOf(3)],
    })
    stop.abort()
    await watching.return()
  })

  it('delays nobody by a host that never answers', async () => {
    slow.add('stuck')
    fleet.add(settings('stuck')).connect()
    fleet.add(settings('quick')).connect()
    await settled()
    expect(fleet.get('stuck').connection.phase).toBe('resolving')
    expect(fleet.get('quick').connection.phase).toBe('ready')
    await shows('quick', [web(1)])
    expect(fleet.get('quick').guests.size).toBe(1)
  })

  it('lets all go on that stopped at a key which one of them trusts, and no others', async () => {
    const key = (fingerprint: string, name: string): PresentedKey => ({
      algorithm: 'ssh-ed25519',
      fingerprint,
      line: `${name} ssh-ed25519 ${fingerprint}`,
      of: name,
    })
    for (const id of ['a', 'b']) shown.set(id, key('SHA256:jump', 'bastion'))
    shown.set('alias', key('SHA256:jump', 'another-name'))
    shown.set('other', key('SHA256:other', 'other'))
    for (const id of ['a', 'b', 'alias', 'other', 'away']) fleet.add(settings(id))
    for (const id of shown.keys()) fleet.get(id).connect()
    await settled()
    const phases = () => fleet.hosts().map((host) => host.connection.phase)
    expect(phases()).toEqual(['blocked', 'blocked', 'blocked', 'blocked', 'idle'])
    await expect(fleet.trust('a', 'SHA256:else')).rejects.toMatchObject({ code: 'BAD_INPUT' })
    await fleet.trust('a', 'SHA256:jump')
    await settled()
    expect(phases()).toEqual(['ready', 'ready', 'blocked', 'blocked', 'idle'])
    expect([...trusted]).toEqual(['bastion ssh-ed25519 SHA256:jump'])
  })

  it('ends a watch when its reader goes', async () => {
    const stop = new AbortController()
    const watching = fleet.watch(stop.signal)
    await drain(watching, 1)
    const next = watching.next()
    stop.abort()
    expect(await next).toEqual({ done: true, value: undefined })
  })
})
