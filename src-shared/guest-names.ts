import { guestNameSchema } from './models/guest'
import { maxClones } from './operations'

/** Names for new guests, or why the pattern gives none: a sentence for the person who typed it. */
export type GuestNames = { names: string[] } | { refused: string }

const counting = /^([^{}]*)\{([0-9]+)\.\.\}([^{}]*)$/

/**
 * The names that a pattern stands for. `web-{08..}` counts up from 08 and keeps its width: web-08, web-09, web-10. Without
 * braces one guest is named as written and several get -1, -2, ... behind it. Every name is one that xl and a host name
 * can bear (`guestNameSchema`).
 */
export function expandGuestNames(pattern: string, count: number): GuestNames {
  if (!Number.isInteger(count) || count < 1) return { refused: 'Make at least one guest.' }
  if (count > maxClones) return { refused: `One job makes at most ${maxClones} guests.` }
  const names = namesOf(pattern, count)
  if (!names) {
    return {
      refused: `${quoted(pattern)} cannot be counted: braces hold one number and two dots, such as web-{01..}, and stand once.`,
    }
  }
  for (const name of names) {
    const reason = guestNameSchema.safeParse(name).error?.issues[0]?.message
    if (reason !== undefined) return { refused: name === '' ? reason : `${quoted(name)}: ${reason}` }
  }
  return { names }
}

function namesOf(pattern: string, count: number): string[] | undefined {
  if (!/[{}]/.test(pattern)) {
    return count === 1 ? [pattern] : Array.from({ length: count }, (_, index) => `${pattern}-${index + 1}`)
  }
  const parts = counting.exec(pattern)
  if (!parts) return undefined
  const [, before = '', digits = '', after = ''] = parts
  // BigInt, because a long row of digits is still a number to count from.
  const first = BigInt(digits)
  return Array.from(
    { length: count },
    (_, index) => `${before}${String(first + BigInt(index)).padStart(digits.length, '0')}${after}`,
  )
}

/** Several names in a few words: `web-08`, `web-08 and db`, `web-08..web-11` when they count up, `a, b and 3 more`. */
export function describeGuestNames(names: readonly string[]): string {
  const [first = '', second = '', ...others] = names
  if (names.length <= 1) return first
  if (names.length === 2) return `${first} and ${second}`
  if (countsUp(names)) return `${first}..${others.at(-1)}`
  return others.length === 1 ? `${first}, ${second} and ${others[0]}` : `${first}, ${second} and ${others.length} more`
}

function countsUp(names: readonly string[]): boolean {
  const split = names.map((name) => /^(.*?)([0-9]+)([^0-9]*)$/.exec(name))
  const [first] = split
  if (!first) return false
  return split.every(
    (parts, index) =>
      parts !== null &&
      parts[1] === first[1] &&
      parts[3] === first[3] &&
      BigInt(parts[2] ?? '') === BigInt(first[2] ?? '') + BigInt(index),
  )
}

/** What somebody typed, in a sentence: cut, and control characters shown. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}
