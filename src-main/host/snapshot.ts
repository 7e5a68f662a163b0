import { ProblemError } from '../../src-shared/problem'

/** A file of the host with its content; none if it was too large to send. */
export type HostFile = {
  path: string
  sizeBytes: number /** `device:inode`, the same for a symlink and what it names. */
  id: string
  text?: string
}
export type Layer = { path: string; sizeBytes: number; allocatedBytes: number }

/** An answer of snapshot.sh. A part that is undefined has not changed since the checksums that were asked with. */
export type Snapshot = {
  /** Seconds since the host booted, by its own clock. */
  upSeconds: number | undefined
  list: { sum: string; text: string } | undefined
  /** CPU seconds by domid; only when `list` is undefined. */
  cpuSeconds: ReadonlyMap<number, number>
  /** What `xl list -l` printed, one or more times. */
  details: readonly string[]
  files: { sum: string; files: readonly HostFile[] } | undefined
  layers: { sum: string; layers: readonly Layer[] } | undefined
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
  let list: { sum: string; text: string[] } | undefined
  let files: { sum: string; files: (HostFile & { lines: string[] })[] } | undefined
  let layers: { sum: string; layers: Layer[] } | undefined
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
    else if (word === 'list') list = { sum: rest, text: quoted }
    else if (word === 'cpu') {
      const [domid = '', seconds = ''] = rest.split(' ')
      const value = amount(seconds)
      if (value !== undefined) cpuSeconds.set(Number(domid), value)
    } else if (word === 'details') details.push(quoted)
    else if (word === 'files') files = { sum: rest, files: [] }
    else if (word === 'file') {
      const [, size = '', id = '', path = ''] = /^(\d+) (\S+) (\/.*)$/s.exec(rest) ?? []
      if (path !== '') files?.files.push({ path, id, sizeBytes: Number(size), lines: quoted })
    } else if (word === 'layers') layers = { sum: rest, layers: [] }
    else if (word === 'layer') {
      const [, size = '', allocated = '', path = ''] = /^(\d+) (\d+) (\/.*)$/s.exec(rest) ?? []
      if (path !== '') layers?.layers.push({ path, sizeBytes: Number(size), allocatedBytes: Number(allocated) })
    }
  }
  return {
    upSeconds,
    list: list && { sum: list.sum, text: list.text.join('\n') },
    cpuSeconds,
    details: details.map((detail) => detail.join('\n')),
    files: files && { sum: files.sum, files: files.files.map(withText) },
    layers,
  }
}

function withText({ lines, ...file }: HostFile & { lines: string[] }): HostFile {
  return lines.length === 0 && file.sizeBytes > 0 ? file : { ...file, text: lines.join('\n') }
}

function amount(text: string): number | undefined {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined
}
