import type { IBuffer } from '@xterm/xterm'

export type Query = { text: string; regex: boolean; caseSensitive: boolean; wholeWord: boolean }

/** A place in the buffer, in cells: `length` goes on in the rows below. */
export type Match = { row: number; column: number; length: number }

/** More than this many are counted by nobody. */
export const mostMatches = 10_000

/** The pattern of a query, or why it is none; nothing for an empty one. */
export function patternOf({ text, regex, caseSensitive, wholeWord }: Query): { pattern?: RegExp; refusal?: string } {
  if (text === '') return {}
  const source = regex ? text : text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  // A word ends where letters, digits and _ do, also where the text itself begins or ends with something else.
  const words = wholeWord ? `(?<![\\p{L}\\p{N}_])(?:${source})(?![\\p{L}\\p{N}_])` : source
  try {
    // Alone first: `a)(b` must not become right by what stands around it.
    new RegExp(source, 'u')
    return { pattern: new RegExp(words, caseSensitive ? 'gu' : 'giu') }
  } catch (thrown) {
    const reason = (thrown as Error).message.replace(/^Invalid regular expression: /, '').replace(/^\/.*\/[a-z]*: /s, '')
    return { refusal: reason }
  }
}

/** All matches, oldest first, at most `mostMatches`. A line that is wrapped is searched as one. Matches of no length are none. */
export function findMatches(buffer: Pick<IBuffer, 'length' | 'getLine'>, columns: number, pattern: RegExp): Match[] {
  const matches: Match[] = []
  for (let row = 0; row < buffer.length; ) {
    const first = row
    const texts: string[] = []
    do {
      const wraps = buffer.getLine(row + 1)?.isWrapped === true
      texts.push(buffer.getLine(row)?.translateToString(!wraps) ?? '')
      row += 1
    } while (buffer.getLine(row)?.isWrapped)
    for (const found of texts.join('').matchAll(pattern)) {
      if (found[0] === '') continue
      const { row: from, column } = cellOf(buffer, first, texts, found.index)
      const end = cellOf(buffer, first, texts, found.index + found[0].length - 1)
      matches.push({ row: from, column, length: (end.row - from) * columns + end.column - column + end.width })
      if (matches.length === mostMatches) return matches
    }
  }
  return matches
}

/** Where the character at `index` of a wrapped line stands: characters can be two cells wide, and of several units. */
function cellOf(buffer: Pick<IBuffer, 'getLine'>, first: number, texts: readonly string[], index: number) {
  let at = 0
  let rest = index
  while (at < texts.length - 1 && rest >= (texts[at]?.length ?? 0)) {
    rest -= texts[at]?.length ?? 0
    at += 1
  }
  const line = buffer.getLine(first + at)
  let column = 0
  for (;;) {
    const cell = line?.getCell(column)
    const width = Math.max(1, cell?.getWidth() ?? 1)
    const units = Math.max(1, cell?.getChars().length ?? 1)
    if (rest < units || !cell) return { row: first + at, column, width }
    rest -= units
    column += width
  }
}

/** Which match comes next from one, round and round; from nowhere, the first at or before `row` that lies that way. */
export function stepMatch(matches: readonly Match[], current: number | undefined, step: 1 | -1, row: number): number | undefined {
  if (matches.length === 0) return undefined
  if (current !== undefined) return (current + step + matches.length) % matches.length
  const from = step < 0 ? matches.findLastIndex((match) => match.row <= row) : matches.findIndex((match) => match.row >= row)
  return from < 0 ? (step < 0 ? matches.length - 1 : 0) : from
}
