import type { GuestState } from '../../src-shared/models/guest'

/** One row of `xl list` or `xl list -v`. */
export type DomainRow = {
  /** As printed; undefined while xenstore has no name yet, which xl prints as `(null)`. */
  name: string | undefined
  domid: number
  memoryMb: number
  vcpus: number
  state: GuestState
  /** Seconds of CPU time since the domain was made, in tenths. */
  cpuSeconds: number
  /** Only with `-v`. */
  uuid?: string
}

export type DomainList = {
  rows: DomainRow[]
  /** Lines that are no row; for a warning, never for a guess. */
  unread: string[]
}

/** From the right, since a name may hold spaces, be longer than its 40 columns, or look like a number. */
const rowPattern =
  /^(.*?)\s+(\d+)\s+(\d+)\s+(\d+)\s+([-r?][-b?][-p?][-s?][-rscwS?][-d?])\s+(\d+\.\d)(?:\s+([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\s+\S+\s+.*)?$/s

/**
 * Reads the output of `xl list` or `xl list -v` (xen 4.17 tools/xl/xl_list.c: `%-40s %5d %5lu %5d     %c%c%c%c%c%c  %8.1f`).
 * A name with a line break spans lines: what is no row by itself is held to be the beginning of the next one.
 */
export function parseList(text: string): DomainList {
  const rows: DomainRow[] = []
  let held: string[] = []
  for (const line of text.split('\n')) {
    if (rows.length === 0 && held.length === 0 && /^Name\s+ID\s+Mem\s/.test(line)) continue
    const row = parseRow([...held, line].join('\n'))
    if (row) {
      rows.push(row)
      held = []
    } else if (line !== '' || held.length > 0) {
      held.push(line)
    }
  }
  return { rows, unread: held.filter((line) => line !== '') }
}

function parseRow(text: string): DomainRow | undefined {
  const match = rowPattern.exec(text)
  if (!match) return undefined
  const [, name = '', domid, memoryMb, vcpus, letters = '', cpuSeconds, uuid] = match
  return {
    name: name === '(null)' || name === '' ? undefined : name,
    domid: Number(domid),
    memoryMb: Number(memoryMb),
    vcpus: Number(vcpus),
    state: guestStateOf(letters),
    cpuSeconds: Number(cpuSeconds),
    ...(uuid === undefined ? {} : { uuid }),
  }
}

/**
 * What the six state letters mean for a person. The order is Xen's: r(unning) b(locked) p(aused) s(hut down), the letter of
 * the reason (`-` power off, r reboot, s suspend, c crash, w watchdog, S soft reset), d(ying). A guest that is neither
 * running nor blocked at this moment shows `------` and is running none the less.
 */
export function guestStateOf(letters: string): GuestState {
  if (letters.length !== 6 || letters.includes('?')) return 'unknown'
  const [, , paused, shutDown, reason, dying] = letters
  if (dying === 'd') return 'shutting-down'
  if (shutDown === 's') {
    if (reason === 'c' || reason === 'w') return 'crashed'
    return reason === 's' ? 'paused' : 'shutting-down'
  }
  return paused === 'p' ? 'paused' : 'running'
}
