/** A piece of a line of shell: plain text, keyword, variable, quoted text or comment. */
export type ShellToken = { kind: '' | 'k' | 'v' | 'q' | 'c'; text: string }

const keywords = 'if|then|else|elif|fi|for|in|do|done|while|until|case|esac|return|exit|set|trap'
const pattern = new RegExp(
  [
    '(?<c>(?<=^|\\s)#.*$)',
    "(?<q>'[^']*')",
    '(?<v>\\$\\{[^}]*\\}|\\$[A-Za-z_][A-Za-z0-9_]*|\\$[0-9@*#?$!-]|(?<=^|\\s)[A-Za-z_][A-Za-z0-9_]*(?==))',
    `(?<k>(?<=^|[\\s;(])(?:${keywords})(?=$|[\\s;)]))`,
  ].join('|'),
  'g',
)

/** Light colouring of one line: enough to read by, and never wrong about the text itself. */
export function shellTokens(line: string): ShellToken[] {
  const tokens: ShellToken[] = []
  let from = 0
  for (const match of line.matchAll(pattern)) {
    if (match.index > from) tokens.push({ kind: '', text: line.slice(from, match.index) })
    const kind = (['c', 'q', 'v', 'k'] as const).find((name) => match.groups?.[name] !== undefined) ?? ''
    tokens.push({ kind, text: match[0] })
    from = match.index + match[0].length
  }
  if (from < line.length) tokens.push({ kind: '', text: line.slice(from) })
  return tokens
}
