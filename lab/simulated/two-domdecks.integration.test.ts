import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Domdeck, openDomdeck } from '../../src-main/domdeck'
import type { Host } from '../../src-main/host/host'
import { hasEnded } from '../../src-main/jobs/testing/launching'
import { untilJob } from '../../src-main/jobs/testing/watching'
import { type SimulatedFleet, type SimulatedHost, startSimulatedFleet } from './server'
import { until } from './testing/connect'

/** One administrator at a workstation: an app with settings of its own. */
type Desk = { domdeck: Domdeck; host: Host; who: { by: string; from: string }; folder: string }

let fleet: SimulatedFleet
let simulated: SimulatedHost
let anna: Desk
let ben: Desk

async function sitDown(by: string, from: string): Promise<Desk> {
  const folder = await mkdtemp(join(tmpdir(), 'domdeck-desk-'))
  const domdeck = await openDomdeck({
    shell: 'browser',
    version: 'test',
    dataDir: folder,
    homeDir: folder,
    agentSocket: undefined,
  })
  const { hostKeyLine, ...description } = simulated.description
  domdeck.trust.pin(description.address, description.port, Buffer.from(hostKeyLine.split(' ')[2] ?? '', 'base64'))
  const { settings } = await domdeck.addHost(description)
  const host = domdeck.fleet.get(settings.id)
  await until(() => host.connection.phase === 'ready')
  return { domdeck, host, who: { by, from }, folder }
}

beforeEach(async () => {
  fleet = await startSimulatedFleet({ hosts: 1, guests: 4 })
  simulated = fleet.host('sim-1')
  anna = await sitDown('anna', 'ws-3')
  ben = await sitDown('ben', 'ws-2')
})
afterEach(async () => {
  for (const { domdeck, folder } of [anna, ben]) {
    await domdeck.close()
    await rm(folder, { recursive: true, force: true })
  }
  await fleet.stop()
})

const named = (desk: Desk, name: string) => [...desk.host.guests.values()].find((guest) => guest.name === name)
const running = (desk: Desk) => [...desk.host.guests.values()].find((guest) => guest.state === 'running')

describe('two administrators', () => {
  it('see each other’s jobs as they go, wait for each other’s locks by name, and see what was changed', async () => {
    const guest = running(anna)
    if (!guest) throw new Error('No guest runs.')
    const ref = { name: guest.name, uuid: guest.id }
    // Held in the middle of its work: it waits for the lock of the pretend xl.
    const go = join(simulated.folder, 'go')
    const wait = ['sh', '-c', 'echo held; until [ -e "$1" ]; do sleep 0.05; done', 'sh', go] as const
    const held = await anna.host.stream(['flock', join(simulated.folder, 'xen/lock'), ...wait])
    await new Promise<void>((resolve) => held.onStdout(() => resolve()))
    const first = await anna.domdeck.jobs.start(anna.host, { operation: 'guest.destroy', input: ref }, anna.who)
    const seen = await untilJob(ben.domdeck.jobs, first.id, (job) => job.state === 'running' && job.step === 0)
    expect(seen).toMatchObject({ hostId: ben.host.settings.id, by: 'anna', from: 'ws-3', title: `Destroy ${guest.name}` })

    const second = await ben.domdeck.jobs.start(ben.host, { operation: 'guest.reboot', input: ref }, ben.who)
    for (const desk of [anna, ben])
      expect(await untilJob(desk.domdeck.jobs, second.id, (job) => job.waitingFor !== undefined)).toMatchObject({
        state: 'queued',
        by: 'ben',
        waitingFor: { jobId: first.id, title: `Destroy ${guest.name}`, lock: `guest-${guest.id}` },
      })
    await ben.domdeck.jobs.cancel(ben.host, second.id, ben.who)
    expect(await untilJob(anna.domdeck.jobs, second.id, hasEnded)).toMatchObject({ state: 'cancelled', cancelledBy: 'ben@ws-2' })

    await writeFile(go, '')
    expect(await untilJob(ben.domdeck.jobs, first.id, hasEnded)).toMatchObject({ state: 'succeeded' })
    await until(() => named(ben, guest.name)?.state === 'halted')
  })

  it('see a job that somebody runs by hand with sh, and a guest that it deletes', async () => {
    const guest = [...anna.host.guests.values()].find((each) => each.origin && each.state === 'halted') ?? running(anna)
    if (!guest) throw new Error('There is no guest.')
    const call = { operation: 'guest.delete' as const, input: { name: guest.name, uuid: guest.id } }
    const { standalone } = anna.domdeck.jobs.preview(anna.host, call)
    const script = join(simulated.folder, 'home/delete.sh')
    await writeFile(script, standalone)
    const byHand = simulated.run(['sh', script])
    for (const desk of [anna, ben]) {
      const job = await anyJob(desk)
      expect(await untilJob(desk.domdeck.jobs, job, hasEnded)).toMatchObject({
        state: 'succeeded',
        by: 'root',
        from: 'by hand',
        title: `Delete ${guest.name}`,
      })
      await until(() => named(desk, guest.name) === undefined)
    }
    await byHand
  })
})

/** The id of the first job that this Domdeck hears of. */
async function anyJob({ domdeck }: Desk): Promise<string> {
  const stop = new AbortController()
  try {
    for await (const event of domdeck.jobs.watch(stop.signal)) {
      if (event.type === 'job') return event.job.id
      if (event.type === 'snapshot' && event.jobs[0]) return event.jobs[0].id
    }
  } finally {
    stop.abort()
  }
  throw new Error('No job came.')
}
