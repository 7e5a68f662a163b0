import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { HostSettings } from '../../src-shared/models/host'
import { type ProblemCode, ProblemError } from '../../src-shared/problem'
import { HostKeyError } from '../ssh/trust'
import { Host } from './host'
import type { HostServices } from './services'
import { emptySnapshot, type FakeSessions, fakeSessions, nothingThrough } from './testing/fake-sessions'
import { listJson, listText, uuidOf } from './testing/stub-dom0'

const settings: HostSettings = {
  id: 'h1',
  name: 'xen-01',
  address: '192.0.2.1',
  port: 22,
  user: 'root',
  storageRoot: '/srv/domdeck',
  simulated: false,
}

let sessions: FakeSessions
let dial: ReturnType<typeof vi.fn<HostServices['dial']>>
let host: Host
beforeEach(() => {
  vi.useFakeTimers()
  sessions = fakeSessions()
  dial = vi.fn(async () => sessions)
  host = new Host(settings, { dial, dialThrough: nothingThrough, addTrust: async () => undefined, random: () => 1 })
})
afterEach(() => {
  host.disconnect()
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

const settled = () => vi.advanceTimersByTimeAsync(0)
const fails = (code: ProblemCode) => dial.mockRejectedValueOnce(new ProblemError(code, 'because'))

describe('a host', () => {
  it('connects, and does not dial twice', async () => {
    host.connect()
    host.connect()
    await settled()
    expect(host.connection.phase).toBe('ready')
    host.connect()
    expect(dial).toHaveBeenCalledOnce()
  })

  it('stands elsewhere in the fleet without a word to the host', async () => {
    host.connect()
    await settled()
    const told = vi.fn()
    host.on('change', told)
    host.arrange({ site: 'Brussels', order: 3 })
    expect(told).toHaveBeenCalledOnce()
    expect(host.model.settings).toEqual({ ...settings, site: 'Brussels', order: 3 })
    host.arrange({})
    expect(host.model.settings).toEqual(settings)
    expect(host.connection.phase).toBe('ready')
    expect(dial).toHaveBeenCalledOnce()
  })

  it.each(['DNS_FAILED', 'CONNECTION_REFUSED', 'CONNECTION_TIMED_OUT', 'CONNECTION_LOST', 'SESSION_REFUSED'] as const)(
    'waits longer and longer after %s, then comes up',
    async (code) => {
      for (let count = 0; count < 3; count += 1) fails(code)
      host.connect()
      for (const [attempt, waitMs] of [
        [1, 1_000],
        [2, 2_000],
        [3, 4_000],
      ] as const) {
        await settled()
        expect(host.connection).toMatchObject({ phase: 'waiting', attempt, until: Date.now() + waitMs, problem: { code } })
        await vi.advanceTimersByTimeAsync(waitMs - 1)
        expect(dial).toHaveBeenCalledTimes(attempt)
        await vi.advanceTimersByTimeAsync(1)
      }
      expect(host.connection.phase).toBe('ready')
    },
  )

  it.each(['AUTH_FAILED', 'KEY_UNREADABLE', 'NOT_ROOT', 'NOT_XEN', 'NO_COMMON_ALGORITHM', 'HOST_KEY_CHANGED'] as const)(
    'does not knock again after %s, until a person says so',
    async (code) => {
      fails(code)
      host.connect()
      await vi.advanceTimersByTimeAsync(3_600_000)
      expect(host.connection).toMatchObject({ phase: 'blocked', problem: { code } })
      expect(dial).toHaveBeenCalledOnce()
      host.connect()
      await settled()
      expect(host.connection.phase).toBe('ready')
    },
  )

  it('never trusts a changed key', async () => {
    const presented = { algorithm: 'ssh-ed25519', fingerprint: 'SHA256:new', line: 'x', of: 'xen-01' }
    dial.mockRejectedValueOnce(new HostKeyError('HOST_KEY_CHANGED', 'It changed.', presented))
    host.connect()
    await settled()
    expect(host.connection).toMatchObject({ phase: 'blocked', presentedKey: { fingerprint: 'SHA256:new' } })
    await expect(host.trust('SHA256:new')).rejects.toMatchObject({ code: 'HOST_KEY_CHANGED' })
    expect(dial).toHaveBeenCalledOnce()
  })

  it('tries at once when asked to while it waits', async () => {
    fails('CONNECTION_REFUSED')
    host.connect()
    await settled()
    host.connect()
    await settled()
    expect(host.connection.phase).toBe('ready')
  })

  it('stays away after a disconnect, also from a dial that succeeds too late', async () => {
    let arrive: (value: FakeSessions) => void = () => undefined
    dial.mockReturnValueOnce(
      new Promise((resolve) => {
        arrive = resolve
      }),
    )
    host.connect()
    host.disconnect()
    arrive(sessions)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(host.connection.phase).toBe('idle')
    expect(sessions.closed).toBe(true)
  })

  it('closes a lost connection and makes another', async () => {
    host.connect()
    await settled()
    const first = sessions
    sessions = fakeSessions()
    first.lose()
    expect(host.connection).toMatchObject({ phase: 'waiting', attempt: 1 })
    expect(first.closed).toBe(true)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(host.connection.phase).toBe('ready')
    expect(sessions.snapshots).toBe(1)
  })

  it('probes its connection when the workstation wakes, and keeps it when it answers', async () => {
    host.connect()
    await settled()
    await host.wake()
    expect(host.connection.phase).toBe('ready')
    expect(dial).toHaveBeenCalledOnce()
  })

  it('dials at once what a probe finds dead, without a wait left from before', async () => {
    host.connect()
    await settled()
    sessions.dead = true
    fails('CONNECTION_TIMED_OUT')
    await host.wake()
    await settled()
    expect(dial).toHaveBeenCalledTimes(2)
    expect(host.connection).toMatchObject({ phase: 'waiting', attempt: 1 })
    sessions = fakeSessions()
    await host.wake()
    await vi.advanceTimersByTimeAsync(2_000)
    expect(host.connection.phase).toBe('ready')
  })

  it('keeps a silent connection, and goes on with it when the host speaks again', async () => {
    host.connect()
    await settled()
    const ready = vi.fn()
    host.on('ready', ready)
    const lost = vi.fn()
    host.on('lost', lost)
    fails('CONNECTION_TIMED_OUT')
    sessions.fallSilent()
    await settled()
    expect(host.connection).toMatchObject({ phase: 'waiting', held: true, attempt: 1, problem: { code: 'CONNECTION_TIMED_OUT' } })
    await expect(host.ask(['true'])).rejects.toMatchObject({ code: 'HOST_NOT_READY' })
    const { snapshots } = sessions
    await vi.advanceTimersByTimeAsync(500)
    expect(sessions.snapshots).toBe(snapshots)
    sessions.speakAgain()
    await settled()
    expect(host.connection.phase).toBe('ready')
    expect(sessions.snapshots).toBe(snapshots + 1)
    expect(sessions.closed).toBe(false)
    expect(ready).not.toHaveBeenCalled()
    expect(lost).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(dial).toHaveBeenCalledTimes(2)
  })

  it('gives a silent connection up when the host answers a new one and says nothing on the old', async () => {
    host.connect()
    await settled()
    const lost = vi.fn()
    host.on('lost', lost)
    const silent = sessions
    fails('CONNECTION_TIMED_OUT')
    silent.fallSilent()
    await settled()
    const probe = fakeSessions()
    sessions = probe
    await vi.advanceTimersByTimeAsync(1_000)
    // Found; the silent one has a moment left.
    expect(probe.closed).toBe(true)
    expect(silent.closed).toBe(false)
    sessions = fakeSessions()
    await vi.advanceTimersByTimeAsync(2_000)
    expect(silent.closed).toBe(true)
    expect(lost).toHaveBeenCalledOnce()
    expect(host.connection.phase).toBe('ready')
    expect(sessions.snapshots).toBe(1)
  })

  it('gives a silent connection up for a person who does not want to wait, and when the key is another by now', async () => {
    host.connect()
    await settled()
    const silent = sessions
    fails('CONNECTION_TIMED_OUT')
    silent.fallSilent()
    await settled()
    sessions = fakeSessions()
    host.connect()
    await settled()
    expect(silent.closed).toBe(true)
    expect(host.connection.phase).toBe('ready')
    fails('HOST_KEY_CHANGED')
    sessions.fallSilent()
    await settled()
    expect(host.connection).toMatchObject({ phase: 'blocked', problem: { code: 'HOST_KEY_CHANGED' } })
    expect(sessions.closed).toBe(true)
  })

  it('leaves a wake to whoever must decide, and to nobody after a disconnect', async () => {
    await host.wake()
    expect(host.connection.phase).toBe('idle')
    fails('AUTH_FAILED')
    host.connect()
    await settled()
    await host.wake()
    expect(host.connection.phase).toBe('blocked')
    expect(dial).toHaveBeenCalledOnce()
  })

  it('looks once for a burst of events, and again while a domain is half made', async () => {
    host.connect()
    await settled()
    const before = sessions.snapshots
    const listed = (name: string): string => {
      const text = listText([{ domid: 5, name, uuid: uuidOf(5) }])
      return `up 9\nlist 0 ${name}\n${text.trimEnd().replace(/^/gm, '|')}\ndetails\n${listJson([{ domid: 5, name, uuid: uuidOf(5) }]).replace(/^/gm, '|')}\nend\n`
    }
    sessions.snapshot = listed('(null)')
    for (let count = 0; count < 20; count += 1) sessions.watchLine('@introduceDomain\n')
    await vi.advanceTimersByTimeAsync(99)
    expect(sessions.snapshots - before).toBe(0)
    await vi.advanceTimersByTimeAsync(1)
    expect(sessions.snapshots - before).toBe(1)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(sessions.snapshots - before).toBe(2)
    sessions.snapshot = listed('web')
    await vi.advanceTimersByTimeAsync(4_000)
    expect(sessions.snapshots - before).toBe(3)
    expect(host.guests.get(uuidOf(5))?.name).toBe('web')
  })

  it('polls slowly for what nobody announces', async () => {
    host.connect()
    await settled()
    const text = listText([{ domid: 5, name: 'quiet', uuid: uuidOf(5) }])
    sessions.snapshot = `up 9\nlist 0 2\n${text.trimEnd().replace(/^/gm, '|')}\nend\n`
    const guests = vi.fn()
    host.on('guests', guests)
    await vi.advanceTimersByTimeAsync(9_000)
    expect(guests).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(guests).toHaveBeenCalledExactlyOnceWith({ changed: [expect.objectContaining({ name: 'quiet' })], removed: [] })
  })

  it('says in its warnings that a poll failed, and takes it back when one succeeds', async () => {
    host.connect()
    await settled()
    sessions.snapshot = 'cut off'
    await vi.advanceTimersByTimeAsync(10_000)
    expect(host.model.warnings).toEqual([expect.stringContaining('xen-01 came incomplete')])
    sessions.snapshot = emptySnapshot
    await vi.advanceTimersByTimeAsync(10_000)
    expect(host.model.warnings).toBeUndefined()
    expect(host.connection.phase).toBe('ready')
  })

  it('reads once more for those who ask while a reading is under way, not once each', async () => {
    host.connect()
    await settled()
    const before = sessions.snapshots
    sessions.held = true
    const first = host.refresh()
    await settled()
    const others = [host.refresh(), host.refresh(), host.refresh()]
    await settled()
    expect(sessions.snapshots - before).toBe(1)
    sessions.release()
    await Promise.all([first, ...others])
    expect(sessions.snapshots - before).toBe(2)
  })

  it('gives up a host that stops answering its first questions, and tries again', async () => {
    sessions.held = true
    host.connect()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(host.connection).toMatchObject({ phase: 'waiting', problem: { code: 'COMMAND_FAILED' } })
    sessions = fakeSessions()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(host.connection.phase).toBe('ready')
  })

  it('refuses questions while it is not connected', async () => {
    await expect(host.ask(['xl', 'info'])).rejects.toMatchObject({ code: 'HOST_NOT_READY' })
    await expect(host.run(['xl', 'info'])).rejects.toMatchObject({ code: 'HOST_NOT_READY' })
    await expect(host.stream(['xl', 'info'])).rejects.toMatchObject({ code: 'HOST_NOT_READY' })
    await expect(host.refresh()).rejects.toMatchObject({ code: 'HOST_NOT_READY' })
  })
})
