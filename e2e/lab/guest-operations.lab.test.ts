import { afterAll, beforeAll, expect, it } from 'vitest'
import { compareGuest } from '../../src-main/guests/compare'
import { listLogs, readLog } from '../../src-main/guests/logs'
import { planClone } from '../../src-main/guests/plan-clone'
import { planMigrate } from '../../src-main/guests/plan-migrate'
import type { Guest } from '../../src-shared/models/guest'
import type { Job } from '../../src-shared/models/job'
import type { OperationCall } from '../../src-shared/operations'
import { says } from './testing/console'
import {
  connectToLab,
  guestNamed,
  type LabDomdeck,
  powerCut,
  runJob,
  succeed as succeedAt,
  tinyBase,
  until,
} from './testing/domdeck'
import { lab } from './testing/lab'

const full = process.env.DOMDECK_FULL === '1'

// One small guest on real Xen, whose settings change while it runs; xl on dom0 is the judge of each.
let app: LabDomdeck
beforeAll(async () => {
  await lab.fresh()
  app = await connectToLab()
  await succeed({ operation: 'image.import', input: tinyBase })
  await app.host.refresh()
  const { input } = await planClone(
    app.host,
    {
      base: 'tiny',
      generation: 1,
      mode: 'overlay',
      layerMb: 32,
      memoryMb: 96,
      vcpus: 2,
      type: 'pv',
      bridge: null,
      pattern: 'small',
      count: 1,
    },
    app.domdeck.takenMacs(),
  )
  await succeed({ operation: 'guest.clone', input })
  await until(app.host, () => find('small')?.state === 'running')
}, 600_000)
afterAll(() => app?.close())

const succeed = (call: OperationCall): Promise<Job> => succeedAt(app, call)

const find = (name: string): Guest | undefined => [...app.host.guests.values()].find((guest) => guest.name === name)

const guest = (name = 'small'): Promise<Guest> => guestNamed(app, name)

const ref = async (name = 'small') => {
  const { id } = await guest(name)
  return { name, uuid: id }
}

/** Seconds that the guest itself believes to be up. */
const uptime = async (name: string) => Number((await says(name, 'cat /proc/uptime', /(?<=\n)\d+\.\d+(?= \d)/)).trim())
/** A column of `xl list`. */
const listed = (name: string, column: 'Mem' | 'VCPUs') =>
  lab.sh(`xl list ${name} | awk 'NR == 2 { print $${column === 'Mem' ? 3 : 4} }'`).then(Number)

it('pauses a guest and lets it run on', async () => {
  // Its kernel must be up for what follows.
  await says('small', 'echo up-$((40 + 2))', /up-42/)
  await succeed({ operation: 'guest.pause', input: await ref() })
  expect(await lab.sh(`xl list small | awk 'NR == 2 { print $5 }'`)).toMatch(/^..p/)
  expect((await guest()).state).toBe('paused')
  await succeed({ operation: 'guest.unpause', input: await ref() })
  expect((await guest()).state).toBe('running')
})

it('changes the memory of a running guest, which has it in its config as well', async () => {
  await succeed({ operation: 'guest.memory', input: { ...(await ref()), memoryMb: 64 } })
  expect(Math.abs((await listed('small', 'Mem')) - 64)).toBeLessThanOrEqual(4)
  expect(await lab.sh('grep -c "^memory = 64$" /srv/domdeck/guests/small/guest.cfg')).toBe('1')
  await succeed({ operation: 'guest.memory', input: { ...(await ref()), memoryMb: 96 } })
  expect(Math.abs((await listed('small', 'Mem')) - 96)).toBeLessThanOrEqual(4)
  const before = await lab.sh('cat /srv/domdeck/guests/small/guest.cfg')
  const job = await runJob(app, { operation: 'guest.memory', input: { ...(await ref()), memoryMb: 128 } })
  expect(job.problem).toMatchObject({ code: 'BAD_INPUT', detail: expect.stringContaining('at most 96 MB while it runs') })
  expect(await lab.sh('cat /srv/domdeck/guests/small/guest.cfg')).toBe(before)
})

it.runIf(full)('takes a vCPU of a running guest down and up again', async () => {
  await succeed({ operation: 'guest.vcpus', input: { ...(await ref()), vcpus: 1 } })
  expect(await listed('small', 'VCPUs')).toBe(1)
  await says('small', 'grep -c ^processor /proc/cpuinfo', /(?<=\n)1(?=\r?\n)/)
  // Linux leaves it to udev to take a vCPU up, and this guest has none.
  const refused = await runJob(app, { operation: 'guest.vcpus', input: { ...(await ref()), vcpus: 2 } })
  expect(refused).toMatchObject({ state: 'failed', left: 'nothing', problem: { hint: expect.stringContaining('udev rule') } })
  expect(await lab.sh('grep -c "^vcpus  = 1$" /srv/domdeck/guests/small/guest.cfg')).toBe('1')
  await says(
    'small',
    '(while sleep 1; do echo 1 >/sys/devices/system/cpu/cpu1/online; done) >/dev/null 2>&1 & echo rule-$((40 + 2))',
    /rule-42/,
  )
  await succeed({ operation: 'guest.vcpus', input: { ...(await ref()), vcpus: 2 } })
  expect(await listed('small', 'VCPUs')).toBe(2)
})

