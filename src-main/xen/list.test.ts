import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { guestStateOf, parseList } from './list'

const recorded = (name: string) => readFileSync(new URL(`./fixtures/xen-4.17/${name}`, import.meta.url), 'utf8')
const uuid = '11111111-1111-4111-8111-111111111111'
const rowOf = (name: string, domid = 7) =>
  `${name.padEnd(40)} ${String(domid).padStart(5)} ${'24'.padStart(5)} ${'1'.padStart(5)}     r-----  ${'37.6'.padStart(8)} ${uuid}        -                -`

describe('xl list', () => {
  it('reads the recorded xl list -v of Xen 4.17', () => {
    const { rows, unread } = parseList(recorded('xl-list-v.txt'))
    expect(unread).toEqual([])
    expect(rows.map((row) => [row.name, row.domid, row.memoryMb, row.vcpus, row.state, row.cpuSeconds])).toEqual([
      ['Domain-0', 0, 1024, 2, 'running', 194.6],
      ['web-01', 17, 24, 1, 'running', 37.6],
      ['web-02', 18, 47, 2, 'paused', 5.6],
      ['web-03', 19, 24, 1, 'running', 26.6],
      ['web-04', 20, 24, 1, 'running', 20.4],
    ])
    expect(rows[1]?.uuid).toBe(uuid)
  })

  it('reads the recorded xl list of Xen 4.17, which has no UUIDs', () => {
    const { rows } = parseList(recorded('xl-list.txt'))
    expect(rows).toHaveLength(5)
    expect(rows.every((row) => row.uuid === undefined)).toBe(true)
  })

  it('has no name for a domain that xenstore does not name yet', () => {
    expect(parseList(rowOf('(null)')).rows[0]?.name).toBeUndefined()
  })

  it('says which lines it could not read', () => {
    expect(parseList(`${rowOf('web')}\nlibxl: error: broken\n`)).toMatchObject({
      rows: [{ name: 'web' }],
      unread: ['libxl: error: broken'],
    })
  })

  it.each(['a b c', '12345', 'x'.repeat(60), '7 24 1 r----- 1.0', '$(reboot)', "'; rm -rf /", 'ü 名', 'two\nlines'])(
    'gives back the name %j',
    (name) => {
      const { rows } = parseList(`Name   ID   Mem VCPUs\tState\tTime(s)   UUID\n${rowOf(name)}\n${rowOf('after', 8)}\n`)
      expect(rows.map((row) => row.name)).toEqual([name, 'after'])
    },
  )

  it('gives back any name of printable characters, and never throws on anything', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[!-~]([ -~]{0,78}[!-~])?$/), (name) => {
        expect(parseList(rowOf(name)).rows[0]?.name).toBe(name === '(null)' ? undefined : name)
      }),
    )
    fc.assert(fc.property(fc.string(), (text) => void parseList(text)))
  })

  it.each([
    ['r-----', 'running'],
    ['-b----', 'running'],
    ['------', 'running'],
    ['--p---', 'paused'],
    ['---s--', 'shutting-down'],
    ['--ps--', 'shutting-down'],
    ['---sr-', 'shutting-down'],
    ['---ss-', 'paused'],
    ['---sc-', 'crashed'],
    ['---sw-', 'crashed'],
    ['-----d', 'shutting-down'],
    ['--psc-', 'crashed'],
    ['----?-', 'unknown'],
    ['', 'unknown'],
  ])('calls %s %s', (letters, state) => {
    expect(guestStateOf(letters)).toBe(state)
  })
})
