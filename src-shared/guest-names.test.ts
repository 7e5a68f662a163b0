import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeGuestNames, expandGuestNames } from './guest-names'
import { guestNameSchema } from './models/guest'
import { maxClones } from './operations'

describe('expandGuestNames', () => {
  it.each([
    ['web', 1, ['web']],
    ['web', 3, ['web-1', 'web-2', 'web-3']],
    ['web-{08..}', 4, ['web-08', 'web-09', 'web-10', 'web-11']],
    ['web-{98..}', 3, ['web-98', 'web-99', 'web-100']],
    ['web-{7..}', 1, ['web-7']],
    ['n{001..}-lab', 2, ['n001-lab', 'n002-lab']],
  ])('%s times %i', (pattern, count, names) => {
    expect(expandGuestNames(pattern, count)).toEqual({ names })
  })

  it.each([
    ['', 1, 'Enter a name'],
    ['web-{a,b}', 1, 'cannot be counted'],
    ['web-{1..3}', 2, 'cannot be counted'],
    ['{1..}-{1..}', 2, 'cannot be counted'],
    ['web-{..}', 1, 'cannot be counted'],
    ['web}', 1, 'cannot be counted'],
    ['42', 1, '"42": A guest name starts with a letter'],
    ['-web', 1, '"-web": A guest name starts with a letter'],
    ['web$(reboot)', 1, '"web$(reboot)": A guest name holds only'],
    ["web';reboot", 2, `"web';reboot-1": A guest name holds only`],
    ['web\nreboot', 1, '"web\\nreboot": A guest name holds only'],
    ['wéb', 1, '"wéb": A guest name holds only'],
    ['web-', 1, '"web-": A guest name ends with'],
    ['Web', 1, '"Web": A guest name starts with a letter'],
    ['a'.repeat(62), 2, 'at most 63 characters'],
    ['web', 0, 'at least one'],
    ['web', maxClones + 1, `at most ${maxClones}`],
  ])('refuses %j times %i with its reason', (pattern, count, reason) => {
    const result = expandGuestNames(pattern, count)
    expect(result).toHaveProperty('refused', expect.stringContaining(reason))
  })

  it('gives the right number of different, valid names, or none, for any pattern', () => {
    const piece = fc.constantFrom('web', '-', '{', '}', '{01..}', '{9..}', '..', '7', ' ', "'", '$(x)', '\n', 'é', 'x'.repeat(60))
    const pattern = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join('')),
    )
    fc.assert(
      fc.property(pattern, fc.integer({ min: 1, max: maxClones }), (text, count) => {
        const result = expandGuestNames(text, count)
        if ('refused' in result) {
          expect(result.refused).not.toBe('')
          // A pattern that is a good name itself is only ever refused for what the number adds to it.
          expect(count === 1 && guestNameSchema.safeParse(text).success).toBe(false)
          return
        }
        expect(result.names).toHaveLength(count)
        expect(new Set(result.names).size).toBe(count)
        for (const name of result.names) expect(guestNameSchema.safeParse(name).success).toBe(true)
      }),
    )
  })

  it('counts up by one from the number in braces', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 99_999 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 64 }),
        (first, width, count) => {
          const digits = String(first).padStart(width, '0')
          const result = expandGuestNames(`n{${digits}..}`, count)
          const names = 'names' in result ? result.names : []
          expect(names[0]).toBe(`n${digits}`)
          expect(names.map((name) => Number(name.slice(1)))).toEqual(Array.from({ length: count }, (_, index) => first + index))
        },
      ),
    )
  })
})

describe('describeGuestNames', () => {
  it.each([
    [['web'], 'web'],
    [['web', 'db'], 'web and db'],
    [['web', 'db', 'mail'], 'web, db and mail'],
    [['web', 'db', 'mail', 'dns'], 'web, db and 2 more'],
    [['web-08', 'web-09', 'web-10', 'web-11'], 'web-08..web-11'],
    [['web-1', 'web-3', 'web-4'], 'web-1, web-3 and web-4'],
  ])('%j', (names, words) => {
    expect(describeGuestNames(names)).toBe(words)
  })
})
