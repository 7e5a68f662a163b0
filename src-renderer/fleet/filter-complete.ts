import { type FilterKey, filterKeys, filterTokens, quoteValue } from './filter'

/** What may stand from `from` to `to` of the text instead of what stands there. */
export type Completion = { from: number; to: number; options: readonly string[] }

/** Words that a key may have as values, such as all tags of the fleet. */
export type Vocabulary = (key: FilterKey) => readonly string[]

const mostOptions = 8

/** Keys and values that what is typed before the cursor may become; no options where there is nothing to guess. */
export function complete(text: string, cursor: number, vocabulary: Vocabulary): Completion {
  const nothing: Completion = { from: cursor, to: cursor, options: [] }
  const token = filterTokens(text.slice(0, cursor)).at(-1)
  const value = token?.values.at(-1)
  if (!token || !value || token.to !== cursor) return nothing
  if (token.key === undefined) {
    // Only a word that has just begun can become a key.
    if (token.values.length > 1 || value.text === '' || text[value.from] === '"') return nothing
    const options = filterKeys.filter((key) => key.startsWith(value.text)).map((key) => `${key}:`)
    return { from: value.from, to: cursor, options }
  }
  const key = filterKeys.find((one) => one === token.key)
  if (!key) return nothing
  const words = vocabulary(key).filter((word) => word.toLowerCase().includes(value.text))
  const beginFirst = words.sort((left, right) => Number(begins(right, value.text)) - Number(begins(left, value.text)))
  const options = beginFirst.slice(0, mostOptions).map((word) => (key === 'mem' || key === 'vcpus' ? word : quoteValue(word)))
  const isThere = options.length === 1 && options[0]?.toLowerCase() === text.slice(value.from, cursor).toLowerCase()
  return isThere ? nothing : { from: value.from, to: cursor, options }
}

const begins = (word: string, beginning: string): boolean => word.toLowerCase().startsWith(beginning)

/** The text with one option in place, and where the cursor stands then: behind a key to go on, behind a space after a value. */
export function applyCompletion(text: string, { from, to }: Completion, option: string): { text: string; cursor: number } {
  const rest = text.slice(to)
  const end = option.endsWith(':') || /^[\s,]/.test(rest) ? '' : ' '
  const before = text.slice(0, from) + option + end
  return { text: before + rest, cursor: before.length }
}
