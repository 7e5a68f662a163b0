import { type Layer, type LayerFile, layerFileSchema, layerStateSchema } from '../../src-shared/contract/guests'
import { type Guest, isOff } from '../../src-shared/models/guest'
import type { HostSettings } from '../../src-shared/models/host'
import { ProblemError } from '../../src-shared/problem'
import type { Argv } from '../ssh/quote'
import layerFilesFunction from './layer-files.sh?raw'
import layerLook from './layer-look.sh?raw'

/** What looking at layers needs of a host. */
export type LayerHost = {
  readonly settings: HostSettings
  readonly guests: ReadonlyMap<string, Guest>
  run(argv: Argv, options?: { timeoutMs?: number }): Promise<{ stdout: Buffer; stderr: Buffer; exitCode: number }>
}

/** The most files of a layer that are told one by one. */
const mostFiles = 5000
const lookSeconds = 120

/** The state of a guest's layer and its snapshots. Throws NOT_FOUND, BAD_INPUT when it has no layer, COMMAND_FAILED. */
export async function lookAtLayer(host: LayerHost, guestId: string): Promise<Layer> {
  const guest = overlayGuest(host, guestId)
  const lines = await look(host, guest.name, `the layer of ${guest.name}`, layerLook)
  const state = guest.origin?.encrypted
    ? 'encrypted'
    : layerStateSchema.catch('none').parse(lines.find(([word]) => word === 'state')?.[1])
  const snapshots = lines.flatMap(([word, snapshot = '', size, allocated]) =>
    word === 'snapshot' && /^[0-9]{8}T[0-9]{6}Z$/.test(snapshot)
      ? [{ snapshot, sizeBytes: Number(size), allocatedBytes: Number(allocated) }]
      : [],
  )
  return { state, snapshots: snapshots.reverse() }
}

/** What a guest that is off has in its layer, in the order of the paths. Throws as `lookAtLayer`, and BUSY while it runs. */
export async function layerFiles(
  host: LayerHost,
  guestId: string,
): Promise<{ files: LayerFile[]; count: number; state: Layer['state'] }> {
  const guest = overlayGuest(host, guestId)
  if (!isOff(guest)) {
    throw new ProblemError('BUSY', `${guest.name} is ${guest.state}, and its layer is in use.`, { hint: 'Shut it down first.' })
  }
  if (guest.origin?.encrypted) {
    throw new ProblemError('BAD_INPUT', `The layer of ${guest.name} is encrypted, and its host has no key to read it.`, {
      hint: 'Look for its files in the guest itself.',
    })
  }
  const { state } = await lookAtLayer(host, guestId)
  const script = `${layerFilesFunction}\nlayer_files "$1/guests/$2/layer.img"`
  const rows = await look(host, guest.name, `the layer of ${guest.name}`, script, '\t')
  const files = rows
    .flatMap(([kind, size, ...path]) => {
      const file = layerFileSchema.safeParse({ kind, sizeBytes: Number(size), path: path.join('\t') })
      return file.success ? [file.data] : []
    })
    .sort((left, right) => (left.path < right.path ? -1 : 1))
  return { files: files.slice(0, mostFiles), count: files.length, state }
}

/** The guest, if it is an overlay of ours. */
export function overlayGuest(host: LayerHost, guestId: string): Guest {
  const guest = host.guests.get(guestId)
  if (!guest) throw new ProblemError('NOT_FOUND', `That guest is no longer on ${host.settings.name}.`)
  if (guest.origin?.mode !== 'overlay') {
    throw new ProblemError('BAD_INPUT', `${guest.name} has no layer of its own on a base.`, {
      hint: 'Only overlay guests have one.',
    })
  }
  return guest
}

async function look(host: LayerHost, guestName: string, what: string, script: string, by = ' '): Promise<string[][]> {
  return linesOf(host, what, ['sh', '-c', script, 'layer-look.sh', host.settings.storageRoot, guestName], by)
}

/** The words of each line that a script of ours answers, within a time limit that holds on the host as well. Throws COMMAND_FAILED. */
export async function linesOf(host: LayerHost, what: string, argv: Argv, by: string): Promise<string[][]> {
  const { stdout, stderr, exitCode } = await host.run(['timeout', String(lookSeconds), ...argv], {
    timeoutMs: (lookSeconds + 10) * 1000,
  })
  if (exitCode !== 0) {
    throw new ProblemError('COMMAND_FAILED', `${host.settings.name} could not look at ${what}.`, {
      context: { host: host.settings.name, exitCode, output: stderr.toString('utf8').slice(-2000) },
      ...(exitCode === 124 ? { hint: `It took longer than ${lookSeconds} seconds. Try again when the host is less busy.` } : {}),
    })
  }
  return stdout
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(by))
}
