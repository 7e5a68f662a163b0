import { afterEach, describe, expect, it } from 'vitest'
import type { CloneMode } from '../../src-shared/operations'
import { useFleet } from '../fleet/store'
import { generationMenu } from '../images/base-acts'
import { testGuest, testHost } from '../testing/fleet'
import { layerActs, layerMenu, layerRefusal, snapshotWords } from './layer-acts'

const host = testHost('dom0')
const origin = { base: 'deb', generation: 2, mode: 'overlay', layerBytes: 2 ** 31, layerAllocatedBytes: 2 ** 20 } as const
const off = testGuest('dom0', 'web', 1, { origin, state: 'halted' })
const fitting = (guest: typeof off, on = host) => layerActs.filter((act) => layerRefusal(act, guest, on) === undefined)
const generation = (number: number) => ({
  base: 'deb',
  generation: number,
  path: `/srv/domdeck/bases/deb/${number}`,
  sizeBytes: 1,
  sha256: '',
  fileSystem: 'ext4',
  kernelVersion: '6.1',
  types: ['pv' as const],
  minMemoryMb: 32,
  source: '',
  importedAt: 0,
  guests: 0,
})
afterEach(() => useFleet.setState({ bases: new Map() }))

describe('what can be done to a layer', () => {
  it('is for a guest that is off; a swap waits for the next start of one that runs', () => {
    expect(fitting(off)).toEqual(['swap', 'attach', 'files', 'snapshot', 'grow', 'check', 'promote', 'package', 'reset'])
    expect(fitting({ ...off, state: 'running' })).toEqual(['swap', 'attach'])
    expect(fitting({ ...off, state: 'saved' })).toEqual([])
    expect(fitting({ ...off, origin: { ...origin, mode: 'throwaway' } })).toEqual(['swap', 'attach'])
    expect(fitting(off, testHost('dom0', { connection: { phase: 'idle' } }))).toEqual([])
    for (const mode of ['copy', 'reflink', 'thin', 'qcow2'] as const) {
      const own = { ...off, origin: { ...origin, mode, previous: 1 } }
      expect({ mode, acts: fitting(own), menu: layerMenu(own) }).toEqual({ mode, acts: [], menu: [] })
    }
    // Its layer is only what differs from them.
    const stacked = { ...off, origin: { ...origin, packages: [{ name: 'tools', version: 1 }] } }
    expect(layerRefusal('package', stacked, host)).toBe('has package images in its stack')
    const { origin: _, ...foreign } = off
    expect(layerMenu(foreign)).toEqual([])
  })

  it('leaves out what would have to read a layer that the guest encrypts', () => {
    const secret = { ...off, origin: { ...origin, encrypted: true } }
    expect(fitting(secret)).toEqual(['swap', 'attach', 'snapshot', 'reset'])
    expect(layerRefusal('grow', secret, host)).toBe('encrypted: the host has no key')
  })

  it('rolls back to the generation that it came from, while there is one', () => {
    const swapped = { ...off, origin: { ...origin, previous: 1 } }
    expect(layerRefusal('roll-back', swapped, host)).toBe('generation 1 is gone')
    useFleet.setState({ bases: new Map([['dom0', [generation(1), generation(2)]]]) })
    expect(layerRefusal('roll-back', swapped, host)).toBeUndefined()
  })
})

describe('what can be done with a generation', () => {
  // What depends on the guests; the rest can be done with each.
  const entries = (number: number, guests: (typeof off)[]) =>
    generationMenu(generation(number), host, guests).flatMap((entry) =>
      entry !== 'rule' && !entry.disabled && /^(Edit|Swap|Delete)/.test(entry.label) ? [entry.label] : [],
    )

  it('leaves what is used, by a guest or at its next start, or edited', () => {
    expect(entries(2, [off])).toEqual(['Edit'])
    expect(entries(1, [off])).toEqual(['Edit', 'Swap guests to it', 'Delete'])
    expect(entries(1, [{ ...off, origin: { ...origin, next: 1 } }])).toEqual(['Edit', 'Swap guests to it'])
    // A guest with a root disk of its own is not put on another; a copy does not even stand on its base.
    const ofMode = (mode: CloneMode) => ({ ...off, origin: { ...origin, mode } })
    expect(entries(2, [ofMode('thin'), ofMode('qcow2')])).toEqual(['Edit'])
    expect(entries(1, [ofMode('thin'), ofMode('qcow2')])).toEqual(['Edit', 'Delete'])
    expect(entries(2, [ofMode('copy'), ofMode('reflink')])).toEqual(['Edit', 'Delete'])
    const draft = testGuest('dom0', 'draft-deb', 2, { draft: { base: 'deb', generation: 1, sizeBytes: 1, allocatedBytes: 1 } })
    expect(entries(1, [draft])).toEqual([])
  })
})

it('a snapshot is said by its time in the zone of the reader', () => {
  expect(snapshotWords('20251121T181500Z')).toMatch(/Nov 2025/)
  expect(snapshotWords('nonsense')).toBe('nonsense')
})
