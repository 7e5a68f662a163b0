import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Job } from '../../src-shared/models/job'
import type { BootImageCall } from '../../src-shared/operations'
import { planCall } from '../jobs/define'
import { Jobs } from '../jobs/jobs'
import { withCuts } from '../jobs/testing/faults'
import { hasEnded, launchPlan, tester } from '../jobs/testing/launching'
import { type LocalHost, makeLocalHost } from '../jobs/testing/local-host'
import { untilJob } from '../jobs/testing/watching'
import { operations } from '../operations'
import { planBootImage } from './plan-boot-image'

// The jobs' own scripts on real images with the GRUB of this machine. What mounts needs root and a loop device.
const path = process.env.PATH
process.env.PATH = `${path}:/usr/sbin:/sbin`
const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
const haveGrub = existsSync('/usr/lib/grub/i386-pc/boot.img') && has('grub-fstest') && has('grub-install') && has('sfdisk')
const canMount = process.getuid?.() === 0 && spawnSync('losetup', ['-f'], { stdio: 'ignore' }).status === 0

let folder: string
let host: LocalHost
let jobs: Jobs
const at = (name: string) => join(folder, name)
const run = (program: string, ...args: string[]) => execFileSync(program, args, { encoding: 'utf8', stdio: 'pipe' })
const mb = 1024 * 1024
const uuid = '7e5f0a11-0000-4000-8000-00000000000'

/** What GRUB and these jobs look for in a root file system. */
const system = {
  'sbin/init': '#!/bin/sh\n',
  'etc/fstab': '/dev/xvda / ext4 defaults 0 1\nproc /proc proc defaults 0 0\n',
  'etc/os-release': `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n`,
  'boot/vmlinuz-6.1.0-9-amd64': 'older\n',
  'boot/initrd.img-6.1.0-9-amd64': 'older\n',
  'boot/vmlinuz-6.1.0-50-amd64': 'newer\n',
  'boot/initrd.img-6.1.0-50-amd64': 'newer\n',
  'boot/vmlinuz-9.9': 'without an initrd\n',
}

/** An initrd of these empty files. */
const initrd = (...names: string[]): string => {
  const tree = mkdtempSync(at('initrd-'))
  for (const name of names) {
    mkdirSync(join(tree, name, '..'), { recursive: true })
    writeFileSync(join(tree, name), '')
  }
  const archive = execFileSync('cpio', ['-o', '-H', 'newc', '--quiet'], {
    cwd: tree,
    input: `${names.join('\n')}\n`,
    encoding: 'latin1',
  })
  rmSync(tree, { recursive: true })
  return archive
}

/** An ext4 image of so many MB with these files in it; a text that begins with `->` is a link. */
function fileSystem(name: string, sizeMb: number, files: Record<string, string>, number = 1): string {
  const tree = at(`${name}.tree`)
  mkdirSync(tree)
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(tree, file, '..'), { recursive: true })
    if (text.startsWith('->')) symlinkSync(text.slice(2), join(tree, file))
    else writeFileSync(join(tree, file), text)
  }
  writeFileSync(at(name), '')
  truncateSync(at(name), sizeMb * mb)
  run('mke2fs', '-q', '-F', '-t', 'ext4', '-b', '1024', '-J', 'size=1', '-U', `${uuid}${number}`, '-d', tree, at(name))
  rmSync(tree, { recursive: true })
  return at(name)
}

/** An image of so many MB with this layout, and what is written where, in MB. */
function disk(
  name: string,
  sizeMb: number,
  layout: string,
  contents: [part: string, seekMb: number, skipMb?: number, countMb?: number][],
) {
  writeFileSync(at(name), '')
  truncateSync(at(name), sizeMb * mb)
  execFileSync('sfdisk', ['-q', at(name)], { input: layout, stdio: 'pipe' })
  for (const [part, seek, skip = 0, count = 100_000] of contents)
    run(
      'dd',
      `if=${part}`,
      `of=${at(name)}`,
      'bs=1M',
      'conv=notrunc,sparse',
      'status=none',
      `seek=${seek}`,
      `skip=${skip}`,
      `count=${count}`,
    )
  return at(name)
}

const mbr = 'label: dos\nstart=2048, type=83, bootable\n'
const biosBoot = '21686148-6449-6E6F-744E-656564454649'
const lvm = 'E6D6D379-F507-44C2-A23C-238F2A3DF928'

function lvmHead(name: string): string {
  writeFileSync(at(name), gunzipSync(readFileSync(new URL(`fixtures/lvm-2.03.16-${name}.gz`, import.meta.url))))
  return at(name)
}

