import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { planClone } from '../../src-main/guests/plan-clone'
import { planSwap } from '../../src-main/guests/plan-swap'
import { operationInputs } from '../../src-shared/operations'
import { type GuestLife, startGuestLife } from './testing/guest-life'

// Real ext4 images of a base with a package database, and a guest on it.
const path = process.env.PATH
let life: GuestLife
let uuid: string
beforeAll(async () => {
  process.env.PATH = `${path}:/usr/sbin:/sbin`
  life = await startGuestLife(4)
  const source = join(life.simulated.folder, 'home/debian-12.img')
  debugfs(source, ...put('/etc/motd', 'first\n'), ...put('/etc/gone', 'x'), ...put('/etc/same', 'same'), 'mkdir /var/lib/dpkg')
  debugfs(source, ...put('/var/lib/dpkg/status', status({ bash: '5.2-1', 'libc6:amd64': '2.36-9', old: '1.0~rc1', tz: '2026a' })))
  await life.succeed({ operation: 'image.import', input: { name: 'deb', source } })
  await clone('shop', 1)
  uuid = (await life.guest('shop')).id
}, 60_000)
afterAll(async () => {
  await life.stop()
  process.env.PATH = path
})

const shop = () => ({ name: 'shop', uuid })
const base = (...parts: string[]) => join(life.root, 'bases/deb', ...parts)
const about = () => JSON.parse(life.read('guests/shop/guest.json')) as Record<string, unknown>
const loops = async () => (await life.run('losetup', '-n', '-O', 'BACK-FILE')).split('\n')
const swapTo = (generation: number) => ({ operation: 'guest.swap', input: { ...shop(), base: 'deb', generation } }) as const
const draft = { base: 'deb', uuid: '3f0c6f4e-7a0e-4f1c-9d55-0000000000aa' }
const editing = {
  operation: 'image.edit',
  input: { ...draft, generation: 1, mac: '00:16:3e:00:00:aa', memoryMb: 128, vcpus: 1, type: 'pv', bridge: null },
} as const

async function clone(pattern: string, generation: number): Promise<void> {
  await life.connected.host.refresh()
  const request = { base: 'deb', generation, mode: 'overlay', layerMb: 32, memoryMb: 256, vcpus: 1 } as const
  const { input } = await planClone(life.connected.host, { ...request, type: 'auto', bridge: null, pattern, count: 1 }, new Set())
  await life.succeed({ operation: 'guest.clone', input })
}

function debugfs(image: string, ...commands: string[]): void {
  execFileSync('debugfs', ['-w', '-f', '-', image], { input: commands.join('\n'), stdio: 'pipe' })
}

/** The commands that write a file into an image. */
function put(file: string, text: string): string[] {
  const from = join(mkdtempSync(join(tmpdir(), 'domdeck-put-')), 'file')
  writeFileSync(from, text)
  return [`rm ${file}`, `write ${from} ${file}`]
}

const status = (packages: Record<string, string>) =>
  Object.entries(packages)
    .map(([name, version]) => {
      const [one = '', architecture = 'all'] = name.split(':')
      return `Package: ${one}\nStatus: install ok installed\nArchitecture: ${architecture}\nVersion: ${version}\nDescription: it\n Version: 9\n\n`
    })
    .join('')

