/** `*` and `?` as OpenSSH matches them (ssh_config(5), PATTERNS). No regular expression: a pattern full of stars must not take for ever. */
export function matchesPattern(pattern: string, text: string): boolean {
  let p = 0
  let n = 0
  let star = -1
  let retry = 0
  while (n < text.length) {
    if (pattern[p] === '*') {
      star = p++
      retry = n
    } else if (pattern[p] === '?' || pattern[p] === text[n]) {
      p++
      n++
    } else if (star >= 0) {
      p = star + 1
      n = ++retry
    } else return false
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}

/** Whether one of the patterns matches and none of those with a `!` before them does. */
export function matchesPatterns(patterns: readonly string[], text: string): boolean {
  let found = false
  for (const pattern of patterns) {
    if (pattern.startsWith('!')) {
      if (matchesPattern(pattern.slice(1), text)) return false
    } else if (matchesPattern(pattern, text)) found = true
  }
  return found
}
