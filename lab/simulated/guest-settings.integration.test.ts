import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Guest } from '../../src-shared/models/guest'
import { type GuestLife, startGuestLife } from './testing/guest-life'

let life: GuestLife
beforeAll(async () => {
  life = await startGuestLife(20)
  await life.simulated.addForeignGuest({ name: 'theirs', state: 'running', memoryMb: 512 })
}, 60_000)
afterAll(() => life.stop())

const ref = ({ name, id, configPath }: Guest) => ({ name, uuid: id, ...(configPath === undefined ? {} : { configPath }) })
const bare = ({ name, id }: Guest) => ({ name, uuid: id })
const configOf = (guest: Guest) => readFileSync(guest.configPath ?? '', 'utf8')

describe('pause and unpause', () => {
  it('stop a guest in its tracks and let it run on', async () => {
    const web = await life.guest('web-01')
    await life.succeed({ operation: 'guest.pause', input: bare(web) })
    expect((await life.guest('web-01')).state).toBe('paused')
    expect(await life.ended({ operation: 'guest.pause', input: bare(web) })).toMatchObject({
      state: 'failed',
      problem: { code: 'BUSY', detail: 'web-01 is paused already.' },
    })
    await life.succeed({ operation: 'guest.unpause', input: bare(web) })
    expect((await life.guest('web-01')).state).toBe('running')
    expect(await life.ended({ operation: 'guest.unpause', input: bare(web) })).toMatchObject({
      problem: { code: 'BUSY', detail: 'web-01 is not paused.' },
    })
  })

  it('leave a guest running when they are cut', async () => {
    const web = await life.guest('web-01')
    const killed = await life.cutAlong({ operation: 'guest.pause', input: bare(web) }, 2, async () => {
      expect((await life.guest('web-01')).state).toBe('running')
    })
    expect(killed).toBeGreaterThan(3)
    await life.succeed({ operation: 'guest.unpause', input: bare(web) })
  })
})

