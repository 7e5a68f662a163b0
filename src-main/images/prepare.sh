#!/bin/sh
# prepare.sh WORK: turns the copy WORK/root.img into a base. WORK/guest holds the files that go into it.
# Import runs it in namespaces of its own, so that the mount goes with it whatever ends it. Nothing of the image is executed here.
# A link in the image could lead a write out into dom0's own files, so every directory on the way must be a real one.
set -eu
export LC_ALL=C
work=$1
root=$work/mnt
umask 022
# The job's locks are not ours to hold.
exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
mount -o loop,nodev,nosuid,noatime -- "$work/root.img" "$root"
cd -- "$root"

real() { # PATH: refuses one that a linked directory is on the way of
  walk=$1
  while [ "${walk%/*}" != "$walk" ]; do
    walk=${walk%/*}
    if [ -L "$walk" ]; then
      printf '%s\n' "/$walk in the image is a link; Domdeck does not write through it." >&2
      exit 1
    fi
  done
}

put() { # PATH MODE: stdin becomes the file
  real "$1"
  mkdir -p -- "${1%/*}"
  rm -f -- "$1"
  cat >"$1"
  chmod "$2" "$1"
}

link() { # PATH TARGET
  real "$1"
  mkdir -p -- "${1%/*}"
  ln -sfn -- "$2" "$1"
}

drop() { # PATH...
  for path; do
    real "$path"
    rm -rf --one-file-system -- "$path"
  done
}

systemd=''
if [ -e usr/lib/systemd/systemd ] || [ -e lib/systemd/systemd ]; then systemd=1; fi

echo 'Identity: every guest makes its own'
# Empty, not absent: systemd then makes a new id at each guest's first boot without taking it for a first boot of the system.
if [ -n "$systemd" ] || [ -e etc/machine-id ]; then put etc/machine-id 0444 </dev/null; fi
drop var/lib/dbus/machine-id var/lib/systemd/random-seed var/lib/systemd/credential.secret etc/udev/rules.d/70-persistent-net.rules
drop etc/ssh/ssh_host_*_key etc/ssh/ssh_host_*_key.pub
drop var/lib/dhcp/*.leases var/lib/dhclient/*.leases var/lib/NetworkManager/*.lease var/lib/cloud/instances root/.bash_history
if [ -e etc/hostname ]; then echo localhost | put etc/hostname 0644; fi

echo 'Logs: emptied'
drop var/log/journal/* var/cache/apt/archives/*.deb
real var/log/x
if [ -d var/log ]; then find var/log -xdev -type f -size +0 -exec truncate -s 0 -- {} +; fi

if [ -f etc/fstab ] && [ ! -L etc/fstab ]; then
  echo 'fstab: only what a guest of this base has'
  awk '
    /^[ \t]*(#|$)/ { print; next }
    $2 == "/" { print "# Domdeck: the initrd mounts the root, as an overlay of this base and the layer of the guest.\n#" $0; next }
    $3 ~ /^(tmpfs|proc|sysfs|devpts|debugfs|tracefs|cgroup2?|hugetlbfs|mqueue|bpf|9p|nfs4?|cifs|ceph)$/ { print; next }
    { print "# Domdeck: this disk is not part of the base; remove the # where a guest has it.\n#" $0 }
  ' etc/fstab >"$work/fstab"
  put etc/fstab 0644 <"$work/fstab"
fi

if [ -n "$systemd" ]; then
  echo 'Units: login on hvc0, SSH host keys at the first boot'
  link etc/systemd/system/getty.target.wants/serial-getty@hvc0.service /lib/systemd/system/serial-getty@.service
  put etc/systemd/system/domdeck-ssh-keys.service 0644 <"$work/guest/ssh-keys"
  link etc/systemd/system/multi-user.target.wants/domdeck-ssh-keys.service /etc/systemd/system/domdeck-ssh-keys.service
fi

if [ -e usr/sbin/mkinitramfs ]; then
  echo 'Union-root hook: into /etc/initramfs-tools'
  put etc/initramfs-tools/hooks/domdeck 0755 <"$work/guest/hook"
  put etc/initramfs-tools/scripts/local-top/domdeck 0755 <"$work/guest/local-top"
  put etc/initramfs-tools/scripts/local-bottom/domdeck 0755 <"$work/guest/local-bottom"
  put etc/initramfs-tools/scripts/domdeck-encryption 0644 <"$work/guest/encryption"
  {
    echo '# Domdeck: a guest has no disk to resume from, and waiting for one would delay its boot; its root is ext4.'
    echo 'RESUME=none'
    echo 'FSTYPE=ext4'
    # In a chroot on dom0 the hardware seen is dom0's.
    if grep -rqs '^MODULES=dep' etc/initramfs-tools/initramfs.conf etc/initramfs-tools/conf.d; then echo 'MODULES=most'; fi
  } | put etc/initramfs-tools/conf.d/zz-domdeck 0644
fi
cd /
umount -- "$root"
