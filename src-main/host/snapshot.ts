import { ProblemError } from '../../src-shared/problem'
import type { Share } from './shares'

/** A file of the host with its content; none if it was too large to send. */
export type HostFile = {
  path: string
  sizeBytes: number /** `device:inode`, the same for a symlink and what it names. */
  id: string
  text?: string
}
export type Layer = { path: string; sizeBytes: number; allocatedBytes: number }

/** An answer of snapshot.sh. Shares that are not in it have not changed since the sums that were asked with. */
export type Snapshot = {
  /** Seconds since the host booted, by its own clock. */
  upSeconds: number | undefined
  /** Lines of `xl list -v`. */
  list: readonly Share<string>[]
  /** CPU seconds by domid, of domains in shares that have not changed; none if they were not asked for. */
  cpuSeconds: ReadonlyMap<number, number>
  /** What `xl list -l` printed, one or more times. */
  details: readonly string[]
  files: readonly Share<HostFile>[]
  layers: readonly Share<Layer>[]
}

/** The function of the control shell that runs snapshot.sh. */
export const snapshotCommand = 'domdeck_snapshot'

/** Reads the answer of snapshot.sh; throws UNEXPECTED_OUTPUT if it was cut or is none. */
export function parseSnapshot(text: string, hostName: string): Snapshot {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  if (lines.pop() !== 'end') {
    throw new ProblemError('UNEXPECTED_OUTPUT', `The list of domains and files of ${hostName} came incomplete.`, {
      context: { host: hostName, output: text.slice(-2000) },
    })
  }
  let upSeconds: number | undefined
  const list: OpenShare<string>[] = []
  const files: OpenShare<HostFile & { lines: string[] }>[] = []
  const layers: OpenShare<Layer>[] = []
  const cpuSeconds = new Map<number, number>()
  const details: string[][] = []
  let quoted: string[] = []
  for (const line of lines) {
    if (line.startsWith('|')) {
      quoted.push(line.slice(1))
      continue
    }
    const [, word = '', rest = ''] = /^(\S+) ?(.*)$/s.exec(line) ?? []
    quoted = []
    if (word === 'up') upSeconds = amount(rest)
    else if (word === 'list') list.push({ ...shareHead(rest), items: quoted })
    else if (word === 'cpu') {
      const [domid = '', seconds = ''] = rest.split(' ')
      const value = amount(seconds)
      if (value !== undefined) cpuSeconds.set(Number(domid), value)
    } else if (word === 'details') details.push(quoted)
    else if (word === 'files') files.push({ ...shareHead(rest), items: [] })
    else if (word === 'file') {
      const [, size = '', id = '', path = ''] = /^(\d+) (\S+) (\/.*)$/s.exec(rest) ?? []
      if (path !== '') files.at(-1)?.items.push({ path, id, sizeBytes: Number(size), lines: quoted })
    } else if (word === 'layers') layers.push({ ...shareHead(rest), items: [] })
    else if (word === 'layer') {
      const [, size = '', allocated = '', path = ''] = /^(\d+) (\d+) (\/.*)$/s.exec(rest) ?? []
      if (path !== '') layers.at(-1)?.items.push({ path, sizeBytes: Number(size), allocatedBytes: Number(allocated) })
    }
  }
  return {
    upSeconds,
    list,
    cpuSeconds,
    details: details.map((detail) => detail.join('\n')),
    files: files.map((share) => ({ ...share, items: share.items.map(withText) })),
    layers,
  }
}

type OpenShare<Item> = Omit<Share<Item>, 'items'> & { items: Item[] }

function shareHead(text: string): { share: number; sum: string } {
  const [share = '', sum = ''] = text.split(' ')
  return { share: Number(share), sum }
}

function withText({ lines, ...file }: HostFile & { lines: string[] }): HostFile {
  return lines.length === 0 && file.sizeBytes > 0 ? file : { ...file, text: lines.join('\n') }
}

function amount(text: string): number | undefined {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined
}
