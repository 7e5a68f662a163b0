import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { guestNameSchema, macSchema, uuidSchema } from '../../src-shared/models/guest'
import { planHost } from './plan'

describe('the plan of a pretend host', () => {
  it('is valid and collision-free for any size and seed, with room for more guests', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 200 }), fc.nat(10_000), (index, count, seed) => {
        const { guests, memoryMb, bases } = planHost(index, count, seed)
        expect(guests).toHaveLength(count)
        for (const { name, uuid, mac } of guests) {
          expect(guestNameSchema.safeParse(name).success).toBe(true)
          expect(uuidSchema.safeParse(uuid).success).toBe(true)
          expect(macSchema.safeParse(mac).success).toBe(true)
        }
        for (const key of ['name', 'uuid', 'mac'] as const) expect(new Set(guests.map((guest) => guest[key])).size).toBe(count)
        expect(guests.reduce((sum, guest) => sum + guest.memoryMb, 4096)).toBeLessThan(memoryMb - 4096)
        for (const { origin } of guests) {
          if (origin)
            expect(bases.some(({ name, generation }) => name === origin.base && generation === origin.generation)).toBe(true)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('differs between hosts and shows every state of a guest and guests that others made', () => {
    const first = planHost(1, 24, 1).guests
    expect(planHost(2, 24, 1).guests.map(({ uuid }) => uuid)).not.toEqual(first.map(({ uuid }) => uuid))
    expect(new Set(first.map(({ state }) => state))).toEqual(new Set(['running', 'paused', 'crashed', 'halted']))
    expect(first.some(({ origin }) => origin === undefined)).toBe(true)
    expect(first.some(({ origin }) => origin?.mode === 'throwaway')).toBe(true)
  })
})
