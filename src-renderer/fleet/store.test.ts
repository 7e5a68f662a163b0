import { describe, expect, it } from 'vitest'
import { testGuest, testHost } from '../testing/fleet'
import { cpuOf, cpuSamples, emptyFleet, foldFleet, guestById, runningGuests } from './store'

const snapshot = {
  type: 'snapshot' as const,
  hosts: [testHost('dom0-10'), testHost('dom0-2')],
  guests: [testGuest('dom0-2', 'web-10', 1), testGuest('dom0-2', 'web-9', 2), testGuest('dom0-10', 'db', 3, { state: 'halted' })],
  bases: [],
  packages: [],
}
const fleet = foldFleet(emptyFleet, snapshot)
const names = (hostId: string, of = fleet): string[] => (of.guests.get(hostId) ?? []).map((guest) => guest.name)

describe('the fleet on the page', () => {
  it('sorts names as people count', () => {
    expect(fleet.hosts.map((host) => host.settings.name)).toEqual(['dom0-2', 'dom0-10'])
    expect(names('dom0-2')).toEqual(['web-9', 'web-10'])
  })

  it('replaces changed guests, adds new ones and drops removed ones, on that host only', () => {
    const changed = [testGuest('dom0-2', 'web-10', 1, { state: 'crashed' }), testGuest('dom0-2', 'web-1', 4)]
    const removed = [testGuest('dom0-2', 'web-9', 2).id]
    const after = foldFleet(fleet, { type: 'guests', hostId: 'dom0-2', changed, removed })
    expect(names('dom0-2', after)).toEqual(['web-1', 'web-10'])
    expect(guestById(after, 'dom0-2', changed[0]!.id)?.state).toBe('crashed')
    expect(after.guests.get('dom0-10')).toBe(fleet.guests.get('dom0-10'))
  })

  it('moves a renamed guest to its place', () => {
    const changed = [testGuest('dom0-2', 'a-web', 1)]
    expect(names('dom0-2', foldFleet(fleet, { type: 'guests', hostId: 'dom0-2', changed, removed: [] }))).toEqual([
      'a-web',
      'web-9',
    ])
  })

  it('forgets everything of a removed host', () => {
    const after = foldFleet(fleet, { type: 'host-removed', hostId: 'dom0-2' })
    expect(after.hosts).toHaveLength(1)
    expect(after.guests.has('dom0-2')).toBe(false)
  })

  it('keeps the last samples of CPU use, and those of guests that still run only', () => {
    const { id } = testGuest('dom0-2', 'web-9', 2)
    let after = fleet
    for (let at = 0; at < cpuSamples + 5; at += 1) {
      after = foldFleet(after, { type: 'cpu', hostId: 'dom0-2', at, use: { [id]: at, other: 1 } })
    }
    expect(cpuOf(after, 'dom0-2', id)).toEqual(Array.from({ length: cpuSamples }, (_, index) => index + 5))
    after = foldFleet(after, { type: 'cpu', hostId: 'dom0-2', at: 99, use: { [id]: 0 } })
    expect(cpuOf(after, 'dom0-2', 'other')).toEqual([])
  })

  it('counts the guests that run, not those of hosts that are away', () => {
    expect(runningGuests(fleet)).toBe(2)
    const away = fleet.hosts.map((host) => ({ ...host, connection: { phase: 'idle' as const } }))
    expect(runningGuests({ ...fleet, hosts: away })).toBe(0)
  })
})
