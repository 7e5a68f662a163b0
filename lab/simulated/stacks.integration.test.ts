import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { planClone } from '../../src-main/guests/plan-clone'
import { planSwap } from '../../src-main/guests/plan-swap'
import { findLeftovers } from '../../src-main/storage/leftovers'
import { operationInputs } from '../../src-shared/operations'
import { type GuestLife, startGuestLife } from './testing/guest-life'

// A base whose initrd knows package images, one guest to make them from and one to give them to. Real ext4 images.
const path = process.env.PATH
let life: GuestLife
const ids: Record<string, string> = {}
beforeAll(async () => {
  process.env.PATH = `${path}:/usr/sbin:/sbin`
  life = await startGuestLife(4)
  const source = join(life.simulated.folder, 'home/debian-12.img')
  for (const _ of [1, 2]) await life.succeed({ operation: 'image.import', input: { name: 'deb', source } })
  for (const name of ['maker', 'shop', 'cafe']) {
    await clone(name)
    await life.succeed({ operation: 'guest.destroy', input: ref(name) })
  }
}, 60_000)
afterAll(async () => {
  await life.stop()
  process.env.PATH = path
  for (const name of readdirSync(tmpdir())) if (name.startsWith('domdeck-stk-')) rmSync(join(tmpdir(), name), { recursive: true })
})

const ref = (name: string) => ({ name, uuid: ids[name] ?? '' })
const at = (...parts: string[]) => join(life.root, 'packages', ...parts)
const layer = (name: string) => join(life.root, 'guests', name, 'layer.img')
const config = (name: string) => life.read('guests', name, 'guest.cfg')
const stack = async (name: string) => (await life.guest(name)).origin?.packages
const loops = async () =>
  (await life.run('losetup', '-n', '-O', 'BACK-FILE')).split('\n').filter((file) => file.includes('/packages/'))
const make = (name = 'tools') => ({ operation: 'image.package', input: { name, guest: ref('maker'), note: 'a "note"' } }) as const
const attach = (version: number, more: { guest?: string; image?: string; anyway?: boolean } = {}) => {
  const { guest = 'shop', image = 'tools', anyway = false } = more
  return { operation: 'guest.attach', input: { ...ref(guest), package: image, version, anyway } } as const
}
const detach = (guest = 'shop', image = 'tools') =>
  ({ operation: 'guest.detach', input: { ...ref(guest), package: image } }) as const
const hidden = () => readdirSync(life.root).filter((name) => name.startsWith('.'))

async function clone(name: string): Promise<void> {
  await life.connected.host.refresh()
  const request = { base: 'deb', generation: 1, mode: 'overlay', layerMb: 32, memoryMb: 256, vcpus: 1, type: 'auto' } as const
  const { input } = await planClone(life.connected.host, { ...request, bridge: null, pattern: name, count: 1 }, new Set())
  await life.succeed({ operation: 'guest.clone', input })
  ids[name] = (await life.guest(name)).id
}

async function start(name = 'shop') {
  const { configPath = '' } = await life.guest(name)
  return life.ended({ operation: 'guest.start', input: { ...ref(name), configPath } })
}
const halt = (name = 'shop') => life.succeed({ operation: 'guest.destroy', input: ref(name) })

function debugfs(image: string, ...commands: string[]): string {
  return execFileSync('debugfs', ['-w', '-f', '-', image], { input: commands.join('\n'), stdio: 'pipe', encoding: 'utf8' })
}

/** The commands that write a file into an image. */
function put(file: string, text: string): string[] {
  const from = join(mkdtempSync(join(tmpdir(), 'domdeck-stk-')), 'file')
  writeFileSync(from, text)
  return [`rm ${file}`, `write ${from} ${file}`]
}

const cat = (image: string, file: string) =>
  execFileSync('debugfs', ['-R', `cat ${file}`, image], { stdio: 'pipe', encoding: 'utf8' })

