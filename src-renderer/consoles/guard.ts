import { Unicode11Addon } from '@xterm/addon-unicode11'
import type { IUnicodeVersionProvider, Terminal } from '@xterm/xterm'

/** What a guest may ask, or change of the colours, in one second. Programs ask a few things when they start; a palette has 22 colours. */
export const requestsPerSecond = 40
/** One colour or a few; xterm would take a million of them in one sequence. */
const mostColourLength = 200
/** Marks on one character; text of any language has fewer. */
const mostMarks = 16

/** Questions to a terminal that xterm answers by itself: what it is, where its cursor is, which modes and colours it has. */
const questions = [
  { final: 'c' },
  { prefix: '>', final: 'c' },
  { final: 'n' },
  { prefix: '?', final: 'n' },
  { intermediates: '$', final: 'p' },
  { prefix: '?', intermediates: '$', final: 'p' },
]
const settingQuestion = { intermediates: '$', final: 'q' }
const colours = [4, 10, 11, 12, 104, 110, 111, 112]

/** Acts that xterm does once for each of their count, which may be two thousand million; with the count that makes sense. */
const repeated = [
  { final: 'S', most: 'rows' },
  { final: 'T', most: 'rows' },
  { final: 'L', most: 'rows' },
  { final: 'M', most: 'rows' },
  { final: 'b', most: 'cols' },
  { final: 'I', most: 'cols' },
  { final: 'Z', most: 'cols' },
] as const

export type Guard = {
  /** Whether what the terminal sends just now is an answer to its guest, and not somebody's typing. */
  isAnswer(): boolean
}

/**
 * Bounds what the output of a guest can make a terminal do. Questions, and changes of colours, beyond some a second are not heeded, and counts
 * that no screen has room for are not carried out. xterm itself knows no OSC 52, and keeps at most 10 MB of a string.
 */
export function guardTerminal(xterm: Terminal, now: () => number = () => performance.now()): Guard {
  let second = { from: now(), requests: 0 }
  let answering = false

  const refuses = (): boolean => {
    if (now() - second.from >= 1000) second = { from: now(), requests: 0 }
    second.requests += 1
    if (second.requests > requestsPerSecond) return true
    // xterm answers before it does anything else; keys come in a turn of their own.
    answering = true
    queueMicrotask(() => {
      answering = false
    })
    return false
  }
  const { parser } = xterm
  for (const question of questions) parser.registerCsiHandler(question, refuses)
  parser.registerDcsHandler(settingQuestion, refuses)
  for (const colour of colours) parser.registerOscHandler(colour, (data) => data.length > mostColourLength || refuses())
  // Sizes and positions of a window, and moving it.
  parser.registerCsiHandler({ final: 't' }, () => true)
  for (const { final, most } of repeated) parser.registerCsiHandler({ final }, ([count]) => Number(count) > xterm[most])

  xterm.unicode.register(boundedUnicode())
  xterm.unicode.activeVersion = boundedVersion
  return { isAnswer: () => answering }
}

const boundedVersion = '11, bounded'

/** Widths of Unicode 11; a character takes no more than so many marks, for xterm would keep millions of them in one cell. */
function boundedUnicode(): IUnicodeVersionProvider {
  const widths = unicode11()
  return {
    version: boundedVersion,
    wcwidth: (codepoint) => widths.wcwidth(codepoint),
    charProperties(codepoint, preceding) {
      const properties = widths.charProperties(codepoint, preceding)
      // Bit 0: joins the character before. Bits 1 and 2: its width. From bit 3 on a state, which Unicode 11 has no use for.
      if ((properties & 1) === 0) return properties
      const marks = (preceding >> 3) + 1
      return marks > mostMarks ? 1 << 1 : properties | (marks << 3)
    },
  }
}

/** The addon gives its table to nobody but the terminal that it is loaded into. */
function unicode11(): IUnicodeVersionProvider {
  let provider: IUnicodeVersionProvider | undefined
  const register = (one: IUnicodeVersionProvider): void => {
    provider = one
  }
  new Unicode11Addon().activate({ unicode: { register } } as Terminal)
  if (!provider) throw new Error('The Unicode addon registers nothing.')
  return provider
}
