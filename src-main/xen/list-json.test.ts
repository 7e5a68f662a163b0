import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseListJson } from './list-json'

const recorded = readFileSync(new URL('./fixtures/xen-4.17/xl-list-l.json', import.meta.url), 'utf8')

describe('xl list -l', () => {
  it('reads what Xen 4.17 recorded', () => {
    const { domains, unread } = parseListJson(recorded)
    expect(unread).toEqual([])
    expect(domains.map((domain) => domain.domid)).toEqual([0, 17, 18, 19, 20])
    expect(domains[1]).toEqual({
      domid: 17,
      name: 'web-01',
      uuid: '11111111-1111-4111-8111-111111111111',
      type: 'pv',
      memoryMb: 24,
      maxMemoryMb: 24,
      vcpus: 1,
      onlineVcpus: 1,
      kernel: '/srv/guest/tinylinux',
      ramdisk: '/srv/guest/tiny.cpio.gz',
      actions: { poweroff: 'destroy', reboot: 'restart', crash: 'preserve' },
      commandLine: 'console=hvc0 quiet host=web-01',
      disks: [
        { vdev: 'xvda', target: '/dev/loop7', writable: false },
        { vdev: 'xvdb', target: '/root/web-01.img', writable: true },
      ],
      nics: [{ mac: '00:16:3e:6c:a1:01', bridge: 'xenbr0' }],
    })
    expect(domains[2]).toMatchObject({ type: 'pvh', vcpus: 2 })
  })

  it('fills in what libxl leaves out because it is the default', () => {
    const { domains } = parseListJson('[{"domid":3,"config":{"c_info":{"name":"bare"},"b_info":{"type.hvm":{}}}}]')
    expect(domains).toEqual([
      {
        domid: 3,
        name: 'bare',
        type: 'hvm',
        memoryMb: 0,
        maxMemoryMb: 0,
        vcpus: 1,
        onlineVcpus: 1,
        disks: [],
        nics: [],
        actions: { poweroff: 'destroy', reboot: 'destroy', crash: 'destroy' },
      },
    ])
  })

  it('keeps the domains it understands when one is broken', () => {
    const { domains, unread } = parseListJson('[{"domid":"x"},{"domid":4,"config":{"c_info":{"name":"good"}}}]')
    expect(domains.map((domain) => domain.name)).toEqual(['good'])
    expect(unread).toHaveLength(1)
  })

  it('tells a host that prints s-expressions what to set', () => {
    expect(parseListJson('(domain\n    (domid 0)').unread[0]).toContain('output_format="json"')
  })

  it.each(['', '\n', '[]'])('has nothing to say of %j', (text) => {
    expect(parseListJson(text)).toEqual({ domains: [], unread: [] })
  })

  it('never throws', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void parseListJson(text)))
  })
})
