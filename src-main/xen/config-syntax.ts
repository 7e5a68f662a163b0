/** A value of an xl config file: strings and numbers as text, lists of values. */
export type ConfigValue = string | ConfigValue[]

export type ConfigSyntax = {
  /** In order of the file; a later assignment of a key wins, as in xl. */
  values: Map<string, ConfigValue>
  /** What was skipped, a sentence each with its line number. */
  unread: string[]
}

type Token = { kind: 'word' | 'string' | 'number' | 'sign' | 'end'; text: string; line: number }

/** Lists inside lists deeper than this are no config a person wrote. */
const deepest = 20

const escapes: Record<string, string> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

/**
 * Reads the syntax of an xl config file: `key = value` or `key += value` a line (or `;` between), values in single or double
 * quotes with C escapes, numbers, and lists in brackets that may span lines; `#` begins a comment (xen 4.17
 * tools/libs/util/libxlu_cfg_l.l and libxlu_cfg_y.y). Never throws: xl refuses a file at the first error, this gives what can
 * be read and says what could not, since the file may be half written, for another tool, or hostile.
 */
export function parseConfigSyntax(text: string): ConfigSyntax {
  const unread: string[] = []
  const tokens = tokenize(text, unread)
  const values = new Map<string, ConfigValue>()
  let position = 0
  const peek = (): Token => tokens[position] ?? { kind: 'end', text: '', line: 0 }
  const isSign = (sign: string) => peek().kind === 'sign' && peek().text === sign

  const readValue = (depth: number): ConfigValue | undefined => {
    const token = peek()
    if (token.kind === 'string' || token.kind === 'number') {
      position += 1
      return token.text
    }
    if (!isSign('[') || depth >= deepest) return undefined
    position += 1
    const list: ConfigValue[] = []
    for (;;) {
      while (peek().kind === 'end' && position < tokens.length) position += 1
      if (isSign(']')) break
      const item = readValue(depth + 1)
      if (item === undefined) return undefined
      list.push(item)
      while (peek().kind === 'end' && position < tokens.length) position += 1
      if (isSign(',')) position += 1
      else if (!isSign(']')) return undefined
    }
    position += 1
    return list
  }

  while (position < tokens.length) {
    if (peek().kind === 'end') {
      position += 1
      continue
    }
    const start = position
    const key = peek()
    let value: ConfigValue | undefined
    let adds = false
    if (key.kind === 'word') {
      position += 1
      adds = isSign('+=')
      if (adds || isSign('=')) {
        position += 1
        value = readValue(0)
      }
    }
    if (value === undefined || peek().kind !== 'end') {
      unread.push(`Line ${key.line} is not understood.`)
      // On from the end of this line, so that one bad line, or a list that is never closed, costs one setting.
      position = start
      while (peek().kind !== 'end') position += 1
      continue
    }
    values.set(key.text, adds ? joined(values.get(key.text), value) : value)
  }
  return { values, unread }
}

/** `+=` appends to a list or a string; on nothing it is `=`. */
function joined(before: ConfigValue | undefined, value: ConfigValue): ConfigValue {
  if (Array.isArray(before) && Array.isArray(value)) return [...before, ...value]
  return typeof before === 'string' && typeof value === 'string' ? before + value : value
}

const tokenPattern =
  /[ \t\r]+|(#[^\n]*)|(\n|;)|([A-Za-z][A-Za-z0-9_]*)|('(?:[^'\\\n]|\\[^\n])*'|"(?:[^"\\\n]|\\[^\n])*")|(-?[0-9][0-9a-fA-FxX]*)|(\+=|[=,[\]])/y

function tokenize(text: string, unread: string[]): Token[] {
  const tokens: Token[] = []
  let line = 1
  let at = 0
  while (at < text.length) {
    tokenPattern.lastIndex = at
    const match = tokenPattern.exec(text)
    if (!match) {
      unread.push(`Line ${line} holds something that is no xl config.`)
      const lineEnd = text.indexOf('\n', at)
      at = lineEnd < 0 ? text.length : lineEnd
      continue
    }
    at += match[0].length
    const [, , end, word, string, number, sign] = match
    if (end !== undefined) {
      tokens.push({ kind: 'end', text: '', line })
      if (end === '\n') line += 1
    } else if (word !== undefined) tokens.push({ kind: 'word', text: word, line })
    else if (string !== undefined) tokens.push({ kind: 'string', text: withoutEscapes(string.slice(1, -1)), line })
    else if (number !== undefined) tokens.push({ kind: 'number', text: number, line })
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign, line })
  }
  tokens.push({ kind: 'end', text: '', line })
  return tokens
}

function withoutEscapes(text: string): string {
  return text.replace(/\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|(.))/gs, (_, hex?: string, octal?: string, other?: string) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 255)
    return escapes[other ?? ''] ?? other ?? ''
  })
}
