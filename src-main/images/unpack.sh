#!/bin/sh
# unpack.sh WORK TAR: unpacks the tar of a root file system, packed or not, into the empty image WORK/root.img. Import runs it in namespaces of
# its own. GNU tar keeps all it writes below the mount point: it drops leading slashes, refuses `..`, and makes links last.
set -eu
export LC_ALL=C
work=$1
exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
mount -o loop,nodev,nosuid,noatime -- "$work/root.img" "$work/mnt"
tar -x --force-local --numeric-owner --same-permissions --xattrs --xattrs-include='*' --acls -f "$2" -C "$work/mnt"
# A root in a folder of its own, as `tar -C / -c srv/root` makes it.
set -- "$work"/mnt/*
if [ $# = 2 ] && [ "${1##*/}" = lost+found ]; then set -- "$2"; fi
if [ $# = 1 ] && [ -d "$1" ] && [ ! -L "$1" ] && [ ! -e "$work/mnt/sbin" ] && [ ! -L "$work/mnt/sbin" ] && { [ -e "$1/sbin" ] || [ -L "$1/sbin" ]; }; then
  find "$1" -mindepth 1 -maxdepth 1 -exec mv -t "$work/mnt" -- {} +
  rmdir -- "$1"
fi
umount -- "$work/mnt"
