import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestPage } from '../../src-main/consoles/testing/page'
import { planClone } from '../../src-main/guests/plan-clone'
import type { Host } from '../../src-main/host/host'
import { attendCopies } from '../../src-main/images/feed-copy'
import { findLeftovers } from '../../src-main/storage/leftovers'
import { endedStates, type Job } from '../../src-shared/models/job'
import type { OperationCall } from '../../src-shared/operations'
import { addLab, connectToLab, jobWhen, type LabDomdeck, ready, succeed as succeedAt, tinyBase, until } from './testing/domdeck'
import { places, startHeld } from './testing/faults'
import { type Lab, lab, secondLab } from './testing/lab'

// A base goes from one dom0 to another, through Domdeck or directly, and a guest boots from it there.
let near: LabDomdeck
let farLab: Lab
let far: Host

beforeAll(async () => {
  farLab = await secondLab()
  await lab.fresh()
  await farLab.fresh()
  near = await connectToLab()
  far = await addLab(near.domdeck, { name: 'far', address: '127.0.0.1', user: 'root' }, farLab)
  await ready(far)
  // Large enough to be cut in the middle.
  await lab.sh(`
    cp /srv/guest/tiny.img /srv/large.img
    truncate -s 64M /srv/large.img
    e2fsck -fp /srv/large.img >/dev/null || [ $? = 1 ]
    resize2fs /srv/large.img >/dev/null 2>&1
    mount /srv/large.img /mnt
    head -c 44M /dev/urandom >/mnt/data
    umount /mnt`)
  await succeed(near.host, { operation: 'image.import', input: { ...tinyBase, source: '/srv/large.img' } })
  await near.host.refresh()
}, 600_000)
afterAll(async () => {
  await near?.close()
  await farLab?.down()
})

const succeed = (host: Host, call: OperationCall): Promise<Job> => succeedAt({ ...near, host }, call)

function copyCall({ name = 'tiny', reach }: { name?: string; reach?: string } = {}): OperationCall {
  const { settings, generations } = near.host
  const made = generations.find(({ base }) => base === name)
  if (!made) throw new Error(`There is no base ${name}.`)
  const { base, generation, sha256, sizeBytes } = made
  return {
    operation: 'image.copy',
    input: {
      base,
      generation,
      sha256,
      sizeBytes,
      from: { hostId: settings.id, name: settings.name, ...(reach ? { reach } : {}) },
    },
  }
}

const kill = async ({ id }: Job) => {
  await far.run(['sh', '-c', `read -r pid _ </var/lib/domdeck/jobs/${id}/pid; kill -KILL "$pid"`])
}
const ended = (job: Job) => jobWhen(near.domdeck, job.id, ({ state }) => endedStates.has(state))
const there = () => farLab.sh('cd /srv/domdeck && find . -mindepth 1 -maxdepth 3 ! -path "./.copying-*/*" | sort')

/** Of both hosts: what of a copy still runs. */
const running = (): Promise<string[]> =>
  Promise.all([lab, farLab].map(({ sh }) => sh(`pgrep -fa '^sh -c .*(serve|feed)-copy.sh|^ssh -F none' | cut -c1-80 || :`)))

it('comes in blocks, is killed in the middle, and goes on where it stood', async () => {
  const job = await near.domdeck.jobs.start(far, copyCall(), { by: 'test', from: 'workstation' })
  const halfway = await jobWhen(near.domdeck, job.id, ({ step, progress }) => step === 3 && (progress?.done ?? 0) >= 16)
  await kill(halfway)
  expect(await ended(job)).toMatchObject({ state: 'interrupted' })
  expect(await there()).toBe(`./.copying-${job.id}\n./bases`)

  const again = await succeed(far, copyCall())
  expect(Number(again.result.wanted)).toBeGreaterThan(0)
  expect(Number(again.result.wanted)).toBeLessThan(Number(halfway.result.wanted))
  const sum = 'sha256sum /srv/domdeck/bases/tiny/1/root.img'
  expect(await farLab.sh(sum)).toBe(await lab.sh(sum))
  expect(await farLab.sh('lsattr /srv/domdeck/bases/tiny/1/root.img')).toMatch(/^-*i/)
  expect(await there()).toBe('./bases\n./bases/tiny\n./bases/tiny/1')
})

