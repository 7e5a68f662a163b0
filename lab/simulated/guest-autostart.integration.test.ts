import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OperationCall, OperationInput } from '../../src-shared/operations'
import { type GuestLife, startGuestLife } from './testing/guest-life'

let life: GuestLife
beforeAll(async () => {
  life = await startGuestLife(4)
  await life.simulated.addForeignGuest({ name: 'theirs' })
}, 60_000)
afterAll(() => life.stop())

const call = async (name: string, more: Omit<OperationInput<'guest.autostart'>, 'name'>): Promise<OperationCall> => ({
  operation: 'guest.autostart',
  input: { name, uuid: (await life.guest(name)).id, ...more },
})
const config = (name: string) => join(life.root, `guests/${name}/guest.cfg`)
const unit = () => join(life.simulated.folder, 'root/etc/systemd/system/domdeck-bases.service')

describe('guest.autostart', () => {
  it('links the config where xendomains looks, in the order asked for', async () => {
    await life.succeed(await call('web-01', { on: true }))
    await life.succeed(await call('web-02', { on: true, order: 7 }))
    await life.succeed(await call('theirs', { on: true }))
    expect(life.links()).toEqual({
      '007-web-02.cfg': config('web-02'),
      'theirs.cfg': life.etcXen('theirs.cfg'),
      'web-01.cfg': config('web-01'),
    })
    expect((await life.guest('web-02')).autostart).toBe('007-web-02.cfg')
    // A link that is there keeps its place.
    await life.succeed(await call('web-02', { on: true }))
    expect(Object.keys(life.links())).toContain('007-web-02.cfg')
    await life.succeed(await call('web-02', { on: true, order: 20 }))
    expect(Object.keys(life.links())).toEqual(['020-web-02.cfg', 'theirs.cfg', 'web-01.cfg'])
  })

  it('knows links of any name, and takes only those of this guest away', async () => {
    await life.run('ln', '-s', '../../srv/guests/web-03/guest.cfg', life.etcXen('auto/05 by hand'))
    expect((await life.guest('web-03')).autostart).toBe('05 by hand')
    await life.succeed(await call('web-03', { on: false }))
    await life.succeed(await call('web-02', { on: false }))
    expect(Object.keys(life.links())).toEqual(['theirs.cfg', 'web-01.cfg'])
    expect((await life.guest('web-03')).autostart).toBeUndefined()
  })

  it('attaches the bases of our guests at boot, as long as there is such a guest', async () => {
    expect(readFileSync(unit(), 'utf8')).toContain('Before=xendomains.service')
    const base = (await life.guest('web-01')).origin
    await life.simulated.powerCut()
    await life.simulated.powerOn()
    const script = join(life.root, 'attach-bases.sh')
    await life.run('sh', script, life.root)
    await life.run('sh', script, life.root)
    expect((await life.run('losetup', '-n', '-O', 'RO,BACK-FILE')).trim().split('\n')).toEqual([
      `1 ${life.root}/bases/${base?.base}/${base?.generation}/root.img`,
    ])
    await life.run('xl', 'create', '-q', life.etcXen('auto/web-01.cfg'))
    await life.run('xl', 'destroy', 'web-01')
    await expect.poll(() => life.connected.host.connection.phase, { timeout: 20_000 }).toBe('ready')
    await life.succeed(await call('web-01', { on: false }))
    expect(existsSync(unit())).toBe(false)
    expect(existsSync(script)).toBe(false)
  })

  it('is taken back to what there was: no link, the same place, and nothing where that cannot be', async () => {
    const before = life.links()
    const linked = await life.succeed(await call('web-02', { on: true, order: 30 }))
    const moved = await life.succeed(await call('web-02', { on: true, order: 40 }))
    await life.undo(moved)
    expect(life.links()).toEqual({ ...before, '030-web-02.cfg': config('web-02') })
    await life.undo(await life.succeed(await call('web-02', { on: false })))
    expect(life.links()).toEqual({ ...before, '030-web-02.cfg': config('web-02') })
    await life.undo(linked)
    expect(life.links()).toEqual(before)
    await life.succeed(await call('web-02', { on: true }))
    const ordered = await life.succeed(await call('web-02', { on: true, order: 1 }))
    await life.connected.host.refresh()
    expect((await life.jobs.detail(life.connected.host, ordered.id)).inverse).toEqual([])
    await life.run('rm', life.etcXen('auto/001-web-02.cfg'))
    await life.run('ln', '-s', config('web-02'), life.etcXen('auto/by hand'))
    const odd = await life.succeed(await call('web-02', { on: false }))
    await life.connected.host.refresh()
    expect((await life.jobs.detail(life.connected.host, odd.id)).inverse).toEqual([])
    expect(life.links()).toEqual(before)
  })

  it('is refused where xendomains would never look, with the command that helps', async () => {
    const before = life.links()
    writeFileSync(join(life.simulated.folder, 'xen/no-xendomains'), '')
    expect((await life.ended(await call('web-01', { on: true }))).problem).toMatchObject({
      code: 'BAD_INPUT',
      hint: 'Enable it there: systemctl enable xendomains.',
    })
    await life.run('rm', join(life.simulated.folder, 'xen/no-xendomains'))
    expect(life.links()).toEqual(before)
  })

  it('never takes a name that leads elsewhere', async () => {
    writeFileSync(life.etcXen('auto/web-01.cfg'), 'name = "other"\n')
    const job = await life.ended(await call('web-01', { on: true }))
    expect(job).toMatchObject({ state: 'failed', problem: { code: 'BUSY' } })
    expect(readFileSync(life.etcXen('auto/web-01.cfg'), 'utf8')).toBe('name = "other"\n')
    await life.run('rm', life.etcXen('auto/web-01.cfg'))
  })

  it('leaves the links as they were when it is cut at points all along it', async () => {
    await life.succeed(await call('web-01', { on: true, order: 1 }))
    const before = life.links()
    const killed = await life.cutAlong(await call('web-01', { on: true, order: 2 }), 3, (at) => {
      expect({ at, links: life.links() }).toEqual({ at, links: before })
    })
    expect(killed).toBeGreaterThan(5)
    await life.succeed(await call('web-01', { on: false }))
    const off = await life.cutAlong(await call('web-01', { on: true }), 3, (at) => {
      expect({ at, links: Object.keys(life.links()), unit: existsSync(unit()) }).toEqual({
        at,
        links: ['theirs.cfg'],
        unit: false,
      })
    })
    expect(off).toBeGreaterThan(5)
  })

  it('goes with a guest that is deleted', async () => {
    const { id } = await life.guest('web-01')
    await life.run('ln', '-s', config('web-01'), life.etcXen('auto/99-again'))
    await life.succeed({ operation: 'guest.delete', input: { name: 'web-01', uuid: id } })
    expect(Object.keys(life.links())).toEqual(['theirs.cfg'])
    expect(existsSync(unit())).toBe(false)
  })
})
