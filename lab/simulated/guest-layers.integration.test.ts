import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { layerFiles, lookAtLayer } from '../../src-main/guests/layer-look'
import { planSwap } from '../../src-main/guests/plan-swap'
import type { Guest } from '../../src-shared/models/guest'
import { operationInputs } from '../../src-shared/operations'
import { type GuestLife, startGuestLife } from './testing/guest-life'

// Real ext4 layers, worked on by the real e2fsprogs of this machine.
const path = process.env.PATH
let life: GuestLife
let web: Guest
beforeAll(async () => {
  process.env.PATH = `${path}:/usr/sbin:/sbin`
  life = await startGuestLife(4)
  web = await life.guest('web-01')
  await life.succeed({ operation: 'guest.destroy', input: ref() })
}, 60_000)
afterAll(async () => {
  await life.stop()
  process.env.PATH = path
})

const ref = () => ({ name: web.name, uuid: web.id })
const folder = (...parts: string[]) => join(life.root, 'guests/web-01', ...parts)
const layer = () => folder('layer.img')
const debugfs = (...commands: string[]) =>
  execFileSync('debugfs', ['-w', '-f', '-', layer()], { input: commands.join('\n'), stdio: 'pipe' })
/** What a file in the layer says, or '' where there is none. */
const inside = (file: string) => execFileSync('debugfs', ['-R', `cat ${file}`, layer()], { encoding: 'utf8', stdio: 'pipe' })
const clean = () => execFileSync('e2fsck', ['-f', '-n', layer()], { stdio: 'pipe' })
const left = () => readdirSync(folder()).filter((name) => name.startsWith('.'))

/** Makes the layer anew, with these files in it. */
function write(files: Record<string, string>): void {
  const tree = mkdtempSync(join(tmpdir(), 'domdeck-layer-'))
  mkdirSync(join(tree, 'work'))
  for (const [file, text] of Object.entries({ 'upper/etc/hosts': 'kept\n', ...files })) {
    mkdirSync(dirname(join(tree, file)), { recursive: true })
    writeFileSync(join(tree, file), text)
  }
  rmSync(layer(), { force: true })
  writeFileSync(layer(), '')
  truncateSync(layer(), 32 * 1024 * 1024)
  execFileSync('mke2fs', ['-q', '-F', '-t', 'ext4', '-J', 'size=4', '-d', tree, layer()])
  rmSync(tree, { recursive: true })
}
beforeEach(() => {
  rmSync(folder('snapshots'), { recursive: true, force: true })
  write({})
})

describe('what is in a layer', () => {
  it('is told path by path, deletions and replaced folders among it', async () => {
    write({
      "upper/srv/we ird $(reboot) 'q'": 'x',
      'upper/srv/é': '12345',
      'upper/opt/whole/new': 'n',
      'work/work/#1': 'not of the guest',
    })
    debugfs(
      'mkdir /upper/empty',
      'cd /upper/etc',
      'mknod gone c 0 0',
      'mknod null c 1 3',
      'symlink link /etc/hosts',
      'ea_set /upper/opt/whole trusted.overlay.opaque y',
    )
    const { files, count, state } = await layerFiles(life.connected.host, web.id)
    expect(state).toBe('clean')
    expect(count).toBe(9)
    expect(files.map(({ kind, path: file, sizeBytes }) => `${kind} ${file} ${sizeBytes}`)).toEqual([
      'folder /empty 0',
      'deleted /etc/gone 0',
      'file /etc/hosts 5',
      'link /etc/link 10',
      'device /etc/null 0',
      'replaced /opt/whole 0',
      'file /opt/whole/new 1',
      "file /srv/we ird $(reboot) 'q' 1",
      'file /srv/é 5',
    ])
  })

  it('is nothing for a guest that never started, and nobody looks while it runs', async () => {
    rmSync(layer())
    writeFileSync(layer(), '')
    truncateSync(layer(), 32 * 1024 * 1024)
    execFileSync('mke2fs', ['-q', '-F', '-t', 'ext4', layer()])
    expect((await layerFiles(life.connected.host, web.id)).files).toEqual([])
    const running = await life.guest('web-02')
    await expect(layerFiles(life.connected.host, running.id)).rejects.toMatchObject({ code: 'BUSY' })
  })

  it('shows its state: clean, cut off while it wrote, broken, or no file system at all', async () => {
    const state = async () => (await lookAtLayer(life.connected.host, web.id)).state
    expect(await state()).toBe('clean')
    debugfs('feature needs_recovery')
    expect(await state()).toBe('journal')
    write({})
    debugfs('ssv state 2')
    expect(await state()).toBe('errors')
    writeFileSync(layer(), 'nothing')
    expect(await state()).toBe('none')
  })
})

