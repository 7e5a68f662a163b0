import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lookAtBoot } from '../../src-main/boot/look'
import { planHostBoot } from '../../src-main/boot/plan-host-boot'
import type { BootRequest, HostBoot } from '../../src-shared/models/host-boot'
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
const dropin = () => file('etc/default/grub.d/zz-domdeck.cfg')
const look = async (): Promise<HostBoot> => (await lookAtBoot(host())).boot
const label = (boot: HostBoot, index: number | undefined) =>
  index === undefined ? undefined : boot.entries[index]?.titles.at(-1)
const entry = (boot: HostBoot, title: string) => {
  const found = boot.entries.find(({ titles }) => titles.at(-1) === title)
  if (!found) throw new Error(`No entry ${title}: ${JSON.stringify(boot.entries)}`)
  return found
}
const plain = 'Debian GNU/Linux'
const withXen = 'Debian GNU/Linux, with Xen hypervisor'
const older = 'Debian GNU/Linux, with Xen 4.17-amd64 and Linux 6.1.0-50-amd64'

/** The call that a request comes to. */
const planned = async (request: BootRequest): Promise<OperationCall> => {
  const plan = await planHostBoot(host(), request)
  if (!plan.planned) throw new Error(JSON.stringify(plan.checks))
  return plan.planned.call
}
/** Restarts the host as somebody at its keyboard, and waits until the product is back on it. */
const restart = async (): Promise<void> => {
  await life.run('systemctl', 'reboot')
  await until(() => host().connection.phase !== 'ready' && host().connection.phase !== 'blocked')
  await back()
}
const back = async (): Promise<void> => {
  await until(() => {
    const { connection } = host()
    if (connection.phase === 'waiting') host().connect()
    return connection.phase === 'ready' || (connection.phase === 'blocked' && connection.problem.code === 'NOT_XEN')
  })
}
const settled = () => until(async () => (await look()).held === undefined)

