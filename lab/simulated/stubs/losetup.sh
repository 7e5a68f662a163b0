#!/bin/sh
# Pretend losetup: a loop device is a link SIM_HOST/dev/loopN to its file, known in SIM_HOST/xen/loops.
#   losetup [-r] -f --show [--] FILE      losetup -d DEVICE...      losetup -f
#   losetup [-l] [-n] [-a] [--json] [-O COLUMNS] [-j FILE | DEVICE]
set -u
# shellcheck source-path=SCRIPTDIR source=domains.sh
. "$SIM_LIB/domains.sh"

access=rw find='' show='' detach='' json='' headings=1 columns='' file='' list='' all=''
while [ $# -gt 0 ]; do
  case $1 in
    --) shift && break ;;
    -r | --read-only) access=ro ;;
    -f | --find) find=1 ;;
    --show) show=1 ;;
    -d | --detach) detach=1 ;;
    -D | --detach-all) exit 1 ;;
    -J | --json) json=1 list=1 ;;
    -n | --noheadings) headings='' ;;
    -a | --all) all=1 ;;
    -l | --list) list=1 ;;
    -O | --output) columns=$2 list=1 && shift ;;
    -j | --associated) file=$2 && shift ;;
    -fr | -rf) access=ro find=1 ;;
    -*) ;;
    *) break ;;
  esac
  shift
done

if [ "$detach" ]; then
  lock_table
  for device; do
    number=${device##*/loop}
    if ! [ -L "$SIM_HOST/dev/loop$number" ]; then
      printf 'losetup: %s: detach failed: No such device or address\n' "$device" >&2
      exit 1
    fi
    rm -f -- "$SIM_HOST/dev/loop$number"
    awk -F '\t' -v n="$number" '$1 != n' "$xen/loops" >"$xen/loops.new"
    mv -f -- "$xen/loops.new" "$xen/loops"
  done
  exit 0
fi

if [ "$find" ]; then
  lock_table
  if [ $# -eq 0 ]; then
    awk -F '\t' -v dev="$SIM_HOST/dev/loop" '{ used[$1] = 1 } END { n = 0; while (n in used) n++; print dev n }' "$xen/loops"
    exit 0
  fi
  [ -f "$1" ] || {
    printf 'losetup: %s: failed to set up loop device: No such file or directory\n' "$1" >&2
    exit 1
  }
  attach_loop "$(readlink -f -- "$1")" "$access" -
  [ ! "$show" ] || printf '%s\n' "$device"
  exit 0
fi

only=''
if [ $# -gt 0 ]; then only=${1##*/loop}; fi
[ ! "$file" ] || file=$(readlink -f -- "$file") || exit 0
if [ ! "$list" ]; then columns=short; fi
: "$all"
# What is on disk is looked up once for all files, and only for who asks.
inodes=''
case $columns in
  *BACK-INO*) inodes=$(awk -F '\t' '{ printf "%s%c", $3, 0 }' "$xen/loops" | xargs -0r stat -L --printf='%d %i %n\n' -- 2>/dev/null) ;;
esac
FILE=$file INODES=$inodes awk -F '\t' -v only="$only" -v columns="${columns:-NAME,SIZELIMIT,OFFSET,AUTOCLEAR,RO,BACK-FILE,DIO,LOG-SEC}" \
  -v json="$json" -v headings="$headings" -v dev="$SIM_HOST/dev/loop" '
  function text(column) {
    if (column == "NAME") return dev $1
    if (column == "RO") return $2 == "ro" ? 1 : 0
    if (column == "BACK-FILE") return $3
    if (column == "LOG-SEC") return 512
    if (column == "MAJ:MIN") return "7:" $1
    if (column == "BACK-MAJ:MIN") return device_of[$3]
    if (column == "BACK-INO") return inode_of[$3]
    return 0
  }
  function json_text(column) {
    if (column == "NAME" || column == "BACK-FILE") return "\"" text(column) "\""
    if (column == "RO" || column == "AUTOCLEAR" || column == "DIO") return text(column) ? "true" : "false"
    return text(column)
  }
  BEGIN {
    n = split(columns, wanted, ",")
    rows = split(ENVIRON["INODES"], row, "\n")
    for (i = 1; i <= rows; i++) {
      split(row[i], part, " ")
      path = substr(row[i], length(part[1]) + length(part[2]) + 3)
      device_of[path] = int(part[1] / 256) % 4096 ":" part[1] % 256 + int(part[1] / 1048576) * 256
      inode_of[path] = part[2]
    }
  }
  (only == "" || $1 == only) && (ENVIRON["FILE"] == "" || $3 == ENVIRON["FILE"]) {
    if (columns == "short") { printf "%s%s: []: (%s)\n", dev, $1, $3; next }
    if (json) {
      printf "%s", (shown++ ? ",{\n" : "{\n   \"loopdevices\": [\n      {\n")
      for (i = 1; i <= n; i++) printf "         \"%s\": %s%s\n", tolower(wanted[i]), json_text(wanted[i]), (i < n ? "," : "")
      printf "      }"
      next
    }
    if (headings && !shown++) print columns
    for (i = 1; i <= n; i++) printf "%s%s", text(wanted[i]), (i < n ? " " : "\n")
  }
  END { if (json && shown) printf "\n   ]\n}\n" }' "$xen/loops"
