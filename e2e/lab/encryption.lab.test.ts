import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestPage, type TestPane } from '../../src-main/consoles/testing/page'
import { lookAtLayer } from '../../src-main/guests/layer-look'
import { planClone } from '../../src-main/guests/plan-clone'
import type { Guest } from '../../src-shared/models/guest'
import type { Job } from '../../src-shared/models/job'
import type { CloneRequest, OperationCall } from '../../src-shared/operations'
import { connectToLab, guestNamed, type LabDomdeck, runJob, succeed as succeedAt, tinyBase } from './testing/domdeck'
import { lab } from './testing/lab'

// Tiny guests under Debian's kernel, with Debian's cryptsetup in their initrd. `secret` has a layer with a passphrase, and swap;
// `fleeting` a throwaway layer on a disk, and swap. One boots after the other: two that boot at once make Xen's scripts give up.
const passphrase = 'Kühe "auf" $(der) \\Weide 7'
const written = 'words-that-only-the-guest-may-read'
let app: LabDomdeck
const panes = new Map<string, TestPane>()

beforeAll(async () => {
  await lab.fresh()
  await lab.run('tiny-initrd/add-cryptsetup', '/srv/guest')
  // Nothing needs it any more, and all files are searched in the end.
  await lab.sh('rm /srv/guest/debian.img')
  app = await connectToLab()
  const input = { ...tinyBase, kernel: '/srv/guest/crypt-kernel', initrd: '/srv/guest/crypt-initrd.img' }
  await succeed({ operation: 'image.import', input })
  await app.host.refresh()
})
afterAll(() => app?.close())

const succeed = (call: OperationCall): Promise<Job> => succeedAt(app, call)

const guest = (name: string): Promise<Guest> => guestNamed(app, name)
const ref = async (name: string) => ({ name, uuid: (await guest(name)).id })

async function clone(pattern: string, changes: Partial<CloneRequest>): Promise<void> {
  const request: CloneRequest = {
    ...{ base: 'tiny', generation: 1, mode: 'overlay', layerMb: 32, memoryMb: 160, vcpus: 1, type: 'pv', bridge: null },
    ...{ pattern, count: 1, encrypted: true, swapMb: 16, ...changes },
  }
  const { input, checks } = await planClone(app.host, request, app.domdeck.takenMacs())
  expect(checks.filter(({ verdict }) => verdict === 'fail')).toEqual([])
  // Debian's xendomains would write their memory to dom0's disk.
  expect(checks.find(({ title }) => title === 'Saved memory')?.verdict).toBe('warn')
  await succeed({ operation: 'guest.clone', input })
  panes.set(pattern, await openTestPage(app.domdeck.consoles).open(app.host.settings.id, (await guest(pattern)).id))
}

/** Its pane stays on its console over all boots; what it said before is forgotten. */
async function boot(name: string): Promise<void> {
  const pane = panes.get(name)
  if (pane) pane.output = Buffer.alloc(0)
  const { id, configPath = '' } = await guest(name)
  await succeed({ operation: 'guest.start', input: { name, uuid: id, configPath } })
}
const writeAndLook = `echo ${written} >/root/kept; sync; cat /proc/swaps; echo end-$((40 + 2))`

/** A guest that has stopped for good: whatever is typed, nobody answers. */
async function stopped(name: string): Promise<void> {
  type(name, '\x03\necho alive-$((40 + 2))')
  await lab.sh(`xl list ${name}`)
  expect(panes.get(name)?.text).not.toMatch(/ready|alive-42/)
  await destroy(name)
}
const destroy = async (name: string) => succeed({ operation: 'guest.destroy', input: await ref(name) })

/** Waits until the console of a guest shows this. */
async function shows(name: string, what: RegExp): Promise<void> {
  await expect.poll(() => panes.get(name)?.text.slice(-4000), { timeout: 150_000, interval: 300 }).toMatch(what)
}
/** Waits until a guest has asked this so many times since its start; the kernel's own lines may stand anywhere between. */
async function asks(name: string, prompt: string, times = 1): Promise<void> {
  const count = () => (panes.get(name)?.text.split(`domdeck: ${prompt}: `).length ?? 1) - 1
  await expect.poll(count, { timeout: 150_000, interval: 300 }).toBe(times)
}
const type = (name: string, line: string) => panes.get(name)?.type(`${line}\n`)

