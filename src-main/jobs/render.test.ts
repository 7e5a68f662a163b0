import { execFileSync, spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defineOperation } from './define'
import { jobLibrary } from './library'
import { callOf, orderedLocks, render, workOf } from './render'
import { planOf } from './testing/launching'

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    "it's",
    '$(touch /tmp/x)',
    '`id`',
    '-rf',
    'a\nb',
    "\n'\n",
    '"$NL"',
    '~root',
    'a=b',
    '*',
    '!',
    '\\',
    'x'.repeat(300),
    'grün',
  ),
)
// An argument or a variable holds no NUL, and a lone surrogate has no bytes.
const clean = (text: string) => Buffer.from(text.replaceAll('\0', '')).toString()

describe('render', () => {
  it('sets every variable to exactly its value, whatever it holds, and runs nothing of it', () => {
    const values = fc.array(hostile.map(clean), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(values, (all) => {
        const variables = Object.fromEntries(all.map((value, index) => [`v${index}`, value]))
        const { script } = render(planOf('begin', { variables }), '/srv/domdeck')
        const assignments = script.slice(script.indexOf('root='), script.indexOf('# ---- guest.start'))
        const print = all.map((_, index) => `printf '%s\\0' "$v${index}"`).join('\n')
        const output = execFileSync('sh', ['-c', `${assignments}\n${print}`])
        expect(output.toString().split('\0').slice(0, -1)).toEqual(all)
      }),
      { numRuns: 60 },
    )
  })

  it('keeps a hostile title and hostile targets out of the shell', () => {
    const title = 'Clone $(touch /tmp/owned) `id`\nfinish\n\'"; exit 0'
    const { standalone } = render(planOf('begin\necho "unreachable"', { title, targets: ["'; id; '"] }), '/srv/domdeck')
    expect(standalone.split('\n').filter((line) => line === 'finish')).toHaveLength(1)
    expect(spawnSync('sh', ['-n', '-c', standalone]).status).toBe(0)
  })

  it('keeps what was asked for, whatever it holds, where a later Domdeck reads it', () => {
    fc.assert(
      fc.property(hostile.map(clean), (text) => {
        const call = {
          operation: 'guest.start' as const,
          input: { name: `x${text}`.slice(0, 200), configPath: '/etc/xen/a.cfg' },
        }
        const { standalone, script } = render(planOf('begin', { call }), '/srv/domdeck')
        expect(callOf(standalone)).toEqual(call)
        expect(workOf(standalone)).toBe(script)
      }),
    )
    expect(callOf(render(planOf('begin'), '/srv/domdeck').standalone)).toBeUndefined()
    expect(callOf('# call: {"operation":"no.such","input":{}}\n')).toBeUndefined()
    expect(callOf('')).toBeUndefined()
  })

  it('shows a person the input and the script, and sends the library with it', () => {
    const { script, standalone } = render(planOf('begin\nrun true', { variables: { name: "it's" } }), '/srv/lab')
    expect(script).toBe(
      "# ---- input ----\n\nroot=/srv/lab\nname='it'\\''s'\n\n# ---- guest.start ----\n\nbegin\nrun true\n\nfinish\n",
    )
    expect(standalone.startsWith(jobLibrary.trimEnd())).toBe(true)
    expect(standalone.endsWith(script.slice(script.indexOf('root=')))).toBe(true)
  })

  it.each(['job_mode', 'root', 'PATH', 'a b', '1st', 'x;id', ''])('refuses a variable named %j', (name) => {
    expect(() => render(planOf('begin', { variables: { [name]: 'x' } }), '/srv')).toThrow(/variable/)
  })

  it('refuses a NUL, which no shell can hold', () => {
    expect(() => render(planOf('begin', { variables: { name: 'a\0b' } }), '/srv')).toThrow(/NUL/)
  })

  it('orders locks by name and takes the strict one of two', () => {
    const locks = [
      { name: 'guest-b', shared: true },
      { name: 'base-a', shared: true },
      { name: 'guest-b', shared: false },
    ]
    expect(orderedLocks(locks)).toEqual([
      { name: 'base-a', shared: true },
      { name: 'guest-b', shared: false },
    ])
  })

  it.each(['../etc', 'a b', '', '-x', 'a/b', 'a\nb'])('refuses a lock named %j', (name) => {
    expect(() => orderedLocks([{ name, shared: false }])).toThrow(/lock/)
  })

  it('refuses more locks than a POSIX shell has descriptors for', () => {
    expect(() => orderedLocks(Array.from({ length: 7 }, (_, index) => ({ name: `l${index}`, shared: false })))).toThrow(
      /at most 6/,
    )
  })
})

describe('an operation', () => {
  it('must say where it begins', () => {
    const operation = {
      id: 'guest.start' as const,
      title: () => '',
      targets: () => [],
      steps: () => [],
      locks: () => [],
      danger: 'none' as const,
      variables: () => ({}),
    }
    expect(() => defineOperation({ ...operation, script: 'run true\n' })).toThrow(/begin/)
    expect(() => defineOperation({ ...operation, script: 'begin\nbegin\n' })).toThrow(/begin/)
    expect(defineOperation({ ...operation, script: 'begin\nrun true\n' }).id).toBe('guest.start')
  })
})

describe('the quoting of the job library', () => {
  it('makes one line of any arguments, which a shell reads back exactly', () => {
    fc.assert(
      fc.property(fc.array(hostile.map(clean), { maxLength: 20 }), (args) => {
        const check = `${jobLibrary}\njob_quote "$@"\nprintf '%s\\n' "$job_quoted" | wc -l\neval "set -- $job_quoted"\nprintf '%s\\0' "$#" "$@"`
        const output = execFileSync('sh', ['-c', check, 'sh', ...args]).toString()
        const [lines, rest] = [output.slice(0, output.indexOf('\n')), output.slice(output.indexOf('\n') + 1)]
        expect(lines.trim()).toBe('1')
        expect(rest.split('\0').slice(0, -1)).toEqual([String(args.length), ...args])
      }),
      { numRuns: 60 },
    )
  })

  it('gives a job made by hand an id that sorts with the others', () => {
    const output = execFileSync('sh', ['-c', `${jobLibrary}\njob_make_id\necho "$JOB_ID"`])
      .toString()
      .trim()
    expect(output).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/)
  })
})
