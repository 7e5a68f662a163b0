import { describe, expect, it } from 'vitest'
import type { Bulk, BulkItem } from '../../src-shared/models/bulk'
import type { Host } from '../../src-shared/models/host'
import { operationCallSchema } from '../../src-shared/operations'
import { testGuest, testHost } from '../testing/fleet'
import { type BulkVerb, bulkTitle, bulkVerbs, bulkWords, countToType, planBulk } from './bulk-acts'
import { bulkCounts, bulkJobIds, bulkOutcome, foldBulks } from './bulk-store'

const origin = { base: 'debian-12', generation: 3, mode: 'overlay' as const, layerBytes: 1, layerAllocatedBytes: 1 }
const configPath = '/srv/domdeck/guests/x/guest.cfg'
const input = { memoryMb: 512, vcpus: 2, tags: ['prod'] }
const hosts: Record<string, Host> = {
  a: testHost('a'),
  b: testHost('b'),
  away: testHost('away', { connection: { phase: 'idle' } }),
}
const guests = [
  testGuest('a', 'web-1', 1, { origin, configPath, tags: ['prod', 'eu'], note: 'n' }),
  testGuest('a', 'web-2', 2, { origin, configPath, state: 'halted', autostart: '10-web-2.cfg', memoryMb: 512 }),
  testGuest('b', 'Theirs', 3, { state: 'paused', vcpus: 2 }),
  testGuest('away', 'far', 4, { origin }),
]
const plan = (verb: BulkVerb) => {
  const { acts, skipped } = planBulk(verb, guests, (hostId) => hosts[hostId], input)
  return { able: acts.map(({ name }) => name), skipped: skipped.map(({ guest, reason }) => `${guest.name}: ${reason}`), acts }
}

describe('a bulk before it begins', () => {
  it.each([
    ['start', ['web-2'], 'web-1: already up'],
    ['shutdown', ['web-1'], 'web-2: not running'],
    ['pause', ['web-1'], 'Theirs: it is paused'],
    ['unpause', ['Theirs'], 'web-1: not paused'],
    ['autostart-on', ['web-1'], 'web-2: starts with its host already'],
    ['autostart-off', ['web-2'], 'web-1: does not start with its host'],
    ['memory', ['web-1', 'Theirs'], 'web-2: has 512 MB already'],
    ['vcpus', ['web-1', 'web-2'], 'Theirs: has 2 vCPUs already'],
    ['tag', ['web-2'], 'Theirs: adopt it first'],
    ['untag', ['web-1'], 'web-2: has none of them'],
    ['destroy', ['web-1', 'Theirs'], 'web-2: not running'],
    ['delete', ['web-1', 'web-2'], 'Theirs: not made by Domdeck'],
  ] as const)('%s takes whom it fits, and says why it skips the others', (verb, able, reason) => {
    const found = plan(verb)
    expect(found.able).toEqual(able)
    expect(found.skipped).toContain(reason)
    expect(found.skipped).toContain('far: host not connected')
    for (const { call } of found.acts) expect(operationCallSchema.safeParse(call).error).toBeUndefined()
  })

  it('adds and removes tags without a loss of the others, or of the note', () => {
    expect(plan('untag').acts[0]?.call.input).toMatchObject({ tags: ['eu'], note: 'n' })
    expect(plan('tag').acts[0]?.call.input).toMatchObject({ tags: ['prod'], note: '' })
  })

  it('names count and hosts in its question, and wants a large count of deletes typed', () => {
    for (const verb of Object.keys(bulkVerbs) as BulkVerb[]) {
      const { title, text } = bulkWords(verb, guests)
      expect(`${title} ${text}`).toMatch(/4 guests/)
      expect(`${title} ${text}`).toMatch(/3 hosts/)
      expect(bulkTitle(verb, 4, input)).toMatch(/4 guests/)
    }
    expect(countToType('delete', 5)).toBeUndefined()
    expect(countToType('delete', 6)).toBe(6)
    expect(countToType('destroy', 100)).toBeUndefined()
  })
})

describe('a bulk on the page', () => {
  const item = (name: string, state: BulkItem['state'], jobId?: string): BulkItem => ({
    hostId: 'a',
    guestId: name,
    name,
    state,
    ...(jobId === undefined ? {} : { jobId }),
  })
  const bulk: Bulk = { id: 'one', title: 'Start 2 guests', startedAt: 0, items: [item('x', 'queued'), item('y', 'queued')] }

  it('follows its events, ends, and begins again with a retry', () => {
    let bulks = foldBulks([], { type: 'begun', bulk })
    bulks = foldBulks(bulks, { type: 'items', id: 'one', items: [{ index: 0, item: item('x', 'running', 'J1') }] })
    expect(bulks[0]?.items[1]).toBe(bulk.items[1])
    expect(bulkOutcome(bulks[0]?.items ?? [])).toBe('0 of 2 done, 1 running, 1 waiting')
    const last = [
      { index: 0, item: item('x', 'failed', 'J1') },
      { index: 1, item: item('y', 'done', 'J2') },
    ]
    bulks = foldBulks(bulks, { type: 'items', id: 'one', endedAt: 5, items: last })
    expect(bulks[0]?.endedAt).toBe(5)
    expect(bulkCounts(bulks[0]?.items ?? [])).toMatchObject({ failed: 1, done: 1 })
    bulks = foldBulks(bulks, { type: 'items', id: 'one', items: [{ index: 0, item: item('x', 'queued') }] })
    expect(bulks[0]?.endedAt).toBeUndefined()
    expect(foldBulks(bulks, { type: 'removed', id: 'one' })).toEqual([])
  })

  it('knows its jobs, as one set for as long as they are the same', () => {
    const apply = () => undefined
    const bulks = [{ ...bulk, items: [item('x', 'running', 'J1')] }]
    const ids = bulkJobIds({ bulks, apply })
    expect([...ids]).toEqual(['J1'])
    expect(bulkJobIds({ bulks: [{ ...bulk, items: [item('x', 'done', 'J1')] }], apply })).toBe(ids)
  })
})
