import { execFileSync } from 'node:child_process'
import { chmodSync, linkSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { diskGuard } from './disk-guard'

// A real sh, awk, stat and od on real files; what Xen and the kernel would say stands in files.
let folder: string
const at = (...parts: string[]) => join(folder, ...parts)
const file = (path: string, text: string | Buffer = '') => {
  mkdirSync(join(at(path), '..'), { recursive: true })
  writeFileSync(at(path), text)
  return at(path)
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'domdeck-guard-'))
  for (const [name, text] of Object.entries({
    'xenstore-ls': `cat ${at('xenstore')} 2>/dev/null`,
    losetup: `cat ${at('loops')} 2>/dev/null`,
    xl: '[ "$2" = 7 ] && echo running-one',
  })) {
    file(`bin/${name}`, `#!/bin/sh\n${text}\n`)
    chmodSync(at('bin', name), 0o755)
  }
  file('root/guests/none', '')
  file('a.img', 'a')
  file('b.img', 'b')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const configText = (name: string, ...disks: string[]) =>
  `name = "${name}"\ndisk = [ ${disks.map((disk) => `'${disk}'`).join(', ')} ]\n`
const config = (name: string, ...disks: string[]) => file(`etc/${name}.cfg`, configText(name, ...disks))
const ours = (name: string, ...disks: string[]) => file(`root/guests/${name}/guest.cfg`, configText(name, ...disks))
const runs = (target: string, { domid = 7, mode = 'w', kind = 'vbd', device = '' } = {}) => {
  const path = `/local/domain/0/backend/${kind}/${domid}/51712`
  const keys = {
    frontend: '/local/domain/7/x',
    params: target,
    mode,
    dev: 'xvda',
    ...(device ? { 'physical-device': device } : {}),
  }
  file(
    'xenstore',
    Object.entries(keys)
      .map(([key, value]) => `${path}/${key} = "${value}"\n`)
      .join(''),
  ) // prettier-ignore
}
/** As losetup prints it: /dev/loopN, its file, whether it is read-only. */
const loop = (number: number, path: string, readOnly = 0) => {
  const { dev, ino } = statSync(path)
  const device = `${Math.floor(dev / 256) % 4096}:${(dev % 256) + Math.floor(dev / 1048576) * 256}`
  file('loops', `/dev/loop${number} 7:${number} ${device} ${ino} ${readOnly}\n`)
}

/** A qcow2 image's header with a backing file, as qemu writes it. */
const qcow2 = (path: string, backing?: string) => {
  const head = Buffer.alloc(65536)
  head.write('QFI\xfb', 0, 'latin1')
  head.writeUInt32BE(3, 4)
  if (backing) {
    head.writeUInt32BE(600, 12)
    head.writeUInt32BE(backing.length, 16)
    head.write(backing, 600)
  }
  return file(path, head)
}

/** What the guard says of these, or '' when they are free. */
function ask(subjects: string[], own = ''): string {
  const script = `set -eu; NL='\n'; sleep() { :; }; root=${at('root')} ETC_XEN=${at('etc')} guard_own='${own}'
${diskGuard}
if guard_disks "$@"; then exit; fi
printf '%s|%s' "$guard_what" "$guard_hint"`
  const env = { PATH: `${at('bin')}:${process.env.PATH}`, DOMDECK_ROOT: at('system'), LC_ALL: 'C' }
  return execFileSync('sh', ['-c', script, 'sh', ...subjects], { env, encoding: 'utf8' })
}

