import type { Guest } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import { type Amount, type Filter, isState, type Term } from './filter'

/**
 * Whether a guest passes. A word is part of its name or of its host's, `host:` and `site:` are part of those names, `base:` begins
 * the base's, `state:` begins a state, and `tag:` is a whole tag.
 */
export function matchesGuest(filter: Filter, guest: Guest, host: Host): boolean {
  return filter.terms.every((term) => holds(term, guest, host) !== term.negated)
}

/** Whether a host's own row passes although none of its guests does: only what is said of hosts can find one. */
export function matchesHost(filter: Filter, host: Host): boolean {
  return (
    filter.terms.some((term) => !term.negated) &&
    filter.terms.every((term) => {
      const isOfHosts = term.key === 'word' || term.key === 'host' || term.key === 'site'
      return isOfHosts && holds(term, undefined, host) !== term.negated
    })
  )
}

function holds(term: Term, guest: Guest | undefined, host: Host): boolean {
  const hostName = (): string => host.settings.name.toLowerCase()
  switch (term.key) {
    case 'word': {
      const name = guest?.name.toLowerCase() ?? ''
      return term.values.some((value) => name.includes(value) || hostName().includes(value))
    }
    case 'host':
      return term.values.some((value) => hostName().includes(value))
    case 'site':
      return term.values.some((value) => (host.settings.site ?? '').toLowerCase().includes(value))
    case 'state':
      return guest !== undefined && term.values.some((value) => isState(value, guest.state))
    case 'base':
      return term.values.some((value) => guest?.origin?.base.toLowerCase().startsWith(value) ?? false)
    case 'tag':
      return term.values.some((value) => guest?.tags?.includes(value) ?? false)
    case 'mem':
      return guest !== undefined && term.values.some((value) => compares(guest.memoryMb, value))
    case 'vcpus':
      return guest !== undefined && term.values.some((value) => compares(guest.vcpus, value))
  }
}

function compares(actual: number, { compare, amount }: Amount): boolean {
  switch (compare) {
    case '>':
      return actual > amount
    case '>=':
      return actual >= amount
    case '<':
      return actual < amount
    case '<=':
      return actual <= amount
    case '=':
      return actual === amount
  }
}
