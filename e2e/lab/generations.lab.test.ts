import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { layerFiles, lookAtLayer } from '../../src-main/guests/layer-look'
import { planClone } from '../../src-main/guests/plan-clone'
import { planSwap } from '../../src-main/guests/plan-swap'
import type { Guest } from '../../src-shared/models/guest'
import { endedStates, type Job } from '../../src-shared/models/job'
import type { OperationCall } from '../../src-shared/operations'
import { says } from './testing/console'
import {
  connectToLab,
  guestNamed,
  jobWhen,
  type LabDomdeck,
  powerCut,
  ready,
  runJob,
  succeed as succeedAt,
  tinyBase,
} from './testing/domdeck'
import { cutLinks, killJob, type Place, places, startHeld } from './testing/faults'
import { lab, traces } from './testing/lab'

// A base with a package database, a guest on it, the next generation made in a draft; dom0's own tools are the judge.
let app: LabDomdeck
let clean: string
const full = process.env.DOMDECK_FULL === '1'
/** Of what is cut at every place in the full run, by power as well: an hour. */
const patienceMs = full ? 60 * 60_000 : 15 * 60_000
const status = (version: string) =>
  `Package: hello\\nStatus: install ok installed\\nArchitecture: amd64\\nVersion: ${version}\\n\\nPackage: kept\\nStatus: install ok installed\\nArchitecture: all\\nVersion: 1\\n\\n`
const source = '/srv/guest/with-packages.img'
const put = (text: string, path: string) =>
  `printf '${text}' >/tmp/put; debugfs -w -R 'write /tmp/put ${path}' ${source} 2>/dev/null`

beforeAll(async () => {
  await lab.fresh()
  app = await connectToLab()
  await lab.sh(
    [
      `cp /srv/guest/tiny.img ${source}`,
      ...['/var/lib', '/var/lib/dpkg', '/opt'].map((path) => `debugfs -w -R 'mkdir ${path}' ${source} 2>/dev/null`),
      put(status('1.0-9'), '/var/lib/dpkg/status'),
      ...['motd', 'issue', 'gone', 'same', 'plain'].map((name) => put(`${name} of one\\n`, `/etc/${name}`)),
      put('a tool\\n', '/opt/tool'),
    ].join('; '),
  )
  await succeed({ operation: 'image.import', input: { ...tinyBase, source } })
}, 600_000)
afterAll(() => app?.close())

const succeed = (call: OperationCall): Promise<Job> => succeedAt(app, call)

async function clone(name: string, base: string, generation: number): Promise<void> {
  await app.host.refresh()
  const settings = { base, generation, mode: 'overlay', layerMb: 32, memoryMb: 64, vcpus: 1, type: 'pv', bridge: null } as const
  const { input } = await planClone(app.host, { ...settings, pattern: name, count: 1 }, app.domdeck.takenMacs())
  await succeed({ operation: 'guest.clone', input })
}

const guest = (name = 'one'): Promise<Guest> => guestNamed(app, name)

/** Every file of ours by its checksum, and what else of guests dom0 has. A draft by the files in it: a check of it writes the time. */
const everything = async () =>
  `${await traces()}\n${await lab.sh(`
    cd /srv/domdeck
    find . -type f ! -path './templates/*' ! -path './drafts/*/root.img' -exec sha256sum {} + | sort -k 2
    for draft in drafts/*/root.img; do
      [ -e "$draft" ] || continue
      mount -o loop,ro,noload "$draft" /mnt
      (cd /mnt && find . -type f -exec sha256sum {} + | sort -k 2)
      umount /mnt
    done`)}`

/**
 * Ends a job of this call in its middle and rolls it back: all must be as it was. `place` is where it is killed; the full run does that
 * at every place before `done`, from which on all is done, and cuts the link and the power there, too.
 */
