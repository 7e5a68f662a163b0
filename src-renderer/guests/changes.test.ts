import { describe, expect, it } from 'vitest'
import { operationCallSchema } from '../../src-shared/operations'
import { testGuest, testHost } from '../testing/fleet'
import { callFor, changeRefusal, formOf, guestChanges, orderOf } from './changes'

const host = testHost('dom0')
const guest = testGuest('dom0', 'web-07', 7, { configPath: '/srv/domdeck/guests/web-07/guest.cfg', crashPolicy: 'preserve' })
const halted = { ...guest, state: 'halted' as const }
const fitting = (one: typeof guest, on = host) => guestChanges.filter((change) => changeRefusal(change, one, on) === undefined)
const accepts = (...call: Parameters<typeof callFor>) => operationCallSchema.safeParse(callFor(...call)).success

describe('the settings of a guest', () => {
  it('can be changed as its state and its file allow', () => {
    expect(fitting(guest)).toEqual(['memory', 'vcpus', 'autostart', 'crash-policy'])
    expect(fitting(halted)).toEqual(guestChanges)
    expect(fitting({ ...guest, state: 'saved' })).toEqual([])
    const { configPath: _, ...bare } = guest
    expect(fitting(bare)).toEqual(['memory', 'vcpus'])
    expect(fitting(guest, testHost('dom0', { connection: { phase: 'idle' } }))).toEqual([])
  })

  it('make calls that the contract takes, of a guest without a UUID too', () => {
    const old = { ...halted, id: 'cfg:/etc/xen/old.cfg', configPath: '/etc/xen/old.cfg' }
    for (const change of guestChanges) for (const one of [halted, old]) expect(accepts(change, one, formOf(one))).toBe(true)
  })

  it.each(['x', '-1', '1000', '1.5', '1e2'])('refuse the order %j', (order) => {
    expect(accepts('autostart', guest, { ...formOf(guest), on: true, order })).toBe(false)
  })

  it('read the order off the link, whatever it is called', () => {
    expect(orderOf({ autostart: '007-web.cfg' })).toBe('7')
    expect(orderOf({ autostart: '000-web.cfg' })).toBe('0')
    expect(orderOf({ autostart: 'web.cfg' })).toBeUndefined()
    expect(orderOf({ autostart: '2024-web.cfg' })).toBeUndefined()
    expect(orderOf({})).toBeUndefined()
  })
})
