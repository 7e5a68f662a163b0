import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { planClone } from '../../src-main/guests/plan-clone'
import { type GuestLife, startGuestLife } from './testing/guest-life'

// What the guard knows, its own test tells; here whoever starts a guest asks it.
let life: GuestLife
const thief = { name: 'thief', uuid: '3f0c6f4e-7a0e-4f1c-9d55-00000000000a' }
beforeAll(async () => {
  life = await startGuestLife(2)
  await life.simulated.addForeignGuest({ name: 'theirs', state: 'running' })
  const config = readFileSync(life.etcXen('theirs.cfg'), 'utf8')
  const own = config.replaceAll('name = "theirs"', 'name = "thief"').replace(/uuid = ".*"/, `uuid = "${thief.uuid}"`)
  writeFileSync(life.etcXen('thief.cfg'), own.replace(/00:16:3e:[0-9a-f:]+/, '00:16:3e:7f:7f:7f'))
}, 60_000)
afterAll(() => life.stop())

describe('one disk in two guests', () => {
  it.each([
    ['guest.start', {}],
    ['guest.adopt', {}],
    ['guest.autostart', { on: true }],
  ] as const)('%s is refused and names who has it, and nothing is changed', async (operation, more) => {
    const input = { ...thief, configPath: life.etcXen('thief.cfg'), ...more }
    const before = await life.run('xl', 'list')
    const job = await life.ended({ operation, input } as Parameters<GuestLife['ended']>[0])
    expect(job).toMatchObject({
      state: 'failed',
      left: 'nothing',
      problem: { code: 'BUSY', hint: expect.stringContaining('Shut down theirs first') },
    })
    expect(job.problem?.detail).toContain('The disk xvda of thief')
    expect((await life.run('xl', 'list')).split('\n').length).toBe(before.split('\n').length)
    expect(life.links()).toEqual({})
  })

  it('is told as soon as a clone is planned on a base that somebody writes to', async () => {
    const { host } = life.connected
    const [generation] = host.generations
    if (!generation) throw new Error('There is no base.')
    writeFileSync(
      life.etcXen('vandal.cfg'),
      `name = "vandal"\nmemory = 64\ndisk = [ '${join(generation.path, 'root.img')},raw,xvda,w' ]\n`,
    )
    const request = { base: generation.base, generation: generation.generation, mode: 'overlay', layerMb: 64 } as const
    const plan = async () => {
      const rest = { memoryMb: 128, vcpus: 1, type: 'auto', bridge: null, pattern: 'fresh', count: 1 } as const
      return (await planClone(host, { ...request, ...rest }, new Set())).checks.find(({ title }) => title === 'Sharing')
    }
    expect(await plan()).toMatchObject({ verdict: 'pass' })
    const input = { name: 'vandal', configPath: life.etcXen('vandal.cfg') }
    expect((await life.ended({ operation: 'guest.start', input })).problem?.detail).toContain('a base that guests share')
    await life.run('xl', 'create', '-q', life.etcXen('vandal.cfg'))
    expect(await plan()).toMatchObject({ verdict: 'fail', fact: expect.stringContaining('by vandal, which runs') })
  })

  it('says who runs under the UUID of another', async () => {
    await life.run('sed', '-i', '-e', `s/uuid = ".*"/uuid = "${(await life.guest('theirs')).id}"/`, life.etcXen('thief.cfg'))
    const input = { name: 'thief', uuid: (await life.guest('theirs')).id, configPath: life.etcXen('thief.cfg') }
    const { problem } = await life.ended({ operation: 'guest.start', input })
    expect(problem).toMatchObject({ code: 'BUSY', detail: expect.stringContaining('theirs runs with the UUID of thief') })
  })
})
