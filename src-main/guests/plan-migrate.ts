import type { Check, MigratePlan } from '../../src-shared/contract/guests'
import type { Guest } from '../../src-shared/models/guest'
import type { HostSettings } from '../../src-shared/models/host'
import { operationInputs } from '../../src-shared/operations'
import { ProblemError } from '../../src-shared/problem'
import { scriptOf } from '../jobs/preflight'
import type { Argv } from '../ssh/quote'
import { migrate } from './migrate'
import lookScript from './migrate-look.sh?raw'

/** What planning a migration needs of each of its hosts. */
export type MigrateHost = {
  readonly settings: HostSettings
  readonly guests: ReadonlyMap<string, Guest>
  run(argv: Argv, options?: { timeoutMs?: number }): Promise<{ stdout: Buffer; stderr: Buffer; exitCode: number }>
}

type Look = ReadonlyMap<string, string>

/**
 * Compares two hosts before a guest moves from one to the other, in one round trip to each. Writes nothing. Throws NOT_FOUND when the
 * guest is gone, BAD_INPUT when it is not in Domdeck's care, COMMAND_FAILED when a host cannot say.
 */
export async function planMigrate(from: MigrateHost, to: MigrateHost, guestId: string): Promise<MigratePlan> {
  const guest = from.guests.get(guestId)
  if (!guest) throw new ProblemError('NOT_FOUND', `That guest is no longer on ${from.settings.name}.`)
  const { name, address, port } = to.settings
  const parsed = operationInputs['guest.migrate'].safeParse({ name: guest.name, uuid: guest.id, to: { name, address, port } })
  if (!parsed.success || (!guest.origin && !guest.adopted)) {
    throw new ProblemError(
      'BAD_INPUT',
      `${guest.name} is not in Domdeck's care, so its files are not known to be on both hosts.`,
      {
        hint: 'Adopt it first, and put its disks on storage that both hosts share.',
      },
    )
  }
  const input = parsed.data
  const [here, there] = await Promise.all([look(from, guest, [String(port), address]), look(to, guest, [])])
  const checks = [
    stateCheck(guest),
    ...shadowCheck(guest, here.get('virt'), from.settings.name),
    ...diskChecks(guest),
    storageCheck(here, there, from.settings, to.settings, guest),
    xenCheck(here.get('xen'), there.get('xen'), name),
    cpuCheck(here.get('cpu'), there.get('cpu'), name),
    memoryCheck(guest, there, name),
    takenCheck(there, guest, name),
    sshCheck(here, from.settings, to.settings),
  ]
  return { input, checks, script: scriptOf(migrate, input, from.settings.storageRoot) }
}

async function look(host: MigrateHost, guest: Guest, target: string[]): Promise<Look> {
  const argv: Argv = ['sh', '-c', lookScript, 'migrate-look.sh', host.settings.storageRoot, guest.name, guest.id, ...target]
  const { stdout, stderr, exitCode } = await host.run(argv, { timeoutMs: 60_000 })
  if (exitCode !== 0) {
    throw new ProblemError('COMMAND_FAILED', `${host.settings.name} could not be asked what it is.`, {
      context: { host: host.settings.name, exitCode, output: stderr.toString('utf8').slice(-2000) },
    })
  }
  const words = new Map<string, string>()
  for (const line of stdout.toString('utf8').split('\n')) {
    const space = line.indexOf(' ')
    if (space > 0) words.set(line.slice(0, space), line.slice(space + 1))
  }
  return words
}

function stateCheck(guest: Guest): Check {
  if (guest.state === 'running') return { title: 'Guest', verdict: 'pass', fact: 'running' }
  const advice = 'Start it first, or start it on the other host from the storage that they share.'
  return { title: 'Guest', verdict: 'fail', fact: `it is ${guest.state}`, advice }
}

/** What no shared storage helps with; the script refuses the same. */
function diskChecks({ origin }: Guest): Check[] {
  const title = 'Disk'
  switch (origin?.mode) {
    case 'thin':
      return [{ title, verdict: 'fail', fact: 'an LVM volume of this host', advice: 'Only guests whose disks are files move.' }]
    case 'qcow2': {
      const advice = 'Two hosts must not have it open at once. Shut the guest down, and start it on the other host.'
      return [{ title, verdict: 'fail', fact: 'a qcow2 file', advice }]
    }
    default:
      return []
  }
}

/**
 * To copy the memory of a guest that writes to it, Xen must hear of its writes: of a PV guest by shadow paging, which Debian's Xen is built
 * without. Measured on 4.17: "Failed to enable logdirty", while a PVH guest moves by hap.
 */
