import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { endedStates, type Job } from '../../src-shared/models/job'
import type { CloneMode, OperationCall } from '../../src-shared/operations'
import { connectToLab, jobWhen, type LabDomdeck, powerCut, ready, runJob, tinyBase } from './testing/domdeck'
import { cutLinks, killJob, type Place, places, release, startHeld } from './testing/faults'
import { lab, traces } from './testing/lab'

let app: LabDomdeck
let clean: string

const name = 'faulty'
const clone = (mode: CloneMode = 'overlay'): OperationCall => ({
  operation: 'guest.clone',
  input: {
    base: 'tiny',
    generation: 1,
    mode,
    layerMb: 32,
    memoryMb: 48,
    vcpus: 1,
    type: 'pv',
    bridge: 'xenbr0',
    guests: [{ name, uuid: randomUUID(), mac: '00:16:3e:11:22:33' }],
  },
})
const everyPlace = places(clone())
const full = process.env.DOMDECK_FULL === '1'
/** Without DOMDECK_FULL each fault hits once, at a place of its own, so that together they still walk through the job. */
const some = (index: number): Place[] => (full ? everyPlace : everyPlace.slice(index, index + 1))
const last = everyPlace.length - 1

beforeAll(async () => {
  await lab.fresh()
  app = await connectToLab()
  const imported = await runJob(app, { operation: 'image.import', input: tinyBase })
  expect(imported).toMatchObject({ state: 'succeeded' })
  clean = await traces()
}, 300_000)
afterAll(() => app?.close())

const removeGuest = async (): Promise<void> => {
  const guest = [...app.host.guests.values()].find((one) => one.name === name)
  const deleted = await runJob(app, { operation: 'guest.delete', input: { name, uuid: guest?.id ?? '' } })
  expect(deleted).toMatchObject({ state: 'succeeded' })
  expect(await traces()).toBe(clean)
}

/** A dead job says what it left, and leaves nothing once it is rolled back. It has made nothing before it attaches the base, or copies it. */
const rollBack = async (dead: Job, place: Place, mode: CloneMode): Promise<void> => {
  expect(dead).toMatchObject({ state: 'interrupted', left: place < (mode === 'overlay' ? 3 : 4) ? 'nothing' : 'pending' })
  await app.domdeck.jobs.recover(app.host, dead.id, { by: 'lab', from: 'test' })
  const recovered = await jobWhen(app.domdeck, dead.id, ({ left }) => left !== 'pending')
  expect(recovered).toMatchObject({ state: 'interrupted', left: 'nothing' })
  expect(await traces()).toBe(clean)
}

describe.each(full ? (['overlay', 'copy', 'qcow2'] as const) : (['overlay'] as const))('a clone job of mode %s', (mode) => {
  it.each(some(1))('goes on to a working guest when the link is cut at place %i', async (place) => {
    const job = await startHeld(app, clone(mode), place)
    await cutLinks()
    await jobWhen(app.domdeck, job.id, ({ state }) => state === 'unknown')
    await ready(app.host)
    await release(job)
    const ended = await jobWhen(app.domdeck, job.id, ({ state }) => endedStates.has(state))
    expect(ended).toMatchObject({ state: 'succeeded', left: 'finished' })
    expect(await lab.sh(`xl domid ${name}`)).toMatch(/^\d+$/)
    await app.host.refresh()
    await removeGuest()
  })

  it.each(some(2))('leaves no trace when it is cancelled at place %i', async (place) => {
    const job = await startHeld(app, clone(mode), place)
    await app.domdeck.jobs.cancel(app.host, job.id, { by: 'lab', from: 'test' })
    const ended = await jobWhen(app.domdeck, job.id, ({ state }) => endedStates.has(state))
    expect(ended).toMatchObject({ state: 'cancelled', left: 'nothing' })
    expect(await traces()).toBe(clean)
  })

  it.each(some(3))('is known as interrupted when it is killed at place %i, and rolls back without a trace', async (place) => {
    const job = await startHeld(app, clone(mode), place)
    await killJob(job)
    const dead = await jobWhen(app.domdeck, job.id, ({ state }) => endedStates.has(state))
    await rollBack(dead, place, mode)
  })

  it.each(some(last))(
    'is known as interrupted after a power cut of dom0 at place %i, and rolls back without a trace',
    async (place) => {
      const job = await startHeld(app, clone(mode), place)
      await powerCut(app)
      const dead = await jobWhen(app.domdeck, job.id, ({ state }) => endedStates.has(state))
      await rollBack(dead, place, mode)
    },
    300_000,
  )

  it.runIf(full)(
    'has made a guest that outlives a power cut once it has succeeded',
    async () => {
      const made = await runJob(app, clone(mode))
      expect(made).toMatchObject({ state: 'succeeded' })
      await powerCut(app)
      const [guest] = [...app.host.guests.values()].filter((one) => one.name === name)
      expect(guest).toMatchObject({ state: 'halted' })
      const started = await runJob(app, {
        operation: 'guest.start',
        input: { name, uuid: guest?.id, configPath: guest?.configPath ?? '' },
      })
      expect(started).toMatchObject({ state: 'succeeded' })
      expect(await lab.sh(`xl domid ${name}`)).toMatch(/^\d+$/)
      await removeGuest()
    },
    300_000,
  )
})
