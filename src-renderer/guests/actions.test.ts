import { describe, expect, it } from 'vitest'
import { operationCallSchema } from '../../src-shared/operations'
import { testGuest, testHost } from '../testing/fleet'
import { confirmWords, type GuestVerb, operationFor, refusal, verbs } from './actions'

const host = testHost('dom0')
const origin = {
  base: 'debian-12',
  generation: 3,
  mode: 'overlay' as const,
  layerBytes: 2 ** 31,
  layerAllocatedBytes: 41 * 2 ** 20,
}
const ours = testGuest('dom0', 'web-07', 7, { origin, configPath: '/srv/domdeck/guests/web-07/guest.cfg' })
const allVerbs = Object.keys(verbs) as GuestVerb[]
const fitting = (guest: typeof ours, on = host): GuestVerb[] => allVerbs.filter((verb) => refusal(verb, guest, on) === undefined)

describe('what can be done to a guest', () => {
  it('depends on its state', () => {
    expect(fitting(ours)).toEqual(['reboot', 'shutdown', 'pause', 'save', 'destroy', 'delete'])
    expect(fitting({ ...ours, state: 'halted' })).toEqual(['start', 'delete'])
    expect(fitting({ ...ours, state: 'saved' })).toEqual(['start', 'discard', 'delete'])
    expect(fitting({ ...ours, state: 'paused' })).toEqual(['unpause', 'destroy', 'delete'])
    expect(fitting({ ...ours, state: 'crashed' })).toEqual(['destroy', 'delete'])
  })

  it('is nothing while its host is away, and delete is for our own guests only', () => {
    expect(fitting(ours, testHost('dom0', { connection: { phase: 'idle' } }))).toEqual([])
    const { origin: _, ...foreign } = ours
    expect(refusal('delete', foreign, host)).toBe('not made by Domdeck')
  })

  it('starts a stopped guest without a UUID by its config alone', () => {
    const guest = testGuest('dom0', 'old', 1, { id: 'cfg:/etc/xen/old.cfg', state: 'halted', configPath: '/etc/xen/old.cfg' })
    expect(operationFor('start', guest)).toEqual({
      operation: 'guest.start',
      input: { name: 'old', configPath: '/etc/xen/old.cfg' },
    })
  })

  it('goes on from what was saved instead of starting afresh', () => {
    expect(operationFor('start', { ...ours, state: 'saved' })).toEqual({
      operation: 'guest.restore',
      input: { name: ours.name, uuid: ours.id },
    })
  })

  it('saves no guest whose memory holds the key of a disk', () => {
    const origin = { base: 'deb', generation: 1, mode: 'overlay', layerBytes: 1, layerAllocatedBytes: 1 } as const
    const running = testGuest('dom0', 'web', 1, { state: 'running', domid: 4 })
    expect(refusal('save', { ...running, origin }, host)).toBeUndefined()
    for (const secret of [{ encrypted: true }, { encryptedSwap: true }]) {
      expect(refusal('save', { ...running, origin: { ...origin, ...secret } }, host)).toBe('encrypted: its memory holds the key')
    }
  })

  it('adopts what others made if its name can be a folder, with a UUID where the config has none', () => {
    const { origin: _, ...foreign } = ours
    expect(fitting(foreign)).toEqual(['reboot', 'shutdown', 'pause', 'adopt', 'destroy'])
    expect(refusal('adopt', { ...foreign, name: 'Web 7' }, host)).toBe('its name cannot be a folder')
    expect(refusal('save', foreign, host)).toBe('adopt it first')
    const bare = { ...foreign, state: 'halted' as const, id: 'cfg:/etc/xen/web-07.cfg' }
    expect(operationCallSchema.safeParse(operationFor('adopt', bare)).error).toBeUndefined()
    expect(fitting({ ...foreign, adopted: true })).toEqual(['reboot', 'shutdown', 'pause', 'save', 'destroy', 'delete'])
    expect(confirmWords('delete', [{ ...foreign, adopted: true }]).text).toContain('Its disks stay where they are.')
  })

  it('makes calls that the contract takes', () => {
    for (const verb of allVerbs) {
      const guest = verb === 'start' ? { ...ours, state: 'halted' as const } : ours
      expect(operationCallSchema.safeParse(operationFor(verb, guest)).error).toBeUndefined()
    }
  })

  it('asks naming the object and the consequence', () => {
    expect(confirmWords('delete', [ours]).title).toBe('Delete web-07 and its 41 MB layer?')
    expect(confirmWords('delete', [ours, { ...ours, id: 'x' }]).title).toBe('Delete 2 guests and their layers of 82 MB?')
    const copy = { ...ours, origin: { ...origin, mode: 'copy' as const } }
    expect(confirmWords('delete', [copy]).title).toBe('Delete web-07 and its 41 MB disk?')
    expect(confirmWords('delete', [{ ...ours, state: 'halted' }]).text).not.toContain('still run')
    expect(confirmWords('destroy', [ours]).title).toBe('Destroy web-07 at once, without a shutdown?')
  })
})