/** Runs a command in a guest whose shell is there; `answer` must not match what is typed. */
async function says(name: string, command: string, answer: RegExp): Promise<void> {
  await shows(name, /tiny guest ready/)
  type(name, command)
  await shows(name, answer)
}

it('asks twice at the first boot, shows nothing of it, and makes the layer and the swap', async () => {
  expect(app.host.generations).toMatchObject([{ base: 'tiny', encryption: true }])
  await clone('secret', {})
  expect(await guest('secret')).toMatchObject({ origin: { encrypted: true, encryptedSwap: true } })
  await asks('secret', 'new passphrase')
  type('secret', passphrase)
  await asks('secret', 'the same once more')
  type('secret', 'something else')
  await shows('secret', /the two are not the same/)
  await asks('secret', 'new passphrase', 2)
  type('secret', passphrase)
  await asks('secret', 'the same once more', 2)
  type('secret', passphrase)
  await shows('secret', /layer xvdb \(LUKS2, ext4, rw\): overlay ok/)
  await says('secret', writeAndLook, /domdeck-swap +partition[\s\S]*end-42/)
  expect(panes.get('secret')?.text).not.toContain('Weide')
  const uuid = (await guest('secret')).id
  expect(await lab.sh('cryptsetup luksUUID /srv/domdeck/guests/secret/layer.img')).toBe(uuid)
  expect((await lookAtLayer(app.host, uuid)).state).toBe('encrypted')
  await destroy('secret')
})

it('makes a throwaway layer and a swap with keys of this boot', async () => {
  await clone('fleeting', { mode: 'throwaway' })
  await says('fleeting', writeAndLook, /domdeck-swap +partition[\s\S]*end-42/)
  expect(panes.get('fleeting')?.text).toMatch(/layer xvdb \(key of this boot, ext4, rw\): overlay ok/)
  await destroy('fleeting')
})

it('says that a passphrase is wrong, and boots nothing', async () => {
  await boot('secret')
  for (const wrong of [1, 2, 3]) {
    await asks('secret', 'passphrase of layer xvdb', wrong)
    type('secret', `not the passphrase ${wrong}`)
    if (wrong < 3) await shows('secret', new RegExp(`wrong passphrase; tries left: ${3 - wrong}`))
  }
  await shows('secret', /domdeck: wrong passphrase, three times; layer \/dev\/xvdb stays locked/)
  await stopped('secret')
})

it('does not touch a swap disk that is not the right one', async () => {
  const swap = '/srv/domdeck/guests/fleeting/swap.img'
  const before = await lab.sh(`cp ${swap} /srv/right.img; head -c 16M /dev/urandom >${swap}; sha256sum ${swap}`)
  await boot('fleeting')
  await shows('fleeting', /domdeck: swap disk \/dev\/xvds is not one that was made for this guest, and is not touched/)
  await stopped('fleeting')
  expect(await lab.sh(`sha256sum ${swap}`)).toBe(before)
  await lab.sh(`mv /srv/right.img ${swap}`)
})

it('boots with the right passphrase to what was written before, while a throwaway layer has forgotten', async () => {
  await boot('secret')
  await asks('secret', 'passphrase of layer xvdb')
  type('secret', passphrase)
  await says('secret', 'cat /root/kept; echo end-$((40 + 2))', new RegExp(`\\n${written}\\r?\\nend-42`))
  await boot('fleeting')
  const look = 'cat /root/kept; cat /proc/swaps; echo end-$((40 + 2))'
  await says('fleeting', look, /can't open '\/root\/kept'[\s\S]*domdeck-swap +partition[\s\S]*end-42/)
})

it('leaves neither the passphrase nor a word that the guest wrote on dom0', async () => {
  const places = '/srv /etc /var /tmp /run /root'
  const words = `-e Weide -e ${written}`
  const found = await lab.sh(
    `grep -rlFs -D skip ${words} ${places} || :; (xl list -l; xl dmesg; dmesg) | grep -F ${words} || :; grep -lF SWAPSPACE2 /srv/domdeck/guests/*/swap.img || :`,
  )
  expect(found).toBe('')
  const { problem } = await runJob(app, { operation: 'guest.save', input: await ref('secret') })
  expect(problem?.detail).toMatch(/its memory holds their keys/)
  for (const name of ['secret', 'fleeting']) await succeed({ operation: 'guest.delete', input: await ref(name) })
  expect(await lab.sh('ls /srv/domdeck/guests; losetup -l -n -O BACK-FILE')).toBe('')
})
