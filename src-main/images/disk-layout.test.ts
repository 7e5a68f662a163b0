import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import layout from './disk-layout.sh?raw'

// The first MB of physical volumes that LVM 2.03.16 made (Debian 12).
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'domdeck-lvm-'))
})
afterAll(() => rmSync(folder, { recursive: true }))
const recorded = (name: string) => gunzipSync(readFileSync(new URL(`fixtures/lvm-2.03.16-${name}.gz`, import.meta.url)))

/** The volumes that are found when the physical volume begins at this sector of an image of so many. */
function volumes(head: Buffer, { start = 0, end = 204_800 } = {}): string[] {
  const image = join(folder, 'image')
  writeFileSync(image, Buffer.concat([Buffer.alloc(start * 512), head]))
  const script = `${layout}\ndisk_file=$1 disk_end=$3\ndisk_metadata "$2" | awk -v start="$2" -v end="$3" "$disk_volumes_awk"`
  return execFileSync('sh', ['-c', script, 'sh', image, String(start), String(end)], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '')
}

describe('the volumes of a group', () => {
  it('are where LVM has them, those that grew in pieces', () => {
    expect(volumes(recorded('two-pieces'))).toEqual([
      'my-vg swap-1 2048+16384',
      'my-vg root 18432+49152,83968+32768',
      'my-vg home 67584+16384',
    ])
  })

  it('are counted from where the partition begins', () => {
    expect(volumes(recorded('two-pieces'), { start: 4096, end: 210_000 })[0]).toBe('my-vg swap-1 6144+16384')
  })

  it('are not taken from a group of several disks, nor behind the end of the image', () => {
    expect(volumes(recorded('two-disks'))).toEqual(['wide root on several disks'])
    expect(volumes(recorded('two-pieces'), { end: 70_000 })).toEqual([
      'my-vg swap-1 2048+16384',
      'my-vg root odd',
      'my-vg home odd',
    ])
  })

  it.each([
    ['a segment of another type', 'type = "striped"', 'type = "raid1"\n#..', /^my-vg root raid1$/m],
    ['an absurd number', 'extent_count = 24', 'extent_count = $(', /^my-vg root odd$/m],
  ])('are not used with %s', (_what, old, put, found) => {
    const text = recorded('two-pieces').toString('latin1')
    const padded = put.padEnd(old.length).slice(0, old.length)
    expect(volumes(Buffer.from(text.replaceAll(old, padded), 'latin1')).join('\n')).toMatch(found)
  })

  it('end with a label or metadata that lie, in words or in nothing, and never in a hang', () => {
    const head = recorded('two-pieces')
    for (const at of [512, 584, 592, 600, 608, 4096 + 40, 4096 + 48]) {
      const broken = Buffer.from(head)
      broken.fill(0xff, at, at + 8)
      expect(volumes(broken)).toEqual([])
    }
    expect(volumes(Buffer.alloc(1024 * 1024))).toEqual([])
  })
})

describe('the kernels of a folder', () => {
  it('are those with an initrd, the newest first, whoever named it', () => {
    const names = [
      ...['vmlinuz-6.1.0-9-amd64', 'initrd.img-6.1.0-9-amd64', 'vmlinuz-6.1.0-50-amd64', 'initrd.img-6.1.0-50-amd64'],
      ...['vmlinuz-5.14.0-427.el9', 'initramfs-5.14.0-427.el9.img', 'vmlinuz-5.3.18-57-default', 'initrd-5.3.18-57-default'],
      ...['vmlinuz-9.9', 'vmlinuz', 'initrd.img', 'grub/', `vmlinuz-$(reboot)`, 'initrd.img-$(reboot)'],
    ]
    const pairs = execFileSync('sh', ['-c', `${layout}\ndisk_pair_kernels`], { input: `${names.join('\n')}\n`, encoding: 'utf8' })
    expect(pairs.trim().split('\n')).toEqual([
      'vmlinuz-6.1.0-50-amd64 initrd.img-6.1.0-50-amd64',
      'vmlinuz-6.1.0-9-amd64 initrd.img-6.1.0-9-amd64',
      'vmlinuz-5.14.0-427.el9 initramfs-5.14.0-427.el9.img',
      'vmlinuz-5.3.18-57-default initrd-5.3.18-57-default',
    ])
  })
})
