import type { Difference } from '../../src-shared/contract/guests'
import type { Guest } from '../../src-shared/models/guest'
import { crashPolicySchema, type OperationCall } from '../../src-shared/operations'
import { ProblemError } from '../../src-shared/problem'
import type { Argv } from '../ssh/quote'
import { type GuestConfig, parseGuestConfig } from '../xen/config'
import { type Disk, type DomainDetails, parseListJson } from '../xen/list-json'
import compareScript from './compare.sh?raw'

/** What comparing needs of a host. */
export type CompareHost = {
  readonly settings: { name: string }
  readonly guests: ReadonlyMap<string, Guest>
  ask(argv: Argv, options?: { timeoutMs?: number }): Promise<{ stdout: string; stderr: string; exitCode: number }>
}

const nextStart = 'A change in the file counts from its next start.'

/**
 * Asks a host how a running guest differs from its config file. Throws NOT_FOUND when the guest is not there, BAD_INPUT when it is off
 * or has no file, COMMAND_FAILED when the host cannot say, UNEXPECTED_OUTPUT when its answer is none.
 */
export async function compareGuest(
  host: CompareHost,
  guestId: string,
): Promise<{ configPath: string; differences: Difference[]; unread: string[] }> {
  const guest = host.guests.get(guestId)
  if (!guest) throw new ProblemError('NOT_FOUND', `That guest is no longer on ${host.settings.name}.`)
  const { domid, configPath, name } = guest
  if (domid === undefined) throw new ProblemError('BAD_INPUT', `${name} does not run; its file is all there is of it.`)
  if (configPath === undefined) {
    throw new ProblemError('BAD_INPUT', `No config file of ${name} is known on ${host.settings.name}.`, {
      hint: 'Write one to /etc/xen, and it shows here.',
    })
  }
  const command: Argv = ['sh', '-c', compareScript, 'compare.sh', configPath, String(domid)]
  const { stdout, stderr, exitCode } = await host.ask(command)
  if (exitCode !== 0) {
    throw new ProblemError('COMMAND_FAILED', `${name} could not be compared with ${configPath}.`, {
      context: { host: host.settings.name, exitCode, output: stderr.slice(-2000) },
    })
  }
  const parts = partsOf(stdout)
  const config = parseGuestConfig(parts.get('config') ?? '')
  const [running] = parseListJson(parts.get('domain') ?? '').domains
  if (!running) {
    throw new ProblemError('UNEXPECTED_OUTPUT', `xl did not say what ${name} is.`, {
      context: { host: host.settings.name, command: `xl list -l ${domid}`, output: stdout.slice(-2000) },
    })
  }
  const ref = { name, uuid: guest.id, configPath }
  return {
    configPath,
    differences: differencesOf(config, withStore(running, parts.get('store') ?? ''), ref),
    unread: config.unread,
  }
}

function partsOf(text: string): Map<string, string> {
  const parts = new Map<string, string>()
  let heading = ''
  for (const line of text.split('\n')) {
    if (line.startsWith('|')) parts.set(heading, `${parts.get(heading) ?? ''}${line.slice(1)}\n`)
    else if (line !== '') heading = line
  }
  return parts
}

/** xenstore has the last word on what changes while a guest runs; lines are `path = "value"`. */
function withStore(running: DomainDetails, store: string): DomainDetails {
  const value = (path: string) =>
    store
      .split('\n')
      .find((line) => line.startsWith(`${path} = "`))
      ?.slice(path.length + 4, -1)
  const megabytes = (path: string) => {
    const kilobytes = Number(value(path))
    return kilobytes > 0 ? Math.round(kilobytes / 1024) : undefined
  }
  return {
    ...running,
    name: value('name') ?? running.name,
    memoryMb: megabytes('memory/target') ?? running.memoryMb,
    maxMemoryMb: megabytes('memory/static-max') ?? running.maxMemoryMb,
  }
}

/** How a running domain differs from its config file. What the file leaves to Xen is no difference. */
export function differencesOf(
  config: GuestConfig,
  running: DomainDetails,
  ref: { name: string; uuid: string; configPath: string },
): Difference[] {
  const differences: Difference[] = []
  const differ = (title: string, file: string, guest: string, more: Partial<Difference> = { note: nextStart }) => {
    if (file !== guest) differences.push({ title, file, guest, ...more })
  }
  const memory = (memoryMb: number): OperationCall => ({ operation: 'guest.memory', input: { ...ref, memoryMb } })
  const vcpus = (count: number): OperationCall => ({ operation: 'guest.vcpus', input: { ...ref, vcpus: count } })

  differ('Name', config.name ?? '', running.name, { note: 'Shut it down, and give the file or the guest the other name.' })
  if (running.type) differ('Type', config.type, running.type)
  differ('Memory', `${config.memoryMb} MB`, `${running.memoryMb} MB`, {
    toFile: memory(running.memoryMb),
    ...(config.memoryMb <= running.maxMemoryMb ? { toGuest: memory(config.memoryMb) } : { note: nextStart }),
  })
  if (config.maxMemoryMb !== undefined) differ('Most memory', `${config.maxMemoryMb} MB`, `${running.maxMemoryMb} MB`)
  differ('vCPUs', String(config.vcpus), String(running.onlineVcpus), {
    toFile: vcpus(running.onlineVcpus),
    ...(config.vcpus <= running.vcpus ? { toGuest: vcpus(config.vcpus) } : { note: nextStart }),
  })
  if (config.maxVcpus !== undefined) differ('Most vCPUs', String(config.maxVcpus), String(running.vcpus))
  // A boot loader takes kernel and command line out of the guest's own disk at each start.
  if (config.bootloader === undefined && running.bootloader === undefined) {
    differ('Kernel', config.kernel ?? '', running.kernel ?? '')
    differ('Initrd', config.ramdisk ?? '', running.ramdisk ?? '')
    const { root, commandLine } = config
    const words = [root === undefined ? '' : `root=${root}`, commandLine ?? ''].filter((word) => word !== '')
    differ('Kernel command line', words.join(' '), running.commandLine ?? '')
  }
  for (const vdev of new Set([...config.disks, ...running.disks].map((disk) => disk.vdev))) {
    const find = (disks: readonly Disk[]) => diskWords(disks.find((disk) => disk.vdev === vdev))
    differ(`Disk ${vdev}`, find(config.disks), find(running.disks))
  }
  for (let index = 0; index < Math.max(config.nics.length, running.nics.length); index += 1) {
    const file = config.nics[index]
    const guest = running.nics[index]
    // libxl makes up a MAC address and takes the bridge of xl.conf where the file names none.
    const words = (nic: typeof file) =>
      nic && [file?.mac !== '' && nic.mac, file?.bridge !== '' && nic.bridge].filter(Boolean).join(' on ')
    differ(`Network card ${index + 1}`, file ? words(file) || 'any' : '', guest ? words(guest) || 'any' : '')
  }
  differ('On power off', config.actions.poweroff, running.actions.poweroff)
  differ('On reboot', config.actions.reboot, running.actions.reboot)
  const policy = crashPolicySchema.safeParse(running.actions.crash)
  differ('On crash', config.actions.crash, running.actions.crash, {
    note: nextStart,
    ...(policy.success ? { toFile: { operation: 'guest.crash-policy', input: { ...ref, policy: policy.data } } as const } : {}),
  })
  return differences
}

function diskWords(disk: Disk | undefined): string {
  return disk ? `${disk.target}${disk.writable ? '' : ', read-only'}` : ''
}
