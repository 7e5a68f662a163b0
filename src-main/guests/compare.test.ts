import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Guest } from '../../src-shared/models/guest'
import { parseGuestConfig } from '../xen/config'
import { parseListJson } from '../xen/list-json'
import { compareGuest, differencesOf } from './compare'

const recorded = readFileSync(join(import.meta.dirname, '../xen/fixtures/xen-4.17/xl-list-l.json'), 'utf8')
const uuid = '11111111-1111-4111-8111-111111111111'
const ref = { name: 'web-01', uuid, configPath: '/etc/xen/web-01.cfg' }
/** What the recorded domain was made from. */
const written = `name = "web-01"
uuid = "${uuid}"
type = "pv"
kernel = "/srv/guest/tinylinux"
ramdisk = '/srv/guest/tiny.cpio.gz'
extra = "console=hvc0 quiet host=web-01"
memory = 24
vcpus = 1
vif = [ 'mac=00:16:3e:6c:a1:01,bridge=xenbr0' ]
disk = [ 'format=raw,vdev=xvda,access=ro,target=/dev/loop7', '/root/web-01.img,raw,xvdb,rw' ]
on_crash = "preserve"
`
const running = () => {
  const found = parseListJson(recorded).domains.find((domain) => domain.uuid === uuid)
  if (!found) throw new Error('not recorded')
  return found
}
const differences = (text: string, domain = running()) => differencesOf(parseGuestConfig(text), domain, ref)

describe('the differences of a guest from its file', () => {
  it('are none for what was recorded right after its start: what Xen adds by itself is no difference', () => {
    expect(differences(written)).toEqual([])
  })

  it('leave out what the file leaves to Xen', () => {
    expect(differences(written.replace("'mac=00:16:3e:6c:a1:01,bridge=xenbr0'", "''"))).toEqual([])
  })

  it('of memory and vCPUs can be settled either way, as far as the running guest can go', () => {
    const domain = { ...running(), memoryMb: 20, vcpus: 2, onlineVcpus: 2 }
    const [memory, vcpus, most] = differences(`${written}maxvcpus = 1\n`, domain)
    expect(memory).toMatchObject({
      title: 'Memory',
      file: '24 MB',
      guest: '20 MB',
      toGuest: { operation: 'guest.memory', input: { ...ref, memoryMb: 24 } },
      toFile: { operation: 'guest.memory', input: { ...ref, memoryMb: 20 } },
    })
    expect(vcpus).toMatchObject({ title: 'vCPUs', toGuest: { input: { vcpus: 1 } }, toFile: { input: { vcpus: 2 } } })
    expect(most).toMatchObject({ title: 'Most vCPUs', file: '1', guest: '2', note: expect.stringContaining('next start') })
    const [more] = differences(written.replace('memory = 24', 'memory = 64'))
    expect(more).toMatchObject({ title: 'Memory', file: '64 MB', toFile: { input: { memoryMb: 24 } } })
    expect(more?.toGuest).toBeUndefined()
    expect(more?.note).toContain('next start')
  })

  it.each([
    ['name = "web-01"', 'name = "web-09"', 'Name'],
    ['type = "pv"', 'type = "pvh"', 'Type'],
    ['tinylinux', 'biglinux', 'Kernel'],
    ['tiny.cpio', 'big.cpio', 'Initrd'],
    ['quiet ', '', 'Kernel command line'],
    ['access=ro', 'access=rw', 'Disk xvda'],
    ['web-01.img,raw,xvdb', 'web-01.img,raw,xvdc', 'Disk xvdb'],
    ['bridge=xenbr0', 'bridge=xenbr1', 'Network card 1'],
    ['a1:01', 'a1:02', 'Network card 1'],
    ['on_crash = "preserve"', 'on_reboot = "destroy"', 'On reboot'],
    ['on_crash = "preserve"', 'on_poweroff = "preserve"', 'On power off'],
    ['on_crash = "preserve"', 'on_crash = "coredump-restart"', 'On crash'],
  ])('tell of %j that is %j now', (before, after, title) => {
    expect(differences(written.replace(before, after)).map((one) => one.title)).toContain(title)
  })

  it('spell actions as a config does', () => {
    const text = recorded.replace('"on_crash": "preserve"', '"on_crash": "coredump_restart"')
    const domain = parseListJson(text).domains.find((one) => one.uuid === uuid)
    if (!domain) throw new Error('not recorded')
    expect(differences(written, domain)).toMatchObject([
      {
        title: 'On crash',
        guest: 'coredump-restart',
        toFile: { operation: 'guest.crash-policy', input: { policy: 'coredump-restart' } },
      },
    ])
  })

  it('say nothing of the kernel that a boot loader takes from the disk', () => {
    const text = written.replace(/^(kernel|ramdisk|extra).*\n/gm, '').replace('memory', 'bootloader = "pygrub"\nmemory')
    expect(differences(text, { ...running(), kernel: '/var/run/xen/boot_kernel.x' })).toEqual([])
  })
})

describe('compareGuest', () => {
  const guest: Guest = {
    hostId: 'h',
    id: uuid,
    name: 'web-01',
    state: 'running',
    domid: 17,
    memoryMb: 24,
    vcpus: 1,
    configPath: ref.configPath,
    disks: [],
    nics: [],
  }
  const host = (stdout: string, guests = new Map([[uuid, guest]]), exitCode = 0) => ({
    settings: { name: 'dom0' },
    guests,
    ask: async () => ({ stdout, stderr: 'xl: no', exitCode }),
  })
  const quoted = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => `|${line}`)
      .join('\n')
  const domain = JSON.stringify(
    JSON.parse(recorded).find((one: { domid: number }) => one.domid === 17),
    null,
    1,
  )
  const answer = (store: string) => `config\n${quoted(written)}\n\ndomain\n${quoted(domain)}\nstore\n${quoted(store)}\n`

  it('takes the word of xenstore for what has changed since', async () => {
    const { differences: found } = await compareGuest(host(answer('name = "web-9"\nmemory/target = "20480"')), uuid)
    expect(found.map(({ title, guest: now }) => `${title} ${now}`)).toEqual(['Name web-9', 'Memory 20 MB'])
  })

  it('is refused for a guest that is gone, off or without a file, and says when the host cannot tell', async () => {
    const { domid: _, ...off } = guest
    const { configPath: __, ...bare } = guest
    await expect(compareGuest(host('', new Map()), uuid)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(compareGuest(host('', new Map([[uuid, off]])), uuid)).rejects.toMatchObject({ code: 'BAD_INPUT' })
    await expect(compareGuest(host('', new Map([[uuid, bare]])), uuid)).rejects.toMatchObject({ code: 'BAD_INPUT' })
    await expect(compareGuest(host('', undefined, 1), uuid)).rejects.toMatchObject({ code: 'COMMAND_FAILED' })
    await expect(compareGuest(host('config\n'), uuid)).rejects.toMatchObject({ code: 'UNEXPECTED_OUTPUT' })
  })
})
