import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { planClone } from '../../src-main/guests/plan-clone'
import { operationInputs } from '../../src-shared/operations'
import { type GuestLife, startGuestLife } from './testing/guest-life'

let life: GuestLife
let uuid: string
beforeAll(async () => {
  life = await startGuestLife(4)
  uuid = (await life.guest('web-01')).id
  await life.succeed({ operation: 'guest.autostart', input: { name: 'web-01', uuid, on: true, order: 5 } })
  await life.run('ln', '-s', join(life.root, 'guests/web-01/guest.cfg'), life.etcXen('auto/zz'))
}, 60_000)
afterAll(() => life.stop())

const everything = () => ({
  folders: readdirSync(join(life.root, 'guests')).sort(),
  files: existsSync(join(life.root, 'guests/web-01')) ? readdirSync(join(life.root, 'guests/web-01')).sort() : [],
  config: existsSync(join(life.root, 'guests/web-01/guest.cfg')) ? life.read('guests/web-01/guest.cfg') : '',
  about: existsSync(join(life.root, 'guests/web-01/guest.json')) ? life.read('guests/web-01/guest.json') : '',
  links: life.links(),
})

describe('guest.rename', () => {
  it('refuses a guest that runs, with the reason', async () => {
    const before = everything()
    const job = await life.ended({ operation: 'guest.rename', input: { name: 'web-01', uuid, newName: 'shop' } })
    expect(job).toMatchObject({ state: 'failed', problem: { code: 'BUSY', detail: expect.stringContaining('web-01 runs') } })
    expect(job.problem?.hint).toBe('Shut it down, rename it, and start it again.')
    expect(everything()).toEqual(before)
    await life.succeed({ operation: 'guest.destroy', input: { name: 'web-01', uuid } })
  })

  it.each(['web-02', 'web-01', 'theirs'])('refuses %s, which is taken', async (newName) => {
    if (newName === 'theirs') await life.simulated.addForeignGuest({ name: 'theirs' })
    const before = everything()
    const job = await life.ended({ operation: 'guest.rename', input: { name: 'web-01', uuid, newName } })
    expect(job.state).toBe('failed')
    expect(everything()).toEqual(before)
  })

  it.each(['', '-rf', '007', 'a b', '$(reboot)', 'ü', `it's`, 'a\nb', 'x'.repeat(64), 'UP', 'a/../b'])(
    'is refused %j before anything runs',
    (newName) => {
      expect(operationInputs['guest.rename'].safeParse({ name: 'web-01', uuid, newName }).success).toBe(false)
    },
  )

  it('is as it was when it is cut at points all along it', async () => {
    const before = everything()
    const killed = await life.cutAlong(
      { operation: 'guest.rename', input: { name: 'web-01', uuid, newName: 'shop' } },
      5,
      (at) => {
        expect({ at, ...everything() }).toEqual({ at, ...before })
      },
    )
    expect(killed).toBeGreaterThan(8)
  })

  it('has changed the folder, the config, guest.json and the links, and the guest starts', async () => {
    const shop = await life.guest('shop')
    expect(shop).toMatchObject({ id: uuid, state: 'halted', autostart: '005-shop.cfg' })
    const config = join(life.root, 'guests/shop/guest.cfg')
    expect(life.links()).toMatchObject({ '005-shop.cfg': config, zz: config })
    expect(readFileSync(config, 'utf8')).not.toContain('web-01')
    expect(readFileSync(config, 'utf8')).toContain('systemd.hostname=shop ')
    expect(JSON.parse(life.read('guests/shop/guest.json'))).toMatchObject({ name: 'shop', uuid })
    expect(readdirSync(join(life.root, 'guests/shop')).sort()).toEqual(['guest.cfg', 'guest.json', 'layer.img'])
    await life.succeed({ operation: 'guest.start', input: { name: 'shop', uuid, configPath: config } })
    expect(await life.guest('shop')).toMatchObject({ id: uuid, state: 'running' })
    expect(await life.run('losetup', '-n', '-O', 'BACK-FILE')).toContain('guests/shop/layer.img')
  })

  it('of a guest that others made changes its name in its file, which stays where it is', async () => {
    const theirs = await life.guest('theirs')
    const { id, configPath = '' } = theirs
    if (theirs.state !== 'halted') await life.succeed({ operation: 'guest.destroy', input: { name: 'theirs', uuid: id } })
    await life.succeed({ operation: 'guest.rename', input: { name: 'theirs', uuid: id, configPath, newName: 'ours' } })
    expect((await life.guest('ours')).configPath).toBe(life.etcXen('theirs.cfg'))
  })
  it('hides no guest from the undo of the clone that made it', async () => {
    const request = {
      base: 'debian-12',
      generation: 3,
      layerMb: 64,
      memoryMb: 128,
      vcpus: 1,
      type: 'auto',
      bridge: null,
    } as const
    const { host } = life.connected
    const { input } = await planClone(host, { ...request, mode: 'overlay', pattern: 'fresh', count: 1 }, new Set())
    const cloned = await life.succeed({ operation: 'guest.clone', input })
    const { id } = await life.guest('fresh')
    await life.succeed({ operation: 'guest.destroy', input: { name: 'fresh', uuid: id } })
    await life.succeed({ operation: 'guest.rename', input: { name: 'fresh', uuid: id, newName: 'ripe' } })
    await life.undo(cloned)
    await host.refresh()
    expect(host.guests.has(id)).toBe(false)
    expect(everything().folders).not.toContain('ripe')
  })
})
