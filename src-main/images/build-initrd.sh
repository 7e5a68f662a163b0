#!/bin/sh
# build-initrd.sh WORK VERSION: the image's own mkinitramfs makes the initrd of kernel VERSION, with the union-root hook in it.
# Import runs it in namespaces of its own (mounts, processes, network), so that everything goes with it whatever ends it.
# This executes programs of the image, as root, in a chroot without dom0's devices.
set -eu
export LC_ALL=C
work=$1
version=$2
root=$work/mnt
exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
mount -o loop,nodev,nosuid,noatime -- "$work/root.img" "$root"
for folder in proc sys dev boot var/tmp; do
  if [ -L "$root/$folder" ] || [ -L "$root/${folder%/*}" ] || [ ! -d "$root/$folder" ]; then
    echo "/$folder in the image is not a directory." >&2
    exit 1
  fi
done
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount -t tmpfs -o nosuid,mode=0755,size=1m dev "$root/dev"
for device in null zero full random urandom; do
  : >"$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
ln -s /proc/self/fd "$root/dev/fd"
# Its work files would fill the image.
mkdir -p -- "$work/tmp"
mount --bind "$work/tmp" "$root/var/tmp"

chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C TMPDIR=/var/tmp DOMDECK_JOB="${DOMDECK_JOB:-}" \
  mkinitramfs -o /var/tmp/initrd.img "$version"

rm -f -- "$root/boot/initrd.img-$version"
cp -- "$work/tmp/initrd.img" "$root/boot/initrd.img-$version"
umount -- "$root/var/tmp"
umount -R -- "$root/dev"
umount -- "$root/proc"
umount -- "$root"
