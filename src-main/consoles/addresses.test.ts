import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { parseAddresses } from './addresses'
import addressesScript from './addresses.sh?raw'

const mac = '00:16:3e:6c:a1:07'
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'domdeck-addresses-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function put(path: string, text: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), text)
  await chmod(join(folder, path), mode)
}

const look = (domid: string) =>
  parseAddresses(
    execFileSync('sh', ['-c', addressesScript, 'addresses.sh', domid, mac], {
      env: { PATH: `${join(folder, 'bin')}:/usr/bin:/bin`, DOMDECK_ROOT: folder },
      encoding: 'utf8',
    }),
  )

it('finds what the config, leases and neighbours say of a MAC, the surest first and each once', async () => {
  await put('bin/xenstore-list', '#!/bin/sh\n[ "$1" = /local/domain/0/backend/vif/7 ] && echo 0\n', 0o755)
  await put('bin/xenstore-read', '#!/bin/sh\n[ "$1" = /local/domain/0/backend/vif/7/0/ip ] && echo 10.0.0.7/24 fd00::7\n', 0o755)
  await put(
    'bin/ip',
    `#!/bin/sh\nprintf '%s\\n' '10.0.0.7 dev xenbr0 lladdr ${mac} REACHABLE' '10.0.0.99 dev xenbr0 lladdr 00:16:3e:00:00:01 STALE' '10.0.0.98 dev xenbr0 lladdr ${mac} FAILED' '10.0.0.97 dev xenbr0 FAILED' 'fe80::216:3eff:fe6c:a107 dev xenbr0 lladdr ${mac} STALE'\n`,
    0o755,
  )
  await put(
    'var/lib/misc/dnsmasq.leases',
    `1700000000 ${mac} 192.168.122.40 web-07 *\n1700000000 00:16:3e:00:00:01 192.168.122.41 * *\n`,
  )
  await put(
    'var/lib/dhcp/dhcpd.leases',
    `lease 10.9.0.3 {\n  hardware ethernet 00:16:3e:00:00:01;\n}\nlease 10.9.0.4 {\n  hardware ethernet ${mac};\n  client-hostname "web-07";\n}\n`,
  )
  expect(look('7')).toEqual([
    { address: '10.0.0.7', from: 'xenstore' },
    { address: 'fd00::7', from: 'xenstore' },
    { address: '192.168.122.40', from: 'lease' },
    { address: '10.9.0.4', from: 'lease' },
  ])
})

it('finds nothing, without a word, on a host that knows nothing of a guest that is off', () => {
  expect(look('')).toEqual([])
})

it('takes no address from what is none: words, loopback, link-local', () => {
  const text = [
    'lease $(reboot)',
    'lease 127.0.0.1',
    'neighbour fe80::1',
    'xenstore 169.254.1.2',
    'other 10.0.0.1',
    'lease 10.0.0.2 x',
    'lease 10.0.0.3',
  ].join('\n')
  expect(parseAddresses(text)).toEqual([{ address: '10.0.0.3', from: 'lease' }])
})
