import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { planClone } from '../../src-main/guests/plan-clone'
import type { Guest } from '../../src-shared/models/guest'
import { endedStates, type Job } from '../../src-shared/models/job'
import type { CloneMode, OperationCall } from '../../src-shared/operations'
import { says } from './testing/console'
import { connectToLab, guestNamed, jobWhen, type LabDomdeck, succeed as succeedAt, tinyBase } from './testing/domdeck'
import { type Place, release, startHeld } from './testing/faults'
import { lab, traces } from './testing/lab'

// The storage root is a small file system of its own, which somebody else fills while a job writes to it.
let app: LabDomdeck
const root = '/srv/domdeck'

beforeAll(async () => {
  await lab.fresh()
  await lab.sh(
    `truncate -s 700M /srv/small.img; mkfs.ext4 -q -F /srv/small.img; mkdir -p ${root}; mount -o loop /srv/small.img ${root}`,
  )
  app = await connectToLab()
  await succeed({ operation: 'image.import', input: tinyBase })
}, 600_000)
afterAll(() => app?.close())

const succeed = (call: OperationCall): Promise<Job> => succeedAt(app, call)

async function clone(mode: CloneMode, pattern: string): Promise<OperationCall> {
  await app.host.refresh()
  const settings = { base: 'tiny', generation: 1, layerMb: 32, memoryMb: 48, vcpus: 1, type: 'pv', bridge: null } as const
  const { input } = await planClone(app.host, { ...settings, mode, pattern, count: 1 }, app.domdeck.takenMacs())
  return { operation: 'guest.clone', input }
}

const guest = (name = 'one'): Promise<Guest> => guestNamed(app, name)

const ref = async (name = 'one') => ({ name, uuid: (await guest(name)).id })
const draft = { base: 'tiny', uuid: randomUUID() }
const editing = { generation: 1, mac: '00:16:3e:00:00:01', memoryMb: 48, vcpus: 1, type: 'pv', bridge: null } as const
const snapshot = async () => (await lab.sh(`ls ${root}/guests/one/snapshots`)).replace('.img', '')

/** What a job that took itself back must not have changed; the layer of the guest that runs changes by itself. */
const everything = async () =>
  `${await traces()}\n${await lab.sh(`cd ${root} && find . -type f ! -path "./templates/*" ! -path "./guests/other/layer.img" -exec sha256sum {} + | sort -k 2`)}`

// Each at the place where it begins to write: `step` lines are counted as they stand in the text, in which those of a new generation
// come before those of the job.
const writers: [string, Place, () => Promise<OperationCall>][] = [
  ['guest.clone', 3, () => clone('overlay', 'new')],
  ['guest.clone of a copy', 3, () => clone('copy', 'new')],
  ['guest.swap', 2, async () => ({ operation: 'guest.swap', input: { ...(await ref()), base: 'tiny', generation: 2 } })],
  ['guest.grow', 2, async () => ({ operation: 'guest.grow', input: { ...(await ref()), layerMb: 96 } })],
  ['guest.snapshot', 2, async () => ({ operation: 'guest.snapshot', input: await ref() })],
  ['guest.revert', 2, async () => ({ operation: 'guest.revert', input: { ...(await ref()), snapshot: await snapshot() } })],
  ['image.import', 7, async () => ({ operation: 'image.import', input: { ...tinyBase, name: 'new' } })],
  ['image.promote', 7, async () => ({ operation: 'image.promote', input: { name: 'new', guest: await ref() } })],
  ['image.edit', 2, async () => ({ operation: 'image.edit', input: { ...draft, ...editing } })],
  [
    'image.export',
    2,
    async () => ({ operation: 'image.export', input: { base: 'tiny', generation: 1, format: 'raw', target: `${root}/out.img` } }),
  ],
]

const full = process.env.DOMDECK_FULL === '1'
/** A clone needs no guest with files of its own, which take a minute and a half to make. */
const inEveryRun = ['guest.clone of a copy']

if (full)
  it('has two guests with a file of their own, one of them off and with a snapshot', async () => {
    await succeed(await clone('overlay', 'other'))
    await succeed(await clone('overlay', 'one'))
    await says('other', 'echo of-$((40 + 2)) >/root/kept; sync', /kept/)
    await says('one', 'echo of-$((40 + 2)) >/root/kept; sync', /kept/)
    for (const operation of ['guest.shutdown', 'guest.snapshot'] as const) await succeed({ operation, input: await ref() })
    await succeed({ operation: 'guest.check', input: { ...(await ref()), repair: false } })
  })

it.each(writers.filter(([name]) => full || inEveryRun.includes(name)))(
  '%s says that the disk is full, and leaves all as it was',
  async (name, place, make) => {
    if (name === 'guest.swap') await lab.sh(`cp -a ${root}/bases/tiny/1 ${root}/bases/tiny/2`)
    const call = await make()
    const before = await everything()
    const job = await startHeld(app, call, place)
    await lab.sh(`
    fallocate -l "$(($(df --output=avail -B 1 ${root} | tail -n 1) - 65536))" ${root}/filler
    cat /dev/zero >>${root}/filler 2>/dev/null || :
    [ "$(df --output=avail ${root} | tail -n 1)" -lt 4 ]`)
    await release(job)
    const ended = await jobWhen(app.domdeck, job.id, ({ state }) => endedStates.has(state))
    await lab.sh(`rm ${root}/filler`)
    expect(ended).toMatchObject({ state: 'failed', left: 'nothing' })
    expect(ended.problem?.hint).toMatch(/: No space left on device\. Make room there, then run it again\.$/)
    expect(await everything()).toBe(before)
  },
)

if (full)
  it('leaves the other guest what it had', async () => {
    await says('other', 'cat /root/kept', /\nof-42/)
  })
