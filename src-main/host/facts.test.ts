import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ProblemError } from '../../src-shared/problem'
import { parseProbe } from './facts'

const info = readFileSync(new URL('../xen/fixtures/xen-4.17/xl-info.txt', import.meta.url), 'utf8')
const answer = `info
${info.trimEnd().replace(/^/gm, '|')}
system Debian GNU/Linux 12 (bookworm)
storage /dev/vda1      ext4  8153564 608744  7110616       8% /
root folder
pool vg0/thin 34359738368 91.25 12.50
pool vg0/inactive 34359738368  
bridge xenbr0
bridge virbr1
missing losetup
boot 0a0b-1
up 2343.92
clock 1795246500.250000000
`
const received = { hostName: 'xen-01', at: 1_795_246_501_260, latencyMs: 20 }

describe('the facts of a host', () => {
  it('are what probe.sh says', () => {
    expect(parseProbe(answer, received)).toEqual({
      hostname: 'dom0',
      xenVersion: '4.17.7',
      system: 'Debian GNU/Linux 12 (bookworm)',
      kernel: '6.1.0-56-amd64',
      threads: 2,
      memoryMb: 6143,
      freeMemoryMb: 4933,
      guestTypes: ['pv', 'pvh', 'hvm'],
      storageBytes: 8153564 * 1024,
      storageFreeBytes: 7110616 * 1024,
      storageFileSystem: 'ext4',
      storageRoot: 'folder',
      pools: [{ name: 'vg0/thin', sizeBytes: 34359738368, dataShare: 0.9125, metadataShare: 0.125 }],
      bridges: ['xenbr0', 'virbr1'],
      bootId: '0a0b-1',
      upSeconds: 2343.92,
      clockSkewMs: -1000,
      missingTools: ['losetup'],
    })
  })

  it('take a clock in whole seconds, and a mount point with spaces', () => {
    const odd = answer.replace('.250000000', '.%N').replace('8% /', '- /mnt/two words')
    expect(parseProbe(odd, received)).toMatchObject({ clockSkewMs: -1250, storageFileSystem: 'ext4' })
  })

  it('are no facts when the host says why it is no dom0', () => {
    const why = 'it is booted without the hypervisor (/sys/hypervisor/type is missing)'
    expect(() => parseProbe(`not-xen ${why}\n`, received)).toThrow(
      expect.objectContaining({ code: 'NOT_XEN', message: `xen-01 is not a running Xen dom0: ${why}.` }),
    )
  })

  it('say that a host whose Xen was upgraded waits for its reboot', () => {
    // The words of Debian's wrapper, /usr/lib/xen-common/bin/xen-utils-version.
    const said =
      "ERROR:  Can't find version 4.14 of xen utils (maybe xen-utils-4.14 was already removed before rebooting out of Xen 4.14), bailing out!"
    expect(() => parseProbe(`not-ready ${said}\n`, received)).toThrow(
      expect.objectContaining({
        message: 'xen-01 runs Xen 4.14, but its tools have been upgraded since: xl does not work until it is rebooted.',
      }),
    )
  })

  it('wait for a dom0 that is still booting', () => {
    expect(() => parseProbe('not-ready cannot init xl context\n', received)).toThrow(
      expect.objectContaining({ code: 'COMMAND_FAILED', message: expect.stringContaining('cannot init xl context') }),
    )
  })

  it.each(['', 'Welcome to xen-01!', answer.replace('|total_memory', '|'), answer.slice(0, 300)])(
    'are not guessed from something else (%#)',
    (text) => {
      expect(() => parseProbe(text, received)).toThrow(ProblemError)
    },
  )
})
