import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { layerFiles } from '../../src-main/guests/layer-look'
import { planClone } from '../../src-main/guests/plan-clone'
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
  runJob,
  succeed as succeedAt,
  tinyBase,
} from './testing/domdeck'
import { killJob, places, startHeld } from './testing/faults'
import { lab, traces } from './testing/lab'

// A base, a guest that package images are made from, and one that gets them; dom0's own tools are the judge.
let app: LabDomdeck
const source = '/srv/guest/with-opt.img'

beforeAll(async () => {
  await lab.fresh()
  app = await connectToLab()
  await lab.sh(
    `cp /srv/guest/tiny.img ${source}; printf 'of the base\\n' >/tmp/put
     debugfs -w -f - ${source} >/dev/null 2>&1 <<END
mkdir /opt
mkdir /opt/whole
write /tmp/put /opt/gone
write /tmp/put /opt/whole/old
END`,
  )
  await succeed({ operation: 'image.import', input: { ...tinyBase, source } })
  await clone('maker')
}, 600_000)
afterAll(() => app?.close())

const succeed = (call: OperationCall): Promise<Job> => succeedAt(app, call)

async function clone(name: string): Promise<void> {
  await app.host.refresh()
  const settings = {
    base: 'tiny',
    generation: 1,
    mode: 'overlay',
    layerMb: 32,
    memoryMb: 64,
    vcpus: 1,
    type: 'pv',
    bridge: null,
  } as const
  const { input } = await planClone(app.host, { ...settings, pattern: name, count: 1 }, app.domdeck.takenMacs())
  await succeed({ operation: 'guest.clone', input })
}

const guest = (name: string): Promise<Guest> => guestNamed(app, name)

const ref = async (name: string) => ({ name, uuid: (await guest(name)).id })

async function start(name: string): Promise<void> {
  const { id, configPath = '' } = await guest(name)
  await succeed({ operation: 'guest.start', input: { name, uuid: id, configPath } })
}

const halt = async (name: string) => succeed({ operation: 'guest.shutdown', input: await ref(name) })
const make = async (name = 'tools') =>
  ({ operation: 'image.package', input: { name, guest: await ref('maker'), note: 'made by a test' } }) as const
const attach = async (version: number, anyway = false) =>
  ({ operation: 'guest.attach', input: { ...(await ref('shop')), package: 'tools', version, anyway } }) as const
const loops = () => lab.sh(`losetup -l -n -O BACK-FILE,RO | awk '/packages/ { print $1, $2 }' | sort`)

it('makes a package image of the programs of a guest, deletions among them', async () => {
  await says(
    'maker',
    `mkdir -p /usr/bin; printf "#!/bin/sh\\necho it-is-one\\n" >/usr/bin/tool; chmod 755 /usr/bin/tool; rm /opt/gone; rm -r /opt/whole; mkdir /opt/whole; echo new >/opt/whole/new; echo mine >/etc/own; sync; echo done-$((40 + 2))`,
    /done-42/,
  )
  await halt('maker')
  const { result } = await succeed(await make())
  expect(result).toMatchObject({ package: 'tools', version: '1' })
  expect(result.left_out).toMatch(/\/etc \d/)
  const folder = '/srv/domdeck/packages/tools/1'
  const files = await lab.sh(
    `mkdir -p /tmp/p; mount -o ro,loop ${folder}/package.img /tmp/p; cd /tmp/p; find . ! -type d ! -path './lost+found*' -printf '%y %p\\n' | sort; getfattr -n trusted.overlay.opaque --only-values opt/whole 2>/dev/null || debugfs -R 'ea_get /opt/whole trusted.overlay.opaque' ${folder}/package.img 2>/dev/null; cd /; umount /tmp/p`,
  )
  expect(files).toMatch(/^c \.\/opt\/gone\nf \.\/opt\/whole\/new\nf \.\/usr\/bin\/tool\n/)
  expect(files).toMatch(/\by\b|"y"/)
  await app.host.refresh()
  const [made] = app.host.packages
  expect(made).toMatchObject({ name: 'tools', version: 1, for: { base: 'tiny', generation: 1 }, from: { guest: 'maker' } })
  expect(await lab.sh(`sha256sum ${folder}/package.img | cut -c 1-64; lsattr ${folder}/package.img | cut -c 5`)).toBe(
    `${made?.sha256}\ni`,
  )
  // The second version is what that guest has by then; here without another boot of it.
  await lab.sh(
    `printf '#!/bin/sh\\necho it-is-two\\n' >/tmp/put; printf 'rm /upper/usr/bin/tool\\nwrite /tmp/put /upper/usr/bin/tool\\nsif /upper/usr/bin/tool mode 0100755\\n' |
     debugfs -w -f - /srv/domdeck/guests/maker/layer.img >/dev/null 2>&1`,
  )
  expect((await succeed(await make())).result.version).toBe('2')
})

