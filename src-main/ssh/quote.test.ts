import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quoteArg, quoteArgv } from './quote'

/** Any text that an argument can hold: all of Unicode but NUL, and more than chance would give of what shells interpret. */
const anyArgument = fc.oneof(
  fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '')),
  fc.array(fc.constantFrom(...`'"\`$(){}[]<>|&;*?!~#\\ =\n\t\r-%^é😀a`), { maxLength: 30 }).map((parts) => parts.join('')),
)

const throughSh = (commandLine: string) =>
  execFileSync('sh', ['-c', commandLine], { env: { PATH: process.env.PATH, HOME: '/nowhere' } })

describe('quoteArg', () => {
  it('gives sh back every argument as it was', () => {
    fc.assert(
      fc.property(anyArgument, (text) => {
        expect(throughSh(`printf %s ${quoteArg(text)}`).toString()).toBe(text)
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    '',
    '-rf',
    '--',
    '$(touch /tmp/x)',
    '`id`',
    "it's",
    "'",
    "''",
    'a\nb\n',
    '\n',
    '$HOME',
    '~',
    '~root',
    '*',
    '!!',
    'a=b',
    '# no comment',
    '\\',
    '12345',
    'ü'.repeat(300),
    '\u202egnp.exe',
  ])('keeps %j', (text) => {
    expect(throughSh(`printf %s ${quoteArg(text)}`).toString()).toBe(text)
  })

  it('leaves plain words readable', () => {
    expect(quoteArgv(['xl', 'list', '-l', '/etc/xen/web-08.cfg'])).toBe('xl list -l /etc/xen/web-08.cfg')
  })

  it('refuses NUL, which would cut the argument short', () => {
    expect(() => quoteArg('a\0b')).toThrowError(expect.objectContaining({ code: 'BAD_INPUT' }))
  })
})

describe('quoteArgv', () => {
  it('keeps the number of arguments and their borders', () => {
    fc.assert(
      fc.property(fc.array(anyArgument, { maxLength: 5 }), (args) => {
        const printed = throughSh(quoteArgv(['printf', '%s\\0', ...args, 'end'])).toString()
        expect(printed.split('\0')).toEqual([...args, 'end', ''])
      }),
      { numRuns: 100 },
    )
  })

  it('never lets the first word set a variable', () => {
    expect(() => execFileSync('sh', ['-c', quoteArgv(['A=b'])], { stdio: 'pipe' })).toThrowError(/A=b/)
  })
})
