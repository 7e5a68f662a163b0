import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import words from '../jobs/preflight.sh?raw'
import cloneModes from './clone-modes.sh?raw'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'domdeck-modes-'))
  for (const name of ['bin/qemu-img', 'usr/libexec/xen-qemu-system-i386']) program(name, '')
  program('bin/df', `printf 'Filesystem Type 1024-blocks Used Available Capacity Mounted\\n/dev/md0 ext4 100 40 60 40%% /srv\\n'`)
  program('bin/lvs', '')
})
afterEach(() => rmSync(folder, { recursive: true }))

function program(name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true })
  writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`)
  chmodSync(join(folder, name), 0o755)
}

/** What the host of the stubs answers, a line a finding. */
function answer(variables: Record<string, string> = {}): string[] {
  const all = {
    root: '/srv/domdeck',
    mode: 'overlay',
    pool: '',
    count: '2',
    layer_mb: '640',
    base: 'debian-12',
    generation: '1',
    ...variables,
  }
  const script = [words, ...Object.entries(all).map(([name, value]) => `${name}='${value}'`), 'base_kb=400000', cloneModes]
  const text = [...script, 'look_at_modes', 'if [ "$mode" = thin ]; then check_pool; fi'].join('\n')
  const env = { PATH: `${join(folder, 'bin')}:/usr/bin:/bin`, DOMDECK_ROOT: folder }
  return execFileSync('sh', ['-c', text], { encoding: 'utf8', env }).split('\n').filter(Boolean)
}
const type = (name: string) =>
  program(
    'bin/df',
    `printf 'Filesystem Type 1024-blocks Used Available Capacity Mounted\\n/dev/md0 ${name} 100 40 60 40%% /srv\\n'`,
  )
const pools = (...lines: string[]) =>
  program('bin/lvs', `case "$*" in *domdeck-base*) ;; *) printf '${lines.map((line) => `  ${line}\\n`).join('')}' ;; esac`)

describe('the modes of a clone', () => {
  it('are refused with the reason of the host', () => {
    rmSync(join(folder, 'usr'), { recursive: true })
    expect(answer()).toEqual([
      'text\trefused\treflink /srv is ext4: no reflink',
      'text\trefused\tthin there is no LVM thin pool',
      'text\trefused\tqcow2 there is no qemu for Xen (qemu-system-xen)',
    ])
  })

  it('are all there on XFS with a thin pool and qemu; a pool tells what is free of it, one that is not active nothing', () => {
    type('xfs')
    program('bin/xfs_info', 'echo "meta-data=/dev/md0 reflink=1 bigtime=1"')
    pools('lab-vg pool0 1258291200 10.00', 'vg1 p 1000')
    expect(answer()).toEqual(['text\tpool\tlab-vg/pool0 1132462080', 'text\tpool\tvg1/p 0'])
  })

  it('lack reflink on an XFS that was made without', () => {
    type('xfs')
    program('bin/xfs_info', 'echo "meta-data=/dev/md0 reflink=0"')
    expect(answer()[0]).toBe('text\trefused\treflink /srv is an XFS made without reflink')
  })

  it('fail the check of whoever asks for one that is refused', () => {
    expect(answer({ mode: 'reflink' })).toContain('check\tfail\tMode\t/srv is ext4: no reflink\tChoose another mode.')
  })
})

describe('the thin pool', () => {
  const last = (variables: Record<string, string> = {}) => answer({ mode: 'thin', ...variables }).slice(2)

  it('is the only one there is', () => {
    pools('vg0 pool0 4294967296 0.00')
    expect(last()).toEqual(['text\tchosen\tvg0/pool0', 'check\tpass\tThin pool\tvg0/pool0, 4096 MB free\t'])
  })

  it('has to be chosen where there are several', () => {
    pools('vg0 pool0 4294967296 0.00', 'vg1 p 4294967296 50.00')
    expect(last()).toContain('check\tfail\tThin pool\tthis host has several\tChoose one of them.')
    expect(last({ pool: 'vg1/p' })).toContain('check\tpass\tThin pool\tvg1/p, 2048 MB free\t')
    expect(last({ pool: 'vg1/gone' }).join()).toContain('check\tfail\tThin pool\tthere is no thin pool vg1/gone')
  })

  it('must have room for the base, and had better have it for all disks', () => {
    pools('vg0 pool0 1073741824 70.00')
    expect(last().join()).toContain('check\tfail\tThin pool\tvg0/pool0 has 307 MB free, 393 MB needed')
    pools('vg0 pool0 1073741824 20.00')
    expect(last().join()).toContain('check\twarn\tThin pool\tvg0/pool0 has 819 MB free, 1280 MB when all their disks are full')
  })
})
