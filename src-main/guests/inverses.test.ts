import { expect, it } from 'vitest'
import type { Guest } from '../../src-shared/models/guest'
import { pause, unpause } from './lifecycle'
import { rename } from './settings'

const uuid = '10000000-1111-4111-8111-111111111111'
const configPath = '/srv/domdeck/guests/new/guest.cfg'
const seen = (changes: Partial<Guest>) => ({
  guests: new Map<string, Guest>([
    [
      uuid,
      {
        hostId: 'dom0',
        id: uuid,
        name: 'new',
        state: 'halted',
        memoryMb: 64,
        vcpus: 1,
        disks: [],
        nics: [],
        configPath,
        ...changes,
      },
    ],
  ]),
  result: {},
})
const ref = { name: 'new', uuid }

it('pausing is taken back while the guest is paused, and letting it run on while it runs', () => {
  expect(pause.inverse?.(ref, seen({ state: 'paused' }))).toEqual([{ operation: 'guest.unpause', input: ref }])
  expect(pause.inverse?.(ref, seen({ state: 'running' }))).toEqual([])
  expect(unpause.inverse?.(ref, seen({ state: 'running' }))).toEqual([{ operation: 'guest.pause', input: ref }])
  expect(unpause.inverse?.(ref, { guests: new Map(), result: {} })).toEqual([])
})

it('a name is given back to the guest that has the new one, while it is off', () => {
  const input = { name: 'old', uuid, configPath: '/srv/domdeck/guests/old/guest.cfg', newName: 'new' }
  expect(rename.inverse?.(input, seen({}))).toEqual([
    { operation: 'guest.rename', input: { name: 'new', uuid, configPath, newName: 'old' } },
  ])
  expect(rename.inverse?.(input, seen({ state: 'running' }))).toEqual([])
  expect(rename.inverse?.(input, seen({ name: 'third' }))).toEqual([])
})
