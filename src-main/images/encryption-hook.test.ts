import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

// Which disks the initrd takes for those of its guest, by the words of the hook itself with files for disks; cryptsetup only tells how it
// was called. What it really does is shown on real Xen.
const hook = fileURLToPath(new URL('../../resources/guest/initramfs/scripts/domdeck-encryption', import.meta.url))
const mine = '3f0c6f4e-7a0e-4f1c-9d55-000000000001'
const other = '3f0c6f4e-7a0e-4f1c-9d55-000000000002'
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'domdeck-hook-'))
  mkdirSync(join(folder, 'bin'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const disk = () => join(folder, 'disk')
const mark = (uuid: string, role: string) => `domdeck-disk 1\nguest ${uuid}\nrole ${role}\n${'\0'.repeat(2_000_000)}`

/** What comes of a disk with this content: the calls of cryptsetup that would have written or opened, or the line of the stop. */
function outcome(words: string, content: string | Buffer, luksUuid = ''): string {
  writeFileSync(disk(), content)
  const before = readFileSync(disk())
  const stub = `#!/bin/sh\ncase $1 in\n  isLuks) [ -n '${luksUuid}' ] ;;\n  luksUUID) echo '${luksUuid}' ;;\n  *) echo "$@" >&3 ;;\nesac\n`
  writeFileSync(join(folder, 'bin/cryptsetup'), stub)
  chmodSync(join(folder, 'bin/cryptsetup'), 0o755)
  const script = `
    stop() { echo "stop: $1"; exit; }
    base=debian-12/1
    . '${hook}'
    writable() { :; }
    unlock_layer() { echo unlock; }
    make_luks_layer() { echo make; }
    encryption_log=/dev/null guest_uuid=${mine} layer=${disk()}
    ${words}`
  const env = { PATH: `${join(folder, 'bin')}:/usr/bin:/bin` }
  const said = execFileSync('sh', ['-euc', script], { encoding: 'utf8', env })
  expect(readFileSync(disk()).equals(before)).toBe(true)
  return said.trim().replace(disk(), 'DISK')
}
const swap = (content: string | Buffer) => outcome(`exec 3>&1; open_random ${disk()} swap domdeck-swap; echo opened`, content)
const layer = (content: string | Buffer, luksUuid?: string) => outcome('open_luks_layer', content, luksUuid)

const strangers: [string, string | Buffer][] = [
  ['is empty', ''],
  ['is zeros', Buffer.alloc(3_000_000)],
  ['holds something else', 'ext4, say'.repeat(1000)],
  ['has line ends and nothing else', '\n'.repeat(4096)],
  ['is of another guest', mark(other, 'swap')],
  ['is for another use', mark(mine, 'throwaway')],
  ['is of a format to come', mark(mine, 'swap').replace('disk 1', 'disk 2')],
  ['bears the words further in', `\n${mark(mine, 'swap')}`],
  ['has a role that only begins so', mark(mine, 'swapped')],
]

describe('a disk for swap', () => {
  it.each(strangers)('is not touched when it %s', (_what, content) => {
    expect(swap(content)).toMatch(/^stop: swap disk DISK is not one that was made for this guest, and is not touched/)
  })

  it('gets a random key behind its first MB when it names this guest and this use', () => {
    expect(swap(mark(mine, 'swap'))).toMatch(
      /^open --type plain .*--key-file \/dev\/urandom --offset 2048 .*DISK domdeck-swap\nopened$/,
    )
  })
})

describe('a disk for an encrypted layer', () => {
  it.each(strangers)('is not touched when it %s', (_what, content) => {
    expect(layer(content)).toMatch(/^stop: layer DISK is not one that was made for this guest, and is not touched/)
  })

  it('is made when it names this guest, is opened once it is encrypted by it, and is let be when another one did', () => {
    expect(layer(mark(mine, 'layer'))).toBe('make')
    expect(layer('LUKS', mine)).toBe('unlock')
    expect(layer('LUKS', other)).toMatch(/^stop: layer DISK is encrypted, but not by this guest/)
    expect(layer(mark(mine, 'layer'), other)).toMatch(/^stop: layer DISK is encrypted, but not by this guest/)
  })
})
