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
        for (const { name, uuid, mac, origin } of guests) {
          // Others name their guests as they like.
          if (origin) expect(guestNameSchema.safeParse(name).success).toBe(true)
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

  it('keeps tidy names and plain states while it is small, and has names in every shape and a dying domain when it is large', () => {
    const { guests } = planHost(1, 200, 1)
    const isTidy = ({ name }: { name: string }): boolean => guestNameSchema.safeParse(name).success
    expect(guests.slice(0, 32).every(isTidy)).toBe(true)
    expect(guests.slice(0, 32).some(({ state }) => state === 'dying')).toBe(false)
    expect(guests.filter((guest) => !isTidy(guest)).length).toBeGreaterThan(40)
    expect(guests.some(({ state }) => state === 'dying')).toBe(true)
  })

  it('differs between hosts and shows every state of a guest and guests that others made', () => {
    const first = planHost(1, 24, 1).guests
    expect(planHost(2, 24, 1).guests.map(({ uuid }) => uuid)).not.toEqual(first.map(({ uuid }) => uuid))
    expect(new Set(first.map(({ state }) => state))).toEqual(new Set(['running', 'paused', 'crashed', 'halted']))
    expect(first.some(({ origin }) => origin === undefined)).toBe(true)
    expect(first.some(({ origin }) => origin?.mode === 'throwaway')).toBe(true)
  })
})
