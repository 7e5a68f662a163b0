#!/bin/sh
# flatten.sh WORK BASE LAYER: copies what a guest sees of its base and its layer into the empty file system WORK/root.img. Domdeck runs it in
# namespaces of its own, so that the mounts go with it whatever ends it. Base and layer are mounted read-only, and without a replay.
set -eu
work=$1
exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
mount -t ext4 -o loop,ro,noload,nodev,nosuid,noexec -- "$2" "$work/base"
mount -t ext4 -o loop,ro,noload,nodev,nosuid,noexec -- "$3" "$work/layer"
# As two lower layers: an upper one would be written to.
mount -t overlay -o "ro,nodev,nosuid,noexec,lowerdir=$work/layer/upper:$work/base" domdeck "$work/whole"
mount -o loop,nodev,nosuid,noexec,noatime -- "$work/root.img" "$work/mnt"
cp -a -- "$work/whole/." "$work/mnt/"
umount -- "$work/mnt"
umount -- "$work/whole"
umount -- "$work/layer"
umount -- "$work/base"
