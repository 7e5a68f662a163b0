#!/bin/sh
# mend-initrd.sh WORK DISK OFFSET VERSION: the image's own mkinitramfs makes WORK/initrd.img, for the kernel VERSION. The job runs it in
# namespaces of its own (mounts, processes, network), so that everything goes with it whatever ends it. This executes programs of the image, as
# root, in a chroot without dom0's devices; the image is mounted read-only, and what comes of it is written by mend-files.sh.
set -eu
export LC_ALL=C
work=$1 disk=$2 offset=$3 version=$4
point=$work/mnt
exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
options=ro,nodev,nosuid
if [ ! -b "$disk" ] || [ "$offset" != 0 ]; then options=loop,offset=$offset,$options; fi
mount -t ext4 -o "$options" -- "$disk" "$point"
for folder in proc sys dev var/tmp; do
  if [ -L "$point/$folder" ] || [ -L "$point/${folder%/*}" ] || [ ! -d "$point/$folder" ]; then
    echo "/$folder in the image is not a directory." >&2
    exit 1
  fi
done
mount -t proc -o nosuid,nodev,noexec proc "$point/proc"
mount -t tmpfs -o nosuid,mode=0755,size=1m dev "$point/dev"
for device in null zero full random urandom; do
  : >"$point/dev/$device"
  mount --bind "/dev/$device" "$point/dev/$device"
done
ln -s /proc/self/fd "$point/dev/fd"
mkdir -p -- "$work/tmp"
mount --bind "$work/tmp" "$point/var/tmp"

chroot "$point" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C TMPDIR=/var/tmp \
  mkinitramfs -o /var/tmp/initrd.img "$version"

umount -- "$point/var/tmp"
umount -R -- "$point/dev"
umount -- "$point/proc"
umount -- "$point"
[ -f "$work/tmp/initrd.img" ] && [ ! -L "$work/tmp/initrd.img" ]
mv -- "$work/tmp/initrd.img" "$work/initrd.img"
rm -rf -- "$work/tmp"