function shadowCheck(guest: Guest, virtCaps: string | undefined, name: string): Check[] {
  if (guest.type !== 'pv' || virtCaps === undefined || virtCaps.split(' ').includes('shadow')) return []
  return [
    {
      title: 'Type',
      verdict: 'fail',
      fact: `the Xen of ${name} moves no PV guest while it runs: it has no shadow paging`,
      advice: 'Shut it down, and start it on the other host. Guests of type PVH do move.',
    },
  ]
}

function storageCheck(here: Look, there: Look, from: HostSettings, to: HostSettings, guest: Guest): Check {
  const title = 'Shared storage'
  const advice =
    'Put the storage root of both hosts on one shared file system, such as NFS, mounted at the same path. If it is, look again in a minute: NFS shows what is new with a delay.'
  if (from.storageRoot !== to.storageRoot) {
    return { title, verdict: 'fail', fact: `${from.storageRoot} here, ${to.storageRoot} on ${to.name}`, advice }
  }
  const [mine, other] = [here.get('storage'), there.get('storage')]
  const folder = `${from.storageRoot}/guests/${guest.name}`
  if (mine !== undefined && mine === other) return { title, verdict: 'pass', fact: `${folder} is the same on both` }
  const fact = other === undefined ? `${folder} is not on ${to.name}` : `${folder} on ${to.name} is another folder`
  return { title, verdict: 'fail', fact, advice }
}

function xenCheck(here = '', there = '', target: string): Check {
  const title = 'Xen'
  if (here === there) return { title, verdict: 'pass', fact: `${here} on both` }
  const newer = there.localeCompare(here, 'en', { numeric: true }) > 0
  const fact = `${here} here, ${there} on ${target}`
  return newer
    ? { title, verdict: 'warn', fact, advice: 'To a newer Xen a guest moves; it does not come back.' }
    : { title, verdict: 'fail', fact, advice: `A guest does not move to an older Xen. Update ${target} first.` }
}

/** `hw_caps` of xl info: words of 32 features each, in hex. */
function cpuCheck(here = '', there = '', target: string): Check {
  const title = 'CPU'
  const words = (caps: string) => caps.split(':').map((word) => Number.parseInt(word, 16) || 0)
  const other = words(there)
  const lacks = words(here).some((word, index) => (word & ~(other[index] ?? 0)) !== 0)
  if (!lacks)
    return { title, verdict: 'pass', fact: here === there ? 'the same features' : `${target} has all features of this host` }
  const advice = 'The guest has seen features of this CPU that it would lose while it runs. Shut it down and start it there.'
  return { title, verdict: 'fail', fact: `${target} lacks features that the guest may use`, advice }
}

function memoryCheck(guest: Guest, there: Look, target: string): Check {
  const free = Number(there.get('free'))
  const title = 'Memory'
  if (free >= guest.memoryMb) return { title, verdict: 'pass', fact: `${free} MB free on ${target}` }
  return {
    title,
    verdict: 'fail',
    fact: `${free || 0} MB free on ${target}, ${guest.memoryMb} MB needed`,
    advice: `Free some memory on ${target}.`,
  }
}

function takenCheck(there: Look, guest: Guest, target: string): Check {
  const title = 'Name'
  if (!there.has('named') && !there.has('domain'))
    return { title, verdict: 'pass', fact: `nobody of that name runs on ${target}` }
  const advice = 'It may be this very guest, started there from the shared storage: two of them would destroy its disk.'
  return { title, verdict: 'fail', fact: `${guest.name} runs on ${target} already`, advice }
}

function sshCheck(here: Look, from: HostSettings, to: HostSettings): Check {
  const title = 'SSH between the hosts'
  if (here.has('ssh')) return { title, verdict: 'pass', fact: `root of ${from.name} logs in on ${to.name}` }
  const said = here.get('no-ssh') ?? ''
  const by = `ssh -p ${to.port} root@${to.address}`
  const advice = /host key/i.test(said)
    ? `root on ${from.name} does not know the key of ${to.name}. Log in on ${from.name}, run ${by}, and compare the fingerprint.`
    : /permission denied/i.test(said)
      ? `Add the public key of root on ${from.name} (/root/.ssh) to /root/.ssh/authorized_keys on ${to.name}.`
      : /not found/i.test(said)
        ? `Install openssh-client on ${from.name}.`
        : `Try on ${from.name}: ${by} true. The address must be one by which ${from.name} reaches ${to.name}.`
  return { title, verdict: 'fail', fact: said.slice(0, 200) || 'no answer', advice }
}
