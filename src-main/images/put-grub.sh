#!/bin/sh
# put-grub.sh JOB FILE OFFSET BYTES FOLDER MODULES: GRUB onto the disk image that the link JOB/disk leads to. The file system at OFFSET of FILE, which
# is that image or a part of it, has GRUB's files in FOLDER (/boot; empty where /boot is that file system). JOB/mnt is the mount point, JOB/grub.cfg goes
# into the image, and JOB/fstab where it is.
# It runs in namespaces of its own, so that the mount goes with it whatever ends it. grub-install gets no device: its map names the image as the
# first disk, so there is no disk of the host that it could take for it. Nothing of the image is executed, and nothing is written through its
# links, which could lead out into dom0's own files.
set -eu
export LC_ALL=C
job=$1 file=$2 offset=$3 bytes=$4 folder=$5 modules=$6
umask 022
# The job's locks are not ours to hold.
exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
mount -o "loop,offset=$offset,sizelimit=$bytes,nosymfollow,nodev,nosuid,noexec,noatime" -- "$file" "$job/mnt"
cd -- "$job/mnt"
boot=.$folder

refuse() { # WHY, one line for the job to tell
  printf '%s\n' "$1" >"$job/why"
  exit 1
}

for path in "$boot" "$boot/grub" ./etc; do
  [ ! -L "$path" ] || refuse "${path#.} in the image is a link, and Domdeck does not write through it."
done
# What a full set of modules takes, and more.
room=$(df -Pm . | awk 'NR == 2 { print $4 }')
[ "$room" -ge 12 ] || refuse "the file system in the image has $room MB free, and 12 MB are needed."

put() { # FILE PATH
  rm -rf --one-file-system -- "$2"
  cp -- "$1" "$2"
  chmod 0644 "$2"
}

mkdir -p -- "$boot/grub"
if [ -f "$boot/grub/grub.cfg" ] && [ ! -L "$boot/grub/grub.cfg" ]; then
  rm -rf --one-file-system -- "$boot/grub/grub.cfg.old"
  mv -T -- "$boot/grub/grub.cfg" "$boot/grub/grub.cfg.old"
fi
for name in i386-pc fonts locale grubenv grubenv.new device.map; do
  rm -rf --one-file-system -- "$boot/grub/$name"
done
printf '(hd0) %s\n' "$job/disk" >"$boot/grub/device.map"
if ! said=$(grub-install --target=i386-pc --boot-directory="$job/mnt$folder" --modules="$modules" --locales= --fonts= --themes= '(hd0)' 2>&1); then
  printf '%s\n' "$said" >&2
  refuse "$(printf '%s\n' "$said" | sed -n 's/^grub-install: \(error\|warning\): //p' | tr '\n' ' ')"
fi
printf '%s\n' "$said"
rm -f -- "$boot/grub/device.map"
put "$job/grub.cfg" "$boot/grub/grub.cfg"
if [ -e "$job/fstab" ]; then put "$job/fstab" ./etc/fstab; fi
cd /
umount -- "$job/mnt"
