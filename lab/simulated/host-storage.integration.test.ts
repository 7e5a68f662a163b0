import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ulid } from 'ulid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { planClone } from '../../src-main/guests/plan-clone'
import { findLeftovers } from '../../src-main/storage/leftovers'
import type { OperationCall } from '../../src-shared/operations'
import { type GuestLife, startGuestLife } from './testing/guest-life'

let life: GuestLife
beforeAll(async () => {
  life = await startGuestLife(3)
}, 60_000)
afterAll(() => life.stop())

const gone = '01KAHM5ZB0000000000000GONE'
const dead = '01KAHM5ZB0000000000000DEAD'
const found = async () => (await findLeftovers(life.connected.host)).map(({ kind, name }) => `${kind} ${name.split('/').at(-1)}`)
const clean = (...items: { kind: 'file' | 'loop' | 'link'; name: string }[]): OperationCall => ({
  operation: 'host.clean',
  input: { items },
})

describe('what is left over', () => {
  it('is nothing on a host where all is in order', async () => {
    expect(await found()).toEqual([])
  })

  it('is what jobs that are over have made, and not what a job that waits to be rolled back has', async () => {
    mkdirSync(join(life.simulated.folder, 'state/jobs', dead), { recursive: true })
    mkdirSync(join(life.root, 'templates'), { recursive: true })
    for (const name of [`.deleting-${gone}`, `.importing-${dead}`]) mkdirSync(join(life.root, name))
    writeFileSync(join(life.root, `.deleting-${gone}`, 'layer.img'), 'x'.repeat(5000))
    writeFileSync(join(life.root, 'templates', `ext4-64.img.${gone}.made`), '')
    // Of somebody else, and of no job.
    for (const name of ['templates/ext4-64.img.old', 'templates/ext4-64.img']) writeFileSync(join(life.root, name), '')
    mkdirSync(join(life.root, '.snapshots'))
    // Of a job of today that this host does not know: another one with the same storage may run it.
    mkdirSync(join(life.root, `.importing-${ulid()}`))
    expect(await found()).toEqual([`file .deleting-${gone}`, `file ext4-64.img.${gone}.made`])
    const [first] = await findLeftovers(life.connected.host)
    expect(first?.bytes).toBeGreaterThanOrEqual(5000)
  })

  it('is a loop device of ours that nobody uses, and a link that leads nowhere', async () => {
    const file = join(life.root, 'guests', 'lost layer.img')
    writeFileSync(file, '')
    truncateSync(file, 1024 * 1024)
    const loop = (await life.run('losetup', '-f', '--show', file)).trim()
    await life.run('losetup', '-f', '--show', '/dev/null').catch(() => undefined)
    symlinkSync('/nowhere', join(life.simulated.folder, 'run/bases/gone.1'))
    const before = await found()
    expect(before).toContain(`loop ${loop.split('/').at(-1)}`)
    expect(before).toContain('link gone.1')
    expect(before).toHaveLength(4)
    rmSync(file)
  })

  it('goes by a job, as chosen, and the rest stays', async () => {
    const all = await findLeftovers(life.connected.host)
    const spared = all.find(({ name }) => name.includes('.deleting-'))
    const going = all.filter((one) => one !== spared).map(({ kind, name }) => ({ kind, name }))
    await life.succeed({ operation: 'host.clean', input: { items: going } })
    expect(await found()).toEqual([`file .deleting-${gone}`])
    expect(existsSync(join(life.root, 'templates/ext4-64.img.old'))).toBe(true)
    const again = await life.ended({ operation: 'host.clean', input: { items: going } })
    expect(again.problem).toMatchObject({ code: 'NOT_FOUND', detail: expect.stringContaining('is not left over any more') })
  })

  it('never removes what it was not told of, whatever it is named', async () => {
    const layer = (await life.guest('web-01')).disks.find(({ writable }) => writable)?.target ?? ''
    for (const name of [layer, life.root, `${life.root}/.importing-${dead}`, '$(touch pwned)', '-rf', '/etc']) {
      expect((await life.ended(clean({ kind: 'file', name }))).problem?.code).toBe('NOT_FOUND')
    }
    expect(existsSync(layer)).toBe(true)
    expect(existsSync(join(life.root, `.importing-${dead}`))).toBe(true)
    await life.succeed(clean({ kind: 'file', name: join(life.root, `.deleting-${gone}`) }))
    expect(await found()).toEqual([])
  })
})

describe('room', () => {
  it.each([
    [100, 'are needed', 'Free some space, or move the storage root'],
    [93, 'Less than a tenth is free', 'layers grow as guests write'],
  ])('is too little for a clone with %i %% full: the plan says so and the job makes nothing', async (percent, reason, hint) => {
    writeFileSync(join(life.simulated.folder, 'xen/disk-used'), `${percent}\n`)
    const [generation] = life.connected.host.generations
    if (!generation) throw new Error('There is no base.')
    const { base, generation: number } = generation
    const same = { base, generation: number, mode: 'overlay', layerMb: 64, memoryMb: 128, vcpus: 1, bridge: null } as const
    const { checks } = await planClone(life.connected.host, { ...same, type: 'auto', pattern: 'fresh', count: 1 }, new Set())
    expect(checks.find(({ title }) => title === 'Space')).toMatchObject({
      verdict: 'fail',
      fact: expect.stringContaining(reason),
    })
    const guests = [{ name: 'fresh', uuid: randomUUID(), mac: '00:16:3e:01:02:03' }]
    const job = await life.ended({ operation: 'guest.clone', input: { ...same, type: 'pv', guests } })
    expect(job).toMatchObject({ state: 'failed', left: 'nothing', problem: { hint: expect.stringContaining(hint) } })
    expect(existsSync(join(life.root, 'guests/fresh'))).toBe(false)
    rmSync(join(life.simulated.folder, 'xen/disk-used'))
  })
})
