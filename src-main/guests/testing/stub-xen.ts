import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What stands for Xen and the kernel's loop devices on this machine: programs that keep a list each, in files. */
export type StubXen = {
  /** To stand before all others on the PATH. */
  readonly bin: string
  /** Names of the domains there are, Domain-0 aside. A domain half made is `(null)`. */
  domains(): string[]
  /** Files that a loop device holds, `ro` or `rw` before each. */
  loops(): string[]
  /** Every `xl create` so far. */
  creates(): number
  /** The guest of this name fails to start: its domain is half made and its layer attached. */
  refuse(name: string): void
  /** The next so many requests to shut down or reboot are lost on the guest. */
  drop(requests: number): void
  /** A domain that others made. */
  addDomain(name: string, uuid: string): void
}

const xl = `#!/bin/sh
here=HERE
case $1 in
  list)
    printf '%-40s %5s %5s %5s\\t%s\\t%s   UUID                            Reason-Code\\tSecurity Label\\n' Name ID Mem VCPUs State 'Time(s)'
    printf '%-40s %5d %5d %5d     %s  %8.1f %s        -                -\\n' Domain-0 0 1024 2 r----- 1.0 00000000-0000-0000-0000-000000000000
    while read -r domid name uuid; do
      printf '%-40s %5d %5d %5d     %s  %8.1f %s        -                -\\n' "$name" "$domid" 64 1 -b---- 1.0 "$uuid"
    done <$here/domains
    ;;
  create)
    echo >>$here/creates
    domid=$(wc -l <$here/creates)
    name=$(sed -n 's/^name *= "\\(.*\\)"/\\1/p' "$3")
    uuid=$(sed -n 's/^uuid *= "\\(.*\\)"/\\1/p' "$3")
    echo "$domid (null) $uuid" >>$here/domains
    layer=$(sed -n "s/.*format=raw,vdev=xvd[ab],access=rw,target=\\([^']*\\)'.*/\\1/p" "$3")
    case $layer in '' | /dev/*) ;; *) echo "/dev/loop1$domid 0 $layer $domid" >>$here/loops ;; esac
    if grep -qx "$name" $here/refused; then
      echo 'libxl: error: libxl_dom.c:394:libxl__build_dom: xc_dom_boot_mem_init failed' >&2
      exit 3
    fi
    sed -i "s/^$domid .*/$domid $name $uuid/" $here/domains
    ;;
  shutdown | reboot)
    # A guest that does not listen yet drops the request.
    if [ -s $here/dropped ]; then
      sed -i 1d $here/dropped
      [ "$1" = reboot ] || exec sleep 60
      exit 0
    fi
    for domid; do :; done
    if [ "$1" = reboot ]; then sed -i "s/^$domid /9$domid /" $here/domains; else sed -i "/^$domid /d" $here/domains; fi
    ;;
  destroy)
    sed -i "/^$2 /d" $here/domains
    sed -i "/ $2\\$/d" $here/loops
    ;;
esac
`

const losetup = `#!/bin/sh
here=HERE
case "$*" in
  '-r -f --show -- '*)
    number=$(wc -l <$here/loops)
    echo "/dev/loop$number 1 $5 -" >>$here/loops
    echo "/dev/loop$number"
    ;;
  *'NAME,RO,AUTOCLEAR -j '*) awk -v file="$5" '$3 == file { print $1, $2, 0 }' $here/loops ;;
  *'NAME -j '*) awk -v file="$5" '$3 == file { print $1 }' $here/loops ;;
  '-d '*) sed -i "\\\\|^$2 |d" $here/loops ;;
esac
`

const xenstoreLs = `#!/bin/sh
[ "$*" = '-f /vm /local/domain/0/backend/vif' ] && [ -s HERE/domains ] || exit 1
while read -r _ name uuid; do
  printf '/vm/%s/name = "%s"\\n/vm/%s/uuid = "%s"\\n' "$uuid" "$name" "$uuid" "$uuid"
done <HERE/domains
`

/** Writes the stand-ins into `folder`. */
export function makeStubXen(folder: string): StubXen {
  const bin = join(folder, 'bin')
  mkdirSync(bin, { recursive: true })
  const file = (name: string) => join(folder, name)
  for (const name of ['domains', 'loops', 'refused', 'creates']) writeFileSync(file(name), '')
  const programs = { xl, losetup, 'xenstore-ls': xenstoreLs }
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(bin, name), text.replaceAll('HERE', folder))
    chmodSync(join(bin, name), 0o755)
  }
  const lines = (name: string) => (existsSync(file(name)) ? readFileSync(file(name), 'utf8').split('\n').slice(0, -1) : [])
  return {
    bin,
    domains: () => lines('domains').map((line) => line.split(' ')[1] ?? ''),
    loops: () =>
      lines('loops').map((line) => {
        const [, readOnly, path] = line.split(' ')
        return `${readOnly === '1' ? 'ro' : 'rw'} ${path}`
      }),
    creates: () => lines('creates').length,
    refuse: (name) => writeFileSync(file('refused'), `${name}\n`),
    drop: (requests) => writeFileSync(file('dropped'), 'one\n'.repeat(requests)),
    addDomain: (name, uuid) => writeFileSync(file('domains'), `90 ${name} ${uuid}\n`),
  }
}
