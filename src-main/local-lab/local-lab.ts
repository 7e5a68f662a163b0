import type { LabEvent } from '../../src-shared/contract/local-lab'
import type { HostSettings } from '../../src-shared/models/host'
import { knownLab, labStatus, startLab } from './real-lab'
import { type RunningSimulation, startSimulation } from './simulated'

/** A host that Domdeck itself brought up: what to add, and the one key it may show. */
export type LabHost = Omit<HostSettings, 'id'> & { port: number; hostKey: Buffer }

/** What can be brought up on this workstation: the real Xen lab, and a simulated fleet. Whatever comes up is added to the fleet by `add`. */
export class LocalLab {
  #simulation: RunningSimulation | undefined

  constructor(private readonly add: (host: LabHost) => Promise<string>) {}

  status(): ReturnType<typeof labStatus> {
    return labStatus()
  }

  /** The lab of an earlier run, if one was built: its key is known, whether it runs or not. */
  async knownHosts(): Promise<Pick<LabHost, 'address' | 'port' | 'hostKey'>[]> {
    const lab = await knownLab()
    return lab ? [lab] : []
  }

  /** Builds the real lab if need be, starts it and adds it. It goes on after Domdeck ends; `lab/down` stops it. LAB_FAILED. */
  async *start(signal?: AbortSignal): AsyncGenerator<LabEvent, void, undefined> {
    const host = yield* startLab(signal)
    yield { type: 'ready', hostIds: [await this.add(host)] }
  }

  /** Starts a simulated fleet, one at a time, and adds its hosts. It ends with Domdeck. LAB_FAILED. */
  async *simulate(size: { hosts: number; guests: number }): AsyncGenerator<LabEvent, void, undefined> {
    yield { type: 'line', text: `Starting ${size.hosts} simulated hosts with ${size.guests} guests each` }
    await this.#simulation?.stop()
    this.#simulation = await startSimulation(size)
    const hostIds: string[] = []
    for (const host of this.#simulation.hosts) hostIds.push(await this.add(host))
    yield { type: 'ready', hostIds }
  }

  async close(): Promise<void> {
    await this.#simulation?.stop()
  }
}
