import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { planClone } from '../../src-main/guests/plan-clone'
import type { CloneInput } from '../../src-shared/operations'
import { connectToLab, type LabDomdeck, runJob, tinyBase, until } from './testing/domdeck'
import { lab, traces } from './testing/lab'

let app: LabDomdeck
let clean: string

beforeAll(async () => {
  await lab.fresh()
  app = await connectToLab()
  expect(await runJob(app, { operation: 'image.import', input: tinyBase })).toMatchObject({ state: 'succeeded' })
  clean = await traces()
}, 300_000)
afterAll(() => app?.close())

const running = (names: string[]): boolean =>
  names.every((name) => [...app.host.guests.values()].some((guest) => guest.name === name && guest.state === 'running'))

const plan = async (pattern: string, count: number): Promise<CloneInput> => {
  const { input, checks } = await planClone(
    app.host,
    {
      base: 'tiny',
      generation: 1,
      mode: 'overlay',
      layerMb: 32,
      memoryMb: 48,
      vcpus: 1,
      type: 'pv',
      bridge: 'xenbr0',
      pattern,
      count,
    },
    app.domdeck.takenMacs(),
  )
  expect(checks.filter((check) => check.verdict === 'fail')).toEqual([])
  return input
}

it('makes three guests in one job, each its own', async () => {
  const input = await plan('small-{1..}', 3)
  const names = input.guests.map((guest) => guest.name)
  const job = await runJob(app, { operation: 'guest.clone', input })
  expect(job).toMatchObject({ state: 'succeeded', left: 'finished' })
  expect(job.ticks.map((tick) => `${tick.name} ${tick.state}`)).toEqual(names.map((name) => `${name} done`))
  await until(app.host, () => running(names))
  for (const guest of input.guests) expect(await lab.sh(`xl domid ${guest.name}`)).toMatch(/^\d+$/)
  expect(await lab.sh('losetup -n -l -O NAME -j /srv/domdeck/bases/tiny/1/root.img | wc -l')).toBe('1')
  const allocated = Number(await lab.sh(`stat -c '%b %B' /srv/domdeck/guests/small-1/layer.img | awk '{ print $1 * $2 }'`))
  expect(allocated).toBeLessThanOrEqual(1.2 * 1024 * 1024)
})

it('tells of what others do by hand', async () => {
  await lab.sh('xl destroy small-2; xl pause small-3')
  await until(app.host, () => [...app.host.guests.values()].some((guest) => guest.name === 'small-2' && guest.state === 'halted'))
  await until(app.host, () => [...app.host.guests.values()].some((guest) => guest.name === 'small-3' && guest.state === 'paused'))
  await lab.sh('xl unpause small-3')
  await lab.sh(
    `printf '%s\\n' 'name="by-hand"' 'memory=24' 'kernel="/srv/guest/tinylinux"' 'ramdisk="/srv/guest/tiny.cpio.gz"' >/root/by-hand.cfg; xl create -q /root/by-hand.cfg`,
  )
  await until(app.host, () => running(['by-hand']))
  await lab.sh('xl destroy by-hand')
  await until(app.host, () => ![...app.host.guests.values()].some((guest) => guest.name === 'by-hand'))
})

it('refuses a name, a UUID or a MAC address that is taken, and changes nothing', async () => {
  const before = await traces()
  const free = await plan('other', 1)
  const [first] = [...app.host.guests.values()].filter((guest) => guest.name === 'small-1')
  const clashes: CloneInput['guests'] = [
    { name: 'small-1', uuid: randomUUID(), mac: '00:16:3e:01:02:03' },
    { name: 'other', uuid: first?.id ?? '', mac: '00:16:3e:01:02:03' },
    { name: 'other', uuid: randomUUID(), mac: first?.nics[0]?.mac ?? '' },
  ]
  for (const clash of clashes) {
    const job = await runJob(app, { operation: 'guest.clone', input: { ...free, guests: [clash] } })
    expect(job).toMatchObject({ state: 'failed', left: 'nothing', problem: { code: 'BUSY' } })
    expect(await traces()).toBe(before)
  }
})

it('starts, reboots, shuts down, destroys and deletes', async () => {
  const find = (name: string) => [...app.host.guests.values()].find((guest) => guest.name === name)
  const [one, two] = [find('small-1'), find('small-2')]
  if (!one || !two) throw new Error('The guests of the tests before are gone.')
  const ok = { state: 'succeeded' }
  expect(
    await runJob(app, { operation: 'guest.start', input: { name: two.name, uuid: two.id, configPath: two.configPath ?? '' } }),
  ).toMatchObject(ok)
  const domid = await lab.sh('xl domid small-1')
  expect(await runJob(app, { operation: 'guest.reboot', input: { name: one.name, uuid: one.id } })).toMatchObject(ok)
  await until(app.host, () => find('small-1')?.state === 'running' && String(find('small-1')?.domid) !== domid)
  expect(await runJob(app, { operation: 'guest.shutdown', input: { name: one.name, uuid: one.id } })).toMatchObject(ok)
  await until(app.host, () => find('small-1')?.state === 'halted')
  expect(await runJob(app, { operation: 'guest.destroy', input: { name: two.name, uuid: two.id } })).toMatchObject(ok)
  await until(app.host, () => find('small-2')?.state === 'halted')
  for (const guest of [...app.host.guests.values()])
    expect(await runJob(app, { operation: 'guest.delete', input: { name: guest.name, uuid: guest.id } })).toMatchObject(ok)
  expect(await traces()).toBe(clean)
})
