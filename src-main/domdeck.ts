import { homedir, hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import { ulid } from 'ulid'
import type { About } from '../src-shared/contract/settings'
import type { Host as HostModel, HostSettings } from '../src-shared/models/host'
import { ProblemError } from '../src-shared/problem'
import { Consoles } from './consoles/consoles'
import { Fleet } from './host/fleet'
import { sshServices } from './host/services'
import { Jobs } from './jobs/jobs'
import { type LabHost, LocalLab } from './local-lab/local-lab'
import { operations } from './operations'
import { type Crashes, openCrashes } from './settings/crashes'
import { defaultSettingsFolder, openSettings, type Settings } from './settings/settings'
import { createTrustStore, type TrustStore } from './ssh/trust'

export type DomdeckOptions = {
  shell: 'desktop' | 'browser'
  version: string
  /** Settings and known hosts; the person's configuration folder otherwise. */
  dataDir?: string
  /** Whose keys and known_hosts are used. */
  homeDir?: string
  agentSocket?: string | undefined
}

/** The app without a page: every room, put together once. */
export type Domdeck = {
  fleet: Fleet
  jobs: Jobs
  consoles: Consoles
  settings: Settings
  crashes: Crashes
  trust: TrustStore
  localLab: LocalLab
  /** Keeps a host and starts to connect. BAD_INPUT when there is one with the same name, or the same address, port and user. */
  addHost(host: Omit<HostSettings, 'id' | 'simulated'>): Promise<HostModel>
  /** Forgets a host on this workstation. */
  removeHost(hostId: string): Promise<void>
  /** MAC addresses of the whole fleet, as far as it is known: two guests with one MAC would take each other's traffic. */
  takenMacs(): ReadonlySet<string>
  about(): About
  close(): Promise<void>
}

/** Opens the app: reads the settings, adds the hosts and starts to connect to each. */
export async function openDomdeck(options: DomdeckOptions): Promise<Domdeck> {
  const dataDir = options.dataDir ?? defaultSettingsFolder()
  const homeDir = options.homeDir ?? homedir()
  const agentSocket = 'agentSocket' in options ? options.agentSocket : process.env.SSH_AUTH_SOCK
  const crashes = openCrashes(dataDir, options.version)
  // What ends the process is kept first; that it ends it stays as it is.
  const keepCrash = (thrown: unknown): void => crashes.keep('main', thrown)
  process.on('uncaughtExceptionMonitor', keepCrash)
  const settings = await openSettings(dataDir)
  if (settings.problem) console.error(`${settings.problem.detail} ${settings.problem.hint}`)
  const trust = createTrustStore({ homeDir, ownFile: join(dataDir, 'known_hosts') })
  const fleet = new Fleet(sshServices({ agentSocket, homeDir }, trust))
  const jobs = new Jobs(operations)
  const consoles = new Consoles(fleet)

  const admit = async (host: HostSettings): Promise<HostModel> => {
    await settings.saveHost(host)
    const added = fleet.add(host)
    added.connect()
    return added.model
  }

  const localLab = new LocalLab(async (found: LabHost) => {
    const { hostKey, ...host } = found
    trust.pin(host.address, host.port, hostKey)
    const known = settings.hosts().find((other) => other.address === host.address && other.port === host.port)
    const { settings: added } = await admit({ ...host, id: known?.id ?? ulid() })
    return added.id
  })
  // A lab that was added in an earlier run has a key of its own that no known_hosts file holds.
  for (const { address, port, hostKey } of await localLab.knownHosts()) trust.pin(address, port, hostKey)

  fleet.onHost((host) => {
    // Also after each lost link: what a job did meanwhile is looked up, never guessed.
    host.on('ready', () => {
      jobs.adopt(host).catch((thrown: unknown) => console.error(`The jobs of ${host.settings.name} could not be read:`, thrown))
    })
  })
  for (const host of settings.hosts()) fleet.add(host).connect()

  return {
    fleet,
    jobs,
    consoles,
    settings,
    crashes,
    trust,
    localLab,
    addHost: async (host) => {
      for (const other of settings.hosts()) {
        const where = `${host.user}@${host.address}:${host.port}`
        if (other.name === host.name) throw new ProblemError('BAD_INPUT', `There is a host named ${host.name} already.`)
        if (`${other.user}@${other.address}:${other.port}` === where)
          throw new ProblemError('BAD_INPUT', `${where} is in the fleet already, as ${other.name}.`)
      }
      return admit({ ...host, id: ulid(), simulated: false })
    },
    removeHost: async (hostId) => {
      fleet.get(hostId)
      fleet.remove(hostId)
      jobs.forget(hostId)
      await settings.removeHost(hostId)
    },
    takenMacs: () => {
      const guests = fleet.hosts().flatMap((host) => [...host.guests.values()])
      return new Set(guests.flatMap((guest) => guest.nics.map((nic) => nic.mac.toLowerCase())))
    },
    about: () => ({
      version: options.version,
      shell: options.shell,
      user: userInfo().username,
      workstation: hostname(),
      folder: dataDir,
      ...(settings.problem ? { problem: settings.problem } : {}),
    }),
    close: async () => {
      process.off('uncaughtExceptionMonitor', keepCrash)
      consoles.close()
      for (const host of fleet.hosts()) host.disconnect()
      await localLab.close()
    },
  }
}