describe('image.package', () => {
  it('refuses a guest that was never started, and one whose layer holds no program', async () => {
    const never = await life.ended(make())
    expect(never).toMatchObject({ state: 'failed', left: 'nothing', problem: { code: 'BAD_INPUT' } })
    expect(never.problem?.detail).toContain('maker has never been started')
    debugfs(layer('maker'), ...['', '/etc', '/usr', '/usr/share', '/tmp'].map((folder) => `mkdir /upper${folder}`))
    debugfs(layer('maker'), ...put('/upper/etc/motd', 'mine'), ...put('/upper/tmp/junk', 'junk'))
    const empty = await life.ended(make())
    expect(empty).toMatchObject({ state: 'failed', left: 'nothing', problem: { code: 'BAD_INPUT' } })
    expect(empty.problem?.detail).toContain('The layer of maker holds no file below /usr')
    expect([hidden(), existsSync(at())]).toEqual([[], false])
  })

  it('makes a version of the programs alone, or leaves nothing, when cut at points all along it', async () => {
    debugfs(layer('maker'), 'mkdir /upper/opt', ...put('/upper/opt/tool', 'one'), ...put('/upper/usr/share/doc', 'd'))
    const kept = readFileSync(layer('maker'))
    const killed = await life.cutAlong(make(), 11, (cut) => {
      expect([hidden(), existsSync(at('tools/1'))], `cut at ${cut}`).toEqual([[], false])
    })
    expect(killed).toBeGreaterThan(3)
    expect(readFileSync(layer('maker')).equals(kept)).toBe(true)
    await life.connected.host.refresh()
    const [made, ...more] = life.connected.host.packages
    expect(more).toEqual([])
    expect(made).toMatchObject({ name: 'tools', version: 1, for: { base: 'deb', generation: 1 }, from: { guest: 'maker' } })
    expect(made).toMatchObject({ note: 'a "note"', guests: 0, path: at('tools/1') })
    const image = at('tools/1/package.img')
    expect(cat(image, '/opt/tool')).toBe('one')
    expect(debugfs(image, 'ls /')).not.toMatch(/\betc\b|\btmp\b/)
  })

  it('tells what it leaves out, and counts on', async () => {
    debugfs(layer('maker'), ...put('/upper/opt/tool', 'two'), 'mkdir /upper/boot', ...put('/upper/boot/x', 'x'))
    const { result } = await life.succeed(make())
    expect(result).toMatchObject({ package: 'tools', version: '2', left_out: '/etc 1, /tmp 1, elsewhere 1' })
    const { result: other } = await life.succeed(make('extra'))
    expect(other).toMatchObject({ package: 'extra', version: '1' })
  })
})

