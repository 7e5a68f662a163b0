import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { bootSettingsSchema } from '../../src-shared/models/host-boot'
import { settingsFile } from './settings-file'

const names = [
  'GRUB_DEFAULT',
  'GRUB_CMDLINE_XEN',
  'GRUB_CMDLINE_XEN_DEFAULT',
  'GRUB_CMDLINE_LINUX',
  'GRUB_CMDLINE_LINUX_XEN_REPLACE',
  'GRUB_TERMINAL',
] as const

/** What the variables are behind the file, as grub-mkconfig reads it: with `set -e`, after the host's own files. */
function sourced(settings: Parameters<typeof settingsFile>[0], before: Partial<Record<(typeof names)[number], string>> = {}) {
  const own = Object.entries(before).map(([name, value]) => `${name}='${value}'`)
  const script = ['set -e', ...own, settingsFile(settings) ?? '', ...names.map((name) => `printf '%s\\n' "\${${name}-}"`)].join(
    '\n',
  )
  const lines = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' }).split('\n')
  return Object.fromEntries(names.map((name, at) => [name, lines[at]]))
}

describe('the settings file of a boot', () => {
  it('is none where nothing is set', () => {
    expect(settingsFile({})).toBeUndefined()
  })

  it('replaces words of its kind and leaves all others', () => {
    const before = {
      GRUB_CMDLINE_XEN: 'dom0_mem=1024M,max:1024M dom0_max_vcpus=2 com1=115200,8n1 console=com1 loglvl=all',
      GRUB_CMDLINE_XEN_DEFAULT: 'ucode=scan dom0_mem=1G',
      GRUB_CMDLINE_LINUX: 'console=ttyS0,115200 quiet',
    }
    expect(sourced({ dom0MemMb: 2048, dom0MaxVcpus: '1-4' }, before)).toEqual({
      GRUB_DEFAULT: '',
      GRUB_CMDLINE_XEN: ' com1=115200,8n1 console=com1 loglvl=all dom0_mem=2048M,max:2048M dom0_max_vcpus=1-4',
      GRUB_CMDLINE_XEN_DEFAULT: 'ucode=scan',
      GRUB_CMDLINE_LINUX: 'console=ttyS0,115200 quiet',
      GRUB_CMDLINE_LINUX_XEN_REPLACE: '',
      GRUB_TERMINAL: '',
    })
    expect(sourced({ serial: { port: 2, speed: 9600 } }, before)).toMatchObject({
      GRUB_CMDLINE_XEN: 'dom0_mem=1024M,max:1024M dom0_max_vcpus=2 loglvl=all com2=9600,8n1 console=com2,vga',
      GRUB_CMDLINE_LINUX: ' quiet console=tty0 console=ttyS1,9600n8',
      GRUB_CMDLINE_LINUX_XEN_REPLACE: ' quiet console=tty0 console=hvc0',
      GRUB_TERMINAL: 'console serial',
    })
  })

  it('runs nothing that a title holds', () => {
    for (const title of ["it's $(reboot) `reboot` \\", 'ü 名 "x" > y', '-rf', '$HOME']) {
      expect(sourced({ default: title }).GRUB_DEFAULT).toBe(title)
    }
  })

  it('is not made of what GRUB or Xen would misread', () => {
    for (const wrong of [
      { default: '2' },
      { default: '0>1' },
      { default: 'a\nreboot' },
      { default: '' },
      { dom0MemMb: 16 },
      { dom0MemMb: 1.5 },
      { dom0MaxVcpus: '4-1' },
      { dom0MaxVcpus: '0' },
      { dom0MaxVcpus: '1 noreboot' },
      { serial: { port: 3, speed: 115200 } },
    ]) {
      expect({ wrong, ok: bootSettingsSchema.safeParse(wrong).success }).toEqual({ wrong, ok: false })
    }
  })
})
