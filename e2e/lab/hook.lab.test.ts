import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectToLab, type LabDomdeck, runJob, tinyBase } from './testing/domdeck'
import { lab } from './testing/lab'

let app: LabDomdeck

/** A guest on the tiny base, started by hand: its config is the product's own but for what the case changes. */
const guest = `
  boot() { # NAME EXTRA DISKS...: starts it and prints what its console says until the hook has decided
    name=$1 extra=$2; shift 2
    : >/tmp/$name.log # what the guest of that name before it said is no answer
    disks=''; for disk; do disks="$disks'$disk', "; done
    cat >/tmp/$name.cfg <<END
name = "$name"
type = "pv"
memory = 48
kernel = "/srv/domdeck/bases/tiny/1/vmlinuz"
ramdisk = "/srv/domdeck/bases/tiny/1/initrd.img"
root = "/dev/xvda ro"
extra = "console=hvc0 fsck.mode=skip rootflags=noload domdeck.base=tiny/1 domdeck.base_fs=ext4 $extra systemd.hostname=$name"
disk = [ $disks ]
on_reboot = "destroy"
on_crash = "destroy"
END
    xl create -q /tmp/$name.cfg
    # Without a terminal xenconsole only reads, and ends with the domain.
    /usr/lib/xen-4.17/bin/xenconsole "$(xl domid "$name")" </dev/null >>/tmp/$name.log 2>&1 &
    tries=0
    until grep -q '^domdeck: ' /tmp/$name.log || [ $tries -gt 600 ]; do tries=$((tries + 1)); sleep 0.2; done
    # A guest that goes on says so within a second or two; one that stopped says nothing more.
    tries=0
    until grep -q 'ready:' /tmp/$name.log || [ $tries -gt 20 ]; do tries=$((tries + 1)); sleep 0.2; done
    tr -d '\\r' </tmp/$name.log | grep -e '^domdeck: ' -e 'ready:' || :
    ! xl list "$name" >/dev/null 2>&1 || echo "still there"
    xl destroy "$name" 2>/dev/null || :
    while xl domid "$name" >/dev/null 2>&1; do sleep 0.2; done
    wait
  }
  base='format=raw,vdev=xvda,access=ro,target=/srv/domdeck/bases/tiny/1/root.img'
  layer() { truncate -s 32M "/tmp/$1.img"; mkfs.ext4 -q -F "/tmp/$1.img"; }
`

beforeAll(async () => {
  await lab.fresh()
  app = await connectToLab()
  expect(await runJob(app, { operation: 'image.import', input: tinyBase })).toMatchObject({ state: 'succeeded' })
}, 300_000)
afterAll(() => app?.close())

type Stop = [when: string, extra: string, before: string, disk: string, line: RegExp]
const stops: Stop[] = [
  ['the layer is missing', 'domdeck.layer=/dev/xvdb', '', '', /^domdeck: layer \/dev\/xvdb is missing: /m],
  [
    'a package disk is missing',
    'domdeck.lower=/dev/xvdi domdeck.layer=/dev/xvdb',
    'layer odd;',
    'format=raw,vdev=xvdb,access=rw,target=/tmp/odd.img',
    /^domdeck: package disk \/dev\/xvdi is missing: /m,
  ],
  [
    'the layer has another file system',
    'domdeck.layer=/dev/xvdb',
    'truncate -s 320M /tmp/odd.img; mkfs.xfs -q -f /tmp/odd.img;',
    'format=raw,vdev=xvdb,access=rw,target=/tmp/odd.img',
    /^domdeck: layer \/dev\/xvdb has file system xfs, expected ext4: /m,
  ],
  [
    'the layer is read-only',
    'domdeck.layer=/dev/xvdb',
    'layer odd;',
    'format=raw,vdev=xvdb,access=ro,target=/tmp/odd.img',
    /^domdeck: layer \/dev\/xvdb is read-only: /m,
  ],
  [
    'the layer is no file system at all',
    'domdeck.layer=/dev/xvdb',
    'head -c 32M /dev/urandom >/tmp/odd.img;',
    'format=raw,vdev=xvdb,access=rw,target=/tmp/odd.img',
    /^domdeck: layer \/dev\/xvdb has no known file system/m,
  ],
  [
    'a package disk is writable',
    'domdeck.lower=/dev/xvdi domdeck.layer=/dev/xvdb',
    'layer odd; layer package;',
    'format=raw,vdev=xvdi,access=rw,target=/tmp/package.img format=raw,vdev=xvdb,access=rw,target=/tmp/odd.img',
    /^domdeck: package disk \/dev\/xvdi is writable: /m,
  ],
  [
    'a package disk is no file system at all',
    'domdeck.lower=/dev/xvdi domdeck.layer=/dev/xvdb',
    'layer odd; rm -f /tmp/package.img; truncate -s 8M /tmp/package.img;',
    'format=raw,vdev=xvdi,access=ro,target=/tmp/package.img format=raw,vdev=xvdb,access=rw,target=/tmp/odd.img',
    /^domdeck: package disk \/dev\/xvdi has no known file system: /m,
  ],
]

describe('the union-root hook', () => {
  it('boots with a good layer', async () => {
    const said = await lab.sh(
      `${guest} layer good; boot good domdeck.layer=/dev/xvdb "$base" format=raw,vdev=xvdb,access=rw,target=/tmp/good.img`,
    )
    expect(said).toMatch(/^domdeck: base tiny\/1 .*overlay ok/m)
  })

  it.each(stops)('says one line and boots no further when %s', async (_case, extra, before, disk, line) => {
    const said = await lab.sh(`${guest} ${before} boot odd '${extra}' "$base" ${disk}`)
    expect(said).toMatch(line)
    expect(said).not.toContain('ready')
    expect(said).toContain('still there')
  })

  it('says one line and boots no further when the base is missing', async () => {
    const said = await lab.sh(
      `${guest} layer odd; boot odd domdeck.layer=/dev/xvdb format=raw,vdev=xvdb,access=rw,target=/tmp/odd.img`,
    )
    expect(said).toMatch(/^domdeck: base disk \/dev\/xvda is missing: /m)
    expect(said).toContain('still there')
  })

  it('says one line and boots no further when the base is writable', async () => {
    const said = await lab.sh(
      `${guest} cp --sparse=always /srv/domdeck/bases/tiny/1/root.img /tmp/own.img; chmod u+w /tmp/own.img; layer odd
       boot odd domdeck.layer=/dev/xvdb format=raw,vdev=xvda,access=rw,target=/tmp/own.img format=raw,vdev=xvdb,access=rw,target=/tmp/odd.img`,
    )
    expect(said).toMatch(/^domdeck: base disk \/dev\/xvda is writable: /m)
    expect(said).toContain('still there')
  })
})