beforeAll(() => {
  if (!haveGrub) return
  folder = mkdtempSync(join(tmpdir(), 'domdeck-grub-'))
  host = makeLocalHost(at('host'))
  jobs = new Jobs(operations)
  const root = fileSystem('root.img', 40, system)
  disk('mbr.img', 42, mbr, [[root, 1]])
  disk('bios-boot.img', 43, `label: gpt\nstart=2048, size=2048, type=${biosBoot}\nstart=4096, size=81920\n`, [[root, 2]])
  disk('no-bios-boot.img', 42, 'label: gpt\nstart=2048, size=81920\n', [[root, 1]])
  disk('early.img', 42, 'label: dos\nstart=8, size=2000, type=83\nstart=2048, type=83\n', [[root, 1]])
  disk('old.img', 42, 'label: dos\nstart=63, size=81920, type=83\n', [])
  run('dd', `if=${root}`, `of=${at('old.img')}`, 'bs=512', 'seek=63', 'conv=notrunc,sparse', 'status=none')
  // The volume group of the fixture has its root in two pieces, of 24 MB and of 16 MB.
  const inLvm = fileSystem('in-lvm.fs', 40, { ...system, 'boot/initrd.img-6.1.0-50-amd64': initrd('usr/sbin/lvm') })
  disk('lvm.img', 103, `label: gpt\nstart=2048, size=2048, type=${biosBoot}\nstart=4096, size=204800, type=${lvm}\n`, [
    [lvmHead('two-pieces'), 2, 0, 1],
    [inLvm, 2 + 9, 0, 24],
    [inLvm, 2 + 41, 24, 16],
  ])
  copyFileSync(at('lvm.img'), at('no-lvm.img'))
  for (const [skip, seek] of [
    [0, 2 + 9],
    [24, 2 + 41],
  ])
    run(
      'dd',
      `if=${root}`,
      `of=${at('no-lvm.img')}`,
      'bs=1M',
      'conv=notrunc',
      `skip=${skip}`,
      `seek=${seek}`,
      `count=${skip === 0 ? 24 : 16}`,
    )
  disk('wide.img', 102, `label: dos\nstart=2048, type=8e\n`, [[lvmHead('two-disks'), 1, 0, 1]])
  const boot = fileSystem('boot.fs', 24, { 'vmlinuz-6.1.0-50-amd64': 'newer\n', 'initrd.img-6.1.0-50-amd64': 'newer\n' }, 2)
  const bare = fileSystem('bare.fs', 8, { 'sbin/init': 'x', 'etc/fstab': '# nothing\n' }, 3)
  disk('boot.img', 34, 'label: dos\nstart=2048, size=49152, type=83\nstart=51200, type=83\n', [
    [boot, 1],
    [bare, 25],
  ])
  disk('no-kernel.img', 10, mbr, [[bare, 1]])
  disk('data.img', 10, mbr, [[fileSystem('data.fs', 8, { 'notes.txt': 'x' }), 1]])
  disk('full.img', 10, mbr, [[fileSystem('full.fs', 8, { ...system, ballast: 'x'.repeat(4 * mb) }), 1]])
  disk('linked.img', 42, mbr, [[fileSystem('linked.fs', 40, { ...system, 'boot/grub': `->${at('outside')}` }), 1]])
  disk('trap.img', 42, mbr, [
    [
      fileSystem('trap.fs', 40, {
        ...system,
        ...Object.fromEntries(
          ['grub.cfg', 'grub.cfg.old', 'i386-pc', 'fonts', 'locale', 'grubenv', 'device.map'].map((name) => [
            `boot/grub/${name}`,
            `->${at(`outside/${name}`)}`,
          ]),
        ),
      }),
      1,
    ],
  ])
  mkdirSync(at('outside'))
  copyFileSync(at('mbr.img'), at("it's $(touch pwned) é, ?offset=1.img"))
  run('qemu-img', 'convert', '-O', 'qcow2', at('mbr.img'), at('whole.qcow2'))
  run('qemu-img', 'convert', '-O', 'qcow2', root, at('root.qcow2'))
  run('qemu-img', 'create', '-q', '-f', 'qcow2', '-b', at('whole.qcow2'), '-F', 'qcow2', at('backed.qcow2'))
  copyFileSync(at('whole.qcow2'), at('snapshots.qcow2'))
  run('qemu-img', 'snapshot', '-c', 'one', at('snapshots.qcow2'))
  for (const name of ['empty.img', 'cut.img']) writeFileSync(at(name), '')
  copyFileSync(at('mbr.img'), at('cut.img'))
  truncateSync(at('cut.img'), 20 * mb)
  copyFileSync(at('mbr.img'), at('linked-twice.img'))
  linkSync(at('linked-twice.img'), at('second-name.img'))
  symlinkSync(at('mbr.img'), at('a-link.img'))
  symlinkSync('/dev/loop0', at('to-a-disk.img'))
  mkdirSync(join(host.root, 'bases/debian-12/1'), { recursive: true })
  copyFileSync(root, join(host.root, 'bases/debian-12/1/root.img'))
}, 120_000)
afterAll(() => {
  process.env.PATH = path
  if (haveGrub) rmSync(folder, { recursive: true, force: true })
})

