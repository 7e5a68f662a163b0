import { guestStateSchema } from '../../src-shared/models/guest'

/** Keys whose values are compared as text; `word` is what has no key. */
const textKeys = ['word', 'state', 'base', 'host', 'site', 'tag'] as const
const amountKeys = ['mem', 'vcpus'] as const
type TextKey = (typeof textKeys)[number]
type AmountKey = (typeof amountKeys)[number]

/** Keys as they are typed, before a colon. */
export const filterKeys = ['state', 'base', 'host', 'site', 'tag', 'mem', 'vcpus'] as const
export type FilterKey = (typeof filterKeys)[number]

export type Compare = '>' | '>=' | '<' | '<=' | '='
/** Memory in MB, or a number of vCPUs. */
export type Amount = { compare: Compare; amount: number }

/** One condition: any of its values holds, or none of them when it is negated. */
export type Term =
  | { key: TextKey; negated: boolean; values: readonly string[] }
  | { key: AmountKey; negated: boolean; values: readonly Amount[] }

/** What is wrong with a part of the text, and what is allowed there. */
export type FilterError = { from: number; to: number; message: string }

/** What the filter box asks for: all terms must hold. What could not be read is an error and asks for nothing. */
export type Filter = { terms: readonly Term[]; errors: readonly FilterError[] }

/** Other words for a state; `shutoff` is what libvirt says. */
const stateAliases: Readonly<Record<string, string>> = { shutoff: 'halted' }

/** States as a filter may name them. */
export const stateNames: readonly string[] = [...guestStateSchema.options, ...Object.keys(stateAliases)]

/** Whether a state is one that the beginning of a name means. */
export function isState(beginning: string, state: string): boolean {
  return stateNames.some((name) => name.startsWith(beginning) && (stateAliases[name] ?? name) === state)
}

/**
 * Reads a filter such as `web state:running,paused -tag:old mem:>1G site:"San Salvador"`: words and keys with values, a comma
 * for "or", a dash before a term for "not", quotes around what holds spaces. Never throws: a key without a value yet is
 * ignored, so that nothing vanishes while one types, and what is wrong is an error with its place.
 */
export function parseFilter(text: string): Filter {
  const terms: Term[] = []
  const errors: FilterError[] = []
  for (const { key, negated, values, from, to } of filterTokens(text)) {
    if (key !== undefined && !isFilterKey(key)) {
      const allowed = filterKeys.map((one) => `${one}:`).join(', ')
      errors.push({ from, to, message: `There is no key "${key}:". Use ${allowed}, or quotes around a word with a colon.` })
      continue
    }
    for (const value of values) {
      if (value.open) errors.push({ from: value.from, to: value.to, message: 'The closing quote is missing.' })
    }
    const term = readTerm(
      key ?? 'word',
      negated,
      values.filter((value) => value.text !== ''),
      errors,
    )
    if (term) terms.push(term)
  }
  return { terms, errors }
}

/** Whether the filter asks for nothing. */
export function isOpen(filter: Filter): boolean {
  return filter.terms.length === 0
}

/** The text that reads as these terms. */
export function formatFilter(terms: readonly Term[]): string {
  const valueText = (key: Term['key'], value: string | Amount): string => {
    if (typeof value === 'string') return quoteValue(value)
    return `${value.compare === '=' ? '' : value.compare}${value.amount}${key === 'mem' ? 'M' : ''}`
  }
  return terms
    .map((term) => {
      const values = term.values.map((value) => valueText(term.key, value)).join(',')
      return `${term.negated ? '-' : ''}${term.key === 'word' ? '' : `${term.key}:`}${values}`
    })
    .join(' ')
}

/** A value as it is typed: in quotes when something in it would be read otherwise. */
export function quoteValue(value: string): string {
  return /^-|[\s,:"\\]/.test(value) ? `"${value.replaceAll(/["\\]/g, '\\$&')}"` : value
}

type TokenValue = { text: string; from: number; to: number /** Its quote is not closed. */; open: boolean }
export type FilterToken = { key: string | undefined; negated: boolean; values: TokenValue[]; from: number; to: number }

/** The terms of a text with their places, as yet without meaning. */
export function filterTokens(text: string): FilterToken[] {
  const tokens: FilterToken[] = []
  const blank = /\s*/y
  const keyed = /([A-Za-z]+):/y
  let at = 0
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (found) at += found[0].length
    return found
  }
  for (match(blank); at < text.length; match(blank)) {
    const from = at
    const negated = /^-\S/.test(text.slice(at, at + 2))
    if (negated) at += 1
    const key = match(keyed)?.[1]?.toLowerCase()
    const values: TokenValue[] = []
    do {
      if (values.length > 0) at += 1
      const value = readValue(text, at)
      values.push(value)
      at = value.to
    } while (text[at] === ',')
    tokens.push({ key, negated, values, from, to: at })
  }
  return tokens
}

function readValue(text: string, from: number): TokenValue {
  if (text[from] !== '"') {
    const [bare = ''] = /^[^\s,]*/.exec(text.slice(from)) ?? []
    return { text: bare.toLowerCase(), from, to: from + bare.length, open: false }
  }
  const [whole = '', inside = '', close] = /^"((?:[^"\\]|\\.)*)(")?/s.exec(text.slice(from)) ?? []
  // A lone backslash at the very end belongs to a value that is still being typed.
  const to = close ? from + whole.length : text.length
  return { text: inside.replaceAll(/\\(.)/gs, '$1').toLowerCase(), from, to, open: !close }
}

function isFilterKey(key: string): key is FilterKey {
  return (filterKeys as readonly string[]).includes(key)
}

function readTerm(key: Term['key'], negated: boolean, read: readonly TokenValue[], errors: FilterError[]): Term | undefined {
  if (key === 'mem' || key === 'vcpus') {
    const values = read.flatMap((value): Amount[] => {
      if (/^[<>=]+$/.test(value.text)) return []
      const amount = readAmount(key, value.text)
      if (amount) return [amount]
      const example = key === 'mem' ? 'mem:>1G or mem:<=512M' : 'vcpus:2 or vcpus:>=4'
      errors.push({ from: value.from, to: value.to, message: `"${value.text}" is no amount. Write it like ${example}.` })
      return []
    })
    return values.length > 0 ? { key, negated, values } : undefined
  }
  const values = read.flatMap((value): string[] => {
    if (key !== 'state' || stateNames.some((name) => name.startsWith(value.text))) return [value.text]
    errors.push({ from: value.from, to: value.to, message: `There is no state "${value.text}". Use ${stateNames.join(', ')}.` })
    return []
  })
  return values.length > 0 ? { key, negated, values } : undefined
}

const unitMb: Readonly<Record<string, number>> = { m: 1, g: 1024, t: 1024 * 1024 }

function readAmount(key: AmountKey, text: string): Amount | undefined {
  const [, compare = '=', digits = '', unit = ''] = /^(>=|<=|>|<|=)?(\d{1,9}(?:\.\d{1,3})?)(?:([mgt])i?b?)?$/.exec(text) ?? []
  if (digits === '' || (key === 'vcpus' && (unit !== '' || digits.includes('.')))) return undefined
  // Three digits are exact: a thousandth of a terabyte is a whole number of thousandths of a megabyte.
  const amount = Math.round(Number(digits) * (unitMb[unit] ?? 1) * 1000) / 1000
  return { compare: compare as Compare, amount }
}
