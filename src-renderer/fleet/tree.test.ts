import { describe, expect, it } from 'vitest'
import { testGuest, testHost } from '../testing/fleet'
import { parseFilter } from './filter'
import { treeRows } from './rows'
import { emptyFleet, foldFleet } from './store'
import { keyTarget } from './tree-keys'
import { openAtFirst } from './tree-store'

const fleet = foldFleet(emptyFleet, {
  type: 'snapshot',
  hosts: [testHost('a'), testHost('b')],
  guests: [testGuest('a', 'web-1', 1), testGuest('a', 'web-2', 2)],
  bases: [],
  packages: [],
})
// a, web-1, web-2, b
const rows = treeRows(fleet, [], { open: new Set(['a']), filter: parseFilter('') })

describe('keys of the tree', () => {
  it('stops at both ends', () => {
    expect(keyTarget('ArrowUp', rows, 0, 10)).toBe(0)
    expect(keyTarget('ArrowDown', rows, 3, 10)).toBe(3)
    expect(keyTarget('PageDown', rows, 1, 10)).toBe(3)
    expect(keyTarget('End', rows, 0, 10)).toBe(3)
  })

  it('goes into an open host and back to it, and leaves opening to the tree', () => {
    expect(keyTarget('ArrowRight', rows, 0, 10)).toBe(1)
    expect(keyTarget('ArrowLeft', rows, 2, 10)).toBe(0)
    expect(keyTarget('ArrowRight', rows, 3, 10)).toBeUndefined()
    expect(keyTarget('ArrowLeft', rows, 0, 10)).toBeUndefined()
  })

  it('goes from a closed host to its site, and from an open site to its first host', () => {
    // x, a, web-1, web-2, b
    const sited = treeRows(fleet, [], { open: new Set(['a']), filter: parseFilter(''), sites: ['x'] }).filter(
      (row) => row.kind !== 'none',
    )
    expect(sited.map((row) => row.kind)).toEqual(['site', 'site', 'host', 'guest', 'guest', 'host'])
    expect(keyTarget('ArrowLeft', sited, 5, 10)).toBe(1)
    expect(keyTarget('ArrowLeft', sited, 4, 10)).toBe(2)
    expect(keyTarget('ArrowRight', sited, 1, 10)).toBe(2)
    expect(keyTarget('ArrowLeft', sited, 1, 10)).toBeUndefined()
  })

  it('has nowhere to go in an empty tree', () => {
    expect(keyTarget('ArrowDown', [], -1, 10)).toBeUndefined()
  })
})

describe('what opens at first', () => {
  it('is a small fleet, the first host of a large one, and a host that somebody adds', () => {
    const many = Array.from({ length: 50 }, (_, index) => `h${index}`)
    expect(openAtFirst(0, ['a', 'b', 'c'])).toEqual(['a', 'b', 'c'])
    expect(openAtFirst(0, many)).toEqual(['h0'])
    expect(openAtFirst(50, ['new'])).toEqual(['new'])
    expect(openAtFirst(50, ['x', 'y'])).toEqual([])
  })
})
