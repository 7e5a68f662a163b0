import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Guest } from '../../src-shared/models/guest'
import { testGuest, testHost } from '../testing/fleet'
import { formatFilter, isOpen, parseFilter, type Term } from './filter'
import { applyCompletion, complete } from './filter-complete'
import { matchesGuest, matchesHost } from './filter-match'

const host = testHost('dom0-bru1', { settings: { ...testHost('dom0-bru1').settings, site: 'San Salvador' } })
const origin = { base: 'debian-12', generation: 3, mode: 'overlay' as const, layerBytes: 1, layerAllocatedBytes: 1 }
const guest = testGuest('dom0-bru1', 'Web-1', 1, { origin, memoryMb: 2048, vcpus: 2, tags: ['prod', 'eu-1'] })
const passes = (text: string, more: Partial<Guest> = {}): boolean => matchesGuest(parseFilter(text), { ...guest, ...more }, host)

describe('a filter', () => {
  it.each([
    ['web', true],
    ['WEB bru', true],
    ['web db', false],
    ['web,db', true],
    ['-db', true],
    ['-web', false],
    ['-', true],
    ['state:running', true],
    ['state:run', true],
    ['state:halted,running', true],
    ['-state:running', false],
    ['base:debian', true],
    ['base:12', false],
    ['host:bru1', true],
    ['host:sal', false],
    ['site:"san salvador"', true],
    ['site:brussels', false],
    ['tag:prod', true],
    ['tag:pro', false],
    ['-tag:prod,x', false],
    ['-tag:x', true],
    ['mem:>1G', true],
    ['mem:>2G', false],
    ['mem:>=2G', true],
    ['mem:2048', true],
    ['mem:<2.5GiB', true],
    ['vcpus:2', true],
    ['vcpus:>=2 mem:<1T', true],
    ['vcpus:<2', false],
    ['"web-1"', true],
  ])('%s', (text, expected) => {
    expect(parseFilter(text).errors).toEqual([])
    expect(passes(text)).toBe(expected)
  })

  it('reads shutoff as what Domdeck calls halted', () => {
    expect(passes('state:shutoff', { state: 'halted' })).toBe(true)
    expect(passes('state:shutoff')).toBe(false)
  })

  it.each(['state:', 'mem:>', 'tag:,', '""', '   ', 'site:""', '-state:'])('ignores %j: it is still being typed', (text) => {
    expect(parseFilter(text)).toEqual({ terms: [], errors: [] })
  })

  it.each([
    ['web state:dancing', 'dancing', /no state "dancing". Use running, paused/],
    ['colour:red', 'colour:red', /no key "colour:". Use state:, base:/],
    ['mem:lots db', 'lots', /"lots" is no amount. Write it like mem:>1G/],
    ['vcpus:1.5', '1.5', /vcpus:2/],
    ['vcpus:2G', '2G', /vcpus:2/],
    ['web "db', '"db', /closing quote is missing/],
    ['state:running,flying', 'flying', /no state "flying"/],
  ])('says what is wrong at the place of it: %s', (text, part, message) => {
    const { errors } = parseFilter(text)
    expect(errors).toHaveLength(1)
    const [{ from, to } = { from: 0, to: 0 }] = errors
    expect(text.slice(from, to)).toBe(part)
    expect(errors[0]?.message).toMatch(message)
  })

  it('asks for nothing where it is wrong, and for the rest all the same', () => {
    expect(passes('state:dancing')).toBe(true)
    expect(passes('state:dancing nothing-like-it')).toBe(false)
    expect(passes('state:halted,dancing')).toBe(false)
  })

  it('finds a host without a guest only by what is said of hosts', () => {
    expect(matchesHost(parseFilter('bru'), host)).toBe(true)
    expect(matchesHost(parseFilter('site:salvador'), host)).toBe(true)
    expect(matchesHost(parseFilter('bru state:running'), host)).toBe(false)
    expect(matchesHost(parseFilter('-bru'), host)).toBe(false)
    expect(matchesHost(parseFilter('-sal'), host)).toBe(false)
  })
})

const value = fc.string({ minLength: 1 }).map((text) => text.toLowerCase())
const textTerm = (key: 'word' | 'base' | 'host' | 'site' | 'tag'): fc.Arbitrary<Term> =>
  fc.record({ key: fc.constant(key), negated: fc.boolean(), values: fc.array(value, { minLength: 1, maxLength: 3 }) })
