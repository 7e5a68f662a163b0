import { describe, expect, it } from 'vitest'
import menu from './fixtures/debian-12-xen-4.17-grub.cfg?raw'
import { entriesOf, parseMenu, resolveEntry } from './grub-menu'

const uuid = 'f1cb5db4-d9d7-4572-846a-28da517f759a'
const withXen = 'Advanced options for Debian GNU/Linux (with Xen hypervisor)'
const { items, defaultWords } = parseMenu(menu)

describe('a boot menu', () => {
  it('lists what GRUB shows, in its order, with what each boots', () => {
    const entries = entriesOf(items)
    expect(entries.map(({ titles }) => titles.at(-1))).toEqual([
      'Debian GNU/Linux',
      'Debian GNU/Linux, with Linux 6.1.0-56-amd64',
      'Debian GNU/Linux, with Linux 6.1.0-56-amd64 (recovery mode)',
      'Debian GNU/Linux, with Xen hypervisor',
      'Debian GNU/Linux, with Xen 4.17-amd64 and Linux 6.1.0-56-amd64',
      'Debian GNU/Linux, with Xen 4.17-amd64 and Linux 6.1.0-56-amd64 (recovery mode)',
      'Debian GNU/Linux, with Xen 4.17-amd64.efi and Linux 6.1.0-56-amd64',
      'Debian GNU/Linux, with Xen 4.17-amd64.efi and Linux 6.1.0-56-amd64 (recovery mode)',
    ])
    expect(entries[0]?.boots).toEqual({ linux: '6.1.0-56-amd64', linuxWords: `root=UUID=${uuid} ro console=ttyS0,115200` })
    expect(entries[3]?.boots).toEqual({
      xen: '4.17-amd64',
      xenWords: 'dom0_mem=1024M,max:1024M dom0_max_vcpus=2 com1=115200,8n1 console=com1 loglvl=all spec-ctrl=no bootscrub=0',
      linux: '6.1.0-56-amd64',
      linuxWords: `root=UUID=${uuid} ro console=hvc0 mitigations=off`,
    })
    expect(defaultWords).toBe('Debian GNU/Linux, with Xen hypervisor')
  })

  it('names each entry by what GRUB takes for it and no other, though two submenus have one id', () => {
    const entries = entriesOf(items)
    expect(entries[1]?.value).toBe(`gnulinux-advanced-${uuid}>gnulinux-6.1.0-56-amd64-advanced-${uuid}`)
    expect(entries[4]?.value).toBe(`${withXen}>xen-hypervisor-4.17-amd64-${uuid}>xen-gnulinux-6.1.0-56-amd64-advanced-${uuid}`)
    for (const { titles, value = '' } of entries) expect(resolveEntry(items, value)).toEqual(titles)
  })

  it('resolves what GRUB would: numbers, titles, submenus, and the first for what is not there', () => {
    const title = (value: string) => resolveEntry(items, value)?.at(-1)
    expect(title('0')).toBe('Debian GNU/Linux')
    expect(title('1>1')).toBe('Debian GNU/Linux, with Linux 6.1.0-56-amd64 (recovery mode)')
    expect(title('2')).toBe('Debian GNU/Linux, with Xen hypervisor')
    expect(title('Debian GNU/Linux, with Xen hypervisor')).toBe('Debian GNU/Linux, with Xen hypervisor')
    // The first submenu of that id is the one without Xen.
    expect(title(`gnulinux-advanced-${uuid}>xen-hypervisor-4.17-amd64-${uuid}`)).toBe(
      'Debian GNU/Linux, with Linux 6.1.0-56-amd64',
    )
    expect(title('gone')).toBe('Debian GNU/Linux')
    expect(resolveEntry([], '0')).toBeUndefined()
  })

  it('takes names that GRUB would misread for none', () => {
    const odd =
      parseMenu(`menuentry '7 wonders' {\n linux /vmlinuz-6 quiet\n}\nmenuentry "a > b" --id=x>y {\n\tlinux /vmlinuz-6 ro\n}
menuentry 'it'\\''s' {\n linux /k root=/dev/sda1\n}\nmenuentry 'it'\\''s' {\n linux /k single\n}\nmenuentry 'Memory test' {\n linux16 /memtest86+.bin\n}
menuentry 'Firmware' --id fw {\n\tfwsetup\n}\n`)
    expect(entriesOf(odd.items).map(({ titles, value, unfit }) => [titles[0], value, unfit])).toEqual([
      ['7 wonders', undefined, 'GRUB cannot tell it from another one'],
      ['a > b', 'x>>y', undefined],
      ["it's", "it's", undefined],
      ["it's", undefined, 'GRUB cannot tell it from another one'],
      ['Memory test', 'Memory test', 'it boots no Linux'],
      ['Firmware', 'fw', 'it boots no Linux'],
    ])
    expect(resolveEntry(odd.items, 'x>>y')).toEqual(['a > b'])
  })

  it('hides the entries of a held boot, and survives what is cut off or hostile', () => {
    const held = parseMenu(`${menu}menuentry 'On trial: x' --id domdeck-trial {\n\tlinux /vmlinuz-1 panic=10\n}\n`)
    expect(entriesOf(held.items)).toHaveLength(8)
    expect(resolveEntry(held.items, 'domdeck-trial')).toEqual(['On trial: x'])
    for (let at = 0; at < menu.length; at += 97) parseMenu(menu.slice(0, at))
    expect(entriesOf(parseMenu(`${"submenu 'x' {\n".repeat(2000)}menuentry 'y' {\nlinux /k\n}\n`).items).length).toBeLessThan(2)
    expect(entriesOf(parseMenu("}\n}\n}\nmenuentry 'z' {\nlinux /k\n}").items)).toHaveLength(1)
  })
})
