import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalHost, makeLocalHost } from '../jobs/testing/local-host'
import { planImport } from './plan-import'

// Real images, looked at by the real e2fsprogs and blkid of this machine.
const path = process.env.PATH
let folder: string
let host: LocalHost
const at = (name: string) => join(folder, name)
const run = (program: string, ...args: string[]) => execFileSync(program, args, { stdio: 'pipe' })

/** A sparse ext4 image with these files in it. */
function image(name: string, files: Record<string, string>): void {
  const tree = at(`${name}.tree`)
  mkdirSync(tree)
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(tree, file, '..'), { recursive: true })
    writeFileSync(join(tree, file), text)
  }
  writeFileSync(at(name), '')
  truncateSync(at(name), 16 * 1024 * 1024)
  run('mke2fs', '-q', '-F', '-t', 'ext4', '-J', 'size=4', '-d', tree, at(name))
}

const whole = {
  'sbin/init': '#!/bin/sh\n',
  'usr/sbin/mkinitramfs': '#!/bin/sh\n',
  'boot/vmlinuz-6.1.0-9-amd64': 'older\n',
  'boot/vmlinuz-6.1.0-50-amd64': 'newer\n',
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'domdeck-images-'))
  process.env.PATH = `${path}:/usr/sbin:/sbin`
  host = makeLocalHost(at('host'))
  image('good.img', whole)
  image("it's $(touch pwned) ?offset=1.img", whole)
  image('no-init.img', { 'boot/vmlinuz-1.2': 'x', 'usr/sbin/mkinitramfs': 'x' })
  image('no-kernel.img', { 'sbin/init': 'x', 'usr/sbin/mkinitramfs': 'x' })
  image('no-tools.img', { 'sbin/init': 'x', 'boot/vmlinuz-1.2': 'x' })
  image('dirty.img', whole)
  run('debugfs', '-w', '-R', 'ssv state 2', at('dirty.img'))
  image('journal.img', whole)
  run('debugfs', '-w', '-R', 'feature needs_recovery', at('journal.img'))
  image('cut.img', whole)
  truncateSync(at('cut.img'), 8 * 1024 * 1024)
  for (const name of ['swap.img', 'disk.img', 'zero.img', 'empty.img']) {
    writeFileSync(at(name), '')
    if (name !== 'empty.img') truncateSync(at(name), 8 * 1024 * 1024)
  }
  run('mkswap', at('swap.img'))
  execFileSync('sfdisk', ['-q', at('disk.img')], { input: 'label: dos\nstart=2048\n', stdio: 'pipe' })
  writeFileSync(at('image.qcow2'), Buffer.from('514649fb00000003', 'hex'))
  writeFileSync(at('image.gz'), Buffer.from('1f8b08000000', 'hex'))
  mkdirSync(at('folder'))
  run('qemu-img', 'convert', '-O', 'qcow2', at('good.img'), at('good.qcow2'))
  run('qemu-img', 'create', '-q', '-f', 'qcow2', '-b', at('good.qcow2'), '-F', 'qcow2', at('top.qcow2'))
  copyFileSync(at('good.qcow2'), at('gone.qcow2'))
  run('qemu-img', 'create', '-q', '-f', 'qcow2', '-b', at('gone.qcow2'), '-F', 'qcow2', at('lost.qcow2'))
  rmSync(at('gone.qcow2'))
  run('tar', '-cf', at('root.tar'), '-C', at('good.img.tree'), '.')
  run('tar', '-czf', at('root.tar.gz'), '-C', at('good.img.tree'), '.')
  const archive = (name: string, ...files: string[]) => {
    const tree = at(`${name}.tree`)
    for (const file of files) {
      mkdirSync(join(tree, file, '..'), { recursive: true })
      writeFileSync(join(tree, file), 'x')
    }
    mkdirSync(tree, { recursive: true })
    execFileSync('sh', ['-c', 'cd "$1" && find . | cpio -o -H newc --quiet | gzip >"$2"', 'sh', tree, at(name)], {
      stdio: 'pipe',
    })
  }
  archive('hook.initrd', 'scripts/local-top/domdeck', 'scripts/local-bottom/domdeck')
  archive('plain.initrd', 'init')
  writeFileSync(at('kernel'), 'kernel')
})
afterAll(() => {
  process.env.PATH = path
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
})