it('boots root, package image and layer as one, and runs a program from the package image', async () => {
  await clone('shop')
  await succeed(await attach(1))
  await says('shop', 'echo shops >/etc/own; sync; /usr/bin/tool || echo no-$((40 + 2))', /no-42/)
  await halt('shop')
  await start('shop')
  await says(
    'shop',
    '/usr/bin/tool; ls /opt /opt/whole; cat /etc/own; grep -c /run/domdeck/lower/1:/run/domdeck/base /proc/mounts',
    /it-is-one[\s\S]*\/opt:\r?\nwhole\r?\n[\s\S]*whole:\r?\nnew\r?\n[\s\S]*shops\r?\n1\r?\n/,
  )
  expect(await loops()).toBe('/srv/domdeck/packages/tools/1/package.img 1')
  expect(await lab.sh('cat /sys/block/"$(basename "$(readlink /run/domdeck/packages/tools.1)")"/ro')).toBe('1')
})

it('swaps to version 2 at the next start, and back; the own file of the guest stays', async () => {
  await succeed(await attach(2))
  expect((await guest('shop')).origin?.packages).toEqual([{ name: 'tools', version: 1, next: 2 }])
  await halt('shop')
  await start('shop')
  await says('shop', '/usr/bin/tool; cat /etc/own', /it-is-two\r?\nshops/)
  expect(await loops()).toBe('/srv/domdeck/packages/tools/2/package.img 1')
  await halt('shop')
  await succeed(await attach(1))
  await start('shop')
  await says('shop', '/usr/bin/tool; cat /etc/own', /it-is-one\r?\nshops/)
  const { files } = await layerFiles(app.host, (await halt('shop').then(() => guest('shop'))).id)
  expect(files.map(({ path }) => path)).toContain('/etc/own')
  expect(files.filter(({ path }) => path.startsWith('/usr') || path.startsWith('/opt'))).toEqual([])
})

it('refuses what was made for another generation unless told, and a version that is in use is not deleted', async () => {
  await succeed({ operation: 'image.import', input: { ...tinyBase, source } })
  await succeed({ operation: 'guest.swap', input: { ...(await ref('shop')), base: 'tiny', generation: 2 } })
  const refused = await runJob(app, await attach(2))
  expect(refused).toMatchObject({ left: 'nothing', problem: { code: 'BAD_INPUT' } })
  expect(refused.problem?.detail).toContain('was made for generation 1 of tiny, and shop stands on generation 2')
  const told = await succeed(await attach(2, true))
  expect(told.result).toMatchObject({ from: '1', when: 'now' })
  const used = await runJob(app, { operation: 'image.delete-package', input: { name: 'tools', version: 2 } })
  expect(used.problem?.detail).toBe('Version 2 of tools is in the stack of shop.')
  await succeed({ operation: 'guest.swap', input: { ...(await ref('shop')), base: 'tiny', generation: 1 } })
})

// Cut in the middle, each of these leaves what was there before.
const full = process.env.DOMDECK_FULL === '1'
const cases: [string, place: number, call: () => Promise<OperationCall>][] = [
  ['image.package', 3, () => make('cut')],
  ['guest.attach', 2, () => attach(1)],
]
describe('cut in the middle', () => {
  const everything = async () =>
    `${await traces()}\n${await lab.sh('cd /srv/domdeck && find . -type f ! -path "./templates/*" -exec sha256sum {} + | sort -k 2')}`

  it.each(cases)('%s leaves all as it was', async (_, place, call) => {
    const made = await call()
    const before = await everything()
    for (const at of full ? places(made) : [place]) {
      for (const cut of full && at === place ? [killJob, () => powerCut(app)] : [killJob]) {
        const job = await startHeld(app, made, at)
        await cut(job)
        const dead = await jobWhen(app.domdeck, job.id, ({ state }) => endedStates.has(state))
        expect(dead.state).toBe('interrupted')
        await app.domdeck.jobs.recover(app.host, job.id, { by: 'lab', from: 'test' })
        await jobWhen(app.domdeck, job.id, ({ left }) => left !== 'pending')
        expect(await everything(), `cut at ${at}`).toBe(before)
      }
    }
  })
})

it('leaves nothing behind when all of it goes', async () => {
  await succeed({ operation: 'guest.detach', input: { ...(await ref('shop')), package: 'tools' } })
  for (const version of [1, 2]) await succeed({ operation: 'image.delete-package', input: { name: 'tools', version } })
  await succeed({ operation: 'guest.delete', input: await ref('shop') })
  expect(
    await lab.sh(
      'losetup -l -n -O BACK-FILE | grep packages || :; ls -A /run/domdeck/packages; find /srv/domdeck/packages -type f ! -name .deleted; ls -A /srv/domdeck',
    ),
  ).toBe('bases\nguests\npackages\ntemplates')
})
