import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { planClone } from '../../src-main/guests/plan-clone'
import { findLeftovers } from '../../src-main/storage/leftovers'
import type { Job } from '../../src-shared/models/job'
import type { OperationCall } from '../../src-shared/operations'
import { says } from './testing/console'
import { connectToLab, guestNamed, type LabDomdeck, succeed as succeedAt, tinyBase } from './testing/domdeck'
import { lab } from './testing/lab'

// What comes in as qcow2 or tar, what goes out, and what is left over. Tiny guests, whose kernel lies beside them.
const full = process.env.DOMDECK_FULL === '1'
let app: LabDomdeck
const { kernel, initrd } = tinyBase
beforeAll(async () => {
  await lab.fresh()
  app = await connectToLab()
}, 600_000)
afterAll(() => app?.close())

const succeed = (call: OperationCall): Promise<Job> => succeedAt(app, call)

it('makes bases of a qcow2 chain and of a tar, and writes a base as each', async () => {
  await lab.sh(`
    mkdir -p /mnt/tiny && mount -o loop,ro /srv/guest/tiny.img /mnt/tiny
    tar -cf /srv/tiny.tar -C /mnt/tiny . && umount /mnt/tiny
    qemu-img convert -O qcow2 /srv/guest/tiny.img /srv/tiny.qcow2
    qemu-img create -q -f qcow2 -b tiny.qcow2 -F qcow2 /srv/top.qcow2`)
  await succeed({ operation: 'image.import', input: { name: 'from-qcow2', source: '/srv/top.qcow2', kernel, initrd } })
  await succeed({ operation: 'image.import', input: { name: 'from-tar', source: '/srv/tiny.tar', kernel, initrd } })
  const files = (image: string) =>
    lab.sh(
      `mount -o loop,ro,noload ${image} /mnt/tiny && (cd /mnt/tiny && find . -path ./lost+found -prune -o -printf '%p %M %U %l\\n' | sort | sha256sum); umount /mnt/tiny`,
    )
  const image = (base: string) => `/srv/domdeck/bases/${base}/1/root.img`
  expect(await files(image('from-tar'))).toBe(await files(image('from-qcow2')))
  const base = { base: 'from-tar', generation: 1 }
  for (const [format, name] of [
    ['raw', 'out.img'],
    ['qcow2', 'out.qcow2'],
    ['tar', 'out.tar'],
  ] as const) // prettier-ignore
    await succeed({ operation: 'image.export', input: { ...base, format, target: `/srv/${name}` } })
  await lab.sh(`cmp /srv/out.img ${image('from-tar')} && qemu-img compare -q /srv/out.img /srv/out.qcow2`)
  expect(await lab.sh('tar -tvf /srv/out.tar | grep -c " ./bin/busybox$"')).toBe('1')
})

if (full)
  it('adopts, starts and clones a guest that xen-create-image made, which starts by hand as before', async () => {
    const guest = async (name: string) => {
      const { id, configPath = '' } = await guestNamed(app, name)
      return { name, uuid: id, configPath }
    }
    // It reads the host keys of what it installed, and makes it ready by hooks of its distribution: this one has none.
    await lab.sh(`
      mkdir -p /srv/xt /srv/keys/etc/ssh /usr/share/xen-tools/tiny.d && tar -rf /srv/tiny.tar -C /srv/keys ./etc/ssh
      sed -i 's/^ *pygrub/#&/' /etc/xen-tools/xen-tools.conf # or the kernel is not written
      xen-create-image --hostname=made --dir=/srv/xt --install-method=tar --install-source=/srv/tiny.tar --dist=tiny --fs=ext4 \
        --size=48M --swap=8M --memory=48M --kernel=${kernel} --initrd=${initrd} --dhcp --bridge=xenbr0 --nohosts --genpass=0 </dev/null`)
    const made = await guest('made')
    expect(made.configPath).toBe('/etc/xen/made.cfg')
    // Its config pins no UUID; the one that it is adopted with does.
    await succeed({ operation: 'guest.adopt', input: { ...made, uuid: randomUUID() } })
    await succeed({ operation: 'guest.start', input: await guest('made') })
    // Its init leaves its root as the kernel line has it, read-only.
    await says('made', 'mount -o remount,rw / && echo of-$((40 + 2)) >/root/kept && sync && cat /root/kept', /\nof-42/)
    await succeed({ operation: 'guest.shutdown', input: await guest('made') })

    const source = '/srv/xt/domains/made/disk.img'
    await succeed({ operation: 'image.import', input: { name: 'made', source, kernel, initrd } })
    const settings = {
      base: 'made',
      generation: 1,
      mode: 'overlay',
      layerMb: 32,
      memoryMb: 48,
      vcpus: 1,
      type: 'pv',
      bridge: null,
    } as const
    await app.host.refresh()
    const { input } = await planClone(app.host, { ...settings, pattern: 'child', count: 1 }, app.domdeck.takenMacs())
    await succeed({ operation: 'guest.clone', input })
    await says('child', 'cat /root/kept', /\nof-42/)

    await lab.sh('xl create -q /etc/xen/made.cfg')
    await says('made', 'cat /root/kept', /\nof-42/)
  })

it('finds what is left over, and removes it', async () => {
  await lab.sh(`
    truncate -s 8M /srv/domdeck/lost.img
    loop=$(losetup -f --show /srv/domdeck/lost.img)
    echo "0 8192 linear $loop 0" | dmsetup create domdeck-lost
    mkdir -p /srv/domdeck/.importing-01KAHM5ZB0000000000000GONE/generation
    cp /srv/guest/tiny.img /srv/domdeck/.importing-01KAHM5ZB0000000000000GONE/generation/root.img
    chattr +i /srv/domdeck/.importing-01KAHM5ZB0000000000000GONE/generation/root.img`)
  const look = async () => (await findLeftovers(app.host)).map(({ kind, name }) => ({ kind, name }))
  const first = await look()
  expect(first.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['file', 'dm']))
  expect(first.map(({ name }) => name)).not.toContain('/srv/domdeck/lost.img')
  await succeed({ operation: 'host.clean', input: { items: first } })
  const second = await look()
  expect(second.map(({ kind }) => kind)).toEqual(['loop'])
  await succeed({ operation: 'host.clean', input: { items: second } })
  expect(await look()).toEqual([])
  expect(await lab.sh('ls -A /srv/domdeck; dmsetup ls')).not.toContain('importing')
})
