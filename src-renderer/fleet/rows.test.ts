import { describe, expect, it } from 'vitest'
import type { Job } from '../../src-shared/models/job'
import { testGuest, testHost } from '../testing/fleet'
import { parseFilter } from './filter'
import { type Row, treeRows } from './rows'
import { emptyFleet, foldFleet } from './store'

const origin = { base: 'debian-12', generation: 3, mode: 'overlay' as const, layerBytes: 1, layerAllocatedBytes: 1 }
const fleet = foldFleet(emptyFleet, {
  type: 'snapshot',
  hosts: [testHost('dom0-a'), testHost('dom0-b')],
  guests: [
    testGuest('dom0-a', 'web-1', 1, { origin }),
    testGuest('dom0-a', 'web-2', 2, { state: 'halted' }),
    testGuest('dom0-b', 'db', 3),
  ],
  bases: [],
})
const clone: Job = {
  id: '01HZZZZZZZZZZZZZZZZZZZZZZZ',
  hostId: 'dom0-a',
  operation: 'guest.clone',
  title: 'Clone and boot web-2..web-3',
  targets: ['web-2', 'web-3'],
  by: 'ana',
  from: 'ws',
  startedAt: 0,
  state: 'running',
  steps: [],
  step: 0,
  ticks: [],
  result: {},
  left: 'pending',
}
const words = (rows: Row[]): string[] =>
  rows.map((row) => {
    if (row.kind === 'host') return `${row.open ? '-' : '+'} ${row.host.settings.name} ${row.guests}`
    return row.kind === 'guest' ? row.guest.name : row.kind === 'coming' ? `(${row.name})` : row.text
  })
const rows = (filter = '', open: string[] = [], jobs: Job[] = []): string[] =>
  words(treeRows(fleet, jobs, new Set(open), parseFilter(filter)))

describe('rows of the tree', () => {
  it('shows the guests of open hosts only', () => {
    expect(rows('', ['dom0-a'])).toEqual(['- dom0-a 2', 'web-1', 'web-2', '+ dom0-b 1'])
  })

  it('opens what a filter finds, and hides the other hosts', () => {
    expect(rows('web-2')).toEqual(['- dom0-a 1', 'web-2'])
    expect(rows('dom0-b')).toEqual(['- dom0-b 1', 'db'])
  })

  it('filters by state and by base, together with words', () => {
    expect(rows('state:halted')).toEqual(['- dom0-a 1', 'web-2'])
    expect(rows('base:debian web')).toEqual(['- dom0-a 1', 'web-1'])
    expect(rows('base:debian state:halted')).toEqual([])
  })

  it('ignores a key that has no value yet', () => {
    expect(rows('state:', ['dom0-b'])).toEqual(rows('', ['dom0-b']))
  })

  it('shows the guests that a clone job is about to make, each once, in their place', () => {
    expect(rows('', ['dom0-a'], [clone])).toEqual(['- dom0-a 2', 'web-1', 'web-2', '(web-3)', '+ dom0-b 1'])
    expect(rows('', ['dom0-a'], [{ ...clone, state: 'failed' }])).toEqual(rows('', ['dom0-a']))
  })

  it('says so when an open host has no guests', () => {
    const empty = foldFleet(fleet, { type: 'guests', hostId: 'dom0-b', changed: [], removed: [testGuest('', '', 3).id] })
    expect(words(treeRows(empty, [], new Set(['dom0-b']), parseFilter('')))).toEqual(['+ dom0-a 2', '- dom0-b 0', 'No guests'])
  })
})
