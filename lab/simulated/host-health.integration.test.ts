import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lookAtHealth } from '../../src-main/health/look'
import type { HealthId, HealthItem, MendableId } from '../../src-shared/models/health'
import type { OperationCall } from '../../src-shared/operations'
import { until } from './testing/connect'
import { type GuestLife, startGuestLife } from './testing/guest-life'

let life: GuestLife
beforeAll(async () => {
  life = await startGuestLife(2)
}, 60_000)
afterAll(() => life.stop(), 60_000)

const host = () => life.connected.host
const file = (path: string) => join(life.simulated.folder, 'root', path)
const sim = (name: string) => join(life.simulated.folder, 'xen', name)
const read = (path: string) => readFileSync(file(path), 'utf8')
const write = (path: string, text: string): void => {
  mkdirSync(dirname(file(path)), { recursive: true })
  writeFileSync(file(path), text)
}
const look = async (id: HealthId): Promise<HealthItem> => {
  const item = (await lookAtHealth(host())).find((one) => one.id === id)
  if (!item) throw new Error(`There is no item ${id}.`)
  return item
}
const toMend = async (id: MendableId): Promise<OperationCall> => {
  const { plan, state, fact } = await look(id)
  if (!plan) throw new Error(`Nothing to mend: ${state}, ${fact}`)
  return { operation: 'host.mend-health', input: { id, sum: plan.sum } }
}
const mend = async (id: MendableId) => life.succeed(await toMend(id))
const unmend = (id: MendableId) => life.succeed({ operation: 'host.unmend-health', input: { id } })
/** Everything that an item may write, as it is. */
const snapshot = () =>
  life.run(
    'sh',
    '-c',
    `cd "$DOMDECK_ROOT" && find etc var/log proc/sys/kernel/panic* proc/sys/kernel/hung* -type f -exec cksum {} + | sort
     find etc -type d -name '*.service.d'; find "$DOMDECK_ETC_XEN/auto" -printf '%f %l\\n' | sort; systemctl is-enabled xendomains || true
     find "$DOMDECK_STATE/health" -mindepth 1 2>/dev/null || true`,
  )
const reboot = async (): Promise<void> => {
  await life.run('systemctl', 'reboot')
  await until(() => host().connection.phase !== 'ready')
  await until(() => {
    if (host().connection.phase === 'waiting') host().connect()
    return host().connection.phase === 'ready'
  })
}

