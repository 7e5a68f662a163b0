import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type Domdeck, openDomdeck } from '../../../src-main/domdeck'
import type { Host } from '../../../src-main/host/host'
import type { Guest } from '../../../src-shared/models/guest'
import { endedStates, type Job } from '../../../src-shared/models/job'
import type { OperationCall, OperationInput } from '../../../src-shared/operations'
import { type Lab, lab } from './lab'

export type LabDomdeck = { domdeck: Domdeck; host: Host; close(): Promise<void> }

/** The app without a page, connected to the running lab, with settings and a home of its own. */
export async function connectToLab(): Promise<LabDomdeck> {
  const folder = await mkdtemp(join(tmpdir(), 'domdeck-lab-'))
  const domdeck = await openDomdeck({
    shell: 'browser',
    version: 'test',
    dataDir: folder,
    homeDir: folder,
    agentSocket: undefined,
  })
  const host = await addLab(domdeck, { name: 'xen-lab', address: '127.0.0.1', user: 'root' }, lab)
  await ready(host)
  return {
    domdeck,
    host,
    close: async () => {
      await domdeck.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** Adds a lab as a host, with its key trusted; it begins to connect. */
export async function addLab(
  domdeck: Domdeck,
  place: { name: string; address: string; user: string; jump?: string },
  { host }: Lab,
): Promise<Host> {
  const { port, keyPath, hostKey } = await host()
  domdeck.trust.pin(place.address, port, hostKey)
  const { settings } = await domdeck.addHost({ ...place, port, keyPath, storageRoot: '/srv/domdeck' })
  return domdeck.fleet.get(settings.id)
}

/** Resolves when the host is connected and read. */
export function ready(host: Host): Promise<void> {
  return until(host, () => host.connection.phase === 'ready')
}

/** A power cut of dom0; resolves when the app is connected to it again, which may be before the lab itself calls it up. */
export async function powerCut({ host }: LabDomdeck): Promise<void> {
  await Promise.all([lab.powerCut(), until(host, () => host.connection.phase !== 'ready')])
  await ready(host)
}

/** Resolves when a condition on a host holds; it is asked at each change. */
export function until(host: Host, holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const stops: (() => void)[] = []
    const ask = (): void => {
      if (!holds()) return
      for (const stop of stops) stop()
      resolve()
    }
    stops.push(host.on('change', ask), host.on('guests', ask), host.on('bases', ask), host.on('ready', ask))
    ask()
  })
}

/** The job once `holds` is true of it, as the app tells. */
export async function jobWhen(domdeck: Domdeck, jobId: string, holds: (job: Job) => boolean): Promise<Job> {
  const stop = new AbortController()
  try {
    for await (const event of domdeck.jobs.watch(stop.signal)) {
      const jobs = event.type === 'snapshot' ? event.jobs : event.type === 'job' ? [event.job] : []
      const found = jobs.find((job) => job.id === jobId && holds(job))
      if (found) return found
    }
  } finally {
    stop.abort()
  }
  throw new Error(`The watch of jobs ended before ${jobId} came to it.`)
}

/** Runs an operation to its end. */
export async function runJob({ domdeck, host }: LabDomdeck, call: OperationCall): Promise<Job> {
  const job = await domdeck.jobs.start(host, call, { by: 'test', from: 'workstation' })
  return jobWhen(domdeck, job.id, ({ state }) => endedStates.has(state))
}

/** Runs an operation that must succeed, to its end. */
export async function succeed(app: LabDomdeck, call: OperationCall): Promise<Job> {
  const job = await runJob(app, call)
  expect(job, JSON.stringify(job.problem)).toMatchObject({ state: 'succeeded', left: 'finished' })
  return job
}

/** A guest by its name, as the host has it now. */
export async function guestNamed({ host }: LabDomdeck, name: string): Promise<Guest> {
  await host.refresh()
  const found = [...host.guests.values()].find((guest) => guest.name === name)
  if (!found) throw new Error(`There is no guest ${name}.`)
  return found
}

/** The small guest that boots in seconds, made a base; needs the lab's tiny image. */
export const tinyBase: OperationInput<'image.import'> = {
  name: 'tiny',
  source: '/srv/guest/tiny.img',
  kernel: '/srv/guest/tinylinux',
  initrd: '/srv/guest/tiny-initrd.img',
}
