import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseMenu } from './boot-menu'

describe('a boot menu', () => {
  it('of GRUB 2 has its entries with their submenus and kernels', () => {
    const text = `
      menuentry 'Debian GNU/Linux' --class debian $menuentry_id_option 'gnulinux-simple-x' {
        load_video
        if [ x$grub_platform = xxen ]; then insmod xzio; insmod lzopio; fi
        linux	/boot/vmlinuz-6.1.0-56-amd64 root=UUID=x ro quiet
        initrd	/boot/initrd.img-6.1.0-56-amd64
      }
      submenu 'Advanced options for Debian' {
        menuentry "Debian, with Linux 6.1.0-56-amd64 (it's \\"old\\")" {
          linux /boot/vmlinuz-6.1.0-56-amd64 single
        }
        menuentry 'Xen' {
          multiboot2 /boot/xen.gz
          module2 /boot/vmlinuz
        }
      }
      menuentry Plain {
        linux16 /vmlinuz
      }`
    expect(parseMenu(text.split('\n'))).toEqual([
      { title: ['Debian GNU/Linux'], kernel: '/boot/vmlinuz-6.1.0-56-amd64' },
      {
        title: ['Advanced options for Debian', 'Debian, with Linux 6.1.0-56-amd64 (it\'s "old")'],
        kernel: '/boot/vmlinuz-6.1.0-56-amd64',
      },
      { title: ['Advanced options for Debian', 'Xen'], kernel: '/boot/xen.gz' },
      { title: ['Plain'], kernel: '/vmlinuz' },
    ])
  })

  it('of GRUB 1 has its titles', () => {
    const text =
      'default 0\ntitle  Debian, kernel 2.6.32\nroot (hd0,0)\nkernel /boot/vmlinuz-2.6.32 root=/dev/sda1 ro\ntitle Empty\n'
    expect(parseMenu(text.split('\n'))).toEqual([{ title: ['Debian, kernel 2.6.32'], kernel: '/boot/vmlinuz-2.6.32' }])
  })

  it('has no end that somebody could wait for', () => {
    expect(
      parseMenu(Array.from({ length: 9000 }, () => 'menuentry x {\n').flatMap(() => ['menuentry x {', 'linux /y', '}'])),
    ).toHaveLength(50)
    expect(parseMenu(Array.from({ length: 9000 }, () => 'submenu x {'))).toEqual([])
  })

  it('is never more than its lines', () => {
    fc.assert(fc.property(fc.array(fc.string()), (lines) => parseMenu(lines).length <= lines.length))
  })
})
