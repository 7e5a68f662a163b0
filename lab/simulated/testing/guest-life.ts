import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { planCall } from '../../../src-main/jobs/define'
import { Jobs } from '../../../src-main/jobs/jobs'
import { withCuts } from '../../../src-main/jobs/testing/faults'
import { hasEnded, launchPlan, tester } from '../../../src-main/jobs/testing/launching'
import { untilJob } from '../../../src-main/jobs/testing/watching'
import { operations } from '../../../src-main/operations'
import type { Guest } from '../../../src-shared/models/guest'
import type { Job } from '../../../src-shared/models/job'
import type { OperationCall } from '../../../src-shared/operations'
import { type SimulatedHost, startSimulatedFleet } from '../server'
import { type Connected, connect } from './connect'

/** One pretend host with guests and the product connected to it, for tests of what is done to a guest. */
export type GuestLife = {
  simulated: SimulatedHost
  connected: Connected
  jobs: Jobs
  /** Storage root. */
  root: string
  /** The guest of this name, read anew. Throws if there is none. */
  guest(name: string): Promise<Guest>
  /** Runs an operation to its end; `change` may break its text on the way. */
  ended(call: OperationCall, change?: (text: string) => string): Promise<Job>
  /** The same, and it must succeed. */
  succeed(call: OperationCall): Promise<Job>
  /** Takes a succeeded job back by its inverse, which must have one call. */
  undo(job: Job): Promise<void>
  /** Kills the job at points all along it, rolls each back, and calls `check` after every roll back; the last run succeeds. */
  cutAlong(call: OperationCall, every: number, check: (at: number) => void | Promise<void>): Promise<number>
  /** What a program of the host prints. */
  run(...argv: [string, ...string[]]): Promise<string>
  /** A file below the storage root, or below /etc/xen. */
  read(...path: string[]): string
  etcXen(...path: string[]): string
  /** Names in /etc/xen/auto with what each leads to. */
  links(): Record<string, string>
  stop(): Promise<void>
}

export async function startGuestLife(guests = 8): Promise<GuestLife> {
  const fleet = await startSimulatedFleet({ hosts: 1, guests })
  const simulated = fleet.host('sim-1')
  const connected = await connect(simulated)
  const { host } = connected
  const jobs = new Jobs(operations)
  const root = simulated.description.storageRoot
  const etcXen = (...path: string[]) => join(simulated.folder, 'etc-xen', ...path)
  const ended = async (call: OperationCall, change?: (text: string) => string) =>
    untilJob(jobs, (await launchPlan(jobs, host, planCall(operations, call), change)).id, hasEnded)
  const succeed = async (call: OperationCall) => {
    const job = await ended(call)
    if (job.state !== 'succeeded') throw new Error(`${job.title}: ${job.state} ${JSON.stringify(job.problem)}`)
    return job
  }
  return {
    simulated,
    connected,
    jobs,
    root,
    async guest(name) {
      await host.refresh()
      const found = [...host.guests.values()].find((guest) => guest.name === name)
      if (!found) throw new Error(`There is no guest ${name}.`)
      return found
    },
    ended,
    succeed,
    async undo({ id }) {
      await host.refresh()
      const { inverse = [] } = await jobs.detail(host, id)
      const [call] = inverse
      if (!call || inverse.length > 1) throw new Error(`${inverse.length} calls take ${id} back.`)
      await succeed(call)
    },
    async cutAlong(call, every, check) {
      for (let at = 3, killed = 0; ; at += every) {
        const job = await ended(call, (text) => withCuts(text, [{ at, in: 'run', signal: 'KILL' }]))
        if (job.state === 'succeeded') return killed
        if (job.state !== 'interrupted') throw new Error(`Cut at ${at}: ${job.state} ${JSON.stringify(job.problem)}`)
        killed += 1
        await jobs.recover(host, job.id, tester)
        await check(at)
      }
    },
    async run(...argv) {
      const { stdout, stderr, exitCode } = await simulated.run(argv)
      if (exitCode !== 0) throw new Error(`${argv.join(' ')}: exit status ${exitCode}: ${stderr}`)
      return stdout
    },
    read: (...path) => readFileSync(join(root, ...path), 'utf8'),
    etcXen,
    links: () =>
      existsSync(etcXen('auto'))
        ? Object.fromEntries(readdirSync(etcXen('auto')).map((name) => [name, readlinkSync(etcXen('auto', name))]))
        : {},
    async stop() {
      await connected.close()
      await fleet.stop()
    },
  }
}