it.runIf(full)('tells how it differs from its file when somebody has changed it by hand', async () => {
  const { id } = await guest()
  expect((await compareGuest(app.host, id)).differences).toEqual([])
  await lab.sh('xl mem-set small 80m; xl vcpu-set small 1')
  await expect
    .poll(async () => (await compareGuest(app.host, id)).differences.map(({ title, guest: now }) => `${title} ${now}`))
    .toEqual(['Memory 80 MB', 'vCPUs 1'])
  for (const { toGuest } of (await compareGuest(app.host, id)).differences) await succeed(toGuest as OperationCall)
  expect((await compareGuest(app.host, id)).differences).toEqual([])
})

it('reads its logs, and that of the hypervisor', async () => {
  const { id } = await guest()
  expect((await listLogs(app.host, id)).map(({ source }) => source)).toContain('xl')
  let text = ''
  const stop = new AbortController()
  for await (const piece of readLog(app.host, { source: 'xen' }, stop.signal)) text += piece.text
  expect(text).toContain('(XEN)')
})

it('refuses to move it where nobody can log in, with the reason', async () => {
  const { checks } = await planMigrate(app.host, app.host, (await guest()).id)
  expect(checks.filter(({ verdict }) => verdict === 'fail').map(({ title }) => title)).toEqual([
    'Type',
    'Name',
    'SSH between the hosts',
  ])
  expect(checks.find(({ title }) => title === 'Shared storage')?.verdict).toBe('pass')
})

it('saves a guest and lets it go on where it was, by its own clock', async () => {
  const before = await uptime('small')
  const { result } = await succeed({ operation: 'guest.save', input: await ref() })
  expect(Number(result.bytes)).toBeGreaterThan(4 * 1024 * 1024)
  expect(await guest()).toMatchObject({ state: 'saved' })
  expect(await lab.sh('xl list | grep -c "^small " || :')).toBe('0')
  await succeed({ operation: 'guest.restore', input: await ref() })
  const after = await uptime('small')
  expect(after).toBeGreaterThan(before)
  // Booted anew it would begin at nought.
  expect(after).toBeGreaterThan(before / 2)
  expect(await lab.sh('ls -A /srv/domdeck/guests/small')).toBe('guest.cfg\nguest.json\nlayer.img')
})

it('starts with its host after a power cut, on a base that is attached in time', async () => {
  const call = { operation: 'guest.autostart', input: { ...(await ref()), on: true, order: 10 } } as const
  // The lab's disk comes with it disabled.
  expect((await runJob(app, call)).problem).toMatchObject({ hint: expect.stringContaining('systemctl enable xendomains') })
  await lab.sh('systemctl enable xendomains')
  await succeed(call)
  expect(await lab.sh('readlink /etc/xen/auto/010-small.cfg')).toBe('/srv/domdeck/guests/small/guest.cfg')
  await lab.sh('sync')
  await powerCut(app)
  await until(app.host, () => find('small')?.state === 'running')
  expect(await lab.sh('systemctl show -p Result domdeck-bases.service')).toBe('Result=success')
  await succeed({ operation: 'guest.autostart', input: { ...(await ref()), on: false } })
  expect(await lab.sh('ls /etc/xen/auto /etc/systemd/system | grep -c "small\\|domdeck" || :')).toBe('0')
})

it.runIf(full)('gets another name, by which it starts and is deleted', async () => {
  const running = await runJob(app, { operation: 'guest.rename', input: { ...(await ref()), newName: 'other' } })
  expect(running.problem).toMatchObject({ code: 'BUSY', detail: expect.stringContaining('small runs') })
  const uuid = (await guest()).id
  await succeed({ operation: 'guest.destroy', input: { name: 'small', uuid } })
  await succeed({ operation: 'guest.rename', input: { name: 'small', uuid, newName: 'other' } })
  const configPath = '/srv/domdeck/guests/other/guest.cfg'
  await succeed({ operation: 'guest.start', input: { name: 'other', uuid, configPath } })
  expect(await lab.sh('xl domid other')).toMatch(/^\d+$/)
  expect(await lab.sh('losetup -l -n -O BACK-FILE')).toContain('/srv/domdeck/guests/other/layer.img')
  await succeed({ operation: 'guest.delete', input: { name: 'other', uuid } })
})
