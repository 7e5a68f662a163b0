#!/bin/sh
# serve-copy.sh ROOT NAME GENERATION SHA256
# The generation of a base in blocks of 16 MB, for a host that copies it (copy.sh). Reads only. What is said comes in frames of 128 bytes:
#   size KB                         what it takes on the disk
#   sum FILE INDEX BYTES SHA256     a block; all of them, in order
#   ready                           from here on each line on stdin is answered in turn: `block FILE INDEX`, and in the end `bye`
#   block FILE INDEX BYTES          and then its bytes
#   fail WHAT                       why there is nothing to come
set -u
LC_ALL=C
export LC_ALL
folder=$1/bases/$2/$3
block_bytes=16777216

say() { printf '%-127.127s\n' "$1"; }

refuse() {
  say "fail $1"
  exit 1
}

# Sets bytes to the length of a block; none is there behind the end.
measure() { # FILE INDEX
  bytes=$(stat -c %s -- "$folder/$1") || exit
  bytes=$((bytes - $2 * block_bytes))
  [ "$bytes" -le "$block_bytes" ] || bytes=$block_bytes
}

block() { # FILE INDEX BYTES
  dd if="$folder/$1" bs=64k skip=$(($2 * 256)) count="$3" iflag=count_bytes status=none
}

[ -f "$folder/root.img" ] || refuse "it has no generation $3 of $2 any more."
grep -qs "\"sha256\":\"$4\"" "$folder/base.json" || refuse "its generation $3 of $2 has another sha256 than it had."
say "size $(du -sk -- "$folder" | sed 's/[^0-9].*//')"
for file in base.json vmlinuz initrd.img root.img; do
  index=0
  while measure "$file" "$index" && [ "$bytes" -gt 0 ]; do
    sum=$(block "$file" "$index" "$bytes" | sha256sum)
    say "sum $file $index $bytes ${sum%% *}"
    index=$((index + 1))
  done
done
say ready
while read -r word file index; do
  [ "$word" = block ] || exit 0
  case $file in base.json | vmlinuz | initrd.img | root.img) ;; *) exit 2 ;; esac
  case $index in '' | *[!0-9]*) exit 2 ;; esac
  measure "$file" "$index"
  [ "$bytes" -gt 0 ] || exit 2
  say "block $file $index $bytes"
  block "$file" "$index" "$bytes" || exit
done
