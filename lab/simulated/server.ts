import { execFile, spawn } from 'node:child_process'
import { existsSync, type FSWatcher, rmSync, watch } from 'node:fs'
import { link, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { bootOnce, wantedCommands } from './boot'
import { startConsoles } from './consoles'
import { startServices } from './health'
import { addForeignFiles, forgetRunning, makeHostFolder } from './host-folder'
import { makeImportableImage } from './importable-image'
import { makeKeyPair } from './keys'
import { type PlannedGuest, planHost } from './plan'
import { seededRandom } from './random'
import { type SshHost, startSshHost } from './ssh-host'
import { writeStubs } from './stubs'

/** How long a host that is rebooted takes to shut down. */
const shutdownMs = 500

export type FleetOptions = {
  /** How many hosts: sim-1, sim-2, ... */
  hosts: number
  /** How many guests each host has, most of them running. */
  guests: number
  /** The same seed makes the same fleet; 1 unless given. */
  seed?: number
  /** An empty or missing folder to live in; a new one below the temporary folder unless given. Removed at the end. */
  folder?: string
}

/** What somebody needs to add a pretend host to Domdeck. */
export type HostDescription = {
  name: string
  address: string
  port: number
  user: string
  keyPath: string
  /** A line for known_hosts. */
  hostKeyLine: string
  storageRoot: string
}

/** One pretend host: how to reach it, and what can be done to it that no SSH command does. */
export type SimulatedHost = Pick<SshHost, 'cut' | 'stall' | 'refuseSessions' | 'slow' | 'changeHostKey'> & {
  readonly description: HostDescription
  /** The folder that everything of this host lies in. */
  readonly folder: string
  /** Runs a program of the host as an administrator at its own keyboard would, such as `xl destroy web-01`. */
  run(argv: readonly [string, ...string[]]): Promise<{ stdout: string; stderr: string; exitCode: number }>
  /** The guest's kernel panics; its config says `on_crash = "preserve"`. */
  crashGuest(name: string): Promise<void>
  /** The guest is shut down and not yet gone. */
  letDie(name: string): Promise<void>
  /** The guest reboots by itself; resolves when its next domain runs. */
  rebootGuest(name: string): Promise<void>
  /** Makes and starts a guest that Domdeck knows nothing of. */
  addForeignGuest(guest: Partial<Omit<PlannedGuest, 'origin'>> & { name: string }): Promise<void>
  /** Off at once: connections, jobs and domains are gone, files stay. Resolves while the host is still off. */
  powerCut(): Promise<void>
  /** Boots a host after a power cut by its GRUB, with no guest running; resolves when it is up, or will not come up by itself. */
  powerOn(): Promise<void>
}

export type SimulatedFleet = {
  readonly hosts: readonly SimulatedHost[]
  /** The host of that name; throws if there is none. */
  host(name: string): SimulatedHost
  /** Ends everything that runs on the hosts and removes the folder. */
  stop(): Promise<void>
}

/** Starts a fleet of pretend dom0s behind real SSH servers on 127.0.0.1. */
export async function startSimulatedFleet(options: FleetOptions): Promise<SimulatedFleet> {
  const { seed = 1 } = options
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'domdeck-simulated-')))
  await mkdir(folder, { recursive: true })
  // It is removed at the end, with all that is in it.
  if ((await readdir(folder)).length > 0)
    throw new Error(`${folder} is not empty; the simulated fleet needs a folder of its own.`)
  const { bin, lib } = await writeStubs(folder)
  const clientKey = makeKeyPair()
  const keyPath = join(folder, 'client_key')
  await writeFile(keyPath, clientKey.private, { mode: 0o600 })
  const consoles = await startConsoles()
  await mkdir(join(folder, 'hosts'))
  const image = join(folder, 'debian-12.img')
  const importable = await makeImportableImage(image)

  // All guests answer as one machine: what matters here is the way to it.
  const guestHome = join(folder, 'guest')
  await mkdir(guestHome)
  const guestSsh = await startSshHost({
    clientKey: makeKeyPair(),
    home: guestHome,
    environment: { PATH: '/usr/bin:/bin', HOME: guestHome, PS1: 'root@guest:~# ' },
    password: 'root',
  })
  const behind = (address: string, port: number) => (port === 22 && address.startsWith('10.') ? guestSsh.port : undefined)

  async function startHost(
    index: number,
  ): Promise<{ host: SimulatedHost; ssh: SshHost; reboots: FSWatcher; settled(): Promise<void> }> {
    const plan = planHost(index, options.guests, seed)
    const hostFolder = await makeHostFolder(join(folder, 'hosts', plan.name), plan)
    // One file for all hosts: an import only reads it.
    if (importable) await link(image, join(hostFolder.home, 'debian-12.img'))
    const environment = {
      ...hostFolder.environment,
      PATH: `${bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
      DOMDECK_XENCONSOLE: join(bin, 'xenconsole'),
      SIM_BIN: bin,
      SIM_LIB: lib,
      SIM_CONSOLE_PORT: String(consoles.port),
      SIM_CONSOLE_TOKEN: consoles.token,
    }
    const run = runIn(environment, hostFolder.home)
    consoles.addHost({ name: plan.name, folder: hostFolder.path, controlScript: join(lib, 'control.sh'), run })
    await run(['update-grub'])
    await bootOnce(hostFolder.path)
    await startServices(hostFolder.path)
    const ssh = await startSshHost({ clientKey, home: hostFolder.home, environment, behind })
    // One after the other: somebody may pull the plug while the host reboots.
    let last = Promise.resolve()
    const inTurn = (act: () => Promise<void>): Promise<void> => {
      last = last.then(act)
      return last
    }
    const powerCut = async (): Promise<void> => {
      ssh.power(false)
      consoles.endHost(plan.name)
      await killAllIn(hostFolder.path)
    }
    const powerOn = async (): Promise<void> => {
      await powerCut()
      const booted = await bootOnce(hostFolder.path)
      await forgetRunning(hostFolder)
      if (booted === 'dead') return
      await startServices(hostFolder.path)
      const targets = booted === 'up' ? ['sysinit.target', 'multi-user.target'] : ['sysinit.target']
      for (const command of await wantedCommands(hostFolder.path, targets)) {
        spawn('/bin/sh', ['-c', command], { env: environment, cwd: hostFolder.home, detached: true, stdio: 'ignore' }).unref()
      }
      if (booted === 'up') ssh.power(true)
    }
    // `systemctl reboot` on the host leaves this file. A shutdown takes its time, in which all that runs still speaks.
    const reboots = watch(join(hostFolder.path, 'xen'), (_, name) => {
      if (name !== 'reboot' || !existsSync(join(hostFolder.path, 'xen/reboot'))) return
      rmSync(join(hostFolder.path, 'xen/reboot'))
      void inTurn(async () => {
        await setTimeout(shutdownMs)
        await powerOn()
      })
    })
    const host: SimulatedHost = {
      get description() {
        const { port, hostKey } = ssh
        const hostKeyLine = `[127.0.0.1]:${port} ${hostKey.public}`
        return {
          name: plan.name,
          address: '127.0.0.1',
          port,
          user: 'root',
          keyPath,
          hostKeyLine,
          storageRoot: hostFolder.storageRoot,
        }
      },
      folder: hostFolder.path,
      cut: ssh.cut,
      stall: ssh.stall,
      refuseSessions: ssh.refuseSessions,
      slow: ssh.slow,
      changeHostKey: ssh.changeHostKey,
      run,
      async crashGuest(name) {
        const domid = await needDomid(run, name)
        await run(['sh', join(lib, 'control.sh'), 'crashed', domid])
      },
      async letDie(name) {
        await run(['sh', join(lib, 'control.sh'), 'dying', await needDomid(run, name)])
      },
      async rebootGuest(name) {
        await run(['sh', join(lib, 'control.sh'), 'rebooted', await needDomid(run, name)])
      },
      async addForeignGuest(guest) {
        const random = seededRandom([...guest.name].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), seed))
        const config = await addForeignFiles(hostFolder, {
          uuid: random.uuid(),
          mac: `00:16:3e:${random.between(0, 0x7f).toString(16).padStart(2, '0')}:${random.hex(2)}:${random.hex(2)}`,
          type: 'pv',
          memoryMb: 256,
          vcpus: 1,
          state: 'running',
          load: 0.12,
          upSeconds: 0,
          bridge: 'xenbr0',
          ...guest,
        })
        if (guest.state === 'halted') return
        const created = await run(['xl', 'create', '-q', config])
        if (created.exitCode !== 0) throw new Error(`xl create ${guest.name} on ${plan.name}: ${created.stderr}`)
      },
      powerCut: () =>
        inTurn(async () => {
          await powerCut()
          await forgetRunning(hostFolder)
        }),
      powerOn: () => inTurn(powerOn),
    }
    return { host, ssh, reboots, settled: () => last }
  }

  const started = await Promise.all(Array.from({ length: options.hosts }, (_, at) => startHost(at + 1)))
  const hosts = started.map(({ host }) => host)
  return {
    hosts,
    host(name) {
      const found = hosts.find((host) => host.description.name === name)
      if (!found) throw new Error(`The simulated fleet has no host ${name}.`)
      return found
    },
    async stop() {
      for (const { reboots } of started) reboots.close()
      await Promise.all(started.map(({ settled }) => settled()))
      await Promise.all([guestSsh, ...started.map(({ ssh }) => ssh)].map((ssh) => ssh.close()))
      await consoles.close()
      await killAllIn(join(folder, 'hosts'))
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

export type RunOnHost = SimulatedHost['run']

function runIn(environment: Record<string, string>, cwd: string): RunOnHost {
  const execute = promisify(execFile)
  // env looks its operand up in the PATH of the host, not in ours.
  return async (argv) => {
    try {
      const { stdout, stderr } = await execute('/usr/bin/env', [...argv], { env: environment, cwd, maxBuffer: 64 * 1024 * 1024 })
      return { stdout, stderr, exitCode: 0 }
    } catch (thrown) {
      const failed = thrown as { code?: unknown; stdout?: string; stderr?: string }
      if (typeof failed.code !== 'number') throw thrown
      return { stdout: failed.stdout ?? '', stderr: failed.stderr ?? '', exitCode: failed.code }
    }
  }
}

async function needDomid(run: RunOnHost, name: string): Promise<string> {
  const { stdout, stderr, exitCode } = await run(['xl', 'domid', name])
  if (exitCode !== 0) throw new Error(stderr)
  return stdout.trim()
}

/**
 * Kills every process of the pretend hosts below `folder`, known by SIM_HOST in its environment: a job has left the
 * session it was started from, so no process group holds them all. The folder is of one run, so nobody else's is hit. A process
 * that is just being replaced by another program shows no environment for that moment: so two looks in a row must find none.
 */
async function killAllIn(folder: string): Promise<void> {
  const ours = async (pid: string) => {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
    return environment.split('\0').some((entry) => entry === `SIM_HOST=${folder}` || entry.startsWith(`SIM_HOST=${folder}/`))
  }
  for (let clear = 0; clear < 2; ) {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    const found = (await Promise.all(pids.map(async (pid) => ((await ours(pid)) ? Number(pid) : 0)))).filter((pid) => pid > 0)
    clear = found.length === 0 ? clear + 1 : 0
    for (const pid of found) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It ended by itself between the two lines.
      }
    }
  }
}
