import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type GuestLife, startGuestLife } from './testing/guest-life'

let life: GuestLife
let input: { name: string; uuid: string; configPath: string }
beforeAll(async () => {
  life = await startGuestLife(2)
  await life.simulated.addForeignGuest({ name: 'theirs', state: 'running' })
  const guest = await life.guest('theirs')
  input = { name: 'theirs', uuid: guest.id, configPath: life.etcXen('theirs.cfg') }
  await life.run('ln', '-s', '../theirs.cfg', life.etcXen('auto/10-theirs'))
}, 60_000)
afterAll(() => life.stop())

const folder = () => join(life.root, 'guests/theirs')

describe('guest.adopt', () => {
  it('leaves everything as it was when it is cut at points all along it', async () => {
    const before = {
      text: readFileSync(input.configPath, 'utf8'),
      etc: readdirSync(life.etcXen()),
      guests: readdirSync(join(life.root, 'guests')),
    }
    const killed = await life.cutAlong({ operation: 'guest.adopt', input }, 4, (at) => {
      expect({
        at,
        link: lstatSync(input.configPath).isSymbolicLink(),
        text: readFileSync(input.configPath, 'utf8'),
        etc: readdirSync(life.etcXen()),
        guests: readdirSync(join(life.root, 'guests')),
      }).toEqual({ at, link: false, ...before })
    })
    expect(killed).toBeGreaterThan(5)
    expect(readFileSync(join(folder(), 'guest.cfg'), 'utf8')).toBe(before.text)
  })

  it('has moved the config, and whoever knew it finds it where it was', async () => {
    expect(readlinkSync(input.configPath)).toBe(join(folder(), 'guest.cfg'))
    expect(JSON.parse(life.read('guests/theirs/guest.json'))).toMatchObject({ mode: 'adopted', uuid: input.uuid })
    const guest = await life.guest('theirs')
    expect(guest).toMatchObject({
      adopted: true,
      state: 'running',
      autostart: '10-theirs',
      configPath: join(folder(), 'guest.cfg'),
    })
    expect(guest.origin).toBeUndefined()
    // By the way that xendomains goes, and by ours.
    await life.succeed({ operation: 'guest.destroy', input })
    await life.run('xl', 'create', '-q', life.etcXen('auto/10-theirs'))
    await life.succeed({ operation: 'guest.destroy', input })
    await life.succeed({ operation: 'guest.start', input: { ...input, configPath: guest.configPath ?? '' } })
    await life.succeed({ operation: 'guest.save', input })
    await life.succeed({ operation: 'guest.restore', input })
    expect((await life.guest('theirs')).state).toBe('running')
  })

  it('refuses a guest that is ours, a file of another guest and one that is gone', async () => {
    expect((await life.ended({ operation: 'guest.adopt', input })).problem?.code).toBe('BUSY')
    writeFileSync(life.etcXen('odd.cfg'), 'name = "odd"\nuuid = "3f0c6f4e-7a0e-4f1c-9d55-000000000001"\n')
    const odd = { name: 'odd', uuid: '3f0c6f4e-7a0e-4f1c-9d55-000000000002', configPath: life.etcXen('odd.cfg') }
    expect((await life.ended({ operation: 'guest.adopt', input: odd })).problem?.code).toBe('BAD_INPUT')
    expect((await life.ended({ operation: 'guest.adopt', input: { ...odd, name: 'even' } })).problem?.code).toBe('BAD_INPUT')
    expect((await life.ended({ operation: 'guest.adopt', input: { ...odd, configPath: '/none.cfg' } })).problem?.code).toBe(
      'NOT_FOUND',
    )
    expect(existsSync(join(life.root, 'guests/odd'))).toBe(false)
  })

  it('writes a UUID to a config that has none', async () => {
    writeFileSync(life.etcXen('plain.cfg'), 'name = "plain" # by hand\nmemory = 64\n')
    const plain = { name: 'plain', uuid: '3f0c6f4e-7a0e-4f1c-9d55-000000000003', configPath: life.etcXen('plain.cfg') }
    await life.succeed({ operation: 'guest.adopt', input: plain })
    expect(readFileSync(plain.configPath, 'utf8')).toBe(`name = "plain" # by hand\nmemory = 64\nuuid = "${plain.uuid}"\n`)
    expect((await life.guest('plain')).id).toBe(plain.uuid)
  })

  it('is deleted with its folder and its links, and its disk stays', async () => {
    const { disks } = await life.guest('theirs')
    await life.succeed({ operation: 'guest.delete', input })
    expect(existsSync(folder())).toBe(false)
    expect(lstatSync(input.configPath, { throwIfNoEntry: false })).toBeUndefined()
    expect(Object.keys(life.links())).toEqual([])
    expect(disks.length).toBeGreaterThan(0)
    for (const { target } of disks) expect(existsSync(target)).toBe(true)
  })
})
