import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { planMigrate } from '../../src-main/guests/plan-migrate'
import { Jobs } from '../../src-main/jobs/jobs'
import { hasEnded } from '../../src-main/jobs/testing/launching'
import { untilJob } from '../../src-main/jobs/testing/watching'
import { operations } from '../../src-main/operations'
import { type SimulatedFleet, startSimulatedFleet } from './server'
import { type Connected, connect } from './testing/connect'

let fleet: SimulatedFleet
let here: Connected
let there: Connected
beforeAll(async () => {
  fleet = await startSimulatedFleet({ hosts: 2, guests: 4 })
  here = await connect(fleet.host('sim-1'))
  there = await connect(fleet.host('sim-2'))
}, 60_000)
afterAll(async () => {
  await here.close()
  await there.close()
  await fleet.stop()
})

const guest = (name: string) => {
  const found = [...here.host.guests.values()].find((one) => one.name === name)
  if (!found) throw new Error(`There is no guest ${name}.`)
  return found
}

describe('moving a guest to another host', () => {
  it('is refused before anything happens, with a reason and a next step for each', async () => {
    const { checks } = await planMigrate(here.host, there.host, guest('web-01').id)
    const failed = checks.filter(({ verdict }) => verdict === 'fail')
    expect(failed.map(({ title }) => title)).toEqual(['Shared storage', 'Name', 'SSH between the hosts'])
    for (const { advice } of failed) expect(advice).toMatch(/\.$/)
    expect(checks.find(({ title }) => title === 'SSH between the hosts')).toMatchObject({
      fact: 'Host key verification failed.',
      advice: expect.stringContaining('does not know the key of sim-2'),
    })
    expect(checks.filter(({ verdict }) => verdict === 'pass').map(({ title }) => title)).toEqual([
      'Guest',
      'Xen',
      'CPU',
      'Memory',
    ])
  })

  it('leaves the guest running when it is tried all the same', async () => {
    const { input } = await planMigrate(here.host, there.host, guest('web-01').id)
    const jobs = new Jobs(operations)
    const started = await jobs.start(here.host, { operation: 'guest.migrate', input }, { by: 'tester', from: 'here' })
    const job = await untilJob(jobs, started.id, hasEnded)
    expect(job).toMatchObject({ state: 'failed', problem: { code: 'AUTH_FAILED' } })
    await here.host.refresh()
    expect(guest('web-01').state).toBe('running')
  })

  it('is not planned for a guest of others', async () => {
    await fleet.host('sim-1').addForeignGuest({ name: 'theirs', state: 'running' })
    await here.host.refresh()
    await expect(planMigrate(here.host, there.host, guest('theirs').id)).rejects.toMatchObject({ code: 'BAD_INPUT' })
    await expect(planMigrate(here.host, there.host, 'none')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})