describe('memory', () => {
  it('changes at once and in the config, where nothing else changes', async () => {
    const web = await life.guest('web-01')
    appendFileSync(web.configPath ?? '', '# a note of the administrator: memory = 99\n')
    const before = configOf(web)
    const target = web.memoryMb / 2
    await life.succeed({ operation: 'guest.memory', input: { ...bare(web), memoryMb: target } })
    expect((await life.guest('web-01')).memoryMb).toBe(target)
    expect(configOf(web)).toBe(before.replace(`memory = ${web.memoryMb}`, `memory = ${target}`))
    await life.succeed({ operation: 'guest.memory', input: { ...bare(web), memoryMb: web.memoryMb } })
    expect(configOf(web)).toBe(before)
  })

  it('is refused above what it was started with while it runs, and changes nothing', async () => {
    const web = await life.guest('web-01')
    const before = configOf(web)
    const job = await life.ended({ operation: 'guest.memory', input: { ...bare(web), memoryMb: web.memoryMb + 1 } })
    expect(job).toMatchObject({
      state: 'failed',
      problem: { code: 'BAD_INPUT', detail: expect.stringContaining(`at most ${web.memoryMb} MB while it runs`) },
    })
    expect(configOf(web)).toBe(before)
    expect((await life.guest('web-01')).memoryMb).toBe(web.memoryMb)
  })

  it('of a stopped guest takes its maximum along', async () => {
    const web = await life.guest('web-02')
    if (web.state !== 'halted') await life.succeed({ operation: 'guest.destroy', input: bare(web) })
    appendFileSync(web.configPath ?? '', `maxmem = ${web.memoryMb} # the same`)
    await life.succeed({ operation: 'guest.memory', input: { ...bare(web), memoryMb: 1100 } })
    expect(configOf(web)).toContain('memory = 1100\n')
    expect(configOf(web)).toContain('maxmem = 1100 # the same\n')
    await life.succeed({ operation: 'guest.start', input: { ...bare(web), configPath: web.configPath ?? '' } })
    expect(await life.guest('web-02')).toMatchObject({ state: 'running', memoryMb: 1100 })
  })

  it('of a paused guest is refused', async () => {
    const paused = await life.guest('cache-01').then(async (guest) => {
      if (guest.state === 'running') await life.succeed({ operation: 'guest.pause', input: bare(guest) })
      return guest
    })
    expect(await life.ended({ operation: 'guest.memory', input: { ...bare(paused), memoryMb: 64 } })).toMatchObject({
      problem: { code: 'BUSY', detail: expect.stringContaining('cache-01 is paused') },
    })
  })

  it('that the guest does not give back fails with the reason, and is set back', async () => {
    const web = await life.guest('web-02')
    writeFileSync(join(life.simulated.folder, 'xen/stubborn'), 'web-02\n')
    const before = configOf(web)
    const job = await life.ended({ operation: 'guest.memory', input: { ...bare(web), memoryMb: 100 } }, (text) =>
      text.replace("limit_s='60'", 'limit_s=1').replace('limit_s=60', 'limit_s=1'),
    )
    writeFileSync(join(life.simulated.folder, 'xen/stubborn'), '')
    expect(job).toMatchObject({ state: 'failed', left: 'nothing', problem: { code: 'JOB_FAILED' } })
    expect(job.problem?.detail).toBe('web-02 still has 1100 MB after 1 seconds, not 100 MB.')
    expect(configOf(web)).toBe(before)
  })

  it('is as it was when the job is cut at points all along it', async () => {
    const web = await life.guest('web-01')
    const before = configOf(web)
    const killed = await life.cutAlong({ operation: 'guest.memory', input: { ...bare(web), memoryMb: 128 } }, 3, async (at) => {
      expect({ at, config: configOf(web), now: (await life.guest('web-01')).memoryMb }).toEqual({
        at,
        config: before,
        now: web.memoryMb,
      })
    })
    expect(killed).toBeGreaterThan(8)
    expect((await life.guest('web-01')).memoryMb).toBe(128)
    expect(await life.run('ls', join(life.root, 'guests/web-01'))).toBe('guest.cfg\nguest.json\nlayer.img\n')
  })

  it('of a guest that others made is written to the file it was started from', async () => {
    const db = await life.guest('theirs')
    await life.succeed({ operation: 'guest.memory', input: { ...bare(db), memoryMb: 200 } })
    expect(configOf(db)).toContain('memory = 200\n')
    expect(db.configPath).toBe(life.etcXen(`${db.name}.cfg`))
  })

  it('of a guest without a file changes live only, and says so', async () => {
    await life.simulated.addForeignGuest({ name: 'by-hand', state: 'running' })
    const guest = await life.guest('by-hand')
    await life.run('rm', life.etcXen('by-hand.cfg'))
    const job = await life.succeed({ operation: 'guest.memory', input: { ...bare(guest), memoryMb: 64 } })
    expect(job.result).toMatchObject({ config: 'none', live: '64 MB' })
    expect(await life.ended({ operation: 'guest.crash-policy', input: { ...bare(guest), policy: 'restart' } })).toMatchObject({
      problem: { code: 'BAD_INPUT', detail: expect.stringContaining('No config file of by-hand is known') },
    })
  })
})

describe('vCPUs', () => {
  it('go down and up again within what it was started with', async () => {
    const all = [...life.connected.host.guests.values()]
    const guest = all.find(({ state, vcpus, origin }) => state === 'running' && vcpus > 1 && origin)
    if (!guest) throw new Error('no guest with two vCPUs')
    await life.succeed({ operation: 'guest.vcpus', input: { ...ref(guest), vcpus: 1 } })
    expect((await life.guest(guest.name)).vcpus).toBe(1)
    expect(configOf(guest)).toContain('vcpus = 1\n')
    await life.succeed({ operation: 'guest.vcpus', input: { ...ref(guest), vcpus: guest.vcpus } })
    expect((await life.guest(guest.name)).vcpus).toBe(guest.vcpus)
    expect(await life.ended({ operation: 'guest.vcpus', input: { ...ref(guest), vcpus: guest.vcpus + 1 } })).toMatchObject({
      problem: { code: 'BAD_INPUT', detail: expect.stringContaining(`at most ${guest.vcpus} vCPUs while it runs`) },
    })
  })
})