const amount = fc.record({
  compare: fc.constantFrom('>' as const, '>=' as const, '<' as const, '<=' as const, '=' as const),
  amount: fc.nat(999_999),
})
const amountTerm = (key: 'mem' | 'vcpus'): fc.Arbitrary<Term> =>
  fc.record({ key: fc.constant(key), negated: fc.boolean(), values: fc.array(amount, { minLength: 1, maxLength: 3 }) })
const stateTerm: fc.Arbitrary<Term> = fc.record({
  key: fc.constant('state' as const),
  negated: fc.boolean(),
  values: fc.array(fc.constantFrom('running', 'crash', 'shutoff', 'shutting-down'), { minLength: 1, maxLength: 3 }),
})
const anyTerm = fc.oneof(
  textTerm('word'),
  textTerm('base'),
  textTerm('host'),
  textTerm('site'),
  textTerm('tag'),
  amountTerm('mem'),
  amountTerm('vcpus'),
  stateTerm,
)
/** Text of the characters that mean something, and some that do not. */
const nearlyFilter = fc.array(
  fc.constantFrom('state:', 'mem:', 'x:', '-', ',', '"', '\\', ' ', '>', '=', '1', 'G', 'a', 'É', '\n', ':', 'running'),
)

describe('the filter language', () => {
  it('reads back what it writes', () => {
    fc.assert(
      fc.property(fc.array(anyTerm, { maxLength: 5 }), (terms) => {
        expect(parseFilter(formatFilter(terms))).toEqual({ terms, errors: [] })
      }),
    )
  })

  it('reads any text, and what it read it can write', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string({ unit: 'binary' }),
          nearlyFilter.map((parts) => parts.join('')),
        ),
        (text) => {
          const { terms, errors } = parseFilter(text)
          expect(parseFilter(formatFilter(terms))).toEqual({ terms, errors: [] })
          for (const { from, to } of errors) expect(from >= 0 && from <= to && to <= text.length).toBe(true)
          expect(isOpen(parseFilter(text))).toBe(terms.length === 0)
          matchesGuest({ terms, errors }, guest, host)
        },
      ),
      { numRuns: 1000 },
    )
  })
})

describe('completion', () => {
  const vocabulary = (key: string): string[] =>
    key === 'site' ? ['Brussels', 'San Salvador'] : key === 'tag' ? ['eu-prod', 'prod', 'test'] : []
  const options = (text: string, cursor = text.length) => complete(text, cursor, vocabulary).options

  it('offers keys for a word that begins like one, and values behind a key', () => {
    expect(options('s')).toEqual(['state:', 'site:'])
    expect(options('web -t')).toEqual(['tag:'])
    expect(options('web')).toEqual([])
    expect(options('')).toEqual([])
    expect(options('site:')).toEqual(['Brussels', '"San Salvador"'])
    expect(options('site:sal')).toEqual(['"San Salvador"'])
    expect(options('tag:pro')).toEqual(['prod', 'eu-prod'])
    expect(options('tag:test,e')).toEqual(['eu-prod', 'test'])
    expect(options('tag:test ')).toEqual([])
    expect(options('tag:test')).toEqual([])
    expect(options('colour:')).toEqual([])
  })

  it('looks at what stands before the cursor, and leaves what stands behind it', () => {
    const text = 'tag:pr state:running'
    const found = complete(text, 6, vocabulary)
    expect(applyCompletion(text, found, 'prod')).toEqual({ text: 'tag:prod state:running', cursor: 8 })
    expect(applyCompletion('si', complete('si', 2, vocabulary), 'site:')).toEqual({ text: 'site:', cursor: 5 })
    expect(applyCompletion('site:b', complete('site:b', 6, vocabulary), 'Brussels')).toEqual({
      text: 'site:Brussels ',
      cursor: 14,
    })
  })

  it('never throws', () => {
    fc.assert(
      fc.property(nearlyFilter, fc.nat(60), (parts, cursor) => {
        const text = parts.join('')
        complete(text, Math.min(cursor, text.length), vocabulary)
      }),
    )
  })
})
