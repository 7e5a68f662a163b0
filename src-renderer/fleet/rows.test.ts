import { describe, expect, it } from 'vitest'
import type { Job } from '../../src-shared/models/job'
import { ProblemError } from '../../src-shared/problem'
import { testGuest, testHost } from '../testing/fleet'
import { parseFilter } from './filter'
import { type Row, siteKey, treeRows } from './rows'
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
  packages: [],
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
    if (row.kind === 'site') {
      const { hosts, connected, running, trouble } = row.sums
      return `${row.open ? 'v' : '>'} ${row.site ?? 'none'} ${connected}/${hosts} ${running} ${trouble}`
    }
    if (row.kind === 'host') return `${row.open ? '-' : '+'} ${row.host.settings.name} ${row.guests}`
    return row.kind === 'guest' ? row.guest.name : row.kind === 'coming' ? `(${row.name})` : row.text
  })
const rows = (filter = '', open: string[] = [], jobs: Job[] = []): string[] =>
  words(treeRows(fleet, jobs, { open: new Set(open), filter: parseFilter(filter) }))

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
    expect(words(treeRows(empty, [], { open: new Set(['dom0-b']), filter: parseFilter('') }))).toEqual([
      '+ dom0-a 2',
      '- dom0-b 0',
      'No guests',
    ])
  })

  it('heads hosts by their sites, with sums, when there are sites', () => {
    const bru = (name: string, more = {}) => {
      const host = testHost(name, more)
      return { ...host, settings: { ...host.settings, site: 'Brussels' } }
    }
    const away = {
      connection: { phase: 'waiting' as const, until: 0, attempt: 1, problem: new ProblemError('CONNECTION_LOST', '').problem },
    }
    const sited = foldFleet(fleet, {
      type: 'snapshot',
      hosts: [bru('dom0-a'), bru('dom0-x', away), testHost('dom0-b')],
      guests: [
        testGuest('dom0-a', 'web-1', 1),
        testGuest('dom0-a', 'web-2', 2, { state: 'crashed' }),
        testGuest('dom0-x', 'old', 4),
      ],
      bases: [],
      packages: [],
    })
    const view = { open: new Set(['dom0-a']), filter: parseFilter(''), sites: ['Empty'] }
    const all = treeRows(sited, [], view)
    expect(words(all)).toEqual([
      'v Empty 0/0 0 0',
      'No hosts yet',
      'v Brussels 1/2 1 2',
      '- dom0-a 2',
      'web-1',
      'web-2',
      '+ dom0-x 1',
      'v none 1/1 0 0',
      '+ dom0-b 0',
    ])
    expect(all.map((row) => (row.kind === 'none' ? 0 : row.level))).toEqual([1, 0, 1, 2, 3, 3, 2, 1, 2])
    const folded = { ...view, folded: new Set([siteKey('Brussels'), siteKey(undefined)]) }
    expect(words(treeRows(sited, [], folded))).toEqual([
      'v Empty 0/0 0 0',
      'No hosts yet',
      '> Brussels 1/2 1 2',
      '> none 1/1 0 0',
    ])
    expect(words(treeRows(sited, [], { ...folded, filter: parseFilter('web-1') }))).toEqual([
      'v Brussels 1/2 1 2',
      '- dom0-a 1',
      'web-1',
    ])
  })
})
