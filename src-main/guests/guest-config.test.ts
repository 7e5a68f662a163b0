import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import type { CloneInput } from '../../src-shared/operations'
import { quoteArg } from '../ssh/quote'
import { parseGuestConfig } from '../xen/config'
import { cloneVariables } from './clone-variables'
import guestConfig from './guest-config.sh?raw'

const input: CloneInput = {
  base: 'debian-12',
  generation: 3,
  mode: 'overlay',
  layerMb: 2048,
  memoryMb: 256,
  vcpus: 2,
  type: 'pvh',
  bridge: 'xenbr0',
  guests: [{ name: 'web-08', uuid: '3f0c6f4e-7a0e-4f1c-9d55-5f0f8a1f1b07', mac: '00:16:3e:6c:a1:07' }],
}

/** The config as the job writes it: the shell function, run by a real sh. */
function configOf(changes: Partial<CloneInput> = {}): string {
  const whole = { ...input, ...changes }
  const variables = { root: '/srv/domdeck', RUN: '/run/domdeck', ...cloneVariables(whole) }
  const assignments = Object.entries(variables).map(([name, value]) => `${name}=${quoteArg(value)}`)
  const script = [...assignments, guestConfig, 'guest_config $guests', `printf '%s\\n' "$config"`].join('\n')
  return execFileSync('sh', ['-euc', script], { encoding: 'utf8' })
}

describe('guest_config', () => {
  it('writes a plain xl config for a guest with a layer', () => {
    expect(configOf()).toBe(`# Made by Domdeck; plain xl: xl create /srv/domdeck/guests/web-08/guest.cfg
name   = "web-08"
uuid   = "3f0c6f4e-7a0e-4f1c-9d55-5f0f8a1f1b07"
type   = "pvh"
kernel = "/srv/domdeck/bases/debian-12/3/vmlinuz"
ramdisk = "/srv/domdeck/bases/debian-12/3/initrd.img"
root   = "/dev/xvda ro"
extra  = "console=hvc0 fsck.mode=skip rootflags=noload domdeck.base=debian-12/3 domdeck.base_fs=ext4 domdeck.layer=/dev/xvdb systemd.hostname=web-08 net.ifnames=0"
memory = 256
maxmem = 256
vcpus  = 2
vif    = [ 'mac=00:16:3e:6c:a1:07,bridge=xenbr0' ]
disk   = [ 'format=raw,vdev=xvda,access=ro,target=/run/domdeck/bases/debian-12.3',
           'format=raw,vdev=xvdb,access=rw,target=/srv/domdeck/guests/web-08/layer.img' ]
on_poweroff = "destroy"
on_reboot   = "restart"
on_crash    = "preserve"
`)
  })

  it('gives a throwaway guest RAM for its layer and no disk to write to', () => {
    const config = parseGuestConfig(configOf({ mode: 'throwaway', layerMb: 64 }))
    expect(config.commandLine).toContain(' domdeck.layer=tmpfs domdeck.layer_size=64M ')
    expect(config.disks).toEqual([{ vdev: 'xvda', target: '/run/domdeck/bases/debian-12.3', writable: false }])
  })

  it.each([
    ['copy', '/srv/domdeck/guests/web-08', 'raw', '/srv/domdeck/guests/web-08/disk.img'],
    ['reflink', '/srv/domdeck/guests/web-08', 'raw', '/srv/domdeck/guests/web-08/disk.img'],
    ['thin', '/srv/domdeck/bases/debian-12/3', 'raw', '/dev/vg0/domdeck-web-08'],
    ['qcow2', '/srv/domdeck/bases/debian-12/3', 'qcow2', '/srv/domdeck/guests/web-08/disk.qcow2'],
  ] as const)('boots a guest of mode %s from its own disk, without a word to the union root', (mode, kernels, format, target) => {
    const text = configOf({ mode, pool: 'vg0/pool0' })
    const config = parseGuestConfig(text)
    expect(config.disks).toEqual([{ vdev: 'xvda', target, writable: true }])
    expect(config.kernel).toBe(`${kernels}/vmlinuz`)
    expect(config.commandLine).toBe('console=hvc0 systemd.hostname=web-08 net.ifnames=0')
    expect(text).toContain('root   = "/dev/xvda rw"\n')
    expect(text).toContain(`format=${format},`)
    expect(text).toContain(`ramdisk = "${kernels}/initrd.img"`)
  })

  it('leaves out the network card of a guest without a bridge', () => {
    expect(parseGuestConfig(configOf({ bridge: null })).nics).toEqual([])
  })

  it('is read back by our own parser without anything left over', () => {
    expect(parseGuestConfig(configOf())).toMatchObject({
      name: 'web-08',
      uuid: '3f0c6f4e-7a0e-4f1c-9d55-5f0f8a1f1b07',
      type: 'pvh',
      memoryMb: 256,
      vcpus: 2,
      nics: [{ mac: '00:16:3e:6c:a1:07', bridge: 'xenbr0' }],
      unread: [],
    })
  })
})
