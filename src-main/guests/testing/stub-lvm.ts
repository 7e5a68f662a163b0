import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What stands for LVM: volumes are lines `GROUP/NAME ORIGIN` of a file, `-` for a volume that is a snapshot of none. */
export type StubLvm = {
  /** `GROUP/NAME` of each. */
  volumes(): string[]
  add(volume: string): void
}

// The words are those that Domdeck uses; any other ends with LVM's own status for a mistake, 3.
const programs: Record<string, string> = {
  lvs: `
    case "$*" in
      *'lv_name="'*)
        group=\${*#*vg_name=\\"} name=\${*#*lv_name=\\"}
        grep -q "^\${group%%\\"*}/\${name%%\\"*} " $volumes && echo "  \${name%%\\"*}"
        exit 0 ;;
      *) exit 3 ;;
    esac`,
  lvcreate: `
    name='' pool='' origin=''
    while [ $# -gt 0 ]; do
      case $1 in
        -n) name=$2; shift ;;
        --thinpool) pool=$2; shift ;;
        -V) shift ;;
        -*) ;;
        *) origin=$1 ;;
      esac
      shift
    done
    if [ -n "$pool" ]; then echo "\${pool%/*}/$name -" >>$volumes; exit; fi
    grep -q "^$origin " $volumes || exit 5
    echo "\${origin%/*}/$name $origin" >>$volumes`,
  lvchange: `
    for volume; do :; done
    grep -q "^$volume " $volumes || exit 5`,
  lvrename: `
    [ "$1" = -q ] && shift; [ "$1" != -- ] || shift
    grep -q "^$1/$2 " $volumes || exit 5
    sed -i "s|^$1/$2 |$1/$3 |" $volumes`,
  lvremove: `
    for volume; do :; done
    grep -q "^$volume " $volumes || exit 5
    sed -i "\\\\|^$volume |d" $volumes`,
  // No device is there to be copied to.
  dd: 'case "$*" in *of=/dev/*) ;; *) exec /usr/bin/dd "$@" ;; esac',
}

/** Writes the stand-ins into a folder that stands on the PATH. */
export function makeStubLvm(bin: string): StubLvm {
  const file = join(bin, '..', 'volumes')
  writeFileSync(file, '')
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\nvolumes=${file}\n${text}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  const lines = () => readFileSync(file, 'utf8').split('\n').filter(Boolean)
  return {
    volumes: () => lines().map((line) => line.split(' ')[0] ?? ''),
    add: (volume) => writeFileSync(file, [...lines(), `${volume} -`, ''].join('\n')),
  }
}