describe('guest.snapshot, guest.revert and guest.forget', () => {
  it('keep the layer, put it back, and forget it', async () => {
    const { result } = await life.succeed({ operation: 'guest.snapshot', input: ref() })
    const { snapshot = '' } = result
    write({ 'upper/etc/hosts': 'changed\n' })
    const looked = await lookAtLayer(life.connected.host, web.id)
    expect(looked.snapshots).toMatchObject([{ snapshot, sizeBytes: 32 * 1024 * 1024 }])
    await life.succeed({ operation: 'guest.revert', input: { ...ref(), snapshot } })
    expect(inside('/upper/etc/hosts')).toBe('kept\n')
    await life.succeed({ operation: 'guest.forget', input: { ...ref(), snapshot } })
    expect(existsSync(folder('snapshots'))).toBe(false)
    expect(await life.ended({ operation: 'guest.revert', input: { ...ref(), snapshot } })).toMatchObject({
      state: 'failed',
      problem: { code: 'NOT_FOUND', detail: `web-01 has no snapshot ${snapshot}.` },
    })
    expect(left()).toEqual([])
  })

  it.each(['', '..', '../../web-02', '20261121', '-rf', '$(reboot)', '20261121T181500Z\n'])('are refused %j', (snapshot) => {
    expect(operationInputs['guest.revert'].safeParse({ ...ref(), snapshot }).success).toBe(false)
    expect(operationInputs['guest.forget'].safeParse({ ...ref(), snapshot }).success).toBe(false)
  })

  it('leave the old layer or the snapshot when the restore is cut at points all along it', async () => {
    const { result } = await life.succeed({ operation: 'guest.snapshot', input: ref() })
    const { snapshot = '' } = result
    write({ 'upper/etc/hosts': 'changed\n' })
    const killed = await life.cutAlong({ operation: 'guest.revert', input: { ...ref(), snapshot } }, 4, (at) => {
      expect(['kept\n', 'changed\n'], `cut at ${at}`).toContain(inside('/upper/etc/hosts'))
      clean()
      expect(left(), `cut at ${at}`).toEqual([])
    })
    expect(killed).toBeGreaterThan(4)
    expect(inside('/upper/etc/hosts')).toBe('kept\n')
  })
})

describe('guest.grow', () => {
  it('makes the layer larger and keeps what is in it, wherever it is cut', async () => {
    const sizes = [32, 96].map((mb) => mb * 1024 * 1024)
    const killed = await life.cutAlong({ operation: 'guest.grow', input: { ...ref(), layerMb: 96 } }, 5, (at) => {
      expect(sizes, `cut at ${at}`).toContain(statSync(layer()).size)
      expect(inside('/upper/etc/hosts')).toBe('kept\n')
      clean()
      expect(left(), `cut at ${at}`).toEqual([])
      // A cut behind the rename has grown it.
      if (statSync(layer()).size !== sizes[0]) write({})
    })
    expect(killed).toBeGreaterThan(4)
    expect(statSync(layer()).size).toBe(sizes[1])
    expect(inside('/upper/etc/hosts')).toBe('kept\n')
    clean()
    expect((await life.guest('web-01')).origin?.layerBytes).toBe(sizes[1])
    expect((await life.ended({ operation: 'guest.grow', input: { ...ref(), layerMb: 96 } })).problem).toMatchObject({
      code: 'BAD_INPUT',
      detail: 'The layer of web-01 has 96 MB already.',
    })
  })
})

describe('guest.reset', () => {
  it('empties the layer and keeps its size and its snapshots', async () => {
    await life.succeed({ operation: 'guest.snapshot', input: ref() })
    await life.succeed({ operation: 'guest.reset', input: ref() })
    expect(statSync(layer()).size).toBe(32 * 1024 * 1024)
    expect((await layerFiles(life.connected.host, web.id)).files).toEqual([])
    expect(readdirSync(folder('snapshots'))).toHaveLength(1)
    clean()
    expect(left()).toEqual([])
  })
})

