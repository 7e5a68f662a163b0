import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Host } from '../../src-shared/models/host'
import { testHost } from '../testing/fleet'
import { groupBySite, type Move, moveHost, siteNames, stepSite, stepSpot } from './sites'
import { comparePlaces } from './store'

const at = (name: string, site?: string, order?: number): Host => {
  const host = testHost(name)
  return {
    ...host,
    settings: { ...host.settings, ...(site === undefined ? {} : { site }), ...(order === undefined ? {} : { order }) },
  }
}
/** What the main side makes of the moves. */
const arranged = (hosts: readonly Host[], moves: readonly Move[]): Host[] =>
  hosts
    .map((host) => {
      const move = moves.find(({ hostId }) => hostId === host.settings.id)
      if (!move) return host
      const { site: _site, order: _order, ...settings } = host.settings
      return { ...host, settings: { ...settings, ...move.place } }
    })
    .sort(comparePlaces)
const words = (hosts: readonly Host[], sites: readonly string[] = []): string[] =>
  groupBySite(hosts, sites).map(({ site = '-', hosts }) => `${site}: ${hosts.map((host) => host.settings.name).join(' ')}`)

describe('sites', () => {
  const hosts = [at('a', 'Brussels', 0), at('b', 'Brussels', 1), at('c', 'Lima', 0), at('d')].sort(comparePlaces)

  it('stand in the order a person gave them, then by name; hosts of none come last', () => {
    expect(words(hosts)).toEqual(['Brussels: a b', 'Lima: c', '-: d'])
    expect(words(hosts, ['Lima', 'Empty'])).toEqual(['Lima: c', 'Empty: ', 'Brussels: a b', '-: d'])
    expect(words([at('x')])).toEqual(['-: x'])
    expect(siteNames(hosts, ['Lima'])).toEqual(['Lima', 'Brussels'])
  })

  it('keep the order of their hosts; hosts without a place come after, by name', () => {
    expect(words([at('b10'), at('b2'), at('z', undefined, 0)].sort(comparePlaces))).toEqual(['-: z b2 b10'])
  })

  it('take a host before another, at their end, and into none', () => {
    expect(words(arranged(hosts, moveHost(hosts, 'd', { site: 'Brussels', before: 'b' })))).toEqual([
      'Brussels: a d b',
      'Lima: c',
    ])
    expect(words(arranged(hosts, moveHost(hosts, 'a', { site: 'Brussels' })))).toEqual(['Brussels: b a', 'Lima: c', '-: d'])
    expect(words(arranged(hosts, moveHost(hosts, 'c', { site: undefined, before: 'd' })))).toEqual(['Brussels: a b', '-: c d'])
    expect(moveHost(hosts, 'a', { site: 'Brussels', before: 'b' })).toEqual([])
    expect(moveHost(hosts, 'gone', { site: 'Brussels' })).toEqual([])
  })

  it('are crossed step by step with the keys', () => {
    const step = (id: string, by: 1 | -1): string[] => {
      const spot = stepSpot(groupBySite(hosts, []), id, by)
      return spot ? words(arranged(hosts, moveHost(hosts, id, spot))) : []
    }
    expect(step('a', 1)).toEqual(['Brussels: b a', 'Lima: c', '-: d'])
    expect(step('b', 1)).toEqual(['Brussels: a', 'Lima: b c', '-: d'])
    expect(step('c', -1)).toEqual(['Brussels: a b c', '-: d'])
    expect(step('a', -1)).toEqual([])
    expect(step('d', 1)).toEqual([])
    expect(stepSite(['x', 'y', 'z'], 'z', -1)).toEqual(['x', 'z', 'y'])
    expect(stepSite(['x', 'y'], 'x', -1)).toEqual(['x', 'y'])
  })

  it('lose no host and no order by any move', () => {
    const place = fc.record({ site: fc.constantFrom('A', 'B', undefined), order: fc.option(fc.nat(5), { nil: undefined }) })
    const move = fc.record({ host: fc.nat(9), site: fc.constantFrom('A', 'B', undefined), before: fc.nat(9) })
    fc.assert(
      fc.property(fc.array(place, { minLength: 1, maxLength: 10 }), move, (places, { host, site, before }) => {
        const all = places.map(({ site, order }, index) => at(`h${index}`, site, order)).sort(comparePlaces)
        const [id, other] = [`h${host % all.length}`, `h${before % all.length}`]
        const rest = (list: readonly Host[]) => words(list.filter(({ settings }) => settings.id !== id))
        const next = arranged(all, moveHost(all, id, { site, before: other }))
        expect(rest(next)).toEqual(rest(all))
        const found = next.find(({ settings }) => settings.id === id)
        if (id !== other) expect(found?.settings.site).toBe(site)
      }),
    )
  })
})
