import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Bulks, jobsAtATime } from '../../src-main/jobs/bulks'
import { Jobs } from '../../src-main/jobs/jobs'
import { operations } from '../../src-main/operations'
import type { BulkAct, BulkEvent } from '../../src-shared/contract/bulk'
import type { Bulk } from '../../src-shared/models/bulk'
import { ProblemError } from '../../src-shared/problem'
import { type SimulatedFleet, startSimulatedFleet } from './server'
import { type Connected, connect } from './testing/connect'

const who = { by: 'tester', from: 'here' }

let fleet: SimulatedFleet
let connected: Connected[]
let jobs: Jobs
let bulks: Bulks
beforeEach(async () => {
  fleet = await startSimulatedFleet({ hosts: 2, guests: 12 })
  connected = await Promise.all(['sim-1', 'sim-2'].map((name) => connect(fleet.host(name))))
  jobs = new Jobs(operations)
  bulks = new Bulks(jobs, (hostId) => {
    const found = connected.find(({ host }) => host.settings.id === hostId)
    if (!found) throw new ProblemError('NOT_FOUND', `There is no host ${hostId} in the fleet.`)
    return found.host
  })
})
afterEach(async () => {
  bulks.close()
  for (const one of connected) await one.close()
  await fleet.stop()
})

const running = (index: number) => [...(connected[index]?.host.guests.values() ?? [])].filter(({ state }) => state === 'running')
const destroyAll = (index: number): BulkAct[] =>
  running(index).map(({ hostId, id, name }) => ({
    hostId,
    guestId: id,
    name,
    call: { operation: 'guest.destroy', input: { name, uuid: id } },
  }))

/** The bulk as a page sees it, folded from its events, until it is as asked. */
async function until(id: string, isSo: (bulk: Bulk) => boolean, onEach: (bulk: Bulk) => void = () => undefined): Promise<Bulk> {
  const stop = new AbortController()
  let bulk: Bulk | undefined
  for await (const event of bulks.watch(stop.signal)) {
    bulk = folded(bulk, event, id)
    if (bulk) onEach(bulk)
    if (bulk && isSo(bulk)) return bulk
  }
  throw new Error('The watch ended.')
}

function folded(bulk: Bulk | undefined, event: BulkEvent, id: string): Bulk | undefined {
  if (event.type === 'snapshot') return event.bulks.find((one) => one.id === id)
  if (event.type === 'begun') return event.bulk.id === id ? event.bulk : bulk
  if (event.type === 'removed' || event.id !== id || !bulk) return bulk
  const items = [...bulk.items]
  for (const { index, item } of event.items) items[index] = item
  const { endedAt: _before, ...rest } = bulk
  return { ...rest, items, ...(event.endedAt === undefined ? {} : { endedAt: event.endedAt }) }
}
const states = (bulk: Bulk): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { state } of bulk.items) counts[state] = (counts[state] ?? 0) + 1
  return counts
}
const hasEnded = ({ endedAt }: Bulk): boolean => endedAt !== undefined

describe('a bulk over two hosts', () => {
  it('does all, at most four at a time a host, and tells each step to a page that comes late', async () => {
    const acts = [...destroyAll(0), ...destroyAll(1)]
    expect(acts.length).toBeGreaterThan(10)
    const { id } = bulks.start('Destroy all', acts, who)
    let most = 0
    const late = until(id, hasEnded)
    const bulk = await until(id, hasEnded, ({ items }) => {
      for (const { host } of connected) {
        const under = items.filter((item) => item.hostId === host.settings.id && item.state === 'running')
        most = Math.max(most, under.length)
      }
    })
    expect(most).toBe(jobsAtATime)
    expect(states(bulk)).toEqual({ done: acts.length })
    expect(await late).toEqual(bulk)
    for (const { host } of connected) await host.refresh()
    expect([running(0), running(1)]).toEqual([[], []])
  })

  it('tells which guest failed and why, goes on with the others, and tries that one again', async () => {
    const [first, ...others] = destroyAll(0)
    if (!first) throw new Error('No guest runs.')
    const uuid = '00000000-0000-4000-8000-000000000000'
    const wrong: BulkAct = { ...first, call: { operation: 'guest.destroy', input: { name: first.name, uuid } } }
    const gone: BulkAct = { ...first, hostId: 'no-such-host' }
    const { id } = bulks.start('Destroy', [wrong, gone, ...others], who)
    const bulk = await until(id, hasEnded)
    expect(states(bulk)).toEqual({ failed: 2, done: others.length })
    expect(bulk.items[0]).toMatchObject({ state: 'failed', problem: { code: 'NOT_FOUND' }, jobId: expect.any(String) })
    expect(bulk.items[1]?.problem?.detail).toContain('no-such-host')
    bulks.retry(id)
    const again = await until(id, (now) => hasEnded(now) && now.items[0]?.jobId !== bulk.items[0]?.jobId)
    expect(states(again)).toEqual(states(bulk))
  })

  it('drops the rest when it is cancelled, and lets what runs come to its end', async () => {
    const acts = destroyAll(0)
    const { id } = bulks.start('Destroy', acts, who)
    expect(() => bulks.dismiss(id)).toThrow(expect.objectContaining({ problem: expect.objectContaining({ code: 'BUSY' }) }))
    await until(id, ({ items }) => items.some(({ jobId }) => jobId !== undefined))
    bulks.cancel(id)
    const bulk = await until(id, hasEnded)
    expect(states(bulk)).toEqual({ done: jobsAtATime, dropped: acts.length - jobsAtATime })
    bulks.dismiss(id)
    expect(() => bulks.cancel(id)).toThrow(ProblemError)
  })

  it('is not held up on one host by another that hangs', async () => {
    fleet.host('sim-1').stall(true)
    const { id } = bulks.start('Destroy', [...destroyAll(0), ...destroyAll(1)], who)
    const second = connected[1]?.host.settings.id
    const ofSecond = ({ items }: Bulk) => items.filter(({ hostId }) => hostId === second)
    const bulk = await until(id, (now) => ofSecond(now).every(({ state }) => state === 'done'))
    expect(bulk.items.some(({ state }) => state === 'queued' || state === 'running')).toBe(true)
    fleet.host('sim-1').stall(false)
    expect(states(await until(id, hasEnded))).toEqual({ done: bulk.items.length })
  })
})
