import { expect, it } from 'vitest'
import type { Generation } from '../../src-shared/models/base'
import type { Host } from '../../src-shared/models/host'
import { bytes, firstRequest, inMode, newestGenerations, onBase, requestErrors, sizeFor } from './clone-form'

const generation = (over: Partial<Generation> = {}): Generation => ({
  base: 'debian-12',
  generation: 1,
  path: '/srv/domdeck/bases/debian-12/1',
  sizeBytes: 1,
  sha256: 'x',
  fileSystem: 'ext4',
  kernelVersion: '6.1',
  types: ['pv', 'pvh'],
  minMemoryMb: 128,
  source: '/srv/debian.img',
  importedAt: 0,
  guests: 0,
  ...over,
})
const host = {
  settings: { id: 'h', name: 'h', address: 'h', port: 22, user: 'root', storageRoot: '/srv/domdeck', simulated: false },
  connection: { phase: 'idle' },
} as Host

it('offers a request that can be sent as it is', () => {
  const request = firstRequest(host, generation())
  expect(request).toMatchObject({ base: 'debian-12', pattern: 'debian-{01..}', bridge: null, memoryMb: 256 })
  expect(requestErrors(request)).toEqual({})
  expect(firstRequest(host, generation({ base: '12', minMemoryMb: 512 }))).toMatchObject({
    pattern: 'guest-{01..}',
    memoryMb: 512,
  })
})

it('begins with a size that fits the mode, and grows with a larger base', () => {
  const base = generation({ sizeBytes: 640 * 1024 * 1024 })
  expect([sizeFor('overlay', 256, base), sizeFor('throwaway', 256, base), sizeFor('copy', 256, base)]).toEqual([2048, 128, 640])
  const request = { ...firstRequest(host, base), mode: 'thin' as const, layerMb: 640 }
  expect(onBase(request, generation({ sizeBytes: 1024 ** 3, minMemoryMb: 300 }))).toMatchObject({ layerMb: 1024, memoryMb: 300 })
  expect(onBase({ ...request, mode: 'overlay' }, generation({ sizeBytes: 1024 ** 3 }))).not.toHaveProperty('layerMb')
})

it('says by field what is wrong', () => {
  const request = { ...firstRequest(host, generation()), count: 0, memoryMb: 1, layerMb: 3 }
  expect(requestErrors(request)).toEqual({
    count: 'Make at least one guest.',
    memoryMb: 'A guest has at least 16 MB of memory.',
    layerMb: 'A layer has at least 16 MB.',
  })
})

it('shows each base once, at its newest generation', () => {
  const all = [generation(), generation({ generation: 3 }), generation({ generation: 2 }), generation({ base: 'alpine' })]
  expect(newestGenerations(all).map(({ base, generation: number }) => `${base}/${number}`)).toEqual(['alpine/1', 'debian-12/3'])
})

it('writes sizes as people read them', () => {
  expect([0, 999, 1_153_434, 671_088_640, 2_147_483_648, 1_610_612_736].map(bytes)).toEqual([
    '0 B',
    '999 B',
    '1.1 MB',
    '640 MB',
    '2 GB',
    '1.5 GB',
  ])
})

it('takes encryption away with a mode or a base that has none, and gives a throwaway layer on a disk the size of one', () => {
  const base = generation({ encryption: true })
  const request = { ...firstRequest(host, base), encrypted: true, swapMb: 64 }
  expect({ ...request, ...inMode(request, 'copy', base) }).toMatchObject({
    mode: 'copy',
    encrypted: undefined,
    swapMb: undefined,
  })
  expect({ ...request, ...inMode(request, 'throwaway', base) }).toMatchObject({ layerMb: 2048, encrypted: true, swapMb: 64 })
  expect({ ...request, ...onBase(request, generation()) }).toMatchObject({ encrypted: undefined, swapMb: undefined })
  expect({ ...request, ...onBase(request, base) }).toMatchObject({ encrypted: true, swapMb: 64 })
  expect(requestErrors({ ...request, swapMb: 1 })).toEqual({ swapMb: 'A swap disk has at least 16 MB.' })
})
