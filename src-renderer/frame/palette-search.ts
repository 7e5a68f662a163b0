import type { Guest } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import type { Fleet } from '../fleet/store'

/** How well a text fits what was typed, best first; undefined when it does not. */
export const ranks = { exact: 0, begins: 1, wordsBegin: 2, holds: 3, letters: 4 } as const

export type Query = { text: string; words: readonly string[] }

/** What was typed, for `rank`. */
export function readQuery(typed: string): Query {
  const text = typed.trim().toLowerCase().replace(/\s+/g, ' ')
  return { text, words: text === '' ? [] : text.split(' ') }
}

/**
 * How well a text fits: as it is, by its beginning, by beginnings of its words, by any part, or by letters in order, which
 * need two at least. `initials` takes letters of word beginnings only, for sentences hold all letters in some order.
 */
export function rank(text: string, { text: typed, words }: Query, initials = false): number | undefined {
  const lower = text.toLowerCase()
  if (lower === typed) return ranks.exact
  if (lower.startsWith(typed)) return ranks.begins
  if (words.every((word) => lower.includes(word)))
    return words.every((word) => beginsWord(lower, word)) ? ranks.wordsBegin : ranks.holds
  const pool = initials
    ? lower
        .split(/[^\p{L}\p{N}]+/u)
        .map((word) => word.charAt(0))
        .join('')
    : lower
  return words.every((word) => word.length > 1 && inOrder(pool, word)) ? ranks.letters : undefined
}

function beginsWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (at === 0 || !/[\p{L}\p{N}]/u.test(text.charAt(at - 1))) return true
  }
  return false
}

function inOrder(text: string, letters: string): boolean {
  let at = 0
  for (const letter of letters) {
    at = text.indexOf(letter, at) + 1
    if (at === 0) return false
  }
  return true
}

export type Found<Thing> = { things: Thing[]; best: number; more: number }

/** The things that fit, best first, those chosen lately before others that fit as well; `more` were left out. Sorts what is shown only. */
export function pick<Thing>(
  things: readonly Thing[],
  rankOf: (thing: Thing) => number | undefined,
  most: number,
  lately: (thing: Thing) => number = () => Number.POSITIVE_INFINITY,
): Found<Thing> {
  const tiers: Thing[][] = []
  let count = 0
  for (const thing of things) {
    const tier = rankOf(thing)
    if (tier === undefined) continue
    count += 1
    const fellows = tiers[tier]
    if (fellows) fellows.push(thing)
    else tiers[tier] = [thing]
  }
  const chosen: Thing[] = []
  for (const tier of tiers) {
    if (!tier || chosen.length >= most) continue
    const recent = tier
      .filter((thing) => lately(thing) < Number.POSITIVE_INFINITY)
      .sort((left, right) => lately(left) - lately(right))
    const set = new Set(recent)
    for (const thing of [...recent, ...tier.filter((one) => !set.has(one))].slice(0, most - chosen.length)) chosen.push(thing)
  }
  const best = tiers.findIndex((tier) => tier !== undefined)
  return { things: chosen, best: best < 0 ? Number.POSITIVE_INFINITY : best, more: count - chosen.length }
}

export type FoundGuest = { guest: Guest; host: Host }

export const mostHosts = 6
export const mostGuests = 12

/** Every guest of the fleet with its host, in the order of the tree. */
export function allGuests(fleet: Pick<Fleet, 'hosts' | 'guests'>): FoundGuest[] {
  return fleet.hosts.flatMap((host) => (fleet.guests.get(host.settings.id) ?? []).map((guest) => ({ guest, host })))
}

/** How well a guest fits: by its name, or by its and its host's name together, which is worth less and takes no loose letters. */
export function rankGuest({ guest, host }: FoundGuest, query: Query): number | undefined {
  const own = rank(guest.name, query)
  if (own !== undefined || query.words.length < 2) return own
  const both = rank(`${guest.name} ${host.settings.name}`, query)
  return both === undefined || both === ranks.letters ? undefined : ranks.letters + 1 + both
}

/** Latest first, each once, as many as are remembered. */
export function remember(recent: readonly string[], id: string, most: number): string[] {
  return [id, ...recent.filter((one) => one !== id)].slice(0, most)
}
