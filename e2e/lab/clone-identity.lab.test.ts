import { afterAll, beforeAll, expect, it } from 'vitest'
import { planClone } from '../../src-main/guests/plan-clone'
import type { CloneMode, OperationCall } from '../../src-shared/operations'
import { connectToLab, type LabDomdeck, runJob } from './testing/domdeck'
import { lab } from './testing/lab'

// A full copy and an overlay of one Debian base, booted side by side.
let app: LabDomdeck
beforeAll(async () => {
  await lab.fresh()
  app = await connectToLab()
  await succeed({ operation: 'image.import', input: { name: 'debian', source: '/srv/guest/debian.img' } })
  await app.host.refresh()
}, 600_000)
afterAll(() => app?.close())

async function succeed(call: OperationCall): Promise<void> {
  const job = await runJob(app, call)
  expect(job, JSON.stringify(job.problem)).toMatchObject({ state: 'succeeded', left: 'finished' })
}

/** Clones and boots it; resolves to its UUID and MAC address. */
async function clone(mode: CloneMode, pattern: string, layerMb: number): Promise<{ uuid: string; mac: string }> {
  const shape = { memoryMb: 160, vcpus: 1, type: 'pv', bridge: 'xenbr0', count: 1 } as const
  const { input } = await planClone(
    app.host,
    { base: 'debian', generation: 1, mode, layerMb, pattern, ...shape },
    app.domdeck.takenMacs(),
  )
  await succeed({ operation: 'guest.clone', input })
  const [made] = input.guests
  if (!made) throw new Error('The plan holds no guest.')
  return made
}

/** The key that a guest's sshd shows, once it answers at the address that the bridge has given it. */
async function hostKey(mac: string): Promise<string> {
  let key = ''
  await expect
    .poll(
      async () => {
        key = await lab.sh(`ip=$(awk -v mac=${mac} '$2 == mac { print $3 }' /var/lib/misc/dnsmasq.leases)
          [ -z "$ip" ] || ssh-keyscan -T 5 -t ed25519 "$ip" 2>/dev/null | cut -d' ' -f3`)
        return key
      },
      { timeout: 5 * 60_000, interval: 3000 },
    )
    .not.toBe('')
  return key
}

it('share neither machine-id nor host key nor MAC address', async () => {
  const [own, shared] = [await clone('copy', 'own', 640), await clone('overlay', 'shared', 64)]
  const keys = [await hostKey(own.mac), await hostKey(shared.mac)]
  await succeed({ operation: 'guest.shutdown', input: { name: 'own', uuid: own.uuid } })
  await succeed({ operation: 'guest.shutdown', input: { name: 'shared', uuid: shared.uuid } })
  const cat = (path: string, image: string) => lab.sh(`debugfs -R 'cat ${path}' /srv/domdeck/${image} 2>/dev/null`)
  const machineIds = [
    await cat('/etc/machine-id', 'guests/own/disk.img'),
    await cat('/upper/etc/machine-id', 'guests/shared/layer.img'),
  ]
  for (const id of machineIds) expect(id).toMatch(/^[0-9a-f]{32}$/)
  for (const values of [machineIds, keys, [own.mac, shared.mac]]) expect(new Set(values).size).toBe(2)
  expect(await cat('/etc/machine-id', 'bases/debian/1/root.img')).toBe('')
})
