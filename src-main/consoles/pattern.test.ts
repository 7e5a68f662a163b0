import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Pattern } from './pattern'

const regex = (text: string) => new Pattern(text, { regex: true })

/** What a pattern finds in text that comes in these pieces, and then nothing more. */
function find(text: string, pieces: readonly string[]): { groups: string[]; upTo: number } | undefined {
  const pattern = regex(text)
  let before = 0
  for (const piece of pieces) {
    const found = pattern.push(piece)
    if (found) return { groups: found.groups, upTo: before + found.length }
    before += piece.length
  }
  const settled = pattern.settle()
  return settled && { groups: settled.groups, upTo: before }
}

describe('a pattern', () => {
  it.each([
    ['login:', 'web-07 login: ', 13],
    ['^inet', 'xinet\ninet', 10],
    ['[#$] *$', 'a $ b\nroot@web:~# ', 18],
    ['(a|b)*c', 'ababc', 5],
    ['x{2,3}y', 'xyxxy', 5],
    ['\\d+\\.\\d+', 'v 12.7', 6],
    ['[^a-c\\d]', 'abc1z', 5],
    ['a.c', 'a\ncabc', 6],
    ['(?:foo|bar)!', 'bar!', 4],
    ['a??b', 'ab', 2],
    ['[]x]', ']', 1],
    ['é', 'café', 4],
    ['', 'x', 0],
  ])('%s ends in %j at %i', (pattern, text, upTo) => {
    expect(find(pattern, [text])?.upTo).toBe(upTo)
  })

  it.each([
    ['login: *$', 'login: is not asked'],
    ['^b', 'ab'],
    ['a{3}', 'aa'],
  ])('%s is not in %j', (pattern, text) => {
    expect(find(pattern, [text])).toBeUndefined()
  })

  it('holds what its groups took', () => {
    expect(find('inet (\\d+(?:\\.\\d+){3})/(\\d+) ', ['2: eth0 inet 10.0.0.7/24 brd'])?.groups).toEqual(['10.0.0.7', '24'])
    expect(find('(a)|(b)', ['b'])?.groups).toEqual(['', 'b'])
  })

  it('takes plain text as it is', () => {
    expect(new Pattern('a.b(', { regex: false }).push('xa.b(')).toEqual({ groups: [], length: 5 })
    expect(new Pattern('a.b(', { regex: false }).push('axb(')).toBeUndefined()
  })

  it.each(['(', ')', 'a)', '*a', '[a', '[z-a]', '\\q', '(?=a)', '(?<n>a)', 'a{3,2}', 'a{999}', '\\'])(
    '%s is refused in words',
    (text) => {
      expect(() => regex(text)).toThrow('This is not a regular expression that Domdeck can wait for')
    },
  )

  it('is refused when it would be huge', () => {
    expect(() => regex('(((a{200}){200}){200}){200}')).toThrow('it is too long')
  })

  it('finds the same however the text is cut, and what RegExp finds at all', () => {
    const pattern = fc.constantFrom('ab*c', '(a|bc)+a', '^b.$', 'a$', '[ab]c?$', 'b{2,3}', '(?:a\\n)+b', 'c(a*)b')
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '\n'), maxLength: 30 })
    fc.assert(
      fc.property(pattern, text, fc.array(fc.nat(30)), (source, whole, cuts) => {
        const places = [0, ...cuts.filter((cut) => cut < whole.length).sort((one, other) => one - other), whole.length]
        const pieces = places.slice(1).map((end, index) => whole.slice(places[index], end))
        const found = find(source, pieces)
        expect(found).toEqual(find(source, [whole]))
        expect(found !== undefined).toBe(new RegExp(source, 'm').test(whole))
      }),
      { numRuns: 2000 },
    )
  })

  it('goes through what would ruin a backtracking matcher', () => {
    const hostile = regex('(a|a)*(a|a)*(a|a)*b$')
    for (let count = 0; count < 50; count++) expect(hostile.push('a'.repeat(1000))).toBeUndefined()
    expect(hostile.push('b\n')).toMatchObject({ length: 1 })
  })
})