describe('the boot of a host', () => {
  it('is read: what GRUB shows, what boots by default, what runs', async () => {
    const boot = await look()
    expect(label(boot, boot.byDefault)).toBe(withXen)
    expect(label(boot, boot.running)).toBe(withXen)
    expect(boot).toMatchObject({
      defaultWords: withXen,
      settings: {},
      xenWords: 'dom0_mem=4096M,max:4096M',
      autoballoon: 'auto',
      panicSeconds: 0,
    })
    expect(boot.entries.map(({ titles }) => titles.at(-1))).toContain(older)
    expect(boot.held).toBeUndefined()
  })

  it('is planned with the files as they would change, and nothing is written', async () => {
    const before = readFileSync(file('boot/grub/grub.cfg'), 'utf8')
    const plan = await planHostBoot(host(), { settings: { dom0MemMb: 2048, dom0MaxVcpus: '1-2' } })
    expect(plan.files.map(({ path }) => path)).toEqual(['/etc/default/grub.d/zz-domdeck.cfg', '/boot/grub/grub.cfg'])
    expect(plan.files[1]?.diff).toContain(
      '+\tmultiboot2\t/boot/xen-4.17-amd64.gz placeholder  dom0_mem=2048M,max:2048M dom0_max_vcpus=1-2',
    )
    expect(plan.planned?.call).toMatchObject({
      operation: 'host.boot',
      input: { before: withXen, trial: [withXen] },
    })
    expect(readFileSync(file('boot/grub/grub.cfg'), 'utf8')).toBe(before)
    expect(existsSync(dropin())).toBe(false)
    expect((await planHostBoot(host(), { settings: {} })).checks.at(-1)).toMatchObject({
      verdict: 'fail',
      fact: 'nothing changes',
    })
    expect((await planHostBoot(host(), { settings: { dom0MemMb: 4_000_000 } })).planned).toBeUndefined()
  })

  it('is planned for several at once, each with its own settings', async () => {
    const memories = [1024, 1536, 2048, 3072]
    const plans = await Promise.all(memories.map((dom0MemMb) => planHostBoot(host(), { settings: { dom0MemMb } })))
    for (const [index, { files, checks }] of plans.entries())
      expect(files[1]?.diff, JSON.stringify(checks)).toContain(
        `+\tmultiboot2\t/boot/xen-4.17-amd64.gz placeholder  dom0_mem=${memories[index]}M,`,
      )
    expect(existsSync(dropin())).toBe(false)
  })

  it('changes when the new one has proven itself, by a login of ours after the reboot', async () => {
    await life.succeed(await planned({ settings: { dom0MemMb: 2048 } }))
    const armed = await look()
    expect(armed.held).toMatchObject({ entry: withXen, state: 'armed', once: false })
    expect(label(armed, armed.next)).toBe(withXen)
    await restart()
    await settled()
    const boot = await look()
    expect(boot.xenWords).toBe('dom0_mem=2048M,max:2048M')
    expect(boot).toMatchObject({ settings: { dom0MemMb: 2048 }, last: { outcome: 'kept', entry: withXen } })
    expect(label(boot, boot.running)).toBe(withXen)
    expect((await life.run('xl', 'list', '0')).split('\n')[1]).toMatch(/ 2048 /)
    for (const gone of ['etc/grub.d/42_domdeck', 'boot/domdeck-before', 'etc/systemd/system/domdeck-held-boot.service'])
      expect(existsSync(file(gone))).toBe(false)
    await restart()
    expect((await look()).xenWords).toBe('dom0_mem=2048M,max:2048M')
  })

  it('goes to plain Linux by label and back into Xen by label', async () => {
    const { value = '' } = entry(await look(), plain)
    await life.succeed(await planned({ settings: { dom0MemMb: 2048, default: value } }))
    await restart()
    await settled()
    expect(host().connection).toMatchObject({ phase: 'blocked', problem: { code: 'NOT_XEN' } })
    const linux = await look()
    expect([label(linux, linux.running), label(linux, linux.byDefault)]).toEqual([plain, plain])
    await life.succeed(await planned({ settings: { dom0MemMb: 2048, default: entry(linux, withXen).value } }))
    await restart()
    await settled()
    expect(host().connection.phase).toBe('ready')
    expect(label(await look(), (await look()).running)).toBe(withXen)
  })

  it('boots an entry once, in a submenu too, and the default again after that', async () => {
    const files = readFileSync(dropin(), 'utf8')
    const { titles } = entry(await look(), older)
    expect((await planHostBoot(host(), { settings: {}, once: titles })).files).toEqual([])
    await life.succeed(await planned({ settings: {}, once: titles }))
    await restart()
    await settled()
    const once = await look()
    expect([label(once, once.running), label(once, once.byDefault)]).toEqual([older, withXen])
    expect(once.last).toMatchObject({ outcome: 'kept', entry: older })
    await restart()
    const boot = await look()
    expect(label(boot, boot.running)).toBe(withXen)
    expect(readFileSync(dropin(), 'utf8')).toBe(files)
  })

  it('comes back by itself from an entry that panics, and from one whose kernel is gone', async () => {
    for (const [title, line] of [
      ['Broken', 'linux /boot/vmlinuz-6.1.0-56-amd64 root=/dev/sda1 init=/bin/false'],
      ['Missing', 'linux /boot/vmlinuz-9.9.9 root=/dev/sda1'],
    ]) {
      appendFileSync(file('etc/grub.d/40_custom'), `menuentry '${title}' --id '${title?.toLowerCase()}' {\n\t${line}\n}\n`)
      await life.run('update-grub')
      const before = await look()
      const files = [readFileSync(dropin(), 'utf8'), readFileSync(file('boot/grub/grub.cfg'), 'utf8')]
      await life.succeed(await planned({ settings: { ...before.settings, default: entry(before, title ?? '').value } }))
      await restart()
      await settled()
      const boot = await look()
      expect(boot.last).toMatchObject({ outcome: 'back', entry: title, why: 'It did not come up.' })
      expect([label(boot, boot.running), label(boot, boot.byDefault)]).toEqual([withXen, withXen])
      expect([readFileSync(dropin(), 'utf8'), readFileSync(file('boot/grub/grub.cfg'), 'utf8')]).toEqual(files)
      expect(existsSync(file('etc/grub.d/42_domdeck'))).toBe(false)
    }
  })

  it('comes back from one that nobody can log in to, when its time is over', async () => {
    appendFileSync(
      file('etc/grub.d/40_custom'),
      "menuentry 'Deaf' {\n\tlinux /boot/vmlinuz-6.1.0-56-amd64 root=/dev/sda1 emergency\n}\n",
    )
    await life.run('update-grub')
    const before = await look()
    await life.succeed(await planned({ settings: { ...before.settings, default: entry(before, 'Deaf').value } }))
    const unit = readFileSync(file('etc/systemd/system/sysinit.target.wants/domdeck-held-deadline.service'), 'utf8')
    expect(unit).toContain("ExecStart=/bin/sh -c 'sleep 600; systemctl reboot;")
    await life.run('systemctl', 'reboot')
    await until(() => readFileSync(file('proc/cmdline'), 'utf8').includes('emergency domdeck.boot=trial'))
    // What the unit does when its time is over.
    await life.run('systemctl', 'reboot')
    await until(() => readFileSync(file('proc/cmdline'), 'utf8').includes('domdeck.boot=before'))
    await back()
    await settled()
    expect((await look()).last).toMatchObject({ outcome: 'back', entry: 'Deaf' })
  })

  it('can be taken back before it is tried, and not be kept then', async () => {
    const before = readFileSync(dropin(), 'utf8')
    await life.succeed(await planned({ settings: { dom0MemMb: 1024 } }))
    const again = await planHostBoot(host(), { settings: { dom0MemMb: 3072 } })
    expect(again.checks.find(({ verdict }) => verdict === 'fail')).toMatchObject({ title: 'Held boot' })
    const settle = (how: 'keep' | 'back') => ({ operation: 'host.settle-boot' as const, input: { how, entry: withXen } })
    expect((await life.ended(settle('keep'))).problem).toMatchObject({ code: 'BAD_INPUT' })
    await life.succeed(settle('back'))
    expect(readFileSync(dropin(), 'utf8')).toBe(before)
    expect((await look()).next).toBeUndefined()
    expect((await life.ended(settle('back'))).problem).toMatchObject({ code: 'NOT_FOUND' })
  })

  it('is refused where GRUB could not go back, and when the menu is another by then', async () => {
    const call = await planned({ settings: { dom0MemMb: 1024 } })
    appendFileSync(file('boot/grub/grub.cfg'), '# somebody was here\n')
    expect((await life.ended(call)).problem).toMatchObject({ code: 'BUSY' })
    await life.run('update-grub')
    writeFileSync(join(life.simulated.folder, 'xen/boot-on'), 'lvm\n')
    expect((await look()).unfit).toContain('lvm')
    expect((await planHostBoot(host(), { settings: { dom0MemMb: 1024 } })).planned).toBeUndefined()
    expect((await life.ended(call)).problem?.code).toBe('BAD_INPUT')
    rmSync(join(life.simulated.folder, 'xen/boot-on'))
  })

  it('is as it was when the job is cut at points all along it', async () => {
    const state = () => [
      readFileSync(dropin(), 'utf8'),
      readFileSync(file('boot/grub/grub.cfg'), 'utf8'),
      readFileSync(file('boot/grub/grubenv'), 'utf8'),
      existsSync(file('etc/grub.d/42_domdeck')),
      existsSync(file('boot/domdeck-before')),
      existsSync(file('etc/systemd/system/domdeck-held-boot.service')),
    ]
    const before = state()
    const killed = await life.cutAlong(await planned({ settings: { dom0MemMb: 1024 } }), 5, (at) => {
      expect({ at, state: state() }).toEqual({ at, state: before })
    })
    expect(killed).toBeGreaterThan(5)
    await life.succeed({ operation: 'host.settle-boot', input: { how: 'back', entry: withXen } })
    expect(state()).toEqual(before)
  })
})
