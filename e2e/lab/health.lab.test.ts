import { afterAll, beforeAll, expect, it } from 'vitest'
import { planClone } from '../../src-main/guests/plan-clone'
import { lookAtHealth } from '../../src-main/health/look'
import type { HealthId, HealthItem, MendableId } from '../../src-shared/models/health'
import { connectToLab, guestNamed, type LabDomdeck, powerCut, runJob, succeed, tinyBase, until } from './testing/domdeck'
import { lab } from './testing/lab'

let app: LabDomdeck

beforeAll(async () => {
  await lab.fresh()
  app = await connectToLab()
}, 600_000)
afterAll(() => app?.close())

const look = async (id: HealthId): Promise<HealthItem> => {
  const item = (await lookAtHealth(app.host)).find((one) => one.id === id)
  if (!item) throw new Error(`There is no item ${id}.`)
  return item
}
const mend = async (id: MendableId) => {
  const { plan, state, fact } = await look(id)
  if (!plan) throw new Error(`Nothing to mend: ${state}, ${fact}`)
  await succeed(app, { operation: 'host.mend-health', input: { id, sum: plan.sum } })
}
const unmend = (id: MendableId) => succeed(app, { operation: 'host.unmend-health', input: { id } })
/** Reboots dom0 as somebody at its keyboard: what becomes of guests is xendomains' to decide. */
const reboot = async (): Promise<void> => {
  await Promise.all([lab.sh('systemctl --no-block reboot'), until(app.host, () => app.host.connection.phase !== 'ready')])
  await until(app.host, () => app.host.connection.phase === 'ready')
  await lab.sh('timeout 300 systemctl is-system-running --wait || true')
}
/** Every file of the system's settings, and what the kernel has of ours. */
const settings = () =>
  lab.sh(`
    find /etc/sysctl.d /etc/systemd/system /etc/logrotate.d /etc/default /etc/xen \\( -type f -o -type l \\) -printf '%p %l ' -exec cksum {} \\; 2>/dev/null | sort
    ls -d /etc/rc?.d/*xendomains | sed 's/[0-9]*xendomains//'
    sysctl kernel.panic kernel.panic_on_oops kernel.hung_task_panic kernel.hung_task_timeout_secs
    ls -d /var/log/xen/console /var/lib/domdeck/health/* 2>/dev/null || true`)
const mended = ['panic', 'hangs', 'shutdown', 'console-logs', 'autostart'] as const
let untouched = ''

it('finds what Debian leaves so, and nothing else, and writes nothing', async () => {
  untouched = await settings()
  const items = await lookAtHealth(app.host)
  // The lab has xendomains disabled.
  expect(Object.fromEntries(items.map(({ id, state }) => [id, state]))).toEqual({
    packages: 'fine',
    memory: 'fine',
    panic: 'mend',
    hangs: 'mend',
    shutdown: 'mend',
    autostart: 'mend',
    'storage-order': 'fine',
    'console-logs': 'mend',
    xenstored: 'fine',
    loops: 'fine',
  })
  expect(items.find(({ id }) => id === 'packages')?.fact).toContain(`Xen 4.17 and Linux ${await lab.sh('uname -r')}`)
  expect(await settings()).toBe(untouched)
})

it('mends each, and takes each back to the letter', async () => {
  for (const id of mended) {
    await mend(id)
    expect(await look(id)).toMatchObject({ mended: true })
    await unmend(id)
    expect(await settings()).toBe(untouched)
  }
  expect(await lab.sh('dpkg --verify xen-utils-common procps 2>/dev/null | grep " c " || true')).toBe('')
}, 600_000)

it('is in force after a reboot: sysctls, logs of consoles, guests that start with the host', async () => {
  for (const id of mended) await mend(id)
  expect(await lab.sh('sysctl -n kernel.panic kernel.panic_on_oops kernel.hung_task_panic kernel.hung_task_timeout_secs')).toBe(
    '10\n1\n1\n300',
  )
  expect((await look('console-logs')).state).toBe('waiting')
  await succeed(app, { operation: 'image.import', input: tinyBase })
  const { input } = await planClone(
    app.host,
    {
      ...{ base: 'tiny', generation: 1, mode: 'overlay', layerMb: 32, memoryMb: 48, vcpus: 1, type: 'pv', bridge: 'xenbr0' },
      ...{ pattern: 'around', count: 1 },
    },
    app.domdeck.takenMacs(),
  )
  await succeed(app, { operation: 'guest.clone', input })
  const { id: uuid } = await guestNamed(app, 'around')
  await succeed(app, { operation: 'guest.autostart', input: { name: 'around', uuid, on: true, order: 10 } })
  await reboot()
  for (const id of mended) expect(await look(id), id).toMatchObject({ state: 'fine', mended: true })
  expect(await lab.sh('sysctl -n kernel.panic kernel.hung_task_timeout_secs')).toBe('10\n300')
  expect(await lab.sh("tr '\\0' ' ' </proc/$(pidof -s xenconsoled)/cmdline")).toContain('--log=guest --timestamp=guest')
  expect(await lab.sh('stat -c "%a %G" /var/log/xen/console')).toBe('2750 adm')
  expect((await guestNamed(app, 'around')).state).toBe('running')
  await expect
    .poll(() => lab.sh('cat /var/log/xen/console/guest-around.log'), { timeout: 120_000 })
    .toContain('tiny guest ready: around')
}, 1_800_000)