describe('the crash policy', () => {
  it('is written to the config and says from when on', async () => {
    const web = await life.guest('web-01')
    const job = await life.succeed({ operation: 'guest.crash-policy', input: { ...ref(web), policy: 'coredump-restart' } })
    expect(job.result.applies).toBe('at its next start')
    expect(configOf(web)).toContain('on_crash = "coredump-restart"\n')
  })

  it('never hits a namesake', async () => {
    const web = await life.guest('web-01')
    const before = configOf(web)
    const other = { name: 'web-01', uuid: '3f0c6f4e-7a0e-4f1c-9d55-000000000009' }
    expect((await life.ended({ operation: 'guest.crash-policy', input: { ...other, policy: 'destroy' } })).state).toBe('failed')
    expect((await life.ended({ operation: 'guest.memory', input: { ...other, memoryMb: 64 } })).problem?.code).toBe('NOT_FOUND')
    expect(configOf(web)).toBe(before)
  })

  it('takes a path of any characters for what it is', async () => {
    const web = await life.guest('theirs')
    const odd = life.etcXen(`odd $(reboot) "it's" -x;.cfg`)
    await life.run('mv', web.configPath ?? '', odd)
    const name = `-x $(reboot) 'q' "`
    await life.succeed({ operation: 'guest.crash-policy', input: { name, configPath: odd, policy: 'restart' } })
    expect(readFileSync(odd, 'utf8')).toContain('on_crash = "restart"')
    await life.run('mv', odd, web.configPath ?? '')
  })
})

describe('what is taken back', () => {
  const inverseOf = async (jobId: string) => {
    await life.connected.host.refresh()
    return (await life.jobs.detail(life.connected.host, jobId)).inverse
  }

  it.each(['running', 'halted'])(
    'is memory, vCPUs and the crash policy of a %s guest, and its file reads as before',
    async (state) => {
      const web = await life.guest(state === 'running' ? 'web-01' : 'web-02')
      if (state === 'halted') await life.succeed({ operation: 'guest.destroy', input: bare(web) })
      const before = configOf(web)
      const { memoryMb, vcpus, crashPolicy } = await life.guest(web.name)
      const given = memoryMb / 2
      const policy = crashPolicy === 'destroy' ? 'restart' : 'destroy'
      const memory = await life.succeed({ operation: 'guest.memory', input: { ...bare(web), memoryMb: given } })
      const crash = await life.succeed({ operation: 'guest.crash-policy', input: { ...bare(web), policy } })
      expect(await life.guest(web.name)).toMatchObject({ memoryMb: given, crashPolicy: policy })
      await life.undo(crash)
      await life.undo(memory)
      if (vcpus > 1 || state === 'halted') {
        await life.undo(await life.succeed({ operation: 'guest.vcpus', input: { ...bare(web), vcpus: vcpus > 1 ? 1 : 2 } }))
      }
      expect(await life.guest(web.name)).toMatchObject({ state, memoryMb, vcpus, crashPolicy })
      expect(configOf(web)).toBe(before)
      expect(await inverseOf(memory.id)).toEqual([])
      expect(await inverseOf(crash.id)).toEqual([])
    },
  )

  it('is no number that would leave the bound of the file elsewhere than it was', async () => {
    const web = await life.guest('web-02')
    if (web.state !== 'halted') await life.succeed({ operation: 'guest.destroy', input: bare(web) })
    const number = (key: string) => Number(new RegExp(`^${key} = (\\d+)`, 'm').exec(configOf(web))?.[1])
    const set = (memoryMb: number) => life.succeed({ operation: 'guest.memory', input: { ...bare(web), memoryMb } })
    const both = number('memory')
    if (Number.isNaN(number('maxmem'))) appendFileSync(web.configPath ?? '', `maxmem = ${both}\n`)
    expect(number('maxmem')).toBe(both)
    // Raised above its bound, which a smaller number would not lower again.
    const lower = both - 100
    writeFileSync(web.configPath ?? '', configOf(web).replace(/^memory = \d+/m, `memory = ${lower}`))
    expect(await inverseOf((await set(both + 100)).id)).toEqual([])
    // Up to its bound, which would then follow.
    writeFileSync(web.configPath ?? '', configOf(web).replace(/^memory = \d+/m, `memory = ${lower}`))
    expect(await inverseOf((await set(both + 100)).id)).toEqual([])
    writeFileSync(web.configPath ?? '', configOf(web).replace(/^memory = \d+/m, `memory = ${lower}`))
    const text = configOf(web)
    await life.undo(await set(lower + 50))
    expect(configOf(web)).toBe(text)
  })
})
