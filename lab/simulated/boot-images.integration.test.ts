import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type GuestLife, startGuestLife } from './testing/guest-life'

// What Domdeck does around GRUB, on a pretend host that has another one; the real GRUB is in src-main/images and in the lab.
let life: GuestLife
const home = (name = '') => join(life.simulated.folder, 'home', name)
const read = (image: string, file: string) => execFileSync('grub-fstest', [image, 'cat', file], { encoding: 'utf8' })
beforeAll(async () => {
  life = await startGuestLife(2)
  await life.succeed({ operation: 'image.import', input: { name: 'shop', source: home('debian-12.img') } })
}, 60_000)
afterAll(() => life.stop())

const disk = (target: string, table: 'mbr' | 'gpt') =>
  ({
    operation: 'image.bootable',
    input: { from: { base: 'shop', generation: 1 }, target: home(target), table, format: 'raw' },
  }) as const

it('makes a bootable disk of a base, which boots by itself', async () => {
  await life.succeed(disk('shop.img', 'gpt'))
  expect(read(home('shop.img'), '(loop0,gpt2)/boot/grub/grub.cfg')).toMatch(
    /linux \/boot\/vmlinuz-6\.1\.0-56-amd64 root=UUID=\S+ ro/,
  )
  // Of an overlay the initrd mounts the root; a disk of its own has it in fstab.
  expect(read(home('shop.img'), '(loop0,gpt2)/etc/fstab')).toMatch(/^UUID=\S+ \/ ext4 defaults 0 1$/m)
})

it('puts GRUB on a disk of a guest that is off, and refuses one of a guest that runs, by its name', async () => {
  await life.succeed(disk('theirs.img', 'mbr'))
  await life.simulated.addForeignGuest({ name: 'theirs', state: 'running' })
  const target = (await life.guest('theirs')).disks[0]?.target ?? ''
  execFileSync('cp', [home('theirs.img'), target])
  const call = { operation: 'image.grub', input: { path: target } } as const
  expect((await life.ended(call)).problem).toMatchObject({
    code: 'PREFLIGHT_FAILED',
    detail: expect.stringContaining('is in use by theirs, which runs'),
  })
  await life.run('xl', 'destroy', 'theirs')
  await life.succeed(call)
})

it('does not put it in the place of an image that a guest has begun to use meanwhile', async () => {
  await life.simulated.addForeignGuest({ name: 'late', state: 'running' })
  const target = (await life.guest('late')).disks[0]?.target ?? ''
  execFileSync('cp', [home('theirs.img'), target])
  const { configPath = '' } = await life.guest('late')
  await life.run('xl', 'destroy', 'late')
  const job = await life.ended({ operation: 'image.grub', input: { path: target } }, (text) =>
    text.replace('\nlock guests\n', `\nxl create -q '${configPath}'\nlock guests\n`),
  )
  expect(job).toMatchObject({
    state: 'failed',
    left: 'nothing',
    problem: { code: 'BUSY', detail: expect.stringContaining('by late') },
  })
  execFileSync('cmp', [home('theirs.img'), target])
})

it('refuses what has no room for a copy beside it, and leaves nothing', async () => {
  await life.run('sh', '-c', 'echo 100 >"$SIM_HOST/xen/disk-used"')
  const before = readdirSync(home()).sort()
  expect((await life.ended({ operation: 'image.grub', input: { path: home('shop.img') } })).problem).toMatchObject({
    code: 'PREFLIGHT_FAILED',
    detail: expect.stringMatching(/^Space: \d+ [MG]B are free/),
  })
  expect(readdirSync(home()).sort()).toEqual(before)
  await life.run('sh', '-c', 'rm "$SIM_HOST/xen/disk-used"')
})

it('refuses a host without GRUB for BIOS, and says what to install', async () => {
  const modules = join(life.simulated.folder, 'root/usr/lib/grub/i386-pc/boot.img')
  execFileSync('mv', [modules, `${modules}.away`])
  expect((await life.ended({ operation: 'image.grub', input: { path: home('shop.img') } })).problem).toMatchObject({
    detail: 'GRUB: this host has no GRUB for BIOS.',
    hint: expect.stringContaining('apt install --no-install-recommends grub-pc-bin'),
  })
  execFileSync('mv', [`${modules}.away`, modules])
})

it('leaves a disk, or none, wherever the job is cut', async () => {
  const before = readdirSync(home()).sort()
  const killed = await life.cutAlong(disk('cut.img', 'mbr'), 19, () => {
    expect(readdirSync(home()).sort()).toEqual(before)
  })
  expect(killed).toBeGreaterThan(1)
  expect(existsSync(home('cut.img'))).toBe(true)
}, 300_000)
