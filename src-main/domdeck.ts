import { homedir, hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import { ulid } from 'ulid'
import type { About } from '../src-shared/contract/settings'
import type { Host as HostModel, HostPlace, HostSettings } from '../src-shared/models/host'
import type { SshConfig } from '../src-shared/models/ssh-config'
import type { TrustEntry } from '../src-shared/models/trust'
import { ProblemError } from '../src-shared/problem'
import { Consoles } from './consoles/consoles'
import { Recordings } from './consoles/recordings'
import { Sequences } from './consoles/sequences'
import { Fleet } from './host/fleet'
import type { Keychain } from './host/keychain'
import { placeOf, withoutPlace } from './host/place'
import { sshServices } from './host/services'
import { onWake, wakeLimitMs } from './host/wake'
import { attendCopies } from './images/feed-copy'
import { Bulks } from './jobs/bulks'
import { Jobs } from './jobs/jobs'
import { type LabHost, LocalLab } from './local-lab/local-lab'
import { operations } from './operations'
import { type Crashes, openCrashes } from './settings/crashes'
import { defaultSettingsFolder, openSettings, type Settings } from './settings/settings'
import { readSshConfig, resolveConfig } from './ssh/config'
import { ownerOf } from './ssh/dial'
import { Jumps, parseJumps, type Target } from './ssh/jump'
import { createTrustStore, type TrustStore } from './ssh/trust'
import { listTrust } from './ssh/trust-list'

export type DomdeckOptions = {
  shell: 'desktop' | 'browser'
  version: string
  /** Settings and known hosts; the person's configuration folder otherwise. */
  dataDir?: string
  /** Whose keys and known_hosts are used. */
  homeDir?: string
  agentSocket?: string | undefined
  /** Opens the keychain of the workstation over a file in the folder of the settings; the browser shell has none. */
  openKeychain?: (folder: string) => Keychain
}

/** The app without a page: every room, put together once. */
export type Domdeck = {
  fleet: Fleet
  jobs: Jobs
  bulks: Bulks
  consoles: Consoles
  recordings: Recordings
  sequences: Sequences
  settings: Settings
  crashes: Crashes
  trust: TrustStore
  localLab: LocalLab
  /** Keeps a host and starts to connect. BAD_INPUT when there is one with the same name, or the same address, port and user. */
  addHost(host: Omit<HostSettings, 'id' | 'simulated'>): Promise<HostModel>
  /** Other settings for a host; it connects anew when what matters to that changed. Errors as for `addHost`; not for simulated hosts. */
  updateHost(hostId: string, host: Omit<HostSettings, 'id' | 'simulated'>): Promise<HostModel>
  /** Forgets a host on this workstation, and its secrets in the keychain. */
  removeHost(hostId: string): Promise<void>
  /** Puts hosts at their places in the fleet. NOT_FOUND when there is no such host; then none is moved. */
  arrangeHosts(hosts: readonly { hostId: string; place: HostPlace }[]): Promise<void>
  /** What `~/.ssh/config` says about an address now. */
  resolveConfig(address: string): Promise<SshConfig>
  /** The host keys that matter to the fleet. */
  listTrust(): Promise<TrustEntry[]>
  /** MAC addresses of the whole fleet, as far as it is known: two guests with one MAC would take each other's traffic. */
  takenMacs(): ReadonlySet<string>
  about(): About
  /** The workstation has slept, or may have: finds out at once which connections are left. */
  wake(): void
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
  const keychain = options.openKeychain?.(dataDir)
  const identity = { agentSocket, homeDir, localUser: userInfo().username, environment: process.env }
  const owner = ownerOf(identity)
  const jumps = new Jumps()
  const hostNamed = (name: string): Target | undefined => settings.hosts().find((host) => host.name === name)
  const fleet = new Fleet(sshServices(identity, trust, { keychain, jumps, hostNamed }))
  const jobs = new Jobs(
    operations,
    attendCopies((hostId) => fleet.get(hostId)),
  )
  const bulks = new Bulks(jobs, (hostId) => fleet.get(hostId))
  const recordings = new Recordings(join(dataDir, 'recordings'))
  const consoles = new Consoles(fleet, {
    recordings,
    isRecordedAlways: (guestId) => settings.preferences().recordAlways?.includes(guestId) === true,
  })
  const sequences = new Sequences(consoles)

  const admit = async (host: HostSettings): Promise<HostModel> => {
    await settings.saveHost(host)
    const added = fleet.add(host)
    added.connect()
    return added.model
  }

  const accountOf = ({ user = 'root', address, port = 22 }: Target) => `${user}@${address}:${port}`
  const refuseTwin = (host: Omit<HostSettings, 'id' | 'simulated'>, hostId?: string): void => {
    const where = accountOf(host)
    for (const other of settings.hosts()) {
      if (other.id === hostId) continue
      if (other.name === host.name) throw new ProblemError('BAD_INPUT', `There is a host named ${host.name} already.`)
      if (accountOf(other) === where && other.jump === host.jump)
        throw new ProblemError('BAD_INPUT', `${where} is in the fleet already, as ${other.name}.`)
    }
  }

  /** What makes no sense as a jump host is refused now, and not at the first dial. */
  const refuseJump = ({ jump = '' }: Target): void => void parseJumps(jump, identity.localUser, hostNamed)

  const localLab = new LocalLab(async (found: LabHost) => {
    const { hostKey, ...host } = found
    trust.pin(host.address, host.port, hostKey)
    const known = settings.hosts().find((other) => other.address === host.address && other.port === host.port)
    const { settings: added } = await admit({ ...host, jump: 'none', id: known?.id ?? ulid(), ...(known ? placeOf(known) : {}) })
    return added.id
  })
  // A lab that was added in an earlier run has a key of its own that no known_hosts file holds.
  for (const { address, port, hostKey } of await localLab.knownHosts()) trust.pin(address, port, hostKey)

  fleet.onHost((host) => {
    // Also after each lost link: what a job did meanwhile is looked up, never guessed.
    host.on('job', (jobId) => jobs.announced(host, jobId))
    const adopt = (): void => {
      jobs.adopt(host).catch((thrown: unknown) => console.error(`The jobs of ${host.settings.name} could not be read:`, thrown))
    }
    host.on('ready', adopt)
    host.on('bare', adopt)
  })
  for (const host of settings.hosts()) fleet.add(host).connect()
  const wake = (): void => {
    void jumps.probe(wakeLimitMs)
    for (const host of fleet.hosts()) void host.wake()
  }
  const stopWatching = onWake(wake)

  return {
    fleet,
    jobs,
    bulks,
    consoles,
    recordings,
    sequences,
    settings,
    crashes,
    trust,
    localLab,
    addHost: async (host) => {
      refuseTwin(host)
      refuseJump(host)
      return admit({ ...host, id: ulid(), simulated: false })
    },
    updateHost: async (hostId, host) => {
      const edited = fleet.get(hostId)
      if (edited.settings.simulated)
        throw new ProblemError('BAD_INPUT', `${edited.settings.name} is simulated; its settings are those of the simulation.`)
      refuseTwin(host, hostId)
      refuseJump(host)
      // Where it stands in the fleet stays, unless the settings say otherwise.
      const changed = { ...placeOf(edited.settings), ...host, id: hostId, simulated: false }
      await settings.saveHost(changed)
      await edited.update(changed)
      return edited.model
    },
    removeHost: async (hostId) => {
      fleet.get(hostId)
      fleet.remove(hostId)
      jobs.forget(hostId)
      await settings.removeHost(hostId)
      await keychain?.write(hostId, {})
    },
    arrangeHosts: async (hosts) => {
      const moved = hosts.map(({ hostId, place }) => ({ host: fleet.get(hostId), place }))
      await settings.saveHosts(moved.map(({ host, place }) => ({ ...withoutPlace(host.settings), ...place })))
      for (const { host, place } of moved) host.arrange(place)
    },
    resolveConfig: async (address) => resolveConfig(await readSshConfig(owner), { address }, owner),
    listTrust: () => listTrust(trust, settings.hosts(), owner, hostNamed),
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
    wake,
    close: async () => {
      stopWatching()
      process.off('uncaughtExceptionMonitor', keepCrash)
      bulks.close()
      sequences.close()
      consoles.close()
      for (const host of fleet.hosts()) host.disconnect()
      jumps.close()
      await recordings.close()
      await localLab.close()
    },
  }
}