describe('image.edit and image.publish', () => {
  it('leave nothing behind when the edit is cut at points all along it', async () => {
    const killed = await life.cutAlong(editing, 10, (at) => {
      expect(existsSync(join(life.root, 'drafts/deb')), `cut at ${at}`).toBe(false)
    })
    expect(killed).toBeGreaterThan(2)
  })

  it('boot a writable copy as a guest of its own, one for a base', async () => {
    expect(await life.guest('draft-deb')).toMatchObject({
      id: draft.uuid,
      state: 'running',
      draft: { base: 'deb', generation: 1 },
    })
    expect(await life.ended(editing)).toMatchObject({
      state: 'failed',
      left: 'nothing',
      problem: { code: 'BUSY', detail: expect.stringContaining('deb is being edited already') },
    })
    expect((await life.guest('draft-deb')).state).toBe('running')
    const running = await life.ended({ operation: 'image.publish', input: draft })
    expect(running.problem).toMatchObject({ code: 'BUSY', detail: 'The draft of deb runs.' })
  })

  it('make the next generation of it, or leave the draft, when cut at points all along it', async () => {
    await life.succeed({ operation: 'guest.destroy', input: { name: 'draft-deb', uuid: draft.uuid } })
    const image = join(life.root, 'drafts/deb/root.img')
    const packages = { bash: '5.2-1', 'libc6:amd64': '2.36-10', old: '1.0', new: '1' }
    debugfs(image, ...put('/etc/motd', 'other\n'), 'rm /etc/gone', ...put('/etc/fresh', 'f'), ...put('/etc/machine-id', 'secret'))
    debugfs(image, ...put('/etc/hosts', 'later\n'), ...put('/var/lib/dpkg/status', status(packages)))
    const first = readFileSync(base('1/root.img'))
    const whole = join(life.simulated.folder, 'draft')
    cpSync(join(life.root, 'drafts/deb'), whole, { recursive: true })
    const killed = await life.cutAlong({ operation: 'image.publish', input: draft }, 31, (at) => {
      const [hasDraft, hasGeneration] = [existsSync(image), existsSync(base('2'))]
      expect(hasDraft !== hasGeneration, `cut at ${at}`).toBe(true)
      expect(readdirSync(life.root).filter((name) => name.startsWith('.'))).toEqual([])
      if (hasDraft) return
      rmSync(base('2'), { recursive: true })
      cpSync(whole, join(life.root, 'drafts/deb'), { recursive: true })
    })
    expect(killed).toBeGreaterThan(2)
    expect(readFileSync(base('1/root.img')).equals(first)).toBe(true)
    await life.connected.host.refresh()
    const made = life.connected.host.generations.filter((one) => one.base === 'deb')
    expect(made).toMatchObject([{ generation: 1 }, { generation: 2, from: { generation: 1 } }])
    expect([...life.connected.host.guests.values()].some(({ name }) => name === 'draft-deb')).toBe(false)
    // Generalised as an import is.
    const id = execFileSync('debugfs', ['-R', 'cat /etc/machine-id', base('2/root.img')], { encoding: 'utf8', stdio: 'pipe' })
    expect(id).toBe('')
  })

  it('discard a draft, running or not', async () => {
    await life.succeed(editing)
    await life.succeed({ operation: 'image.discard', input: draft })
    expect(existsSync(join(life.root, 'drafts/deb'))).toBe(false)
    expect(await life.run('xl', 'list')).not.toContain('draft-deb')
    expect((await life.ended({ operation: 'image.discard', input: draft })).problem).toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('guest.swap', () => {
  it('waits for the next start of a guest that runs, and can be taken back until then', async () => {
    const before = life.read('guests/shop/guest.cfg')
    await life.succeed(swapTo(2))
    expect((await life.guest('shop')).origin).toMatchObject({ generation: 1, next: 2 })
    expect(life.read('guests/shop/guest.cfg')).toBe(before)
    expect(life.connected.host.generations.find((one) => one.base === 'deb' && one.generation === 2)?.guests).toBe(1)
    await life.succeed(swapTo(1))
    expect((await life.guest('shop')).origin).not.toHaveProperty('next')
    expect((await life.ended(swapTo(1))).problem).toMatchObject({ detail: 'shop stands on generation 1 of deb already.' })
    await life.succeed({ operation: 'guest.describe', input: { ...shop(), tags: ['prod'], note: '"generation":7,"next":9' } })
    await life.succeed(swapTo(2))
    await life.succeed({ operation: 'guest.destroy', input: shop() })
    const { configPath = '' } = await life.guest('shop')
    await life.succeed({ operation: 'guest.start', input: { ...shop(), configPath } })
    const { origin, state, note } = await life.guest('shop')
    expect({ state, note }).toEqual({ state: 'running', note: '"generation":7,"next":9' })
    expect(origin).toMatchObject({ generation: 2, previous: 1 })
    expect(origin).not.toHaveProperty('next')
    // Nobody stands on the old one.
    expect((await loops()).filter((file) => file.includes('/bases/deb/'))).toEqual([base('2/root.img')])
  })

  it('goes back in one step, and forth, when it is off; the layer is not touched', async () => {
    await life.succeed({ operation: 'guest.destroy', input: shop() })
    const layer = join(life.root, 'guests/shop/layer.img')
    debugfs(layer, 'mkdir /upper', 'mkdir /upper/etc', ...put('/upper/etc/motd', 'mine\n'))
    const kept = readFileSync(layer)
    const job = await life.succeed(swapTo(1))
    expect(about()).toMatchObject({ generation: 1, previous: 2, tags: ['prod'] })
    const config = life.read('guests/shop/guest.cfg')
    expect(config).toContain(`kernel = "${base('1/vmlinuz')}"`)
    expect(config).toContain("/bases/deb.1'")
    expect(config).toContain('domdeck.base=deb/1 ')
    expect(config).not.toMatch(/deb[./]2\b/)
    expect(readFileSync(layer).equals(kept)).toBe(true)
    const detail = await life.jobs.detail(life.connected.host, job.id)
    expect(detail.inverse).toMatchObject([swapTo(2)])
  })

  it('is as it was, or done, when it is cut at points all along it', async () => {
    const files = () => life.read('guests/shop/guest.cfg') + life.read('guests/shop/guest.json')
    const before = files()
    const killed = await life.cutAlong(swapTo(2), 4, (at) => expect({ at, files: files() }).toEqual({ at, files: before }))
    expect(killed).toBeGreaterThan(4)
    expect(about()).toMatchObject({ generation: 2, previous: 1 })
    await life.succeed(swapTo(1))
  })

  it('names exactly the paths of the layer that hide a change, and the packages that differ', async () => {
    await life.connected.host.refresh()
    const layer = join(life.root, 'guests/shop/layer.img')
    debugfs(layer, ...put('/upper/etc/same', 'mine'), ...put('/upper/etc/own', 'own'), ...put('/upper/etc/gone', 'mine'))
    debugfs(layer, 'cd /upper/etc', 'mknod fresh c 0 0', 'mknod hostname c 0 0')
    const { guests, packages, problem } = await planSwap(life.connected.host, { base: 'deb', generation: 2, guestIds: [uuid] })
    expect(problem).toBeUndefined()
    expect(guests).toMatchObject([{ name: 'shop', from: 1, when: 'now', hiddenCount: 3, unclean: false }])
    expect(guests[0]?.hidden).toEqual([
      { change: 'added', path: '/etc/fresh', by: '/etc/fresh' },
      { change: 'changed', path: '/etc/motd', by: '/etc/motd' },
      { change: 'removed', path: '/etc/gone', by: '/etc/gone' },
    ])
    expect(packages).toEqual([
      {
        from: 1,
        changes: [
          { name: 'libc6:amd64', old: '2.36-9', new: '2.36-10', how: 'newer' },
          { name: 'new:all', old: '', new: '1', how: 'added' },
          { name: 'old:all', old: '1.0~rc1', new: '1.0', how: 'newer' },
          { name: 'tz:all', old: '2026a', new: '', how: 'removed' },
        ],
      },
    ])
    // Everything below a folder that hides the base's own.
    debugfs(layer, 'ea_set /upper/etc trusted.overlay.opaque y')
    const opaque = await planSwap(life.connected.host, { base: 'deb', generation: 2, guestIds: [uuid] })
    expect(opaque.guests[0]?.hidden).toContainEqual({ change: 'added', path: '/etc/hosts', by: '/etc' })
    expect(readdirSync(join(life.simulated.folder, 'run')).filter((name) => name.startsWith('look'))).toEqual([])
  })

  it('is refused for a guest that is saved, or a generation that is not there, and changes nothing', async () => {
    const { configPath = '' } = await life.guest('shop')
    await life.succeed({ operation: 'guest.start', input: { ...shop(), configPath } })
    await life.succeed({ operation: 'guest.save', input: shop() })
    const saved = await life.ended(swapTo(2))
    expect(saved).toMatchObject({
      state: 'failed',
      left: 'nothing',
      problem: { code: 'BUSY', detail: expect.stringContaining('shop is saved') },
    })
    const { guests } = await planSwap(life.connected.host, { base: 'deb', generation: 2, guestIds: [uuid] })
    expect(guests[0]?.refused).toContain('It is saved')
    await life.succeed({ operation: 'guest.discard', input: shop() })
    const before = life.read('guests/shop/guest.json')
    expect((await life.ended(swapTo(7))).problem).toMatchObject({ code: 'NOT_FOUND' })
    expect(life.read('guests/shop/guest.json')).toBe(before)
    await expect(planSwap(life.connected.host, { base: 'deb', generation: 7, guestIds: [uuid] })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
  })
})

describe('image.delete', () => {
  it('keeps what somebody stands on, or will at the next start', async () => {
    const used = await life.ended({ operation: 'image.delete', input: { base: 'deb', generation: 1 } })
    expect(used).toMatchObject({ state: 'failed', problem: { code: 'BUSY', detail: 'Generation 1 of deb is in use by shop.' } })
    const { configPath = '' } = await life.guest('shop')
    await life.succeed({ operation: 'guest.start', input: { ...shop(), configPath } })
    await life.succeed(swapTo(2))
    const next = await life.ended({ operation: 'image.delete', input: { base: 'deb', generation: 2 } })
    expect(next.problem?.detail).toBe('Generation 2 of deb is in use by shop.')
    await life.succeed(swapTo(1))
  })

  it('removes it and tells what that frees; its number is not given again', async () => {
    const whole = join(life.simulated.folder, 'generation')
    cpSync(base('2'), whole, { recursive: true })
    const killed = await life.cutAlong({ operation: 'image.delete', input: { base: 'deb', generation: 2 } }, 3, (at) => {
      expect(existsSync(base('2')), `cut at ${at}`).toBe(existsSync(base('2/root.img')))
      expect(readdirSync(life.root).filter((name) => name.startsWith('.'))).toEqual([])
      if (!existsSync(base('2'))) cpSync(whole, base('2'), { recursive: true })
    })
    expect(killed).toBeGreaterThan(1)
    expect(existsSync(base('2'))).toBe(false)
    const source = join(life.simulated.folder, 'home/debian-12.img')
    const { result } = await life.succeed({ operation: 'image.import', input: { name: 'deb', source } })
    expect(result.generation).toBe('3')
    const { result: deleted } = await life.succeed({ operation: 'image.delete', input: { base: 'deb', generation: 3 } })
    expect(Number(deleted.freed)).toBeGreaterThan(100_000)
  })
})

describe('image.promote', () => {
  it('makes a base of what the guest sees; the guest stays as it is', async () => {
    const call = { operation: 'image.promote', input: { name: 'shop-base', guest: shop() } } as const
    expect((await life.ended(call)).problem).toMatchObject({ code: 'BUSY', detail: 'shop runs, and its layer is in use.' })
    await life.succeed({ operation: 'guest.destroy', input: shop() })
    const layer = readFileSync(join(life.root, 'guests/shop/layer.img'))
    const killed = await life.cutAlong(call, 41, (at) => {
      expect(
        readdirSync(life.root).filter((name) => name.startsWith('.')),
        `cut at ${at}`,
      ).toEqual([])
    })
    expect(killed).toBeGreaterThan(1)
    expect(readFileSync(join(life.root, 'guests/shop/layer.img')).equals(layer)).toBe(true)
    const image = join(life.root, 'bases/shop-base/1/root.img')
    const cat = (file: string) => execFileSync('debugfs', ['-R', `cat ${file}`, image], { encoding: 'utf8', stdio: 'pipe' })
    expect([cat('/etc/motd'), cat('/etc/own')]).toEqual(['mine\n', 'own'])
    await life.connected.host.refresh()
    expect(life.connected.host.generations.find((one) => one.base === 'shop-base')).toMatchObject({ from: { guest: 'shop' } })
  })

  it('refuses a layer with errors that are left to a person', async () => {
    debugfs(join(life.root, 'guests/shop/layer.img'), 'clri /upper/etc', 'ssv state 2')
    const job = await life.ended({ operation: 'image.promote', input: { name: 'shop-base', guest: shop() } })
    expect(job.problem).toMatchObject({ code: 'PREFLIGHT_FAILED', hint: 'Check and repair the layer first.' })
  })
})

it.each(['', '-rf', 'UP', 'a b', '$(reboot)', '../x', 'a..b', 'ü', 'a\nb', 'x'.repeat(41)])('no base is named %j', (name) => {
  expect(operationInputs['image.promote'].safeParse({ name, guest: shop() }).success).toBe(false)
  expect(operationInputs['image.delete'].safeParse({ base: name, generation: 1 }).success).toBe(false)
  expect(operationInputs['image.edit'].safeParse({ ...editing.input, base: name }).success).toBe(false)
})

afterAll(() => {
  for (const name of readdirSync(tmpdir())) if (name.startsWith('domdeck-put-')) rmSync(join(tmpdir(), name), { recursive: true })
})
