import { describe, expect, it } from 'vitest'
import type { Generation } from '../../src-shared/models/base'
import type { Host } from '../../src-shared/models/host'
import { baseRows, copyRefusal } from './base-rows'

const host = (id: string, phase = 'ready'): Host => ({ settings: { id, name: id }, connection: { phase } }) as Host
const made = (base: string, generation: number, sha256 = `${base}${generation}`): Generation =>
  ({ base, generation, sha256, guests: 0 }) as Generation

const fleet = {
  hosts: [host('a'), host('b'), host('c', 'waiting')],
  guests: new Map(),
  bases: new Map([
    ['a', [made('debian', 2), made('debian', 10), made('alpine', 1)]],
    ['b', [made('debian', 10), made('debian', 2, 'other')]],
    ['c', [made('debian', 2)]],
  ]),
}

describe('the bases of a fleet', () => {
  it('stand once each, with the hosts that have the same image, and tell what differs', () => {
    const rows = baseRows(fleet).map(({ generation, copies, newest, differs }) => ({
      is: `${generation.base} ${generation.generation}`,
      on: copies.map((one) => one.host.settings.id).join(),
      newest,
      differs: differs.map((one) => one.settings.id).join(),
    }))
    expect(rows).toEqual([
      { is: 'alpine 1', on: 'a', newest: false, differs: '' },
      { is: 'debian 10', on: 'a,b', newest: true, differs: '' },
      { is: 'debian 2', on: 'a,c', newest: false, differs: 'b' },
      { is: 'debian 2', on: 'b', newest: false, differs: 'a,c' },
    ])
  })

  it('are found by words of their names and of their hosts; what is not shown still counts', () => {
    expect(baseRows(fleet, 'DEB generation c').map(({ key }) => key)).toEqual(['debian/2/debian2'])
    expect(baseRows(fleet, 'debian 2')[0]).toMatchObject({ newest: false })
    expect(baseRows(fleet, '$(reboot)')).toEqual([])
  })

  it('are not copied to a host that is away, has it, or has another of that number', () => {
    const why = (id: string, phase?: string) => copyRefusal(made('debian', 2), host(id, phase), fleet.bases.get(id) ?? [])
    expect(why('a')).toBe('has it already')
    expect(why('b')).toContain('has another generation 2')
    expect(why('c', 'waiting')).toBe('not connected')
    expect(why('d')).toBeUndefined()
  })
})