describe('guest.check', () => {
  it('mends what can be mended without a loss', async () => {
    debugfs('ssv state 0')
    const { result } = await life.succeed({ operation: 'guest.check', input: { ...ref(), repair: false } })
    expect(result.mended).toBe('1')
    expect((await lookAtLayer(life.connected.host, web.id)).state).toBe('clean')
  })

  it('asks before it repairs what costs something, and keeps the layer as it was', async () => {
    // A folder without its inode: e2fsck -p leaves that to a person.
    debugfs('clri /upper', 'ssv state 2')
    const refused = await life.ended({ operation: 'guest.check', input: { ...ref(), repair: false } })
    expect(refused).toMatchObject({ state: 'failed', left: 'nothing', problem: { hint: expect.stringContaining('Repair it') } })
    const { result } = await life.succeed({ operation: 'guest.check', input: { ...ref(), repair: true } })
    clean()
    const { state, snapshots } = await lookAtLayer(life.connected.host, web.id)
    expect(state).toBe('clean')
    expect(snapshots.map(({ snapshot }) => snapshot)).toEqual([result.snapshot])
    expect(statSync(folder('snapshots', `${result.snapshot}.img`)).nlink).toBe(1)
  })
})

describe('a layer in use', () => {
  it.each([
    ['guest.reset', {}],
    ['guest.grow', { layerMb: 200 }],
    ['guest.snapshot', {}],
    ['guest.revert', { snapshot: '20261121T181500Z' }],
    ['guest.check', { repair: true }],
  ] as const)('is not touched by %s: the guest runs, or is saved', async (operation, more) => {
    const running = await life.guest('web-02')
    // biome-ignore lint/suspicious/noExplicitAny: the input of each operation of the table
    const call = (guest: Guest): any => ({ operation, input: { name: guest.name, uuid: guest.id, ...more } })
    const before = statSync(join(life.root, 'guests/web-02/layer.img')).mtimeMs
    expect(await life.ended(call(running))).toMatchObject({ state: 'failed', problem: { code: 'BUSY' } })
    expect(statSync(join(life.root, 'guests/web-02/layer.img')).mtimeMs).toBe(before)
    writeFileSync(folder('saved'), 'memory')
    const saved = await life.ended(call(await life.guest('web-01')))
    rmSync(folder('saved'))
    expect(saved).toMatchObject({
      state: 'failed',
      problem: { code: 'BUSY', detail: expect.stringContaining('web-01 is saved') },
    })
  })
})

describe('a layer that the guest encrypts', () => {
  it('is not looked into: neither its files nor what they would hide, nor for a base made of it', async () => {
    const about = folder('guest.json')
    const plain = readFileSync(about, 'utf8')
    writeFileSync(about, plain.replace('"mode":"overlay"', '"mode":"overlay","encrypted":true'))
    const { host } = life.connected
    const { origin, id } = await life.guest('web-01')
    const { base = '', generation = 1 } = origin ?? {}
    const looked = await lookAtLayer(host, id)
    const files = layerFiles(host, id)
    await expect(files).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('is encrypted') })
    const target = generation === 1 ? 2 : 1
    const { guests } = await planSwap(host, { base, generation: target, guestIds: [id] })
    const promoted = await life.ended({ operation: 'image.promote', input: { name: 'open', guest: ref() } })
    writeFileSync(about, plain)
    await host.refresh()
    expect(looked.state).toBe('encrypted')
    const refused = `The initrd of generation ${target} cannot encrypt, and its disks are encrypted.`
    expect(guests).toMatchObject([{ encrypted: true, refused }])
    expect(promoted).toMatchObject({ state: 'failed', problem: { detail: expect.stringContaining('is encrypted') } })
  })
})

describe('a guest with a root disk of its own', () => {
  it.each([
    ['copy', 'its root disk is a copy of its own, which stands on no base'],
    ['reflink', 'its root disk is a copy of its own, which stands on no base'],
    ['thin', 'its root disk is a volume, a snapshot of the one generation that it was made of'],
    ['qcow2', 'its qcow2 holds blocks, which mean nothing on another generation than its own'],
  ] as const)('has neither a layer nor a base to swap, and is told so: %s', async (mode, why) => {
    const about = folder('guest.json')
    const overlay = readFileSync(about, 'utf8')
    const other = overlay.replace('"mode":"overlay"', `"mode":"${mode}"`)
    const { base = '', generation = 1 } = web.origin ?? {}
    writeFileSync(about, other)
    const grown = await life.ended({ operation: 'guest.grow', input: { ...ref(), layerMb: 96 } })
    const swapped = await life.ended({ operation: 'guest.swap', input: { ...ref(), base, generation: generation + 1 } })
    const kept = readFileSync(about, 'utf8')
    writeFileSync(about, overlay)
    expect(grown).toMatchObject({ state: 'failed', problem: { detail: `web-01 has no layer to work on: ${why}.` } })
    expect(swapped).toMatchObject({ state: 'failed', problem: { detail: `web-01 has no base to swap: ${why}.` } })
    expect(kept).toBe(other)
    expect(statSync(layer()).size).toBe(32 * 1024 * 1024)
  })
})