const grub = (name: string): BootImageCall => ({ operation: 'image.grub', input: { path: at(name) } })
const bootable = (
  from: string,
  target: string,
  more: Partial<{ table: 'mbr' | 'gpt'; format: 'raw' | 'qcow2' }> = {},
): BootImageCall => ({
  operation: 'image.bootable',
  input: { from: { path: at(from) }, target: at(target), table: 'mbr', format: 'raw', ...more },
})
const ended = async (call: BootImageCall, change?: (text: string) => string): Promise<Job> =>
  untilJob(jobs, (await launchPlan(jobs, host, planCall(operations, call), change)).id, hasEnded)
async function succeed(call: BootImageCall): Promise<Job> {
  const job = await ended(call)
  expect(job, JSON.stringify(job.problem)).toMatchObject({ state: 'succeeded', left: 'finished' })
  return job
}
/** What GRUB itself reads in an image. */
const read = (image: string, file: string) => run('grub-fstest', image, 'cat', file)
const files = () => readdirSync(folder).sort()
const loops = () => run('losetup', '-l', '-n', '-O', 'NAME,BACK-FILE').trim()

describe.skipIf(!haveGrub)('what is looked at before GRUB gets to an image (needs grub-pc-bin)', () => {
  const failed = async (call: BootImageCall) =>
    (await planBootImage(host, call)).checks.filter(({ verdict }) => verdict === 'fail')

  it.each([
    ['mbr.img', 'ext4 in partition 1'],
    ['bios-boot.img', 'ext4 in partition 2'],
    ['lvm.img', 'ext4 in LVM volume my--vg-root'],
    ['boot.img', 'ext4 in partition 2'],
    ['a-link.img', 'ext4 in partition 1'],
    ["it's $(touch pwned) é, ?offset=1.img", 'ext4 in partition 1'],
  ])('finds the root and the newest kernel that has an initrd: %s', async (name, root) => {
    const { checks } = await planBootImage(host, grub(name))
    expect(checks.filter(({ verdict }) => verdict !== 'pass')).toEqual([])
    const facts = new Map(checks.map(({ title, fact }) => [title, fact]))
    expect(facts.get('Root')).toBe(root)
    expect(facts.get('Kernel')).toMatch(/^6\.1\.0-50-amd64(, the newest of 2)?$/)
  })

  it.each([
    ['nowhere.img', 'Image', /nowhere\.img does not exist/],
    ['outside', 'Image', /outside is not a file/],
    ['empty.img', 'Image', /empty\.img is empty/],
    ['to-a-disk.img', 'Image', /to-a-disk\.img, which leads to \/dev\/loop0, is (a disk, )?not a/],
    ['second-name.img', 'Image', /has a second name/],
    ['root.img', 'Image', /has no partition table/],
    ['backed.qcow2', 'Image', /stands on a backing file/],
    ['snapshots.qcow2', 'Image', /has snapshots/],
    ['no-bios-boot.img', 'Room for GRUB', /is GPT, and has no BIOS boot partition/],
    ['early.img', 'Room for GRUB', /begins at sector 8/],
    ['cut.img', 'System', /partition 1 ends behind the end of the image/],
    ['wide.img', 'System', /volume wide\/root is on several disks/],
    ['data.img', 'System', /no file system in it is a root/],
    ['no-kernel.img', 'System', /no \/boot\/vmlinuz/],
  ])('refuses %s, says why, and what to do', async (name, title, fact) => {
    expect(await failed(grub(name))).toEqual([
      { title, verdict: 'fail', fact: expect.stringMatching(fact), advice: expect.any(String) },
    ])
  })

  it('refuses the image of a base, and one that somebody uses', async () => {
    const base = join(host.root, 'bases/debian-12/1/root.img')
    expect(await failed({ operation: 'image.grub', input: { path: base } })).toMatchObject([{ title: 'In use' }])
  })

  it.each([
    ['mbr.img', 'new.img', 'Image', /is a whole disk with a partition table already \(dos\)/],
    ['root.img', 'mbr.img', 'To', /mbr\.img is there already/],
    ['root.img', 'nowhere/new.img', 'To', /There is no folder/],
    ['root.img', 'host/root/bases/new.img', 'To', /lies where only the system/],
    ['data.fs', 'new.img', 'System', /no file system in it is a root/],
  ])('makes no bootable disk of %s at %s', async (from, target, title, fact) => {
    expect(await failed(bootable(from, target))).toMatchObject([{ title, fact: expect.stringMatching(fact) }])
  })
})

