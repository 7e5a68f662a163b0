import { expect, it } from 'vitest'
import type { Guest } from '../../src-shared/models/guest'
import { boot } from './boot'
import { pause, unpause } from './lifecycle'
import { mend } from './mend'
import { autostart, crashPolicy, memory, rename, vcpus } from './settings'

const uuid = '10000000-1111-4111-8111-111111111111'
const configPath = '/srv/domdeck/guests/new/guest.cfg'
const seen = (changes: Partial<Guest>, result: Record<string, string> = {}) => ({
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
  result,
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

const old = { name: 'old', uuid }
const found = { name: 'new', uuid, configPath }

it('memory is given back to the guest of that UUID while it has what the job gave, running or off as then', () => {
  const input = { ...old, memoryMb: 64 }
  const back = [{ operation: 'guest.memory', input: { ...found, memoryMb: 96 } }]
  expect(memory.inverse?.(input, seen({}, { before: '96' }))).toEqual(back)
  expect(memory.inverse?.(input, seen({ state: 'running', memoryMb: 63 }, { before: '96', live: '64 MB' }))).toEqual(back)
  expect(memory.inverse?.(input, seen({ state: 'running' }, { before: '96' }))).toEqual([])
  expect(memory.inverse?.(input, seen({}, { before: '96', live: '64 MB' }))).toEqual([])
  expect(memory.inverse?.(input, seen({ memoryMb: 128 }, { before: '96' }))).toEqual([])
  for (const before of ['', '$(reboot)', '-1']) expect(memory.inverse?.(input, seen({}, { before }))).toEqual([])
  expect(memory.inverse?.(input, seen({}))).toEqual([])
})

it('vCPUs and the crash policy likewise', () => {
  expect(vcpus.inverse?.({ ...old, vcpus: 1 }, seen({}, { before: '4' }))).toEqual([
    { operation: 'guest.vcpus', input: { ...found, vcpus: 4 } },
  ])
  expect(vcpus.inverse?.({ ...old, vcpus: 2 }, seen({}, { before: '4' }))).toEqual([])
  const policy = { ...old, policy: 'restart' as const }
  expect(crashPolicy.inverse?.(policy, seen({ crashPolicy: 'restart' }, { before: 'preserve' }))).toEqual([
    { operation: 'guest.crash-policy', input: { ...found, policy: 'preserve' } },
  ])
  expect(crashPolicy.inverse?.(policy, seen({ crashPolicy: 'destroy' }, { before: 'preserve' }))).toEqual([])
  expect(crashPolicy.inverse?.(policy, seen({ crashPolicy: 'restart' }, { before: '$(reboot)' }))).toEqual([])
})

it('a guest that pins no UUID is told by its config', () => {
  const { guests } = seen({})
  const guest = { ...(guests.get(uuid) as Guest), id: `cfg:${configPath}`, vcpus: 1 }
  expect(
    vcpus.inverse?.({ name: 'new', configPath, vcpus: 1 }, { guests: new Map([[guest.id, guest]]), result: { before: '2' } }),
  ).toEqual([{ operation: 'guest.vcpus', input: { name: 'new', configPath, vcpus: 2 } }])
})

it('autostart goes back to the order of before, or to none, while the link is the one that the job left', () => {
  const off = { ...old, on: false }
  const on = { ...old, on: true, order: 20 }
  const link = '/etc/xen/auto/020-new.cfg'
  expect(autostart.inverse?.(on, seen({ autostart: '020-new.cfg' }, { before: '007', link }))).toEqual([
    { operation: 'guest.autostart', input: { ...found, on: true, order: 7 } },
  ])
  expect(autostart.inverse?.(on, seen({ autostart: '020-new.cfg' }, { before: 'none', link }))).toEqual([
    { operation: 'guest.autostart', input: { ...found, on: false } },
  ])
  expect(autostart.inverse?.(off, seen({}, { before: 'unordered', link: 'none' }))).toEqual([
    { operation: 'guest.autostart', input: { ...found, on: true } },
  ])
  expect(autostart.inverse?.(off, seen({}, { before: 'x', link: 'none' }))).toEqual([])
  expect(autostart.inverse?.(off, seen({ autostart: 'new.cfg' }, { before: 'unordered', link: 'none' }))).toEqual([])
  expect(autostart.inverse?.(on, seen({ autostart: '020-new.cfg' }, { link }))).toEqual([])
})

it('a way to boot goes back to what the config said, while the guest is off and boots as the job left it', () => {
  const kernel = '/usr/lib/grub-xen/grub-x86_64-xen.bin'
  const input = { ...old, boot: { type: 'pv' as const, kernel } }
  const now = { type: 'pv' as const, kernel }
  const before = { type: 'pv', kernel: '/k', root: '/dev/xvda ro', extra: 'quiet' }
  expect(boot.inverse?.(input, seen(now, { ...before, config: configPath }))).toEqual([
    { operation: 'guest.boot', input: { ...found, boot: before } },
  ])
  // xl takes a config without a type for PV, and the older `builder` for one.
  expect(boot.inverse?.(input, seen(now, { builder: 'hvm' }))).toEqual([
    { operation: 'guest.boot', input: { ...found, boot: { type: 'hvm' } } },
  ])
  expect(boot.inverse?.(input, seen({ ...now, state: 'running' }, before))).toEqual([])
  expect(boot.inverse?.(input, seen({ ...now, kernel: '/other' }, before))).toEqual([])
  expect(boot.inverse?.(input, seen(now, { ...before, odd: 'extra' }))).toEqual([])
  expect(boot.inverse?.(input, seen(now, { ...before, extra: 'a"; on_crash = "x' }))).toEqual([])
  expect(boot.inverse?.(input, seen(now, {}))).toEqual([])
})

it('a mending is put back by the job that did it, while the guest is off', () => {
  const input = { ...old, ids: ['fstab' as const] }
  const job = '01KAHM5ZB0SEEDEDBYSEEDFLEE'
  expect(mend.inverse?.(input, seen({}, { job }))).toEqual([{ operation: 'guest.unmend', input: { ...found, job } }])
  expect(mend.inverse?.(input, seen({ state: 'running' }, { job }))).toEqual([])
  expect(mend.inverse?.(input, seen({}))).toEqual([])
})
