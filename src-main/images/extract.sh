#!/bin/sh
# extract.sh WORK VERSION: kernel, initrd and kernel configuration of the copy, beside it as WORK/vmlinuz, initrd.img and config.
# What the image does not have is left out. Free blocks of the file system become holes in the image.
set -eu
work=$1
version=$2
exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
mount -o loop,nodev,nosuid,noexec,noatime -- "$work/root.img" "$work/mnt"
boot=$work/mnt/boot
copy() { # FROM TO
  if [ -f "$1" ] && [ ! -L "$1" ] && [ ! -L "$boot" ]; then cp --sparse=never -- "$1" "$2"; fi
}
if [ -n "$version" ]; then
  copy "$boot/vmlinuz-$version" "$work/vmlinuz"
  copy "$boot/initrd.img-$version" "$work/initrd.img"
  copy "$boot/config-$version" "$work/config"
fi
# Deleted files, old host keys among them, do not travel with the base. Not every file system under us can do it.
fstrim -- "$work/mnt" || echo 'Free blocks stay as they are.'
umount -- "$work/mnt"