const failures = async (source: string, more: { kernel?: string; initrd?: string } = {}) =>
  (await planImport(host, { name: 'debian-12', source: at(source), ...more })).checks.filter((check) => check.verdict === 'fail')

describe('planImport', () => {
  it('passes a clean ext4 root with a kernel, names its newest kernel, and writes nothing', async () => {
    const before = statSync(at('good.img')).mtimeMs
    const { checks, script } = await planImport(host, { name: 'debian-12', source: at('good.img') })
    expect(checks.filter((check) => check.verdict === 'fail')).toEqual([])
    expect(checks).toContainEqual({ title: 'Kernel', verdict: 'pass', fact: '6.1.0-50-amd64' })
    expect(script).toContain(`source=${at('good.img')}`)
    expect(statSync(at('good.img')).mtimeMs).toBe(before)
  })

  it.each([
    ['good.qcow2', 'qcow2, 16 MB'],
    ['top.qcow2', 'qcow2, 16 MB'],
    ['root.tar', 'tar, 0 MB'],
    ['root.tar.gz', 'tar, 0 MB'],
  ])('takes %s for what it is, which is looked into once it is unpacked', async (source, fact) => {
    const { checks } = await planImport(host, { name: 'debian-12', source: at(source) })
    expect(checks.map(({ title, verdict }) => `${title} ${verdict}`)).toEqual(['Image pass', 'In use pass', 'Space pass'])
    expect(checks[0]?.fact).toContain(fact)
  })

  it('takes any path for a path and nothing else', async () => {
    expect(await failures("it's $(touch pwned) ?offset=1.img")).toEqual([])
  })

  it.each([
    ['nowhere.img', 'does not exist'],
    ['folder', 'is a directory'],
    ['empty.img', 'is empty'],
    ['zero.img', 'holds no file system'],
    ['swap.img', 'holds swap, not ext4'],
    ['disk.img', 'is a whole disk with a partition table (dos)'],
    ['image.qcow2', 'qemu-img cannot read'],
    ['lost.qcow2', 'qemu-img cannot read'],
    ['image.gz', 'is compressed, and is no tar'],
    ['cut.img', 'is shorter than its file system'],
    ['dirty.img', 'is dirty: not clean with errors'],
    ['journal.img', 'its journal is not replayed'],
    ['no-init.img', 'has no /sbin/init'],
    ['no-kernel.img', 'has no /boot/vmlinuz-*'],
    ['no-tools.img', 'has no initramfs-tools'],
  ])('refuses %s because it %s, and says what to do', async (source, reason) => {
    const found = await failures(source)
    expect(found).toEqual([
      expect.objectContaining({ fact: expect.stringContaining(reason), advice: expect.stringMatching(/\.$/) }),
    ])
  })

  it('takes kernel and initrd from outside when the initrd holds the union-root hook', async () => {
    expect(await failures('no-kernel.img', { kernel: at('kernel'), initrd: at('hook.initrd') })).toEqual([])
  })

  it.each([
    ['only a kernel', { kernel: 'kernel' }, 'only one of kernel and initrd'],
    ['an initrd without the hook', { kernel: 'kernel', initrd: 'plain.initrd' }, 'does not hold the union-root hook'],
    ['a kernel that is not there', { kernel: 'nothing', initrd: 'hook.initrd' }, 'is not a file with content'],
  ])('refuses %s', async (_what, given, reason) => {
    const paths = Object.fromEntries(Object.entries(given).map(([key, name]) => [key, at(name)]))
    expect(await failures('good.img', paths)).toEqual([expect.objectContaining({ fact: expect.stringContaining(reason) })])
  })
})