describe('the sharing guard', () => {
  it('lets guests with disks of their own start, and any number that only read', () => {
    runs(at('b.img'))
    expect(ask([config('one', `${at('a.img')},raw,xvda,rw`)])).toBe('')
    expect(ask([config('two', `format=raw,vdev=xvda,access=ro,target=${at('c.img')}`)])).toBe('')
    runs(at('b.img'), { mode: 'r' })
    expect(ask([config('three', `${at('b.img')},raw,xvda,r`)])).toBe('')
  })

  it.each([
    ['the same path', 'a.img', () => undefined],
    ['a symlink', 'link.img', () => symlinkSync('a.img', at('link.img'))],
    ['a hard link', 'hard.img', () => linkSync(at('a.img'), at('hard.img'))],
    ['another way to its folder', 'folder/a.img', () => symlinkSync('.', at('folder'))],
  ])('refuses a disk that a running guest has, by %s, and names it', (_what, path, make) => {
    runs(at('a.img'))
    make()
    const target = at(path)
    const said = ask([config('one', `${target},raw,xvda,w`)])
    expect(said).toContain(`The disk xvda of one, ${target}, is in use`)
    expect(said).toContain('by running-one, which runs.|Shut down running-one first.')
  })

  it('refuses to read what a running guest writes, and to write what it reads', () => {
    runs(at('a.img'))
    expect(ask([config('one', `${at('a.img')},raw,xvda,r`)])).toContain('running-one')
    runs(at('a.img'), { mode: 'r' })
    expect(ask([config('one', `${at('a.img')},raw,xvda,w`)])).toContain('running-one')
  })

  it('knows the file behind the loop device of a running guest, whatever path it went by', () => {
    runs('/gone/by/now.img', { device: '7:b' })
    loop(11, at('a.img'))
    expect(ask([config('one', `file:${at('a.img')},xvda,w`)])).toContain('is in use as /gone/by/now.img by running-one')
  })

  it('refuses what hangs on a loop device of nobody, and says how to find out', () => {
    loop(4, at('a.img'))
    const said = ask([config('one', `${at('a.img')},raw,xvda,w`)])
    expect(said).toContain('is attached to /dev/loop4 on the host, for writing.')
    expect(said).toContain('losetup -d /dev/loop4')
    loop(4, at('a.img'), 1)
    expect(ask([config('one', `${at('a.img')},raw,xvda,w`)])).toBe('')
  })

  it('refuses the disk of another config that is off, wherever it stands, and no copy of its own config', () => {
    ours('theirs', `${at('a.img')},raw,xvda,w`)
    const mine = config('one', `${at('a.img')},raw,xvda,w`)
    expect(ask([mine])).toContain(`belongs to theirs too, by its config ${at('root/guests/theirs/guest.cfg')}`)
    rmSync(at('root/guests/theirs'), { recursive: true })
    const draft = file('root/drafts/deb/guest.cfg', configText('draft-deb', `${at('a.img')},raw,xvda,w`))
    expect(ask([mine])).toContain(`belongs to draft-deb too, by its config ${draft}`)
    expect(ask([draft])).toContain(`belongs to one too, by its config ${mine}`)
    rmSync(at('root/drafts'), { recursive: true })
    mkdirSync(at('etc/auto'))
    symlinkSync('../one.cfg', at('etc/auto/10-one'))
    file('etc/auto/copy', configText('one', `${at('a.img')},raw,xvda,w`))
    expect(ask([mine])).toBe('')
    file('etc/auto/20-other', configText('other', `${at('a.img')},raw,xvda,w`))
    expect(ask([mine])).toContain('belongs to other too')
  })

  it('refuses the disk of a guest that is saved, even to who only reads it', () => {
    ours('theirs', `${at('a.img')},raw,xvda,w`)
    file('root/guests/theirs/saved', 'Xen saved domain, xl format\n')
    expect(ask([config('one', `${at('a.img')},raw,xvda,r`)])).toContain('belongs to theirs, which is saved')
    expect(ask([at('root/guests/theirs/guest.cfg')])).toBe('')
    rmSync(at('root/guests/theirs'), { recursive: true })
    const json = { c_info: { name: 'by-hand' }, disks: [{ pdev_path: at('a.img'), vdev: 'xvda', format: 'raw', readwrite: 1 }] }
    file('system/var/lib/xen/save/by-hand', `Xen saved domain, xl format\n \0\x01${JSON.stringify(json, null, 4)}\0\0`)
    expect(ask([config('one', `${at('a.img')},raw,xvda,r`)])).toContain('belongs to by-hand, which is saved')
  })

  it('refuses a base that is opened for writing, and a base that somebody writes to', () => {
    const base = file('root/bases/tiny/1/root.img', 'base')
    expect(ask([config('one', `${base},raw,xvda,w`)])).toContain(`it is a base that guests share`)
    expect(ask([ours('two', `${base},raw,xvda,r`)])).toBe('')
    runs(base)
    expect(ask([ours('two', `${base},raw,xvda,r`)])).toContain('running-one')
    expect(ask([`r:${base}`])).toContain(`${base} is in use by running-one`)
  })

  it('follows the backing files of qcow2 images, whoever has them open', () => {
    file('lower.img', Buffer.alloc(8192))
    qcow2('middle.qcow2', 'lower.img')
    qcow2('top.qcow2', at('middle.qcow2'))
    qcow2('beside.qcow2', at('middle.qcow2'))
    const top = ours('top', `${at('top.qcow2')},qcow2,xvda,w`)
    runs(`qcow2:${at('beside.qcow2')}`, { kind: 'qdisk' })
    expect(ask([top])).toBe('')
    const writer = config('writer', `${at('lower.img')},raw,xvda,w`)
    expect(ask([writer])).toContain(`is in use as ${at('beside.qcow2')} by running-one`)
    rmSync(at('xenstore'))
    expect(ask([writer])).toContain(`belongs as ${at('top.qcow2')} to top too`)
    runs(`aio:${at('lower.img')}`, { kind: 'qdisk' })
    expect(ask([top])).toContain(`is in use as ${at('lower.img')} by running-one`)
  })

  it('takes the devices below a device for parts of it: two parts go together, a part and the whole do not', () => {
    const system = at('system/sys/class/block')
    for (const [name, number] of Object.entries({ 'dm-1': '253:1', 'dm-2': '253:2', sdb: '8:16', 'disk/sdb3': '8:19' }))
      file(`system/sys/class/block/${name}/dev`, `${number}\n`)
    // The kernel has a folder of links to each device, where a partition lies in the folder of its disk.
    file('system/sys/class/block/disk/dev', '8:16\n')
    file('system/sys/class/block/disk/sdb3/partition', '3\n')
    symlinkSync('disk/sdb3', join(system, 'sdb3'))
    for (const upper of ['dm-1', 'dm-2']) {
      mkdirSync(join(system, upper, 'slaves'))
      symlinkSync('../../sdb3', join(system, upper, 'slaves/sdb3'))
    }
    // A device node takes root to make; numbers are in hex, as stat and xenstore have them.
    const mine = config('one', '/dev/vg/mine,raw,xvda,w')
    const clash = (own: string, theirs: string) => {
      runs('/dev/theirs', { device: theirs })
      file('bin/stat', `#!/bin/sh\nprintf 'T\\t61b0\\t0:5\\t${own}\\t/dev/vg/mine\\n'\n`)
      chmodSync(at('bin/stat'), 0o755)
      return ask([mine])
    }
    expect(clash('fd:1', 'fd:2')).toBe('')
    expect(clash('fd:1', 'fd:1')).toContain('in use as /dev/theirs by running-one')
    expect(clash('fd:1', '8:13')).toContain('running-one')
    expect(clash('8:13', 'fd:2')).toContain('running-one')
    expect(clash('fd:2', '8:10')).toContain('running-one')
    expect(clash('8:10', 'fd:2')).toContain('running-one')
  })

  it('reads configs as people write them', () => {
    runs(at('a.img'))
    const odd = file(
      'etc/odd.cfg',
      `# disk = [ '${at('a.img')},raw,xvda,w' ]\nname='odd' # "x"\nmemory = 64; disk = [ "${at('b.img')},raw,xvda,w",   # one\n  "phy:${at('c.img')},xvdb,w" ]\ndisk += [ 'vdev=xvdc, format = raw, access=rw, target=${at('it, a.img')}' ]\n`,
    )
    expect(ask([odd])).toBe('')
    linkSync(at('a.img'), at('it, a.img'))
    expect(ask([odd])).toContain('The disk xvdc of odd')
    expect(ask([config('drive', `${at('a.img')},raw,hdc:cdrom,r`)])).toContain('running-one')
    expect(ask([config('empty', ',empty,hdc,cdrom')])).toBe('')
    expect(ask([config('evil', `${at('$(touch pwned).img')},raw,xvda,w`)])).toBe('')
  })

  it('tells guests apart whose names hold blanks', () => {
    const path = file('etc/one.cfg', configText('a guest', `${at('a.img')},raw,xvda,w`))
    file('etc/two.cfg', configText('a host', `${at('a.img')},raw,xvda,w`))
    expect(ask([path])).toContain(
      `The disk xvda of a guest, ${at('a.img')}, belongs to a host too, by its config ${at('etc/two.cfg')}`,
    )
  })

  it('refuses when it cannot look', () => {
    file('bin/awk', '#!/bin/sh\nexit 2\n')
    chmodSync(at('bin/awk'), 0o755)
    expect(ask([config('one', `${at('a.img')},raw,xvda,w`)])).toContain('cannot be told')
  })

  it('does not hold its own domain against a guest that runs', () => {
    runs(at('a.img'))
    expect(ask([config('one', `${at('a.img')},raw,xvda,w`)], '6\n7')).toBe('')
  })

  it('refuses a config that names one disk twice', () => {
    expect(ask([config('one', `${at('a.img')},raw,xvda,w`, `${at('a.img')},raw,xvdb,r`)])).toContain(
      'is named a second time in the same config',
    )
  })
})
