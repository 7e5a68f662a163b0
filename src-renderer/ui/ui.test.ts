import { describe, expect, it } from 'vitest'
import { shellTokens } from './shell-tokens'
import { sparklinePaths } from './sparkline-path'
import { countWords, memoryWords, sizeWords, spanWords, systemWords } from './words'

describe('words', () => {
  it('say sizes as people do', () => {
    expect([0, 1023, 1024, 1.4 * 2 ** 30, 41 * 2 ** 20, 2 ** 31].map(sizeWords)).toEqual([
      '0 B',
      '1023 B',
      '1 kB',
      '1.4 GB',
      '41 MB',
      '2 GB',
    ])
    expect(sizeWords(9.97 * 2 ** 20)).toBe('10 MB')
    expect(memoryWords(512)).toBe('512 MB')
  })

  it('say spans in their largest unit', () => {
    expect([5, 61, 7200, 41 * 86400].map(spanWords)).toEqual(['5 s', '1 min', '2 h', '41 days'])
  })

  it('count', () => {
    expect(countWords(1, 'guest')).toBe('1 guest')
    expect(countWords(1204, 'guest')).toBe('1,204 guests')
  })

  it('shorten the name of a system', () => {
    expect(systemWords('Debian GNU/Linux 12 (bookworm)')).toBe('Debian 12')
  })
})

describe('shell colours', () => {
  const kinds = (line: string): string =>
    shellTokens(line)
      .filter((token) => token.kind)
      .map((token) => `${token.kind}:${token.text}`)
      .join(' ')

  it('never change the text', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: shell, not a template
    for (const line of ['', '  if [ "$x" = \'a b\' ]; then # why', 'for n in web-08; do', 'a="${b:-c}" d', "it's '", '# $x']) {
      expect(
        shellTokens(line)
          .map((token) => token.text)
          .join(''),
      ).toBe(line)
    }
  })

  it('mark keywords, variables, quotes and comments', () => {
    expect(kinds('for n in web-08; do')).toBe('k:for k:in k:do')
    expect(kinds('install -d "$g/$n"')).toBe('v:$g v:$n')
    expect(kinds("name='web-08' # made")).toBe("v:name q:'web-08' c:# made")
  })

  it('leave words alone that only hold a keyword', () => {
    expect(kinds('information done-ish')).toBe('')
  })
})

describe('sparkline', () => {
  it('draws nothing from less than two values', () => {
    expect(sparklinePaths([1], 48, 12, 1)).toEqual({ line: '', area: '' })
  })

  it('spans the box and stays in it', () => {
    const { line, area } = sparklinePaths([-1, 0, 5], 48, 12, 1)
    expect(line).toBe('M0.0 10.7L24.0 10.7L48.0 1.3')
    expect(area.startsWith('M0 12L') && area.endsWith('L48 12z')).toBe(true)
  })
})
