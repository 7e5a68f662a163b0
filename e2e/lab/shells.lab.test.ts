import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestPage, type TestPane } from '../../src-main/consoles/testing/page'
import { dom0Id } from '../../src-shared/models/console'
import { builtInSequences, type SequenceRun } from '../../src-shared/models/sequence'
import { connectToLab, guestNamed, type LabDomdeck } from './testing/domdeck'
import { lab } from './testing/lab'

// Sequences on the console of a Debian guest that somebody made by hand, a shell of dom0, and one in the guest by SSH through dom0.
let app: LabDomdeck
let guestId: string

beforeAll(async () => {
  await lab.fresh()
  await lab.sh(`
    mount -o loop /srv/guest/debian.img /mnt
    echo 'PermitRootLogin yes' >/mnt/etc/ssh/sshd_config.d/root.conf
    umount /mnt
    cat >/etc/xen/deb.cfg <<'CFG'
name = "deb"
type = "pv"
memory = 160
vcpus = 1
kernel = "/srv/guest/vmlinuz"
ramdisk = "/srv/guest/initrd.img"
extra = "root=/dev/xvda ro console=hvc0 net.ifnames=0"
disk = [ "/srv/guest/debian.img,raw,xvda,rw" ]
vif = [ "mac=00:16:3e:00:00:11,bridge=xenbr0" ]
CFG
    xl create -q /etc/xen/deb.cfg`)
  app = await connectToLab()
  guestId = (await guestNamed(app, 'deb')).id
}, 600_000)
afterAll(() => app?.close())

const until = (holds: () => unknown, what: () => unknown) =>
  expect.poll(holds, { timeout: 5 * 60_000, interval: 200, message: () => JSON.stringify(what()) } as never).toBeTruthy()
const shows = (pane: TestPane, text: RegExp) =>
  until(
    () => text.test(pane.text),
    () => pane.text.slice(-500),
  )
const size = { columns: 91, rows: 33 }

it('logs in by a sequence while the guest boots, and reports its address by another', async () => {
  const { sequences, consoles } = app.domdeck
  const { lane } = openTestPage(consoles)
  const run = async (name: string, answers: Record<string, string>): Promise<SequenceRun> => {
    const sequence = builtInSequences.find((one) => one.name === name)
    if (!sequence) throw new Error(`There is no sequence ${name}.`)
    const guests = [{ hostId: app.host.settings.id, guestId, name: 'deb' }]
    const { id } = sequences.start({ sequence, answers, guests, who: 'ana' }, lane)
    for await (const runs of sequences.watch()) {
      const found = runs.find((one) => one.id === id)
      if (found && /succeeded|failed|cancelled/.test(found.guests[0]?.state ?? '')) return found
    }
    throw new Error('The watch of sequences ended.')
  }
  const login = await run('Log in after boot', { user: 'root', password: 'root' })
  expect(login.guests[0], JSON.stringify(login)).toMatchObject({ state: 'succeeded' })
  const report = await run('Report the IP', {})
  expect(report.guests[0]?.results.address, JSON.stringify(report)).toMatch(/^192\.168\.77\.\d+$/)
})

it('opens a shell of dom0 with the size of its pane', async () => {
  const { consoles, host } = { ...app, consoles: app.domdeck.consoles }
  const page = openTestPage(consoles)
  const pane = await page.open(host.settings.id, dom0Id, 'ana', {
    shell: { kind: 'host', id: 's1', as: 'root' },
    size,
    open: true,
  })
  await until(
    () => pane.status?.state === 'attached',
    () => pane.status,
  )
  pane.type('stty size; xl domid deb\r')
  await shows(pane, /33 91\r\n\d+\r/)
  consoles.resize(page.lane, pane.stream, { columns: 44, rows: 11 })
  pane.type('stty size\r')
  await shows(pane, /11 44\r/)
  pane.type('exit 5\r')
  await until(
    () => pane.status?.state === 'ended',
    () => pane.status,
  )
})

it('runs SSH into the guest through dom0, at the address that dom0 knows of it', async () => {
  const { consoles } = app.domdeck
  const addresses = await consoles.addresses(app.host.settings.id, guestId)
  const address = addresses[0]?.address ?? ''
  expect(address, JSON.stringify(addresses)).toMatch(/^192\.168\.77\./)
  const page = openTestPage(consoles)
  const shell = { kind: 'guest', id: 'g1', user: 'root', address, port: 22 } as const
  const pane = await page.open(app.host.settings.id, guestId, 'ana', { shell, size, open: true })
  await until(
    () => pane.status?.state === 'failed',
    () => pane.status,
  )
  const shown = pane.status?.state === 'failed' ? pane.status.presentedKey : undefined
  await consoles.trust(page.lane, pane.stream, shown?.fingerprint ?? '')
  await until(
    () => pane.status?.state === 'asking',
    () => pane.status,
  )
  const question = pane.status?.state === 'asking' ? pane.status.question : undefined
  consoles.answer(page.lane, pane.stream, question?.id ?? '', ['root'])
  await until(
    () => pane.status?.state === 'attached',
    () => pane.status,
  )
  pane.type('stty size; echo "$(cat /sys/hypervisor/type) $SSH_CONNECTION"\r')
  await shows(pane, new RegExp(`33 91\\r\\nxen 192\\.168\\.77\\.1 \\d+ ${address.replaceAll('.', '\\.')} 22`))
})
