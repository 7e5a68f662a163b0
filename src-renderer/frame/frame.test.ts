import { describe, expect, it } from 'vitest'
import { emptyFleet, foldFleet } from '../fleet/store'
import { testGuest, testHost } from '../testing/fleet'
import { closeTab, emptyDock, openTab, tabId } from './dock'
import { matchesCommand, searchFleet } from './palette-search'
import { nextRegion } from './regions'
import { columnWidths } from './widths'

describe('the dock', () => {
  const two = openTab(openTab(emptyDock, { kind: 'host', hostId: 'a' }), { kind: 'host', hostId: 'b' })

  it('opens a page once and brings it to the front', () => {
    const again = openTab(two, { kind: 'host', hostId: 'a' })
    expect(again.tabs.map(tabId)).toEqual(['consoles', 'host:a', 'host:b'])
    expect(again.active).toBe('host:a')
  })

  it('shows the neighbour of a page that closes, and never closes the consoles', () => {
    expect(closeTab(two, 'host:b').active).toBe('host:a')
    expect(closeTab(two, 'host:a').active).toBe('host:b')
    expect(closeTab(two, 'consoles')).toBe(two)
  })
})

describe('column widths', () => {
  const wanted = { sideWidth: 280, inspectorWidth: 320, inspectorOpen: true }

  it('are as wanted where there is room', () => {
    expect(columnWidths(wanted, 1440)).toEqual({ side: 280, inspector: 320 })
    expect(columnWidths({ ...wanted, sideOpen: false, inspectorOpen: false }, 1440)).toEqual({ side: 0, inspector: 0 })
  })

  it('leave room for a terminal in a small window', () => {
    const { side, inspector } = columnWidths(wanted, 1024)
    expect(1024 - side - inspector).toBeGreaterThanOrEqual(480)
    expect(inspector).toBeGreaterThan(0)
    expect(columnWidths(wanted, 800).inspector).toBe(0)
  })
})

describe('F6', () => {
  it('goes round the regions that are there, both ways', () => {
    expect(nextRegion('side', ['side', 'centre', 'tray'], false)).toBe('centre')
    expect(nextRegion('centre', ['side', 'centre', 'tray'], false)).toBe('tray')
    expect(nextRegion('tray', ['side', 'centre', 'tray'], false)).toBe('side')
    expect(nextRegion('side', ['side', 'centre', 'tray'], true)).toBe('tray')
    expect(nextRegion(undefined, ['centre'], false)).toBe('centre')
  })
})

describe('the palette', () => {
  const fleet = foldFleet(emptyFleet, {
    type: 'snapshot',
    hosts: [testHost('dom0-bru1'), testHost('dom0-sal1')],
    guests: [...Array(30).keys()]
      .map((index) => testGuest('dom0-bru1', `web-${index}`, index))
      .concat(testGuest('dom0-sal1', 'my-web', 99)),
    bases: [],
  })

  it('finds guests by name, those that begin so first, and counts what it leaves out', () => {
    const found = searchFleet(fleet, 'web')
    expect(found.guests[0]?.guest.name).toBe('web-0')
    expect(found.guests).toHaveLength(12)
    expect(found.more).toBe(19)
  })

  it('finds a guest by its own and its host’s name together', () => {
    expect(searchFleet(fleet, 'web sal1').guests.map(({ guest }) => guest.name)).toEqual(['my-web'])
  })

  it('shows hosts, and no guests, before anything is typed', () => {
    const found = searchFleet(fleet, '')
    expect(found.hosts).toHaveLength(2)
    expect(found.guests).toHaveLength(0)
  })

  it('matches commands by every word', () => {
    expect(matchesCommand('Clone and boot on dom0-bru1', 'boot bru')).toBe(true)
    expect(matchesCommand('Clone and boot on dom0-bru1', 'boot sal')).toBe(false)
  })
})
