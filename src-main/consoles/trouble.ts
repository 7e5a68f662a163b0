import type { ConsoleMark } from '../../src-shared/models/console'
import { plainText } from '../../src-shared/plain-text'
import { LineCutter, longestLineBytes } from './lines'

type Found = Pick<ConsoleMark, 'kind' | 'line'>

/** What a Linux kernel says in trouble, the worst first. */
const words: readonly (readonly [ConsoleMark['kind'], readonly string[]])[] = [
  ['panic', ['Kernel panic - not syncing']],
  [
    'oops',
    [
      'Oops: ',
      'Internal error: Oops',
      'BUG: kernel NULL pointer',
      'BUG: unable to handle',
      'kernel BUG at ',
      'general protection fault',
      'Unable to handle kernel ',
    ],
  ],
  [
    'watchdog',
    [
      '(?:NMI )?watchdog: BUG: soft lockup',
      '(?:NMI )?watchdog: Watchdog detected',
      'rcu: INFO: \\w{1,40} (?:self-)?detected stall',
      'INFO: task .{1,60} blocked for more than ',
    ],
  ],
  ['memory', ['Out of memory: Kill(?:ed)? process', 'Memory cgroup out of memory: Kill(?:ed)? process']],
]

/** `[   12.345678][  T1] `. */
const time = '\\[ {0,11}\\d{1,9}\\.\\d{1,9}\\](?:\\[ {0,7}[TC]\\d{1,9}\\])? '
/** At the start of a line, or behind the kernel's time: it may stand behind a prompt. A program that speaks of a panic is none. */
const signs = words.map(([kind, all]) => ({ kind, pattern: new RegExp(`(?:^(?:<\\d{1,3}>)?|${time})(?:${all.join('|')})`) }))
const severities = words.map(([kind]) => kind)

const everyWord = words.flatMap(([, all]) => all).join('|')
/** A quick look that lets nearly all output pass, whatever its lines begin with: words behind a time, or where a line begins. */
const candidates = new RegExp(`\\] (?:${everyWord})|(?:^|\\n)(?:[\\r<]|${everyWord})`, 'g')

const longestLine = 200

/**
 * Finds what a guest's kernel says in trouble in the stream of its console, in complete lines only. A guest may print such a line
 * itself, to no harm but a mark.
 */
export class TroubleFinder {
  readonly #lines = new LineCutter()

  /** The worst that the lines say which are complete with this chunk. */
  push(chunk: Uint8Array): Found | undefined {
    const text = this.#lines.push(chunk).toString('latin1')
    let worst: Found | undefined
    candidates.lastIndex = 0
    for (let sign = candidates.exec(text); sign; sign = candidates.exec(text)) {
      const start = text.startsWith('\n', sign.index) ? sign.index + 1 : text.lastIndexOf('\n', sign.index) + 1
      const newline = text.indexOf('\n', start)
      const end = newline < 0 ? text.length : newline
      const found = troubleOf(text.slice(start, Math.min(end, start + longestLineBytes)))
      if (found && (!worst || isWorse(found.kind, worst.kind))) worst = found
      // Not behind the line end: the next line begins with it.
      candidates.lastIndex = end
    }
    return worst
  }

  /** Another boot of the guest begins. */
  reset(): void {
    this.#lines.reset()
  }
}

function troubleOf(line: string): Found | undefined {
  const plain = plainText(line)
  for (const { kind, pattern } of signs) {
    const found = pattern.exec(plain)
    if (found) return { kind, line: Buffer.from(plain.slice(found.index), 'latin1').toString('utf8').slice(0, longestLine) }
  }
  return undefined
}

/** Whether one kind of trouble says more than another. */
export function isWorse(kind: ConsoleMark['kind'], than: ConsoleMark['kind']): boolean {
  return severities.indexOf(kind) < severities.indexOf(than)
}
