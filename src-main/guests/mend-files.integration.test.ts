import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { insideImage, makeImage, oldFiles } from '../../lab/simulated/testing/old-image'
import mendFiles from './mend-files.sh?raw'
import mendWords from './mend-words.sh?raw'

// What is written into hostile images by a mount of this machine's kernel, which takes root and a loop device.
const canMount = process.getuid?.() === 0 && spawnSync('losetup', ['-f'], { stdio: 'ignore' }).status === 0

let folder: string
const at = (...path: string[]) => join(folder, ...path)
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'domdeck-mend-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Runs it as the job does, on the image with these files more than an old one has; what it said on the way. */
function mend(files: Record<string, string>, ids: string, role = 'root'): { code: number | null; said: string } {
  makeImage(at('disk.img'), { ...oldFiles, ...files })
  for (const name of ['work', 'work/before', 'work/mnt']) mkdirSync(at(name))
  for (const name of ['files', 'after']) writeFileSync(at('work', name), '')
  writeFileSync(at('work/mend-files.sh'), `${mendWords}\n${mendFiles}`)
  const { status, stdout, stderr } = spawnSync(
    'unshare',
    [
      ...['--mount', '--propagation', 'private', '--pid', '--kill-child', '--'],
      ...['sh', at('work/mend-files.sh'), at('work'), at('disk.img'), '0', role],
    ],
    {
      encoding: 'utf8',
      timeout: 20_000,
      env: { ...process.env, mend_ids: ids, mend_init: 'sysvinit', mend_plain: 'xvda', mend_getty: '/sbin/getty' },
    },
  )
  return { code: status, said: stdout + stderr }
}
const inside = (file: string) => insideImage(at('disk.img'), file)

describe.skipIf(!canMount)('an image that is mended', () => {
  it('makes nobody wait where the name of the new file is a pipe, or a folder', () => {
    expect(mend({ 'etc/fstab.domdeck': '|', 'etc/inittab.domdeck/x': '' }, 'fstab getty').code).toBe(0)
    expect(inside('/etc/fstab')).toContain('/dev/xvda / ext3')
    expect(inside('/etc/inittab')).toContain('hvc0')
    expect(execFileSync('losetup', ['-j', at('disk.img')], { encoding: 'utf8' })).toBe('')
  })

  it('has no link followed out of it, nor on the way of a name', () => {
    writeFileSync(at('outside'), 'theirs\n')
    const { code, said } = mend(
      { 'etc/fstab': `->${at('outside')}`, 'boot/grub/menu.lst': '', 'etc/inittab': `->/etc/fstab` },
      'fstab getty',
    )
    expect([code, said]).toEqual([0, expect.stringContaining('/etc/fstab is a link, and is left alone.')])
    expect(readFileSync(at('outside'), 'utf8')).toBe('theirs\n')
  })

  it.each([
    ['a folder', { 'etc/initramfs-tools/modules/x': '' }],
    ['a pipe', { 'etc/initramfs-tools/modules': '|' }],
    ['absurdly long', { 'etc/initramfs-tools/modules': 'x\n'.repeat(200_000) }],
  ])('keeps no copy of a file that is %s', (_, files) => {
    const { code, said } = mend(files, 'initrd')
    expect(code).toBe(1)
    expect(said).toContain('/etc/initramfs-tools/modules is no plain file of at most 262144 bytes')
    expect(readFileSync(at('work/files'), 'utf8')).toBe('')
  })

  it('is told apart from text', () => {
    expect(mend({ 'etc/fstab': '/dev/sda1 / ext3 x 0 1\n\0\n' }, 'fstab').said).toContain('/etc/fstab is no text')
  })
})
