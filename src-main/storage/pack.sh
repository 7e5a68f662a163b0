#!/bin/sh
# pack.sh IMAGE MOUNT_POINT TAR: the files of a file system as a tar. Export runs it in a mount namespace of its own. Nothing is written to the
# image, not even its journal replayed: one that would need it is refused, for what is read without it is neither old nor new.
set -eu
export LC_ALL=C
exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
options=ro,nodev,nosuid,noexec
[ -b "$1" ] || options=loop,$options
type=$(blkid -p -o value -s TYPE -- "$1") || type=''
case $type in
  ext[234])
    case $(dumpe2fs -h /dev/stdin <"$1" 2>/dev/null) in
      *needs_recovery*)
        echo "$1 was not unmounted cleanly: start its guest and shut it down, or run e2fsck on it." >&2
        exit 1
        ;;
    esac
    options=$options,noload
    ;;
  xfs) options=$options,norecovery ;;
  '')
    echo "$1 holds no file system; export it as raw or qcow2." >&2
    exit 1
    ;;
esac
mount -t "$type" -o "$options" -- "$1" "$2"
tar -c --force-local --numeric-owner --xattrs --acls --sparse --one-file-system -f "$3" -C "$2" .
umount -- "$2"
