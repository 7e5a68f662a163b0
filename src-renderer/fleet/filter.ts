import type { Guest } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'

/** What the filter box asks for; all parts must hold. */
export type Filter = { words: readonly string[]; states: readonly string[]; bases: readonly string[] }

/** Reads `web state:running base:debian`. A key without a value yet is ignored, so that nothing vanishes while one types. */
export function parseFilter(text: string): Filter {
  const words: string[] = []
  const states: string[] = []
  const bases: string[] = []
  for (const term of text.toLowerCase().split(/\s+/).filter(Boolean)) {
    if (term.startsWith('state:')) states.push(term.slice('state:'.length))
    else if (term.startsWith('base:')) bases.push(term.slice('base:'.length))
    else words.push(term)
  }
  return { words, states: states.filter(Boolean), bases: bases.filter(Boolean) }
}

/** Whether the filter asks for nothing. */
export function isOpen(filter: Filter): boolean {
  return filter.words.length + filter.states.length + filter.bases.length === 0
}

/** Whether a guest passes: each word in its name or its host's, its state and base beginning as asked. */
export function matchesGuest(filter: Filter, guest: Guest, host: Host): boolean {
  const name = guest.name.toLowerCase()
  const hostName = host.settings.name.toLowerCase()
  return (
    filter.words.every((word) => name.includes(word) || hostName.includes(word)) &&
    filter.states.every((state) => guest.state.startsWith(state)) &&
    filter.bases.every((base) => guest.origin?.base.toLowerCase().startsWith(base) ?? false)
  )
}

/** Whether a host's own row passes although none of its guests does. */
export function matchesHost(filter: Filter, host: Host): boolean {
  const name = host.settings.name.toLowerCase()
  return (
    filter.states.length + filter.bases.length === 0 &&
    filter.words.length > 0 &&
    filter.words.every((word) => name.includes(word))
  )
}
