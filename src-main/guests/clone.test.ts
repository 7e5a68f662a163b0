import { expect, it } from 'vitest'
import type { Guest } from '../../src-shared/models/guest'
import type { CloneInput } from '../../src-shared/operations'
import { clone } from './clone'

const uuid = (number: number) => `${number}0000000-1111-4111-8111-111111111111`
const made = (number: number) => ({ name: `web-${number}`, uuid: uuid(number), mac: `00:16:3e:00:00:0${number}` })
const input = { guests: [made(1), made(2), made(3)] } as CloneInput
const guest = (id: string, name: string): [string, Guest] => [
  id,
  { hostId: 'dom0', id, name, state: 'running', memoryMb: 64, vcpus: 1, disks: [], nics: [] },
]

it('is taken back by deleting what is left of the guests it made, never a namesake', () => {
  const guests = new Map([guest(uuid(1), 'web-1'), guest(uuid(3), 'renamed'), guest(uuid(9), 'web-2')])
  expect(clone.inverse?.(input, { guests, result: {} })).toEqual([
    { operation: 'guest.delete', input: { name: 'web-1', uuid: uuid(1) } },
    { operation: 'guest.delete', input: { name: 'renamed', uuid: uuid(3) } },
  ])
  expect(clone.inverse?.(input, { guests: new Map(), result: {} })).toEqual([])
})

it('must be planned again once one of its names is taken', () => {
  expect(clone.outdated?.(input, { guests: new Map([guest(uuid(9), 'other')]) })).toBeUndefined()
  expect(clone.outdated?.(input, { guests: new Map([guest(uuid(9), 'web-2')]) })).toBe(
    'web-2 is on the host by now. Plan the clone again, with other names.',
  )
})
