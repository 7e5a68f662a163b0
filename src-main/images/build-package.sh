#!/bin/sh
# build-package.sh WORK LAYER: makes the file system WORK/root.img of what the layer of a guest holds of its programs, or nothing when it holds
# none. Whiteouts and opaque marks are copied with it: overlayfs reads them in a lower layer as in an upper one. What belongs to the guest
# itself stays in its layer; WORK/left-out says how many files. Domdeck runs this in namespaces of its own, so that the mounts go with
# it whatever ends it. The layer is mounted read-only, and without a replay.
set -eu
export LC_ALL=C
work=$1
exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-

count() { # FIND_ARG...
  find "$@" -printf x | wc -c
}

mount -t ext4 -o loop,ro,noload,nodev,nosuid,noexec -- "$2" "$work/layer"
cd -- "$work/layer/upper"
set --
left_out='' elsewhere=0
for entry in * .*; do
  case $entry in . | .. | '*' | '.*') continue ;; esac
  case $entry in
    usr | opt | bin | sbin | lib | lib32 | lib64 | libx32) set -- "$@" "$entry" ;;
    etc | home | root | run | srv | tmp | var)
      files=$(count "$entry" ! -type d)
      [ "$files" = 0 ] || left_out="$left_out, /$entry $files"
      ;;
    *) elsewhere=$((elsewhere + $(count "./$entry" ! -type d))) ;;
  esac
done
[ "$elsewhere" = 0 ] || left_out="$left_out, elsewhere $elsewhere"
printf '%s\n' "${left_out#, }" >"$work/left-out"
if [ $# -gt 0 ] && [ "$(count "$@" ! -type d)" != 0 ]; then
  # Nothing is ever added, so there is no journal and no room to spare.
  inodes=$(count "$@")
  kb=$(du -kcx -- "$@" | tail -n 1)
  kb=${kb%%[!0-9]*}
  truncate -s "$(((kb + kb / 8 + inodes / 2) / 1024 + 8))M" -- "$work/root.img"
  mkfs.ext4 -q -F -m 0 -N $((inodes + 64)) -O '^has_journal,^resize_inode' -E nodiscard,lazy_itable_init=0 "$work/root.img"
  mount -o loop,nodev,nosuid,noexec,noatime -- "$work/root.img" "$work/mnt"
  cp -a -- "$@" "$work/mnt/"
  umount -- "$work/mnt"
fi
cd /
umount -- "$work/layer"