describe('guest.attach', () => {
  it('puts a version between base and layer of a guest that is off; it is attached with it, once for all', async () => {
    const before = config('shop')
    await life.succeed(attach(1))
    expect(await stack('shop')).toEqual([{ name: 'tools', version: 1 }])
    expect(config('shop')).toContain("'format=raw,vdev=xvdi,access=ro,target=")
    expect(config('shop')).toContain(' domdeck.lower=/dev/xvdi domdeck.layer=/dev/xvdb ')
    expect((await life.ended(attach(1))).problem?.detail).toBe('shop has version 1 of tools in its stack already.')
    await life.succeed(attach(1, { image: 'extra' }))
    expect(config('shop')).toContain(' domdeck.lower=/dev/xvdi,/dev/xvdj domdeck.layer=')
    await life.succeed(attach(1, { guest: 'cafe' }))
    for (const name of ['shop', 'cafe']) expect((await start(name)).state).toBe('succeeded')
    expect((await loops()).sort()).toEqual([at('extra/1/package.img'), at('tools/1/package.img')])
    expect((await life.guest('shop')).disks.map(({ vdev, writable }) => [vdev, writable])).toEqual([
      ['xvda', false],
      ['xvdi', false],
      ['xvdj', false],
      ['xvdb', true],
    ])
    for (const name of ['shop', 'cafe']) await halt(name)
    await life.succeed(detach('shop', 'extra'))
    await life.succeed(detach('shop'))
    expect(config('shop')).toBe(before)
    expect(await stack('shop')).toBeUndefined()
    expect(await loops()).toEqual([at('tools/1/package.img')])
    await life.succeed(attach(1))
  })

  it('waits for the next start of a guest that runs, and can be taken back until then', async () => {
    expect((await start()).state).toBe('succeeded')
    const before = config('shop')
    const job = await life.succeed(attach(2))
    expect(await stack('shop')).toEqual([{ name: 'tools', version: 1, next: 2 }])
    expect(job.result).toMatchObject({ from: '1', when: 'next-start' })
    expect(config('shop')).toBe(before)
    await life.undo(job)
    expect(await stack('shop')).toEqual([{ name: 'tools', version: 1 }])
    await life.succeed(attach(2))
    await life.succeed(attach(1, { image: 'extra' }))
    await life.succeed({ operation: 'guest.describe', input: { ...ref('shop'), tags: [], note: ',"packages":[{"name":"x"}]' } })
    expect(await stack('shop')).toEqual([
      { name: 'tools', version: 1, next: 2 },
      { name: 'extra', version: 0, next: 1 },
    ])
    const used = await life.ended({ operation: 'image.delete-package', input: { name: 'extra', version: 1 } })
    expect(used.problem?.detail).toBe('Version 1 of extra is in the stack of shop.')
    // What comes with the next start goes at once.
    await life.succeed(detach('shop', 'extra'))
    expect(await stack('shop')).toEqual([{ name: 'tools', version: 1, next: 2 }])
    await life.succeed(attach(1, { image: 'extra' }))
    await halt()
    expect((await start()).state).toBe('succeeded')
    expect(await stack('shop')).toEqual([
      { name: 'tools', version: 2, previous: 1 },
      { name: 'extra', version: 1 },
    ])
    expect((await life.guest('shop')).note).toBe(',"packages":[{"name":"x"}]')
    await life.succeed(detach())
    expect((await stack('shop'))?.[0]).toEqual({ name: 'tools', version: 2, previous: 1, next: 0 })
    await halt()
    expect((await start()).state).toBe('succeeded')
    expect(await stack('shop')).toEqual([{ name: 'extra', version: 1 }])
    expect(config('shop')).toContain(' domdeck.lower=/dev/xvdi domdeck.layer=')
    // cafe has its own still.
    expect((await loops()).sort()).toEqual([at('extra/1/package.img'), at('tools/1/package.img')])
    await halt()
    await life.succeed(detach('shop', 'extra'))
  })

  it('is as it was when it is cut at points all along it, and so is a start that fails', async () => {
    const files = () => config('shop') + life.read('guests/shop/guest.json')
    await life.succeed(attach(1))
    const before = files()
    const killed = await life.cutAlong(attach(2), 4, (cut) => expect({ cut, files: files() }).toEqual({ cut, files: before }))
    expect(killed).toBeGreaterThan(4)
    expect(await stack('shop')).toEqual([{ name: 'tools', version: 2, previous: 1 }])
    await life.succeed(attach(1))
    expect((await start()).state).toBe('succeeded')
    await life.succeed(attach(2))
    await life.succeed({ operation: 'guest.swap', input: { ...ref('shop'), base: 'deb', generation: 2 } })
    await halt()
    const [open, attached] = [files(), await life.run('losetup', '-n', '-O', 'BACK-FILE')]
    const { configPath = '' } = await life.guest('shop')
    const failed = await life.ended({ operation: 'guest.start', input: { ...ref('shop'), configPath } }, (text) =>
      text.replace('if ! try xl create -q "$config_path"', 'if ! try false'),
    )
    expect(failed).toMatchObject({ state: 'failed', left: 'nothing' })
    expect(files()).toBe(open)
    expect(await life.run('losetup', '-n', '-O', 'BACK-FILE')).toBe(attached)
    await life.succeed({ operation: 'guest.swap', input: { ...ref('shop'), base: 'deb', generation: 1 } })
    await life.succeed(attach(1))
  })

  it('is refused for what was made for another generation, unless told', async () => {
    await life.succeed({ operation: 'guest.swap', input: { ...ref('shop'), base: 'deb', generation: 2 } })
    const before = life.read('guests/shop/guest.json')
    const refused = await life.ended(attach(2))
    expect(refused).toMatchObject({ state: 'failed', left: 'nothing', problem: { code: 'BAD_INPUT' } })
    expect(refused.problem?.detail).toBe(
      'Version 2 of tools was made for generation 1 of deb, and shop stands on generation 2 of deb.',
    )
    expect(life.read('guests/shop/guest.json')).toBe(before)
    await life.succeed(attach(2, { anyway: true }))
    // Back to what it was made for; the plan says so of the generation that it was not made for.
    await life.succeed({ operation: 'guest.swap', input: { ...ref('shop'), base: 'deb', generation: 1 } })
    await life.connected.host.refresh()
    const { guests } = await planSwap(life.connected.host, {
      base: 'deb',
      generation: 2,
      guestIds: [ids.shop ?? '', ids.cafe ?? ''],
    })
    expect(guests.map(({ misfits }) => misfits)).toEqual([['tools/2'], ['tools/1']])
  })

  it('is refused where the initrd of the generation knows no package images', async () => {
    const file = join(life.root, 'bases/deb/1/base.json')
    const text = readFileSync(file, 'utf8')
    rmSync(file)
    writeFileSync(file, text.replace('"stacks":true', '"stacks":false'))
    const refused = await life.ended(attach(1))
    expect(refused.problem?.detail).toContain('The initrd of generation 1 of deb knows nothing of package images')
    writeFileSync(file, text)
    expect(JSON.parse(text)).toMatchObject({ stacks: true })
  })

  it.each([
    [() => attach(9), 'Version 9 of tools is not on this host'],
    [() => detach('shop', 'nothing'), 'shop has no version of nothing in its stack.'],
  ])('is refused for what is not there, and changes nothing', async (call, words) => {
    const before = life.read('guests/shop/guest.json')
    const job = await life.ended(call())
    expect(job).toMatchObject({ state: 'failed', left: 'nothing', problem: { code: 'NOT_FOUND' } })
    expect(job.problem?.detail).toContain(words)
    expect(life.read('guests/shop/guest.json')).toBe(before)
  })

  it('is refused while a guest is saved, and when somebody has changed its config', async () => {
    expect((await start()).state).toBe('succeeded')
    await life.succeed({ operation: 'guest.save', input: ref('shop') })
    expect((await life.ended(attach(1))).problem).toMatchObject({
      code: 'BUSY',
      detail: expect.stringContaining('shop is saved'),
    })
    await life.succeed({ operation: 'guest.discard', input: ref('shop') })
    const file = join(life.root, 'guests/shop/guest.cfg')
    const text = config('shop')
    writeFileSync(file, text.replace(' domdeck.layer=', ' domdeck.layers='))
    expect((await life.ended(attach(1))).problem?.detail).toContain('somebody has changed it')
    writeFileSync(file, text)
  })
})

