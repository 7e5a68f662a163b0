import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { bootFiles } from '../host/held-boot'
import menu from './fixtures/debian-12-xen-4.17-grub.cfg?raw'
import { entriesOf, parseMenu } from './grub-menu'

const copy = (text: string, value: string, { title = 'T', kept = '' } = {}) =>
  spawnSync(
    '/bin/sh',
    ['-c', `${bootFiles}\ncopy_entry "$@"`, 'sh', value, title, 'domdeck-trial', 'domdeck.boot=trial panic=10', kept],
    {
      input: text,
      encoding: 'utf8',
    },
  )

describe('the copy of an entry of a boot menu', () => {
  it('is the entry that GRUB means, at the top, with words for its kernel', () => {
    for (const { titles, value = '', boots } of entriesOf(parseMenu(menu).items)) {
      const { stdout, status } = copy(menu, value, { title: "it's" })
      expect({ titles, status }).toEqual({ titles, status: 0 })
      // Whatever cannot be loaded resets the machine.
      const { items } = parseMenu(stdout.replaceAll(/if (.*); then true; else reboot; fi/g, '$1'))
      expect(items).toEqual([
        {
          title: "it's",
          id: 'domdeck-trial',
          boots: { ...boots, linuxWords: `${boots.linuxWords} domdeck.boot=trial panic=10` },
        },
      ])
      expect(stdout.match(/^\s*if (linux|initrd|multiboot2|module2)\s.*; then true; else reboot; fi$/gm)).toHaveLength(
        boots.xen === undefined ? 2 : 3,
      )
    }
  })

  it('takes numbers and submenus as GRUB does, and nothing for what is not there', () => {
    const linuxOf = (value: string) => /(?:linux|module2)\t(.*);/.exec(copy(menu, value).stdout)?.[1]
    expect(linuxOf('2')).toBe(linuxOf('Debian GNU/Linux, with Xen hypervisor'))
    expect(linuxOf('1')).toBe(linuxOf('1>0'))
    expect(copy(menu, 'gone').status).toBe(1)
    expect(copy(menu, '1>gone').status).toBe(1)
    expect(copy("menuentry 'Firmware' {\n\tfwsetup\n}\n", 'Firmware').status).toBe(2)
    expect(copy("menuentry 'Cut' {\n\tlinux /vmlinuz", 'Cut').status).toBe(1)
  })

  it('reads kept files, saves no default, and lets no hypervisor stay where it crashed', () => {
    const text = `menuentry 'a > b' --class x --id=y {\n\tsavedefault\n\tmultiboot2 /boot/xen.gz placeholder noreboot dom0_mem=1G
\tif [ a = b ]; then\n\t\techo {\n\t}\n\tfi\n\tmodule2 /vmlinuz-6 placeholder ro\n\tmodule2 --nounzip   /initrd.img-6\n}\n`
    const { stdout } = copy(text, 'a >> b', { kept: 'domdeck-before' })
    expect(
      stdout,
    ).toBe(`menuentry 'T' --id domdeck-trial --class x {\n\tmultiboot2 /boot/domdeck-before/xen.gz placeholder dom0_mem=1G
\tif [ a = b ]; then\n\t\techo {\n\t}\n\tfi\n\tmodule2 /domdeck-before/vmlinuz-6 placeholder ro domdeck.boot=trial panic=10
\tmodule2 --nounzip   /domdeck-before/initrd.img-6\n}\n`)
  })
})
