import { Terminal } from '@xterm/xterm'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { guardTerminal } from './guard'
import { findMatches, type Match, patternOf, stepMatch } from './search'

const how = { regex: false, caseSensitive: false, wholeWord: false }

async function printed(text: string, cols = 40): Promise<Terminal> {
  const xterm = new Terminal({ allowProposedApi: true, cols, rows: 10, scrollback: 1000 })
  guardTerminal(xterm)
  await new Promise<void>((resolve) => xterm.write(text, resolve))
  return xterm
}

function find(xterm: Terminal, text: string, options: Partial<typeof how> = {}): Match[] {
  const { pattern } = patternOf({ text, ...how, ...options })
  if (!pattern) throw new Error(`${text} is refused`)
  return findMatches(xterm.buffer.active, xterm.cols, pattern)
}

/** What the cells of a match hold. */
function cells(xterm: Terminal, { row, column, length }: Match): string {
  let text = ''
  for (let at = 0; at < length; at++) {
    const line = xterm.buffer.active.getLine(row + Math.floor((column + at) / xterm.cols))
    text += line?.getCell((column + at) % xterm.cols)?.getChars() ?? ''
  }
  return text
}

it('finds every match, also in one line and over the edge of the screen', async () => {
  const xterm = await printed('error one Error two\r\nnothing\r\nterrors and an ERROR_X\r\n')
  expect(find(xterm, 'error')).toHaveLength(4)
  expect(find(xterm, 'error', { caseSensitive: true })).toHaveLength(2)
  // The first of a line may be no whole word: those after it count.
  expect(find(xterm, 'error', { wholeWord: true })).toEqual([
    { row: 0, column: 0, length: 5 },
    { row: 0, column: 10, length: 5 },
  ])
  expect(find(xterm, '^t\\w+|two$', { regex: true }).map((match) => cells(xterm, match))).toEqual(['two', 'terrors'])
  const narrow = await printed('0123456789abcdef', 10)
  expect(find(narrow, '89ab')).toEqual([{ row: 0, column: 8, length: 4 }])
})

it('says why a regular expression is none, and takes signs as they are otherwise', async () => {
  expect(patternOf({ ...how, text: '(', regex: true }).refusal).toBe('Unterminated group')
  expect(patternOf({ ...how, text: 'a)(b', regex: true, wholeWord: true }).refusal).toBe("Unmatched ')'")
  expect(patternOf({ ...how, text: '' })).toEqual({})
  const signs = String.raw`a.*(b)[c]{1}\d|^$?+-/`
  const xterm = await printed(`x ${signs} y`, 80)
  expect(find(xterm, signs)).toHaveLength(1)
  expect(find(xterm, 'a*', { regex: true }).map((match) => cells(xterm, match))).toEqual(['a'])
})

it('goes round, from where one looks', () => {
  const matches = [2, 5, 9].map((row) => ({ row, column: 0, length: 1 }))
  expect(stepMatch(matches, undefined, -1, 7)).toBe(1)
  expect(stepMatch(matches, undefined, 1, 7)).toBe(2)
  expect(stepMatch(matches, undefined, -1, 0)).toBe(2)
  expect([stepMatch(matches, 0, -1, 0), stepMatch(matches, 2, 1, 0), stepMatch([], undefined, 1, 0)]).toEqual([2, 0, undefined])
})

it('points at the very cells, whatever characters there are', async () => {
  const character = fc.constantFrom('a', 'b', 'é', 'e\u0301', '漢', '🙂', '-', ' ')
  await fc.assert(
    fc.asyncProperty(
      fc.array(character, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 2, max: 20 }),
      async (text, cols) => {
        const xterm = await printed(text.join(''), cols)
        const matches = find(xterm, 'a')
        expect(matches.map((match) => cells(xterm, match))).toEqual(text.filter((one) => one === 'a'))
        for (const match of find(xterm, '漢b')) expect(cells(xterm, match)).toBe('漢b')
      },
    ),
    { numRuns: 200 },
  )
})