describe('the health of a host', () => {
  it('is looked at: what Debian leaves so, with the files that would mend it, and nothing is written', async () => {
    const before = await snapshot()
    const items = await lookAtHealth(host())
    expect(Object.fromEntries(items.map(({ id, state }) => [id, state]))).toEqual({
      packages: 'fine',
      memory: 'fine',
      panic: 'mend',
      hangs: 'mend',
      shutdown: 'mend',
      autostart: 'fine',
      'storage-order': 'fine',
      'console-logs': 'mend',
      xenstored: 'fine',
      loops: 'fine',
    })
    const panic = items.find(({ id }) => id === 'panic')
    expect(panic?.fact).toBe('kernel.panic=0, kernel.panic_on_oops=0, and no file sets more at boot.')
    expect(panic?.plan?.files).toEqual([
      { path: '/etc/sysctl.d/zz-domdeck-panic.conf', diff: expect.stringContaining('+kernel.panic_on_oops = 1\n') },
    ])
    expect(panic?.plan?.acts).toContain('Now, too: kernel.panic from 0 to 10')
    expect(items.find(({ id }) => id === 'shutdown')?.fact).toMatch(
      /to \/var\/lib\/xen\/save .*: 2 now with [1-9][0-9]* MB, where [0-9]+ GB is free/,
    )
    expect(await snapshot()).toBe(before)
  })

  it.each(['panic', 'hangs', 'shutdown', 'console-logs'] as const)(
    'mends %s, once, and takes it back to the letter',
    async (id) => {
      const before = await snapshot()
      const call = await toMend(id)
      const job = await life.succeed(call)
      const after = await look(id)
      expect(after).toMatchObject({ state: id === 'console-logs' ? 'waiting' : 'fine', mended: true })
      expect(after.plan).toBeUndefined()
      const mended = await snapshot()
      // The same again changes nothing.
      await life.succeed(call)
      expect(await snapshot()).toBe(mended)
      await life.undo(job)
      expect(await snapshot()).toBe(before)
      expect(await look(id)).toMatchObject({ state: 'mend', mended: false })
    },
  )

  it('keeps what is mended over a reboot, in force then', async () => {
    for (const id of ['panic', 'hangs', 'shutdown', 'console-logs'] as const) await mend(id)
    expect(read('proc/sys/kernel/panic')).toBe('10\n')
    expect(await look('console-logs')).toMatchObject({ state: 'waiting' })
    await reboot()
    for (const id of ['panic', 'hangs', 'shutdown', 'console-logs'] as const) {
      expect(await look(id)).toMatchObject({ state: 'fine', mended: true })
    }
    expect(read('proc/sys/kernel/hung_task_timeout_secs')).toBe('300\n')
    for (const id of ['panic', 'hangs', 'shutdown', 'console-logs'] as const) await unmend(id)
    expect(read('proc/sys/kernel/panic')).toBe('0\n')
    await reboot()
    expect(await look('console-logs')).toMatchObject({ state: 'mend', mended: false })
  })

  it('leaves no trace wherever it is cut off', async () => {
    writeFileSync(sim('no-xendomains'), '')
    symlinkSync('/nowhere/gone.cfg', life.etcXen('auto', '10-gone.cfg'))
    for (const id of ['panic', 'console-logs', 'autostart'] as const) {
      const before = await snapshot()
      const killed = await life.cutAlong(await toMend(id), 3, async () => expect(await snapshot()).toBe(before))
      expect(killed).toBeGreaterThan(3)
      await unmend(id)
      expect(await snapshot()).toBe(before)
    }
    rmSync(life.etcXen('auto', '10-gone.cfg'))
    rmSync(sim('no-xendomains'))
  }, 300_000)

  it('is not mended when the host has changed since it was looked at', async () => {
    const call = await toMend('panic')
    write('proc/sys/kernel/panic', '3\n')
    const before = await snapshot()
    expect(await life.ended(call)).toMatchObject({ state: 'failed', problem: { code: 'BUSY' } })
    write('etc/sysctl.d/50-own.conf', '# ours\nkernel.panic = 5\nkernel/panic_on_oops=1\n')
    write('proc/sys/kernel/panic_on_oops', '1\n')
    expect((await look('panic')).state).toBe('fine')
    expect(await life.ended(call)).toMatchObject({ state: 'failed', problem: { code: 'BAD_INPUT' } })
    // A later file of somebody else counts, and of one name the one in /etc.
    write('usr/lib/sysctl.d/90-late.conf', 'kernel.panic = 0\n')
    expect(await look('panic')).toMatchObject({ state: 'mend', fact: expect.stringContaining('no file sets more at boot') })
    write('etc/sysctl.d/90-late.conf', '')
    expect((await look('panic')).state).toBe('fine')
    for (const path of ['etc/sysctl.d/50-own.conf', 'etc/sysctl.d/90-late.conf', 'usr/lib/sysctl.d/90-late.conf'])
      rmSync(file(path))
    write('proc/sys/kernel/panic', '0\n')
    write('proc/sys/kernel/panic_on_oops', '0\n')
    expect(await snapshot()).not.toBe(before)
  })

  it('is not taken back over what somebody has changed since', async () => {
    await mend('panic')
    const own = 'etc/sysctl.d/zz-domdeck-panic.conf'
    const text = read(own)
    write(own, `${text}kernel.sysrq = 1\n`)
    expect(await life.ended({ operation: 'host.unmend-health', input: { id: 'panic' } })).toMatchObject({
      state: 'failed',
      problem: { code: 'BUSY', detail: expect.stringContaining(own) },
    })
    expect(read(own)).toContain('sysrq')
    rmSync(file(own))
    await unmend('panic')
    expect(existsSync(file(own))).toBe(false)
    expect(await life.ended({ operation: 'host.unmend-health', input: { id: 'panic' } })).toMatchObject({
      state: 'failed',
      problem: { code: 'NOT_FOUND' },
    })
  })

  it('makes the folder for logs, which Debian forgets', async () => {
    const folder = file('var/log/xen/console')
    renameSync(folder, `${folder}-kept`)
    const item = await look('console-logs')
    expect(item.fact).toBe('xenconsoled keeps no logs of guests, and there is no /var/log/xen/console.')
    expect(item.plan?.acts).toContain('A folder, if it is not there: /var/log/xen/console')
    await mend('console-logs')
    expect(statSync(folder).mode & 0o7777).toBe(0o2750)
    await unmend('console-logs')
    expect(existsSync(folder)).toBe(false)
    renameSync(`${folder}-kept`, folder)
  })

  it('says plainly where only a file of a package decides', async () => {
    const conffile = 'etc/default/xen'
    const before = read(conffile)
    write(conffile, `${before}XENCONSOLED_ARGS="--timestamp=all"\n`)
    const item = await look('console-logs')
    expect(item).toMatchObject({ state: 'mend', advice: expect.stringContaining('xen-utils-common') })
    expect(item.plan).toBeUndefined()
    write(conffile, before)
    write('etc/default/xendomains', 'XENDOMAINS_SAVE=""\n')
    expect((await look('shutdown')).state).toBe('fine')
    write('etc/default/xendomains', 'XENDOMAINS_MIGRATE="dom0-b --live"\nXENDOMAINS_SAVE=/var/lib/xen/save\n')
    expect(await look('shutdown')).toMatchObject({ state: 'fine', fact: expect.stringContaining('dom0-b --live') })
    write('etc/default/xendomains', 'XENDOMAINS_SAVE=/var/lib/xen/save\n')
  })

  it('tells of guests that start with the host, and of what keeps them from it', async () => {
    const { configPath = '' } = await life.guest('web-01')
    symlinkSync(configPath, life.etcXen('auto', '020-second.cfg'))
    symlinkSync(configPath, life.etcXen('auto', '010-first.cfg'))
    write('etc/systemd/system/xendomains.service.wants/domdeck-bases.service', '')
    expect(await look('autostart')).toMatchObject({
      state: 'fine',
      fact: expect.stringContaining('in this order: 010-first, 020-second'),
    })
    symlinkSync('/nowhere/$(reboot).cfg', life.etcXen('auto', "030-it's.cfg"))
    writeFileSync(sim('no-xendomains'), '')
    const links = life.links()
    const item = await look('autostart')
    expect(item.fact).toContain("Links in /etc/xen/auto that lead nowhere: 030-it's.cfg.")
    expect(item.plan?.acts).toEqual([
      `Removed: ${life.etcXen('auto', "030-it's.cfg")}, which leads to /nowhere/$(reboot).cfg`,
      'systemctl enable xendomains',
    ])
    await mend('autostart')
    expect(Object.keys(life.links())).toEqual(['010-first.cfg', '020-second.cfg'])
    expect(await life.run('systemctl', 'is-enabled', 'xendomains')).toBe('enabled\n')
    await unmend('autostart')
    expect(life.links()).toEqual(links)
    expect(existsSync(sim('no-xendomains'))).toBe(true)
    rmSync(sim('no-xendomains'))
    for (const name of Object.keys(links)) rmSync(life.etcXen('auto', name))
  })

  it('orders guests after the storage that comes over the network, and would not reboot for a stall of it', async () => {
    const mounts = read('proc/mounts')
    write('proc/mounts', `${mounts}nas:/vm /srv/nas\\040one nfs4 rw 0 0\n/dev/mapper/vg-images /srv/images ext4 rw 0 0\n`)
    write('sys/block/rbd0/size', '1\n')
    writeFileSync(sim('lsblk'), '/dev/mapper/vg-images dm-3\n/dev/mapper/vg-images rbd0\n/dev/md0 sda1\n')
    writeFileSync(sim('units'), 'rbdmap.service loaded active exited Map RBD devices\nremote-fs.target loaded active active\n')
    const item = await look('storage-order')
    expect(item).toMatchObject({ state: 'mend', advice: expect.stringContaining('Add _netdev to the options of /srv/images in') })
    expect(item.fact).toContain('not ordered after rbdmap.service srv-images.mount:')
    expect(await look('hangs')).toMatchObject({ state: 'fine', fact: expect.stringContaining('/srv/nas one, rbd0') })
    await mend('storage-order')
    expect(read('etc/systemd/system/xendomains.service.d/domdeck-storage.conf')).toContain(
      'After=rbdmap.service srv-images.mount\n',
    )
    // What is left is by hand.
    expect(await look('storage-order')).toMatchObject({
      state: 'mend',
      mended: true,
      fact: expect.stringContaining('/srv/images stands on the network'),
    })
    await unmend('storage-order')
    write('proc/mounts', mounts)
    rmSync(file('sys/block/rbd0'), { recursive: true })
    for (const name of ['lsblk', 'units']) rmSync(sim(name))
  })

  it('tells of packages that were upgraded under a running Xen, and of memory that dom0 gives away', async () => {
    const gone = 'usr/lib/xen-4.17'
    rmSync(file(gone), { recursive: true })
    expect(await look('packages')).toMatchObject({
      state: 'mend',
      go: 'reboot',
      fact: expect.stringContaining('upgraded, not rebooted. xl fails'),
    })
    mkdirSync(file(gone))
    writeFileSync(sim('packages'), 'ii  xen-utils-4.17\niF  xen-hypervisor-4.17-amd64\n')
    expect(await look('packages')).toMatchObject({ state: 'mend', advice: expect.stringContaining('dpkg --configure -a') })
    rmSync(sim('packages'))
    const hypervisor = readFileSync(file('boot/xen-4.17-amd64.gz'))
    write('boot/xen-4.17-amd64.gz', 'another build')
    expect(await look('packages')).toMatchObject({ state: 'waiting', go: 'reboot' })
    writeFileSync(file('boot/xen-4.17-amd64.gz'), hypervisor)
    const words = readFileSync(sim('commandline'), 'utf8')
    for (const [said, state] of [
      ['placeholder loglvl=all\n', 'mend'],
      ['placeholder dom0_mem=4096M\n', 'mend'],
      ['placeholder dom0_mem=4096M,max:4096M\n', 'fine'],
    ] as const) {
      writeFileSync(sim('commandline'), said)
      expect(await look('memory')).toMatchObject({ state, ...(state === 'mend' ? { go: 'boot' } : {}) })
    }
    writeFileSync(life.etcXen('xl.conf'), 'autoballoon="on"\n')
    expect(await look('memory')).toMatchObject({ state: 'mend', advice: expect.stringContaining('does not change it') })
    writeFileSync(sim('commandline'), words)
    rmSync(life.etcXen('xl.conf'))
    write('etc/modprobe.d/old.conf', 'options loop max_loop=64\n')
    expect(await look('loops')).toMatchObject({ state: 'mend', fact: 'max_loop is set in /etc/modprobe.d/old.conf.' })
    rmSync(file('etc/modprobe.d'), { recursive: true })
    write('proc/612/oom_score_adj', '0\n')
    expect(await look('xenstored')).toMatchObject({ state: 'mend', advice: expect.stringContaining('-p 612') })
    write('proc/612/oom_score_adj', '-1000\n')
  })
})
