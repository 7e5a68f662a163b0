import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Link, parseLink, writeLink } from './links'
import { ProblemError } from './problem'

const refusal = (text: string): string => {
  try {
    parseLink(text)
  } catch (error) {
    if (error instanceof ProblemError && error.code === 'BAD_INPUT') return error.message
    throw error
  }
  return ''
}

describe('links', () => {
  it('point at hosts, guests and consoles', () => {
    expect(parseLink('domdeck://host/dom0-bru1')).toEqual({ kind: 'host', host: 'dom0-bru1' })
    expect(parseLink('DOMDECK://Guest/web-07/?host=dom0-bru1')).toEqual({ kind: 'guest', guest: 'web-07', host: 'dom0-bru1' })
    expect(parseLink('#/console/6f1f2f1e-0000-4000-8000-000000000001')).toMatchObject({ kind: 'console' })
    expect(parseLink('domdeck://host/my%20lab')).toEqual({ kind: 'host', host: 'my lab' })
  })

  const name = (max: number) =>
    fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: max })
      .filter((text) => text.length <= max && !/\p{Cc}|\u2028|\u2029/u.test(text))
  const link: fc.Arbitrary<Link> = fc.oneof(
    fc.record({ kind: fc.constant('host' as const), host: name(64) }),
    fc.record({ kind: fc.constantFrom('guest' as const, 'console' as const), guest: name(100), host: name(32) }),
    fc.record({ kind: fc.constantFrom('guest' as const, 'console' as const), guest: name(100) }),
  )

  it('come back as they were written, whatever the names', () => {
    fc.assert(
      fc.property(link, fc.constantFrom('domdeck' as const, 'hash' as const), (one, form) => {
        fc.pre(writeLink(one, form).length <= 2048)
        expect(parseLink(writeLink(one, form))).toEqual(one)
      }),
    )
  })

  it('are refused with words, and nothing but words, whatever they hold', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.string().map((text) => `domdeck://guest/${text}`),
        ),
        (text) => {
          const words = refusal(text)
          if (words !== '') expect(words).toMatch(/^The link ".*" cannot be opened: .*\.$/su)
        },
      ),
    )
  })

  it.each([
    ['https://evil.example/', 'domdeck://'],
    ['domdeck:guest/web-07', 'domdeck://'],
    ['domdeck://reboot/web-07', 'neither a host'],
    ['domdeck://host/', 'names no host'],
    ['domdeck://guest', 'names no guest'],
    ['domdeck://guest/..%2f..%2fetc/passwd', 'more than one name'],
    ['domdeck://guest/a%00b', 'control characters'],
    ['domdeck://guest/a%0d%0ab', 'control characters'],
    ['domdeck://guest/%zz', 'a % in it'],
    ['domdeck://guest/%ff', 'a % in it'],
    ['domdeck://guest/web?host=', 'names no host'],
    ['domdeck://guest/web?host=a&host=b', 'only host=NAME'],
    ['domdeck://guest/web?start=1', 'only host=NAME'],
    ['domdeck://host/a?host=b', 'no ?host='],
    [`domdeck://guest/${'x'.repeat(201)}`, 'at most 200'],
    [`domdeck://guest/${'x'.repeat(100_000)}`, 'more than 2048'],
  ])('of the form %s are refused with the reason', (text, reason) => {
    expect(refusal(text)).toContain(reason)
  })

  it('take $(reboot), quotes and dashes for names and for nothing else', () => {
    expect(parseLink('domdeck://guest/--help?host=$(reboot)')).toEqual({ kind: 'guest', guest: '--help', host: '$(reboot)' })
    expect(parseLink('domdeck://guest/%22%3E%3Cscript%3E')).toEqual({ kind: 'guest', guest: '"><script>' })
  })
})
