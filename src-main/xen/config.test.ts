import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDiskSpec, parseGuestConfig, parseVifSpec } from './config'
import { parseConfigSyntax } from './config-syntax'

const written = `# Made by xen-tools
name    = 'web-08'
uuid    = "1F2E3D4C-1111-4111-8111-111111111111"
type    = "pvh"; vcpus = 2
memory  = 512
maxmem  = '1024'
kernel  = "/srv/guest/vmlinuz"   # beside the base
extra   = 'root=/dev/xvda ro "quoted" '
extra  += 'console=hvc0'
disk    = [
            '/srv/base.img,raw,xvda,ro',   # read only
            'format=raw, vdev=xvdb, access=rw, target=/srv/with,comma.img',
          ]
vif     = [ 'mac=00:16:3E:6C:A1:07,bridge=xenbr0' ]
on_crash = 'preserve'
`

describe('an xl config file', () => {
  it('reads what a person writes', () => {
    expect(parseGuestConfig(written)).toEqual({
      name: 'web-08',
      uuid: '1f2e3d4c-1111-4111-8111-111111111111',
      type: 'pvh',
      memoryMb: 512,
      maxMemoryMb: 1024,
      vcpus: 2,
      actions: { poweroff: 'destroy', reboot: 'restart', crash: 'preserve' },
      kernel: '/srv/guest/vmlinuz',
      commandLine: 'root=/dev/xvda ro "quoted" console=hvc0',
      disks: [
        { vdev: 'xvda', target: '/srv/base.img', writable: false },
        { vdev: 'xvdb', target: '/srv/with,comma.img', writable: true },
      ],
      nics: [{ mac: '00:16:3e:6c:a1:07', bridge: 'xenbr0' }],
      unread: [],
    })
  })

  it('takes the old builder for the type, and PV without either', () => {
    expect(parseGuestConfig('builder = "hvm"').type).toBe('hvm')
    expect(parseGuestConfig('name = "x"').type).toBe('pv')
  })

  it('loses one setting to one bad line, and says which', () => {
    const config = parseGuestConfig('name = "a"\nmemory =\nvcpus = 3 4\nkernel = "/k"\nuuid = "nonsense"\ndisk = [ "x" ]\n')
    expect(config).toMatchObject({ name: 'a', kernel: '/k', vcpus: 1, memoryMb: 0 })
    expect(config.unread).toEqual([
      'Line 2 is not understood.',
      'Line 3 is not understood.',
      'uuid is no UUID.',
      'A disk is not understood.',
    ])
  })

  it('loses only the list that is never closed', () => {
    const config = parseGuestConfig("disk = [ '/a,raw,xvda,w',\nname = 'a'\nvcpus = 2\n")
    expect(config).toMatchObject({ name: 'a', vcpus: 2, disks: [], unread: ['Line 1 is not understood.'] })
  })

  it('gives back any string that is written in quotes', () => {
    const quoted = (text: string) => `'${text.replace(/[\\']/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.array(fc.string()), (name, list) => {
        const { values, unread } = parseConfigSyntax(`a = ${quoted(name)}\nb = [ ${list.map(quoted).join(', ')} ]\n`)
        expect(unread).toEqual([])
        expect(values.get('a')).toBe(name)
        expect(values.get('b')).toEqual(list)
      }),
    )
  })

  it('never throws, however odd the file', () => {
    const pieces = ['name', '=', '+=', '[', ']', ',', '"', "'", '#', '\n', ';', '1', '\\', '\0', 'disk', "'x,raw,xvda,w'"]
    fc.assert(fc.property(fc.array(fc.constantFrom(...pieces)), (words) => void parseGuestConfig(words.join(''))))
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseGuestConfig(text)))
    expect(parseGuestConfig(`disk = ${'['.repeat(100_000)}`).unread).toHaveLength(1)
  })

  it.each([
    ['/dev/vg0/x,,hda,w', { vdev: 'hda', target: '/dev/vg0/x', writable: true }],
    ['phy:/dev/vg0/x,xvda,w', { vdev: 'xvda', target: '/dev/vg0/x', writable: true }],
    ['file:/a.img,xvda1,r', { vdev: 'xvda1', target: '/a.img', writable: false }],
    ['tap:aio:/a.img,xvda1,w', { vdev: 'xvda1', target: '/a.img', writable: true }],
    ['/a.qcow2,qcow2,xvda', { vdev: 'xvda', target: '/a.qcow2', writable: true }],
    [',hdc:cdrom,r', { vdev: 'hdc', target: '', writable: false }],
    ['vdev=hdc,cdrom,format=empty', { vdev: 'hdc', target: '', writable: false }],
    ['/a.iso,raw,hdc,devtype=cdrom', { vdev: 'hdc', target: '/a.iso', writable: false }],
    ['/a.iso,raw,hdc:cdrom', { vdev: 'hdc', target: '/a.iso', writable: false }],
    ['/a.img,raw,xvdb,rw,discard', { vdev: 'xvdb', target: '/a.img', writable: true }],
    ['/a.img', undefined],
  ])('reads the disk %j', (spec, disk) => {
    expect(parseDiskSpec(spec)).toEqual(disk)
  })

  it('leaves empty what a vif does not say', () => {
    expect(parseVifSpec('')).toEqual({ mac: '', bridge: '' })
    expect(parseVifSpec('type=vif, bridge=br0')).toEqual({ mac: '', bridge: 'br0' })
  })
})
