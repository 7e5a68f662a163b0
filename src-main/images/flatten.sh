#!/bin/sh
# flatten.sh WORK LAYER LOWER...: copies what a guest sees of its stack (its base first, then package images from the lowest up) and its layer
# into the empty file system WORK/root.img. Domdeck runs it in namespaces of its own, so that the mounts go with it whatever ends it. All
# of the stack is mounted read-only, and without a replay.
set -eu
work=$1 layer=$2
shift 2
exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
count=0 lowers=''
for lower; do
  count=$((count + 1)) lowers=:$work/lower$count$lowers
  mkdir -- "$work/lower$count"
  mount -t ext4 -o loop,ro,noload,nodev,nosuid,noexec -- "$lower" "$work/lower$count"
done
mount -t ext4 -o loop,ro,noload,nodev,nosuid,noexec -- "$layer" "$work/layer"
# The layer as one more lower one: an upper one would be written to.
mount -t overlay -o "ro,nodev,nosuid,noexec,lowerdir=$work/layer/upper$lowers" domdeck "$work/whole"
mount -o loop,nodev,nosuid,noexec,noatime -- "$work/root.img" "$work/mnt"
cp -a -- "$work/whole/." "$work/mnt/"
umount -- "$work/mnt"
umount -- "$work/whole"
umount -- "$work/layer"
for lower; do
  umount -- "$work/lower$count"
  count=$((count - 1))
done
