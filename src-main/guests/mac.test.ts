import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { macSchema } from '../../src-shared/models/guest'
import { takeMac } from './mac'

describe('takeMac', () => {
  it('gives guests of any UUIDs valid MACs, no two alike and none of those taken before', () => {
    fc.assert(
      fc.property(fc.array(fc.uuid(), { maxLength: 64 }), fc.array(fc.uuid(), { maxLength: 8 }), (uuids, before) => {
        const taken = new Set<string>()
        for (const uuid of before) takeMac(uuid, taken)
        const old = new Set(taken)
        const macs = uuids.map((uuid) => takeMac(uuid, taken))
        expect(new Set(macs).size).toBe(uuids.length)
        for (const mac of macs) {
          expect(macSchema.safeParse(mac).success).toBe(true)
          expect(old.has(mac)).toBe(false)
        }
      }),
    )
  })

  it('moves on by one, and around the end, where the address of a UUID is taken', () => {
    const taken = new Set<string>()
    const last = '00000000-0000-4000-8000-0000007fffff'
    expect(takeMac(last, taken)).toBe('00:16:3e:7f:ff:ff')
    expect(takeMac(last, taken)).toBe('00:16:3e:00:00:00')
  })
})
