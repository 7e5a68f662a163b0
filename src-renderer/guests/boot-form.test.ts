import { describe, expect, it } from 'vitest'
import { bootSchema } from '../../src-shared/models/boot'
import { testGuest, testHost } from '../testing/fleet'
import { bootFormOf, bootOf, bootRefusal, bootsAs, bootWays } from './boot-form'

const host = testHost('dom0')
const off = testGuest('dom0', 'web', 1, { state: 'halted', configPath: '/etc/xen/web.cfg', type: 'pv', bootloader: 'pygrub' })
const copy = { base: 'deb', generation: 2, mode: 'copy', layerBytes: 1, layerAllocatedBytes: 1 } as const

describe('how a guest boots', () => {
  it('is told by what its config has', () => {
    expect(bootsAs(off)).toBe('by pygrub')
    expect(bootsAs({ ...off, bootloader: '/usr/lib/xen-4.17/bin/pygrub' })).toBe('by pygrub')
    expect(bootsAs({ ...off, bootloader: '/usr/local/bin/mine' })).toBe('by /usr/local/bin/mine')
    expect(bootsAs(testGuest('dom0', 'web', 1, { kernel: '/boot/vmlinuz' }))).toBe('directly')
    expect(bootsAs(testGuest('dom0', 'web', 1, { kernel: '/usr/lib/grub-xen/grub-i386-xen_pvh.bin' }))).toBe('by pvgrub')
    expect(bootsAs({ ...off, type: 'hvm' })).toBe('as HVM')
  })

  it('changes only for a guest that is off and whose root is a disk', () => {
    expect(bootRefusal(off, host)).toBeUndefined()
    expect(bootRefusal({ ...off, state: 'running' }, host)).toBe('shut it down first')
    expect(bootRefusal({ ...off, state: 'saved' }, host)).toBe('shut it down first')
    expect(bootRefusal({ ...off, origin: copy }, host)).toBeUndefined()
    expect(bootRefusal({ ...off, origin: { ...copy, mode: 'overlay' } }, host)).toBe('its root is an overlay')
    expect(bootRefusal(off, testHost('dom0', { connection: { phase: 'idle' } }))).toBe('host not connected')
  })

  it('is asked for by keys that the config takes', () => {
    const form = bootFormOf({ ...off, origin: copy }, host)
    expect(form).toMatchObject({ way: 'pvgrub', type: 'pv', kernel: `${host.settings.storageRoot}/guests/web/vmlinuz` })
    for (const way of bootWays) expect(bootSchema.safeParse(bootOf({ ...form, way })).success).toBe(true)
    expect(bootOf({ ...form, way: 'direct', ramdisk: ' ' })).not.toHaveProperty('ramdisk')
    expect(bootOf({ ...form, way: 'pygrub' })).toEqual({ type: 'pv', bootloader: 'pygrub' })
  })
})
