import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Guest } from '../../src-shared/models/guest'
import { type GuestLife, startGuestLife } from './testing/guest-life'

let life: GuestLife
let web: Guest
beforeAll(async () => {
  life = await startGuestLife(4)
  web = await life.guest('web-01')
}, 60_000)
afterAll(() => life.stop())

const ref = () => ({ name: web.name, uuid: web.id })
const folder = (...path: string[]) => join(life.root, 'guests/web-01', ...path)
const layerLoops = async () =>
  (await life.run('losetup', '-n', '-O', 'BACK-FILE', '-j', folder('layer.img'))).split('\n').filter(Boolean).length
const config = () => life.read('guests/web-01/guest.cfg')
/** What holds a saved guest's config: xl refuses it, and it is our one line that makes the difference. */
const isHeld = () => config().startsWith('This guest is saved.')
const state = async () => (await life.guest('web-01')).state

describe('guest.save and guest.restore', () => {
  it('put a guest aside and let it go on, with the memory it had by then', async () => {
    await life.succeed({ operation: 'guest.memory', input: { ...ref(), memoryMb: 200 } })
    const before = config()
    const job = await life.succeed({ operation: 'guest.save', input: ref() })
    expect(Number(job.result.bytes)).toBeGreaterThan(0)
    const saved = await life.guest('web-01')
    expect(saved).toMatchObject({ state: 'saved', savedBytes: Number(job.result.bytes) })
    expect(saved.domid).toBeUndefined()
    expect(await layerLoops()).toBe(0)
    // Neither xendomains nor a person may boot it afresh now.
    expect((await life.simulated.run(['xl', 'create', '-q', folder('guest.cfg')])).exitCode).not.toBe(0)
    expect(saved.memoryMb).toBe(200)
    await life.succeed({ operation: 'guest.restore', input: ref() })
    const after = await life.guest('web-01')
    expect(after).toMatchObject({ state: 'running', memoryMb: 200 })
    expect(after.savedBytes).toBeUndefined()
    expect(config()).toBe(before)
    expect(readdirSync(folder()).sort()).toEqual(['guest.cfg', 'guest.json', 'layer.img'])
  })

  it('refuse what would break a saved guest', async () => {
    await life.succeed({ operation: 'guest.save', input: ref() })
    const { configPath = '' } = web
    for (const call of [
      { operation: 'guest.start', input: { ...ref(), configPath } },
      { operation: 'guest.memory', input: { ...ref(), memoryMb: 100 } },
      { operation: 'guest.vcpus', input: { ...ref(), vcpus: 1 } },
      { operation: 'guest.rename', input: { ...ref(), newName: 'other' } },
    ] as const)
      expect(await life.ended(call), call.operation).toMatchObject({ state: 'failed', problem: { code: 'BUSY' } })
    expect(await state()).toBe('saved')
  })

  it('refuse to go on when the layer was written to since', async () => {
    await life.run('touch', '-d', 'now + 1 hour', folder('layer.img'))
    const job = await life.ended({ operation: 'guest.restore', input: ref() })
    expect(job.problem).toMatchObject({ code: 'BUSY', detail: expect.stringContaining('written to after its memory was saved') })
    expect(await state()).toBe('saved')
    await life.run('touch', '-d', '1 hour ago', folder('layer.img'))
  })

  it('keep what was saved when it cannot be restored', async () => {
    const kept = life.read('guests/web-01/saved')
    const hog = { name: 'web-01', uuid: '3f0c6f4e-7a0e-4f1c-9d55-000000000001' }
    await life.simulated.addForeignGuest({ ...hog, state: 'running' })
    const job = await life.ended({ operation: 'guest.restore', input: ref() })
    expect(job).toMatchObject({ state: 'failed', left: 'nothing', problem: { code: 'BUSY' } })
    await life.run('xl', 'destroy', 'web-01')
    await life.run('rm', life.etcXen('web-01.cfg'))
    writeFileSync(folder('saved'), 'broken\n')
    expect(await life.ended({ operation: 'guest.restore', input: ref() })).toMatchObject({
      state: 'failed',
      problem: { code: 'COMMAND_FAILED', detail: expect.stringContaining('what was saved is kept') },
    })
    writeFileSync(folder('saved'), kept)
    expect(await state()).toBe('saved')
  })

  it('end up saved or restored when the restore is cut at points all along it', async () => {
    const killed = await life.cutAlong({ operation: 'guest.restore', input: ref() }, 3, async (at) => {
      const now = await life.guest('web-01')
      expect(['saved', 'running'], `cut at ${at}`).toContain(now.state)
      expect(existsSync(folder('saved')), `cut at ${at}`).toBe(now.state === 'saved')
      expect(isHeld(), `cut at ${at}`).toBe(now.state === 'saved')
      expect(existsSync(folder('saved.gone')), `cut at ${at}`).toBe(false)
      if (now.state === 'running') await life.succeed({ operation: 'guest.save', input: ref() })
    })
    expect(killed).toBeGreaterThan(8)
    expect(await state()).toBe('running')
  })

  it('end up running or saved when the save is cut at points all along it', async () => {
    const killed = await life.cutAlong({ operation: 'guest.save', input: ref() }, 3, async (at) => {
      const now = await life.guest('web-01')
      expect(['saved', 'running'], `cut at ${at}`).toContain(now.state)
      expect(existsSync(folder('saved')), `cut at ${at}`).toBe(now.state === 'saved')
      expect(isHeld(), `cut at ${at}`).toBe(now.state === 'saved')
      expect(existsSync(folder('saved.part')), `cut at ${at}`).toBe(false)
      if (now.state === 'saved') await life.succeed({ operation: 'guest.restore', input: ref() })
    })
    expect(killed).toBeGreaterThan(8)
    await life.succeed({ operation: 'guest.restore', input: ref() })
  })

  it('leave a guest running that does not answer, and say so', async () => {
    writeFileSync(join(life.simulated.folder, 'xen/stubborn'), 'web-01\n')
    const job = await life.ended({ operation: 'guest.save', input: ref() })
    writeFileSync(join(life.simulated.folder, 'xen/stubborn'), '')
    expect(job).toMatchObject({
      state: 'failed',
      left: 'nothing',
      problem: { code: 'COMMAND_FAILED', detail: 'xl could not save web-01; it runs on.' },
    })
    expect(await state()).toBe('running')
    expect(existsSync(folder('saved.part'))).toBe(false)
  })

  it('have no folder for a guest that others made', async () => {
    await life.simulated.addForeignGuest({ name: 'theirs', state: 'running' })
    const { id } = await life.guest('theirs')
    expect(await life.ended({ operation: 'guest.save', input: { name: 'theirs', uuid: id } })).toMatchObject({
      problem: { code: 'NOT_FOUND', hint: 'Adopt it first.' },
    })
  })
})

describe('guest.discard', () => {
  it('forgets the memory and nothing else, and the guest boots anew', async () => {
    await life.succeed({ operation: 'guest.save', input: ref() })
    const killed = await life.cutAlong({ operation: 'guest.discard', input: ref() }, 4, async (at) => {
      expect(['saved', 'halted'], `cut at ${at}`).toContain(await state())
      expect(existsSync(folder('saved.gone'))).toBe(false)
      expect(isHeld(), `cut at ${at}`).toBe((await state()) === 'saved')
      if ((await state()) === 'halted') {
        await life.succeed({ operation: 'guest.start', input: { ...ref(), configPath: web.configPath ?? '' } })
        await life.succeed({ operation: 'guest.save', input: ref() })
      }
    })
    expect(killed).toBeGreaterThan(2)
    expect(await state()).toBe('halted')
    await life.succeed({ operation: 'guest.start', input: { ...ref(), configPath: web.configPath ?? '' } })
    expect(await state()).toBe('running')
  })

  it('goes along when a saved guest is deleted', async () => {
    await life.succeed({ operation: 'guest.save', input: ref() })
    await life.succeed({ operation: 'guest.delete', input: ref() })
    expect(existsSync(folder())).toBe(false)
  })
})
