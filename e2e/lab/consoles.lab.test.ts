import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestPage, type TestPane } from '../../src-main/consoles/testing/page'
import { planClone } from '../../src-main/guests/plan-clone'
import { connectToLab, guestNamed, type LabDomdeck, ready, succeed, tinyBase } from './testing/domdeck'
import { cutLinks } from './testing/faults'
import { lab } from './testing/lab'

// A guest prints 20 MB while the link breaks again and again; its host keeps a log of the consoles.
let app: LabDomdeck
let sum: string
const bytes = 20_000_000

beforeAll(async () => {
  await lab.fresh()
  // As an administrator would turn it on; the folder is what Debian forgets.
  await lab.sh(`
    install -d -m 0750 -g adm /var/log/xen/console
    echo 'XENCONSOLED_ARGS="--log=guest"' >>/etc/default/xen
    kill "$(cat /run/xenconsoled.pid)"
    while pgrep -x xenconsoled >/dev/null; do sleep 0.1; done
    /usr/lib/xen-4.17/bin/xenconsoled --log=guest --pid-file /run/xenconsoled.pid`)
  await lab.sh(`
    cp /srv/guest/tiny.img /srv/talker.img
    truncate -s 48M /srv/talker.img
    e2fsck -fp /srv/talker.img >/dev/null || [ $? = 1 ]
    resize2fs /srv/talker.img >/dev/null 2>&1
    mount /srv/talker.img /mnt
    head -c ${bytes} /dev/urandom | base64 | head -c ${bytes} >/mnt/data`)
  sum = (await lab.sh('sha256sum /mnt/data; umount /mnt')).slice(0, 64)
  app = await connectToLab()
  await succeed(app, { operation: 'image.import', input: { ...tinyBase, source: '/srv/talker.img' } })
  await app.host.refresh()
  const settings = { base: 'tiny', generation: 1, mode: 'overlay', layerMb: 32, vcpus: 1, bridge: null, count: 1 } as const
  const { input } = await planClone(app.host, { ...settings, type: 'pv', memoryMb: 32, pattern: 'talker' }, new Set())
  await succeed(app, { operation: 'guest.clone', input })
}, 600_000)
afterAll(() => app?.close())

const until = (pane: TestPane, holds: () => boolean, words: string) =>
  expect
    .poll(holds, { timeout: 10 * 60_000, interval: 200, message: () => `${words}: ${pane.text.slice(-200)}` } as never)
    .toBe(true)

it('shows each of 20 MB that a guest prints, once and in order, whatever the link does', async () => {
  const { id } = await guestNamed(app, 'talker')
  const pane = await openTestPage(app.domdeck.consoles).open(app.host.settings.id, id)
  await until(pane, () => pane.text.includes('talker:/root# '), 'its prompt')
  // The kernel keeps quiet, and the terminal leaves line ends as they are.
  pane.type('dmesg -n 1; stty -onlcr -echo; echo begin-$((40 + 2)); cat /data; echo end-$((40 + 2))\n')
  for (const share of [0.1, 0.4, 0.7]) {
    await until(pane, () => pane.output.length > share * bytes, `${share} of it`)
    await cutLinks()
    await until(pane, () => pane.status?.state === 'link-lost', 'the lost link')
    await ready(app.host)
  }
  await until(pane, () => pane.output.includes('end-42'), 'the end')
  const shown = pane.output.subarray(pane.output.indexOf('begin-42\n') + 'begin-42\n'.length, pane.output.lastIndexOf('end-42'))
  expect(shown.length).toBe(bytes)
  expect(createHash('sha256').update(shown).digest('hex')).toBe(sum)
  expect(pane.status).toMatchObject({ state: 'attached' })
  expect(pane.status).not.toHaveProperty('missed')
})