describe.skipIf(!haveGrub || !canMount)(
  'GRUB on an image (needs grub-pc-bin, root and loop devices)',
  { timeout: 120_000 },
  () => {
    let before: string[]
    beforeAll(() => {
      before = files()
    })
    afterEach(() => expect(loops()).not.toContain(folder))

    it.each([
      ['mbr.img', '(loop0,msdos1)/boot', `root=UUID=${uuid}1 ro`],
      ['bios-boot.img', '(loop0,gpt2)/boot', `root=UUID=${uuid}1 ro`],
      ['lvm.img', '(lvm/my--vg-root)/boot', 'root=/dev/mapper/my--vg-root ro'],
      ['old.img', '(loop0,msdos1)/boot', `root=UUID=${uuid}1 ro`],
      // Nothing in its fstab would mount the root for writing.
      ['boot.img', '(loop0,msdos1)', `root=UUID=${uuid}3 rw`],
      ["it's $(touch pwned) é, ?offset=1.img", '(loop0,msdos1)/boot', `root=UUID=${uuid}1 ro`],
    ])('boots %s by its own UUIDs and kernels', async (name, boot, root) => {
      chmodSync(at(name), 0o640)
      const { ino } = statSync(at(name))
      await succeed(grub(name))
      const config = read(at(name), `${boot}/grub/grub.cfg`)
      const entries = [...config.matchAll(/^ {2}linux (\S+) (.*) \$consoles$/gm)].map((match) => match.slice(1))
      const folder = boot.endsWith('/boot') ? '/boot' : ''
      expect(entries[0]).toEqual([`${folder}/vmlinuz-6.1.0-50-amd64`, root])
      expect(entries).toHaveLength(folder === '' ? 1 : 2)
      expect(
        readFileSync(at(name)).subarray(104, 440).equals(readFileSync('/usr/lib/grub/i386-pc/boot.img').subarray(104, 440)),
      ).toBe(true)
      expect(read(at(name), `${boot}/vmlinuz-6.1.0-50-amd64`)).toBe('newer\n')
      expect(statSync(at(name))).toMatchObject({ mode: 0o100640 })
      expect(statSync(at(name)).ino).not.toBe(ino)
      expect(files()).toEqual(before)
    })

    it('keeps a qcow2 a qcow2', async () => {
      await succeed(grub('whole.qcow2'))
      run('qemu-img', 'convert', '-f', 'qcow2', '-O', 'raw', at('whole.qcow2'), at('whole.raw'))
      expect(read(at('whole.raw'), '(loop0,msdos1)/boot/grub/grub.cfg')).toContain(`--set=root ${uuid}1`)
      rmSync(at('whole.raw'))
    })

    it('keeps the grub.cfg that was there beside its own, and may be done again', async () => {
      for (const _ of [1, 2]) await succeed(grub('mbr.img'))
      expect(read(at('mbr.img'), '(loop0,msdos1)/boot/grub/grub.cfg.old')).toContain('Written by Domdeck')
      expect(run('grub-fstest', at('mbr.img'), 'ls', '(loop0,msdos1)/boot/grub/')).not.toContain('device.map')
    })

    it.each(['linked.img', 'trap.img'])('writes through no link of %s', async (name) => {
      const job = await ended(grub(name))
      if (name === 'linked.img')
        expect(job.problem).toMatchObject({ detail: expect.stringContaining('/boot/grub in the image is a link') })
      else expect(job.state).toBe('succeeded')
      expect(readdirSync(at('outside'))).toEqual([])
      expect(files()).toEqual(before)
    })

    it('refuses a root in LVM whose initrd does not know LVM', async () => {
      expect((await ended(grub('no-lvm.img'))).problem?.detail).toContain('initrd.img-6.1.0-50-amd64 does not know LVM')
      expect(files()).toEqual(before)
    })

    it('leaves an image without room in its file system as it is, and says so', async () => {
      const was = readFileSync(at('full.img'))
      expect(await ended(grub('full.img'))).toMatchObject({
        state: 'failed',
        left: 'nothing',
        problem: { code: 'COMMAND_FAILED', detail: expect.stringMatching(/has \d+ MB free, and 12 MB are needed/) },
      })
      expect(readFileSync(at('full.img')).equals(was)).toBe(true)
      expect(files()).toEqual(before)
    })

    it('refuses a disk that is mounted, a link to it, and an image that is attached, by name', async () => {
      const device = run('losetup', '-f', '--show', at('root.img')).trim()
      mkdirSync(at('mnt'))
      run('mount', '-o', 'ro,noload', device, at('mnt'))
      symlinkSync(device, at('to-mounted.img'))
      try {
        for (const path of [device, at('to-mounted.img')]) {
          const { problem } = await ended({ operation: 'image.grub', input: { path } })
          expect(problem).toMatchObject({
            code: 'PREFLIGHT_FAILED',
            detail: expect.stringContaining('is a disk, not an image file'),
          })
          expect(problem?.detail).toContain(`is mounted on the host at ${at('mnt')}`)
          expect(problem?.detail).toContain(device)
        }
        expect((await ended(grub('root.img'))).problem?.detail).toMatch(/In use: .*root\.img is (mounted|attached)/)
      } finally {
        run('umount', at('mnt'))
        run('losetup', '-d', device)
        rmSync(at('to-mounted.img'))
        rmSync(at('mnt'), { recursive: true })
      }
    })

    it('makes a bootable disk of an image without partitions, and of a base', async () => {
      await succeed(bootable('root.img', 'new.img', { table: 'gpt' }))
      expect(run('partx', '-g', '-o', 'SCHEME,START', '--raw', at('new.img')).trim().split('\n')).toEqual([
        'gpt 2048',
        'gpt 4096',
      ])
      expect(read(at('new.img'), '(loop0,gpt2)/etc/fstab')).toBe(
        `proc /proc proc defaults 0 0\nUUID=${uuid}1 / ext4 defaults 0 1\n`,
      )
      expect(read(at('new.img'), '(loop0,gpt2)/boot/grub/grub.cfg')).toContain(
        "menuentry 'Debian GNU/Linux 12 (bookworm), Linux 6.1.0-50-amd64'",
      )
      run('sfdisk', '--verify', at('new.img'))
      await succeed({
        operation: 'image.bootable',
        input: { from: { base: 'debian-12', generation: 1 }, target: at('of-base.qcow2'), table: 'mbr', format: 'qcow2' },
      })
      expect(run('qemu-img', 'info', at('of-base.qcow2'))).toContain('file format: qcow2')
      await succeed(bootable('root.qcow2', 'of-qcow2.img'))
      expect(read(at('of-qcow2.img'), '(loop0,msdos1)/boot/grub/grub.cfg')).toContain(`root=UUID=${uuid}1 ro`)
      for (const name of ['new.img', 'of-base.qcow2', 'of-qcow2.img']) rmSync(at(name))
      expect(files()).toEqual(before)
    })

    /** Kills the job at points all along it and rolls each back. */
    async function cutAlong(call: BootImageCall, every: number, check: () => void): Promise<number> {
      for (let cut = 3, killed = 0; ; cut += every) {
        const job = await ended(call, (text) => withCuts(text, [{ at: cut, in: 'run', signal: 'KILL' }]))
        if (job.state === 'succeeded') return killed
        expect(job.state).toBe('interrupted')
        killed += 1
        await jobs.recover(host, job.id, tester)
        check()
      }
    }

    it('leaves an image as it was, or complete, wherever the job is killed', async () => {
      const was = readFileSync(at('bios-boot.img'))
      const clean = disk('clean.img', 43, `label: gpt\nstart=2048, size=2048, type=${biosBoot}\nstart=4096, size=81920\n`, [
        [at('root.img'), 2],
      ])
      const image = readFileSync(clean)
      const killed = await cutAlong(grub('clean.img'), 17, () => {
        expect(files()).toEqual([...before, 'clean.img'].sort())
        expect(loops()).not.toContain(folder)
        if (!readFileSync(clean).equals(image))
          expect(read(clean, '(loop0,gpt2)/boot/grub/grub.cfg')).toContain(`--set=root ${uuid}1`)
      })
      expect(killed).toBeGreaterThan(3)
      rmSync(clean)
      expect(readFileSync(at('bios-boot.img')).equals(was)).toBe(true)
    }, 300_000)

    it('leaves no half disk wherever the making of one is killed', async () => {
      await cutAlong(bootable('root.img', 'cut-new.img'), 19, () => {
        expect(files()).toEqual(before)
        expect(loops()).not.toContain(folder)
      })
      rmSync(at('cut-new.img'))
    }, 300_000)
  },
)