it('shuts guests down with the host, and saves none of their memory', async () => {
  await reboot()
  expect(await lab.sh('ls -A /var/lib/xen/save')).toBe('')
  expect((await guestNamed(app, 'around')).state).toBe('running')
  // It went down by itself and came up anew, rather than being restored.
  const log = await lab.sh('cat /var/log/xen/console/guest-around.log')
  expect(log.match(/tiny guest ready: around/g)?.length).toBeGreaterThanOrEqual(2)
  expect(await lab.sh('cat /var/log/xen/xl-around.log* /var/log/xen/console/guest-around.log')).toMatch(
    /reason code 0|Power down/,
  )
}, 900_000)

it('orders guests after storage that comes over the network', async () => {
  await lab.sh(`
    mkdir -p /srv/nfs /mnt/nas
    systemctl start rpcbind nfs-server
    exportfs -o rw,no_root_squash,fsid=0 127.0.0.1:/srv/nfs
    mount -t nfs4 127.0.0.1:/ /mnt/nas
    printf '[Service]\\nType=oneshot\\nRemainAfterExit=yes\\nExecStart=/bin/true\\n' >/etc/systemd/system/rbdmap.service
    systemctl daemon-reload && systemctl start rbdmap`)
  // The mount itself is known to systemd as one of the network.
  expect((await look('storage-order')).fact).toContain('not ordered after rbdmap.service:')
  await mend('storage-order')
  expect(await lab.sh('systemctl show -p After --value xendomains')).toContain('rbdmap.service')
  expect(await look('storage-order')).toMatchObject({ state: 'fine', mended: true })
  await unmend('storage-order')
  expect(await lab.sh('systemctl show -p After --value xendomains')).not.toContain('rbdmap.service')
  await lab.sh(
    'umount /mnt/nas; exportfs -ua; systemctl stop rbdmap nfs-server; rm /etc/systemd/system/rbdmap.service; systemctl daemon-reload',
  )
}, 600_000)

it('tells of a hypervisor that was replaced under the one that runs, and of tools that are gone', async () => {
  await lab.sh('mv /boot/xen-4.17-amd64.gz /boot/kept && echo another build | gzip >/boot/xen-4.17-amd64.gz')
  expect(await look('packages')).toMatchObject({ state: 'waiting', go: 'reboot' })
  await lab.sh('mv /boot/kept /boot/xen-4.17-amd64.gz')
  await lab.sh('mv /usr/lib/xen-4.17 /usr/lib/xen-kept')
  expect(await look('packages')).toMatchObject({ state: 'mend', go: 'reboot', fact: expect.stringContaining('xl fails') })
  expect(await lab.sh('xl list 2>&1 || true')).toContain("Can't find version 4.17")
  await lab.sh('mv /usr/lib/xen-kept /usr/lib/xen-4.17')
  expect((await look('packages')).state).toBe('fine')
})

it('is whole or taken back after a power cut in the middle of it', async () => {
  for (const id of mended) await unmend(id)
  const { plan } = await look('console-logs')
  if (!plan) throw new Error('Nothing to mend.')
  const job = await app.domdeck.jobs.start(
    app.host,
    { operation: 'host.mend-health', input: { id: 'console-logs', sum: plan.sum } },
    { by: 'test', from: 'workstation' },
  )
  await powerCut(app)
  await app.domdeck.jobs.recover(app.host, job.id, { by: 'test', from: 'workstation' }).catch(() => undefined)
  const after = await look('console-logs')
  // Done before the cut, and in force by now, or as if nothing had been asked.
  expect(['fine', 'mend']).toContain(after.state)
  expect(await lab.sh('ls /var/lib/domdeck/health 2>/dev/null || true')).toBe(after.state === 'fine' ? 'console-logs' : '')
  expect(await lab.sh('ls /etc/systemd/system/xen.service.d /etc/logrotate.d | grep domdeck || true')).toBe(
    after.state === 'fine' ? 'domdeck-console-logs.conf\ndomdeck-console-logs' : '',
  )
  if (after.state === 'fine') await unmend('console-logs')
  // Another host by now: what was seen before the cut is refused.
  await lab.sh('sysctl -q kernel.panic=4')
  const stale = await look('panic')
  await lab.sh('sysctl -q kernel.panic=0')
  expect(await runJob(app, { operation: 'host.mend-health', input: { id: 'panic', sum: stale.plan?.sum ?? '' } })).toMatchObject({
    state: 'failed',
    problem: { code: 'BUSY' },
  })
}, 900_000)