async function cutAt(call: OperationCall, place: Place, done = Number.POSITIVE_INFINITY): Promise<void> {
  const who = { by: 'lab', from: 'test' }
  const faults = {
    kill: killJob,
    power: () => powerCut(app),
    link: async ({ id }: Job) => {
      await cutLinks()
      await jobWhen(app.domdeck, id, ({ state }) => state === 'unknown')
      await ready(app.host)
      await app.domdeck.jobs.cancel(app.host, id, who)
    },
  }
  for (const at of full ? places(call).filter((each) => each < done) : [place]) {
    for (const fault of full ? (['kill', 'power', 'link'] as const) : (['kill'] as const)) {
      const before = await everything()
      const job = await startHeld(app, call, at)
      await faults[fault](job)
      const ended = await jobWhen(app.domdeck, job.id, ({ state }) => endedStates.has(state))
      expect(ended.state).toBe(fault === 'link' ? 'cancelled' : 'interrupted')
      if (ended.left === 'pending') await app.domdeck.jobs.recover(app.host, job.id, who)
      await jobWhen(app.domdeck, job.id, ({ left }) => left === 'nothing')
      const after = await everything()
      // The device of a base stays for the next start of its guests, but over no power cut.
      const same = (text: string) => (fault === 'power' ? text.replace(/^# loops\n[^#]*# bases\n[^#]*/m, '') : text)
      expect(same(after), `${fault} at ${at}`).toBe(same(before))
    }
  }
}

const ref = async (name = 'one') => ({ name, uuid: (await guest(name)).id })

async function start(name = 'one'): Promise<void> {
  const { id, configPath = '' } = await guest(name)
  await succeed({ operation: 'guest.start', input: { name, uuid: id, configPath } })
}

const halt = async (name = 'one') => succeed({ operation: 'guest.shutdown', input: await ref(name) })
const swapTo = async (generation: number) =>
  ({ operation: 'guest.swap', input: { ...(await ref()), base: 'tiny', generation } }) as const
const draft = { base: 'tiny', uuid: randomUUID() }

it(
  'boots a draft of the base on a console, and publishes what was done there as the next generation',
  async () => {
    const call = { ...draft, generation: 1, mac: '00:16:3e:00:00:01', memoryMb: 64, vcpus: 1, type: 'pv', bridge: null } as const
    await succeed({ operation: 'image.edit', input: call })
    expect(await guest('draft-tiny')).toMatchObject({ state: 'running', draft: { base: 'tiny', generation: 1 } })
    await says(
      'draft-tiny',
      'sed -i s/1.0-9/1.0-10/ /var/lib/dpkg/status && echo two >/etc/motd && echo two >/etc/issue && echo two >/etc/fresh && rm /etc/gone && echo two >/opt/tool && sync && echo done-$((40 + 2))',
      /done-42/,
    )
    await halt('draft-tiny')
    const publish = { operation: 'image.publish', input: draft } as const
    // The fifth step seals the copy; from the last one on, where the draft goes, it is published.
    if (full) await cutAt(publish, 5, places(publish).length)
    await succeed(publish)
    await app.host.refresh()
    const made = app.host.generations.find(({ generation }) => generation === 2)
    expect(made).toMatchObject({ base: 'tiny', from: { generation: 1 } })
    const files = '/srv/domdeck/bases/tiny'
    expect(
      await lab.sh(
        `sha256sum ${files}/2/root.img | cut -c 1-64; debugfs -R 'cat /etc/machine-id' ${files}/2/root.img 2>/dev/null`,
      ),
    ).toBe(made?.sha256)
    expect(await lab.sh(`ls -A /srv/domdeck/drafts; find /srv/domdeck -maxdepth 1 -name '.*'`)).toBe('')
  },
  patienceMs,
)

it('names exactly the paths of the guest that hide a change, and the package that differs', async () => {
  await clone('one', 'tiny', 1)
  await says(
    'one',
    'echo mine >/etc/motd; echo same >/etc/same; echo own >/etc/own; echo mine >/etc/fresh; rm -rf /etc/issue /opt; mkdir /opt; sync; echo done-$((40 + 2))',
    /done-42/,
  )
  await halt()
  // It cannot close its layer while its root stands on it; dom0 replays the journal when it is asked to, never for a look.
  await succeed({ operation: 'guest.check', input: { ...(await ref()), repair: false } })
  const { id } = await guest()
  const { files } = await layerFiles(app.host, id)
  const listed = files.map(({ kind, path }) => `${kind} ${path}`)
  expect(listed).toEqual(expect.arrayContaining(['file /etc/motd', 'file /etc/own', 'deleted /etc/issue', 'replaced /opt']))
  expect(listed.filter((line) => line.includes('gone') || line.includes('tool') || line.includes('plain'))).toEqual([])
  const plan = await planSwap(app.host, { base: 'tiny', generation: 2, guestIds: [id] })
  expect(plan.problem).toBeUndefined()
  expect(plan.guests[0]).toMatchObject({ from: 1, when: 'now', unclean: false })
  expect(plan.guests[0]?.hidden).toEqual([
    { change: 'added', path: '/etc/fresh', by: '/etc/fresh' },
    { change: 'changed', path: '/etc/issue', by: '/etc/issue' },
    { change: 'changed', path: '/etc/motd', by: '/etc/motd' },
    { change: 'changed', path: '/opt/tool', by: '/opt' },
  ])
  expect(plan.packages).toEqual([{ from: 1, changes: [{ name: 'hello:amd64', old: '1.0-9', new: '1.0-10', how: 'newer' }] }])
  clean = await traces()
})

it('swaps to generation 2 and back, and the file of the guest is kept', async () => {
  await succeed(await swapTo(2))
  await start()
  await says(
    'one',
    'grep -h . /var/lib/dpkg/status /etc/motd /etc/own /etc/gone /etc/plain',
    /1\.0-10[\s\S]*mine\r?\nown\r?\ngrep: \/etc\/gone[\s\S]*plain of one/,
  )
  // Back at its next start, for it runs.
  const { origin } = await guest()
  expect(origin).toMatchObject({ generation: 2, previous: 1 })
  await succeed(await swapTo(1))
  expect((await guest()).origin).toMatchObject({ generation: 2, next: 1 })
  await halt()
  await start()
  await says('one', 'grep -h . /var/lib/dpkg/status /etc/motd /etc/own /etc/gone', /1\.0-9[\s\S]*mine\r?\nown\r?\ngone of one/)
  expect(await lab.sh('losetup -l -n -O BACK-FILE | grep /bases/')).toBe('/srv/domdeck/bases/tiny/1/root.img')
})

it('does not swap a guest that is saved, and deletes no generation that is in use', async () => {
  await succeed({ operation: 'guest.save', input: await ref() })
  const refused = await runJob(app, await swapTo(2))
  expect(refused).toMatchObject({ left: 'nothing', problem: { code: 'BUSY', detail: expect.stringContaining('one is saved') } })
  const used = await runJob(app, { operation: 'image.delete', input: { base: 'tiny', generation: 1 } })
  expect(used.problem?.detail).toBe('Generation 1 of tiny is in use by one.')
  await succeed({ operation: 'guest.discard', input: await ref() })
})

it('checks a layer, snapshots it, grows it, and restores it', async () => {
  await start()
  await says('one', 'rm /etc/own; echo first >/etc/own; sync; echo done-$((40 + 2))', /done-42/)
  await succeed({ operation: 'guest.destroy', input: await ref() })
  const { id } = await guest()
  expect((await lookAtLayer(app.host, id)).state).toBe('journal')
  await succeed({ operation: 'guest.check', input: { ...(await ref()), repair: false } })
  expect((await lookAtLayer(app.host, id)).state).toBe('clean')
  const { result } = await succeed({ operation: 'guest.snapshot', input: await ref() })
  await succeed({ operation: 'guest.grow', input: { ...(await ref()), layerMb: 96 } })
  await start()
  await says('one', 'echo second >/etc/own; sync; df -m / | tail -n 1; cat /etc/own', /\n\S+ +([89]\d) [\s\S]*second/)
  await halt()
  await succeed({ operation: 'guest.revert', input: { ...(await ref()), snapshot: result.snapshot ?? '' } })
  await start()
  await says('one', 'df -m / | tail -n 1; cat /etc/own', /\n\S+ +(2\d|3\d) [\s\S]*first/)
  await halt()
})

it('promotes a guest to a base of its own, on which another boots', async () => {
  await succeed({ operation: 'image.promote', input: { name: 'promoted', guest: await ref() } })
  await clone('two', 'promoted', 1)
  await says('two', 'ls /opt /etc/issue; grep -h . /etc/motd /etc/gone', /issue: No such[\s\S]*mine\r?\ngone of one/)
  await succeed({ operation: 'guest.delete', input: await ref('two') })
  const { result } = await succeed({ operation: 'image.delete', input: { base: 'promoted', generation: 1 } })
  expect(Number(result.freed)).toBeGreaterThan(1024 * 1024)
})

it(
  'a swap leaves all as it was when it is cut',
  async () => {
    await cutAt(await swapTo(2), 2)
  },
  patienceMs,
)

it(
  'a layer that is grown is as it was or whole when it is cut',
  async () => {
    const call = { operation: 'guest.grow', input: { ...(await ref()), layerMb: 96 } } as const
    const end = places(call).length
    await cutAt(call, 4, end)
    if (!full) return
    // The new layer is in the place of the old one.
    const job = await startHeld(app, call, end)
    await killJob(job)
    const ended = await jobWhen(app.domdeck, job.id, ({ state }) => endedStates.has(state))
    if (ended.left === 'pending') await app.domdeck.jobs.recover(app.host, job.id, { by: 'lab', from: 'test' })
    await jobWhen(app.domdeck, job.id, ({ left }) => left === 'nothing')
    const layer = '/srv/domdeck/guests/one/layer.img'
    expect(await lab.sh(`e2fsck -fn ${layer} >/dev/null; stat -c %s ${layer}; ls -A /srv/domdeck/guests/one`)).toMatch(
      new RegExp(`^${96 * 1048576}\\n(?!.*\\.layer)`, 's'),
    )
  },
  patienceMs,
)

if (full)
  it(
    'a promotion leaves all as it was when it is cut',
    async () => {
      const call = { operation: 'image.promote', input: { name: 'promoted', guest: await ref() } } as const
      await cutAt(call, 5)
    },
    patienceMs,
  )

it('resets a layer', async () => {
  await succeed({ operation: 'guest.reset', input: await ref() })
  expect((await layerFiles(app.host, (await guest()).id)).files).toEqual([])
})

it.runIf(full)('has left no mount, no loop device and no file of work behind', async () => {
  // Snapshots stay, and so does the number of a deleted generation. Power cuts have taken the device of the base away.
  const work = (text: string) =>
    text.split('\n').filter((line) => !/\/snapshots|\/bases\/promoted|tiny\/1\/root\.img +1$|^tiny\.1$/.test(line))
  expect(work(await traces())).toEqual(work(clean))
})