describe('what stands on package images', () => {
  it('is promoted whole', async () => {
    debugfs(layer('shop'), 'mkdir /upper', 'mkdir /upper/etc', ...put('/upper/etc/motd', 'shop'))
    await life.succeed({ operation: 'image.promote', input: { name: 'whole', guest: ref('shop') } })
    const image = join(life.root, 'bases/whole/1/root.img')
    expect([cat(image, '/opt/tool'), cat(image, '/etc/motd')]).toEqual(['two', 'shop'])
  })

  it('may not be made into one again: its layer is only a difference', async () => {
    const call = { operation: 'image.package', input: { name: 'tools', guest: ref('shop'), note: '' } } as const
    expect((await life.ended(call)).problem?.detail).toContain('shop has package images in its stack')
  })

  it('does not start when one is gone, and says which', async () => {
    cpSync(at('tools/2'), join(life.simulated.folder, 'moved'), { recursive: true })
    rmSync(at('tools/2'), { recursive: true })
    const job = await start()
    expect(job.problem).toMatchObject({
      code: 'NOT_FOUND',
      detail: 'shop has version 2 of tools in its stack, which is not on this host.',
    })
    cpSync(join(life.simulated.folder, 'moved'), at('tools/2'), { recursive: true })
  })

  it('may not be opened for writing by another', async () => {
    const file = join(life.etcXen(), 'thief.cfg')
    writeFileSync(
      file,
      `name = "thief"\ntype = "pv"\nmemory = 64\nvcpus = 1\ndisk = [ 'format=raw,vdev=xvda,access=rw,target=${at('tools/2/package.img')}' ]\n`,
    )
    const job = await life.ended({ operation: 'guest.start', input: { name: 'thief', configPath: file } })
    expect(job.problem?.detail).toContain('and it is a package image that guests share')
    rmSync(file)
  })
})

