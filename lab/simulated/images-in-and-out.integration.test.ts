import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ExportFormat } from '../../src-shared/operations'
import { type GuestLife, startGuestLife } from './testing/guest-life'

let life: GuestLife
const home = (name = '') => join(life.simulated.folder, 'home', name)
const run = (program: string, ...args: string[]) =>
  execFileSync(program, args, { encoding: 'utf8', stdio: 'pipe', env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin` } })
beforeAll(async () => {
  life = await startGuestLife(2)
  run('qemu-img', 'convert', '-O', 'qcow2', home('debian-12.img'), home('debian.qcow2'))
  mkdirSync(home('tree'))
  run('debugfs', '-R', `rdump / ${home('tree')}`, home('debian-12.img'))
  run('tar', '-cf', home('root.tar'), '-C', home('tree'), '.')
  run('tar', '-czf', home('folder.tar.gz'), '-C', home(), 'tree')
  mkdirSync(home('empty'))
  run('tar', '-cf', home('empty.tar'), '-C', home('empty'), '.')
}, 60_000)
afterAll(() => life.stop())

const contents = (image: string) => run('debugfs', '-R', 'cat /etc/fstab', image)
const bases = () => readdirSync(join(life.root, 'bases')).sort()

describe('an import', () => {
  it.each([
    ['qcow2', 'debian.qcow2'],
    ['tar', 'root.tar'],
    ['folder', 'folder.tar.gz'],
  ])(
    'makes a base of a %s',
    async (name, source) => {
      const { result } = await life.succeed({ operation: 'image.import', input: { name: `from-${name}`, source: home(source) } })
      const image = join(result.path ?? '', 'root.img')
      // The line of the root is a comment in a base.
      expect(contents(image)).toMatch(/^#.* \/ ext4/m)
      expect(run('debugfs', '-R', 'ls -p /boot', image)).toContain('/vmlinuz-')
      run('e2fsck', '-fn', image)
    },
    120_000,
  )

  it('refuses what proves to be no root once it is unpacked, by the name that was given, and leaves nothing', async () => {
    const before = bases()
    const job = await life.ended({ operation: 'image.import', input: { name: 'empty', source: home('empty.tar') } })
    expect(job).toMatchObject({
      state: 'failed',
      left: 'nothing',
      problem: { code: 'PREFLIGHT_FAILED', detail: expect.stringContaining(`${home('empty.tar')} has no /sbin/init`) },
    })
    expect(bases()).toEqual(before)
    expect(readdirSync(life.root).filter((file) => file.startsWith('.'))).toEqual([])
  })
})

describe('an export', () => {
  const base = { base: 'from-qcow2', generation: 1 }
  const image = () => join(life.root, 'bases/from-qcow2/1/root.img')
  const exported = (format: ExportFormat, target: string) =>
    life.ended({ operation: 'image.export', input: { ...base, format, target } })

  it('of a base is the image itself, a qcow2 of it, or a tar of its files', async () => {
    expect(await exported('raw', home('out.img'))).toMatchObject({ state: 'succeeded' })
    run('cmp', image(), home('out.img'))
    expect(await exported('qcow2', home('out.qcow2'))).toMatchObject({ state: 'succeeded' })
    run('qemu-img', 'compare', '-f', 'raw', '-F', 'qcow2', image(), home('out.qcow2'))
    expect(await exported('tar', home('out.tar'))).toMatchObject({ state: 'succeeded' })
    expect(run('tar', '-xOf', home('out.tar'), './etc/fstab')).toBe(contents(image()))
    await life.succeed({ operation: 'image.import', input: { name: 'again', source: home('out.tar') } })
  })

  it.each([
    ['a file that is there', () => home('out.img'), 'BUSY'],
    ['a folder that is not', () => home('nowhere/x.img'), 'NOT_FOUND'],
    ['the folder of the bases', () => join(life.root, 'bases/x.img'), 'BAD_INPUT'],
  ])('does not go to %s', async (_what, target, code) => {
    const job = await exported('raw', target())
    expect(job).toMatchObject({ state: 'failed', left: 'nothing', problem: { code } })
  })

  it('of a guest takes any path for a path, and waits for nobody who writes', async () => {
    await life.simulated.addForeignGuest({ name: 'theirs', state: 'running' })
    const disk = (await life.guest('theirs')).disks[0]?.target ?? ''
    truncateSync(disk, 1024 * 1024)
    const target = home(`it's $(touch pwned) ; "é" -rf`)
    const input = { name: 'theirs', disk, format: 'raw', target } as const
    expect((await life.ended({ operation: 'guest.export', input })).problem).toMatchObject({
      code: 'BUSY',
      detail: expect.stringContaining('by theirs, which runs'),
    })
    await life.run('xl', 'destroy', 'theirs')
    await life.succeed({ operation: 'guest.export', input })
    run('cmp', disk, target)
    expect((await life.ended({ operation: 'guest.export', input: { ...input, disk: '/none' } })).problem?.code).toBe('NOT_FOUND')
  })

  it('leaves nothing, or the whole file, wherever it is cut', async () => {
    const small = home('small.img')
    writeFileSync(small, 'x'.repeat(4096))
    const target = home('cut.img')
    const before = readdirSync(home()).sort()
    const input = { name: 'theirs', disk: small, format: 'raw', target } as const
    const killed = await life.cutAlong({ operation: 'guest.export', input }, 5, (at) => {
      expect({ at, files: readdirSync(home()).sort() }).toEqual({ at, files: before })
    })
    expect(killed).toBeGreaterThan(1)
    expect(readFileSync(target, 'utf8')).toBe(readFileSync(small, 'utf8'))
    rmSync(target)
    expect(existsSync(small)).toBe(true)
  })
})