it('boots a guest there', async () => {
  await far.refresh()
  const settings = { base: 'tiny', generation: 1, mode: 'overlay', layerMb: 32, vcpus: 1, bridge: null, count: 1 } as const
  const { input } = await planClone(far, { ...settings, type: 'pv', memoryMb: 32, pattern: 'copied' }, near.domdeck.takenMacs())
  await succeed(far, { operation: 'guest.clone', input })
  const find = () => [...far.guests.values()].find(({ name }) => name === 'copied')
  await until(far, () => find()?.state === 'running')
  const pane = await openTestPage(near.domdeck.consoles).open(far.settings.id, find()?.id ?? '')
  await expect
    .poll(
      () => {
        if (!pane.text.includes('46137344-bytes')) pane.type('echo $(stat -c %s /data)-bytes\n')
        return pane.text
      },
      { timeout: 120_000, interval: 3000 },
    )
    .toContain('46137344-bytes')
  pane.close()
  const ref = { name: 'copied', uuid: find()?.id ?? '' }
  await succeed(far, { operation: 'guest.destroy', input: ref })
  await succeed(far, { operation: 'guest.delete', input: ref })
})

it('comes directly where the one host reaches the other', async () => {
  await succeed(far, { operation: 'image.delete', input: { base: 'tiny', generation: 1 } })
  const { port } = await lab.status()
  // What leads to dom0 on the workstation leads there from another guest of QEMU, too.
  const job = await succeed(far, copyCall({ reach: `10.0.2.2:${port}` }))
  const { name } = near.host.settings
  expect(job.result.summary).toMatch(new RegExp(`^\\d+ MB came directly: far reads from ${name} at 10\\.0\\.2\\.2:${port}$`))
  const sum = 'sha256sum /srv/domdeck/bases/tiny/1/root.img'
  expect(await farLab.sh(sum)).toBe(await lab.sh(sum))
})

it('leaves nothing behind on either host', async () => {
  await succeed(far, { operation: 'image.delete', input: { base: 'tiny', generation: 1 } })
  expect(await there()).not.toContain('copying')
  for (const host of [near.host, far]) expect(await findLeftovers(host)).toEqual([])
  await expect.poll(running).toEqual(['', ''])
})

describe.runIf(process.env.DOMDECK_FULL)('cut at any step', () => {
  // Small, for it comes many times.
  const call = () => copyCall({ name: 'small' })
  const folder = '/srv/domdeck/bases/small/1'
  beforeAll(async () => {
    await succeed(near.host, { operation: 'image.import', input: { ...tinyBase, name: 'small' } })
    await near.host.refresh()
  })

  /** Takes the part of Domdeck in a job that the test has launched itself. */
  function attend({ id }: Job): void {
    const attendant = attendCopies((hostId) => (hostId === near.host.settings.id ? near.host : far))
    attendant(far, call())?.(id)
  }

  it.each(['a kill', 'a cut link', 'a power cut'] as const)(
    'by %s it is there whole or not at all',
    async (fault) => {
      const sums = (at: Lab) => at.sh(`[ ! -e ${folder} ] || (cd ${folder} && sha256sum root.img vmlinuz initrd.img)`)
      for (const place of places(call())) {
        const job = await startHeld({ ...near, host: far }, call(), place, attend)
        if (fault === 'a kill') await kill(job)
        else if (fault === 'a power cut') {
          await Promise.all([farLab.powerCut(), until(far, () => far.connection.phase !== 'ready')])
          await ready(far)
        } else {
          await farLab.sh(
            `setsid sh -c 'sleep 0.3; pkill -KILL -f "^sshd: root"; : >/var/lib/domdeck/jobs/${job.id}/go' >/dev/null 2>&1 </dev/null &`,
          )
          await until(far, () => far.connection.phase !== 'ready')
          await ready(far)
        }
        const { state, left } = await ended(job)
        expect(['', await sums(lab)]).toContain(await sums(farLab))
        if (fault === 'a cut link') expect(state).toBe((await sums(farLab)) === '' ? 'failed' : 'succeeded')
        else expect(state).toBe('interrupted')
        if (left === 'pending') await near.domdeck.jobs.recover(far, job.id, { by: 'test', from: 'workstation' })
        if (state !== 'succeeded') {
          expect(await farLab.sh(`ls -d ${folder} 2>/dev/null || :`), `${fault} at ${place}`).toBe('')
          await succeed(far, call())
        }
        expect(await sums(farLab)).toBe(await sums(lab))
        expect(await there(), `${fault} at ${place}`).not.toContain('copying')
        await succeed(far, { operation: 'image.delete', input: { base: 'small', generation: 1 } })
      }
    },
    3_600_000,
  )
})
