import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { guestTypesOf, parseInfo } from './info'

const recorded = readFileSync(new URL('./fixtures/xen-4.17/xl-info.txt', import.meta.url), 'utf8')

describe('xl info', () => {
  it('reads what Xen 4.17 recorded', () => {
    expect(parseInfo(recorded)).toEqual({
      hostname: 'dom0',
      xenVersion: '4.17.7',
      kernel: '6.1.0-56-amd64',
      threads: 2,
      memoryMb: 6143,
      freeMemoryMb: 4933,
      guestTypes: ['pv', 'pvh', 'hvm'],
    })
  })

  it.each(['', 'no colon here', recorded.replace(/^total_memory.*$/m, 'total_memory : lots')])(
    'does not take a broken answer for a host without memory (%#)',
    (text) => {
      expect(parseInfo(text)).toBeUndefined()
    },
  )

  it.each([
    ['xen-3.0-x86_64 hvm-3.0-x86_64', 'pv hvm hap gnttab-v1', ['pv', 'pvh', 'hvm']],
    ['xen-3.0-x86_64', 'pv', ['pv']],
    ['xen-3.0-x86_64 hvm-3.0-x86_64', 'hvm shadow', ['pv', 'hvm']],
    ['hvm-3.0-x86_64', 'hvm hap', ['pvh', 'hvm']],
    ['', '', []],
  ])('with %j and %j boots %j', (xenCaps, virtCaps, types) => {
    expect(guestTypesOf(xenCaps, virtCaps)).toEqual(types)
  })
})
