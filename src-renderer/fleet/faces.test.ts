import { describe, expect, it } from 'vitest'
import { ProblemError } from '../../src-shared/problem'
import { testGuest, testHost } from '../testing/fleet'
import { comingFace, guestFace, hostFace, memoryShare } from './faces'
import { connectionTrouble } from './trouble'

const blocked = (code: 'HOST_KEY_CHANGED' | 'AUTH_FAILED' | 'HOST_KEY_UNKNOWN') => ({
  phase: 'blocked' as const,
  problem: new ProblemError(code, 'why').problem,
})

describe('faces', () => {
  it('an offline host says why and has one action', () => {
    const changed = hostFace(testHost('a', { connection: blocked('HOST_KEY_CHANGED') }))
    expect(changed).toMatchObject({ shape: 'offline', reason: 'host key changed', action: 'review', tone: 'red' })
    const problem = new ProblemError('CONNECTION_REFUSED', 'why').problem
    const waiting = hostFace(testHost('a', { connection: { phase: 'waiting', until: 1, attempt: 2, problem } }))
    expect(waiting).toMatchObject({ shape: 'offline', reason: 'connection refused', action: 'retry' })
    expect(hostFace(testHost('a', { connection: { phase: 'idle' } })).action).toBe('connect')
    const silent = {
      phase: 'waiting',
      until: 1,
      attempt: 2,
      problem: new ProblemError('CONNECTION_TIMED_OUT', 'why').problem,
    } as const
    expect(hostFace(testHost('a', { connection: silent })).reason).toBe('no answer')
    const question = { id: 'q', kind: 'password' as const, title: 'Password', fields: [], attempt: 1 }
    expect(hostFace(testHost('a', { connection: { phase: 'asking', question } }))).toMatchObject({
      reason: 'needs an answer',
      action: 'answer',
    })
  })

  it('a connected host says nothing unless it is slow', () => {
    expect(hostFace(testHost('a', { latencyMs: 12 }))).toMatchObject({ shape: 'connected', reason: '', action: undefined })
    expect(hostFace(testHost('a', { latencyMs: 840.4 }))).toMatchObject({ shape: 'slow', reason: '840 ms' })
  })

  it('a running guest shows its trend, and a job under way shows instead', () => {
    const guest = testGuest('a', 'web-1')
    expect(guestFace(guest, undefined)).toMatchObject({ shape: 'running', trend: true })
    const job = { operation: 'guest.reboot', ticks: [] as { name: string; state: 'done' }[] }
    expect(guestFace(guest, job as never)).toMatchObject({ shape: 'booting', word: 'rebooting', trend: false })
    expect(guestFace(guest, { ...job, ticks: [{ name: 'web-1', state: 'done' }] } as never).trend).toBe(true)
  })

  it('a guest of a host that is away shows what was last known, never as live', () => {
    const problem = new ProblemError('CONNECTION_LOST', 'why').problem
    const asOf = new Date(2026, 0, 1, 14, 2).getTime()
    const away = testHost('a', { connection: { phase: 'waiting', until: 1, attempt: 2, problem }, asOf })
    const job = { operation: 'guest.reboot', ticks: [] } as never
    for (const under of [undefined, job]) {
      expect(guestFace(testGuest('a', 'web-1'), under, away)).toEqual({
        shape: 'running',
        word: 'was running',
        tone: '',
        trend: false,
        past: 'last known: running as of 14:02',
      })
    }
    expect(guestFace(testGuest('a', 'web-1'), undefined, testHost('a')).past).toBeUndefined()
    const lost = { operation: 'guest.clone', state: 'unknown', ticks: [] } as never
    expect(comingFace(lost, 'web-2')).toMatchObject({ shape: 'unknown', word: 'unknown' })
  })

  it('knows memory only from facts', () => {
    expect(memoryShare(testHost('a'))).toBeUndefined()
  })

  it('lists the hosts that need a person, changed and unknown keys first', () => {
    const hosts = [
      testHost('fine'),
      testHost('login', { connection: blocked('AUTH_FAILED') }),
      testHost('key', { connection: blocked('HOST_KEY_UNKNOWN') }),
    ]
    expect(connectionTrouble(hosts).map(({ host, reason }) => `${host.settings.name}: ${reason}`)).toEqual([
      'key: unknown host key',
      'login: login refused',
    ])
  })
})