describe('image.delete-package', () => {
  it('keeps what is in a stack, removes what is in none, and gives no number twice', async () => {
    const used = await life.ended({ operation: 'image.delete-package', input: { name: 'tools', version: 2 } })
    expect(used).toMatchObject({
      state: 'failed',
      problem: { code: 'BUSY', detail: 'Version 2 of tools is in the stack of shop.' },
    })
    await life.succeed(detach())
    const whole = join(life.simulated.folder, 'version')
    cpSync(at('tools/2'), whole, { recursive: true })
    const killed = await life.cutAlong({ operation: 'image.delete-package', input: { name: 'tools', version: 2 } }, 3, (cut) => {
      expect(existsSync(at('tools/2')), `cut at ${cut}`).toBe(existsSync(at('tools/2/package.img')))
      expect(hidden()).toEqual([])
      if (!existsSync(at('tools/2'))) cpSync(whole, at('tools/2'), { recursive: true })
    })
    expect(killed).toBeGreaterThan(1)
    expect(existsSync(at('tools/2'))).toBe(false)
    expect((await life.succeed(make())).result.version).toBe('3')
  })

  it('goes with its loop device when the last guest that had it is deleted', async () => {
    expect((await start('cafe')).state).toBe('succeeded')
    expect(await loops()).toEqual([at('tools/1/package.img')])
    expect(await findLeftovers(life.connected.host)).toEqual([])
    await life.succeed({ operation: 'guest.delete', input: ref('cafe') })
    expect(await loops()).toEqual([])
    expect(await life.run('ls', join(life.simulated.folder, 'run/packages'))).toBe('')
    const loop = (await life.run('losetup', '-r', '-f', '--show', at('tools/1/package.img'))).trim()
    const left = await findLeftovers(life.connected.host)
    expect(left).toMatchObject([{ kind: 'loop', name: loop }])
    await life.succeed({ operation: 'host.clean', input: { items: [{ kind: 'loop', name: loop }] } })
    expect(await loops()).toEqual([])
  })
})

it.each(['', '-rf', 'UP', 'a b', '$(reboot)', '../x', 'a..b', 'ü', 'a\nb', 'x'.repeat(41)])(
  'no package image is named %j',
  (name) => {
    expect(operationInputs['image.package'].safeParse({ name, guest: { name: 'x', uuid: ids.shop }, note: '' }).success).toBe(
      false,
    )
    expect(
      operationInputs['guest.attach'].safeParse({ name: 'x', uuid: ids.shop, package: name, version: 1, anyway: false }).success,
    ).toBe(false)
    expect(operationInputs['image.delete-package'].safeParse({ name, version: 1 }).success).toBe(false)
  },
)
