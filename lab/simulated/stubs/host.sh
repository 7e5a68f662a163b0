#!/bin/sh
# Small answers of a pretend host about itself, and the root-only tools a job may call that have nothing to act on here.
# Which one is told by the name it is run as.
set -u
me=${0##*/}
self() { exec "/usr/bin/$me" "$@"; }

case $me in
  hostname) printf '%s\n' "$SIM_NAME" ;;
  uname)
    case ${1-} in
      -n) printf '%s\n' "$SIM_NAME" ;;
      -r) cat "$SIM_HOST/xen/release" ;;
      -a) printf 'Linux %s %s #1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-11-16) x86_64 GNU/Linux\n' "$SIM_NAME" "$(cat "$SIM_HOST/xen/release")" ;;
      *) self "$@" ;;
    esac
    ;;
  nproc) printf '%s\n' "$SIM_CPUS" ;;
  whoami) printf 'root\n' ;;
  id)
    case ${1-} in
      -u | -g) printf '0\n' ;;
      -un | -gn) printf 'root\n' ;;
      *) printf 'uid=0(root) gid=0(root) groups=0(root)\n' ;;
    esac
    ;;
  sudo)
    while [ $# -gt 0 ]; do
      case $1 in
        --) shift && break ;;
        -*) shift ;;
        *) break ;;
      esac
    done
    exec "$@"
    ;;
  df)
    # Whatever disk this workstation has, a pretend host has room: its files are sparse.
    case ${1-} in
      -*T*) type='ext4 ' ;;
      -*) type='' ;;
      *) self "$@" ;;
    esac
    total=$((SIM_DISK_GB * 1024 * 1024))
    # A test fills it: SIM_HOST/xen/disk-used holds percents.
    share=38
    [ ! -e "$SIM_HOST/xen/disk-used" ] || read -r share <"$SIM_HOST/xen/disk-used"
    used=$((total * share / 100))
    printf 'Filesystem     %s1024-blocks      Used Available Capacity Mounted on\n' "${type:+Type }"
    printf '/dev/md0       %s%s %s %s      %s%% /srv\n' "$type" "$total" "$used" "$((total - used))" "$share"
    ;;
  stat)
    # Nothing is written to a pretend disk: what a guest has written is told in SIM_HOST/xen/written, a line `BLOCKS DEVICE:INODE`.
    [ "${1-} ${2-} ${3-}" = '-L -c %f %s %d:%i %b %B %z %n' ] || self "$@"
    "/usr/bin/$me" "$@" | WRITTEN=$SIM_HOST/xen/written awk '
      BEGIN { while ((getline line < ENVIRON["WRITTEN"]) > 0) { split(line, part, " "); blocks[part[2]] = part[1] } }
      $3 in blocks { $4 += blocks[$3] }
      { print }'
    ;;
  systemd-run)
    printf "System has not been booted with systemd as init system (PID 1). Can't operate.\nFailed to connect to bus: Host is down\n" >&2
    exit 1
    ;;
  ssh)
    # A pretend host reaches nobody, and must not try with the keys of whoever runs the fleet; a lent login uses nothing of theirs.
    [ "${1-} ${2-}" != '-F none' ] || exec /usr/bin/ssh "$@"
    printf 'Host key verification failed.\n' >&2
    exit 255
    ;;
  systemctl)
    case ${1-} in
      # The fleet looks for this file.
      reboot) exec touch "$SIM_HOST/xen/reboot" ;;
      stop | daemon-reload) exit 0 ;;
      # A test tells which units of storage are active.
      list-units) exec cat "$SIM_HOST/xen/units" 2>/dev/null ;;
    esac
    xendomains=$DOMDECK_ROOT/etc/systemd/system/xendomains.service.d
    case $* in
      'is-enabled xendomains')
        [ ! -e "$SIM_HOST/xen/no-xendomains" ] || { printf 'disabled\n' && exit 1; }
        printf 'enabled\n'
        ;;
      'is-active xendomains')
        [ -e "$SIM_HOST/xen/xendomains-ran" ] || { printf 'inactive\n' && exit 3; }
        printf 'active\n'
        ;;
      'enable xendomains') rm -f -- "$SIM_HOST/xen/no-xendomains" ;;
      'disable xendomains') : >"$SIM_HOST/xen/no-xendomains" ;;
      'show -p After --value xendomains.service')
        printf '%s\n' "network-online.target remote-fs.target xen.service$(sed -n 's/^After=/ /p' "$xendomains"/*.conf 2>/dev/null | tr -d '\n')"
        ;;
      'show -p Before --value srv-nas'*) printf 'umount.target remote-fs.target\n' ;;
      'show -p After --value '*.mount) printf 'local-fs-pre.target -.mount\n' ;;
      *) exit 1 ;;
    esac
    ;;
  systemd-escape)
    # Of a mount, whose path is last.
    while [ $# -gt 1 ]; do shift; done
    printf '%s.mount\n' "$(printf '%s' "${1#/}" | sed 's/ /\\x20/g; s,/,-,g')"
    ;;
  lsblk)
    # What a disk stands on; a test tells, a line `DISK NAME` each.
    while [ $# -gt 1 ]; do shift; done
    exec awk -v disk="$1" '$1 == disk { print $2 }' "$SIM_HOST/xen/lsblk"
    ;;
  # All whole, unless a test says otherwise.
  dpkg-query) cat "$SIM_HOST/xen/packages" 2>/dev/null || printf 'ii  xen-utils-4.17\nii  xen-hypervisor-4.17-amd64\n' ;;
  apt-get)
    # An upgrade brings a kernel, and makes the menu anew as its package does.
    case " $* " in
      *' -d '* | *' update '*) ;;
      *' dist-upgrade '*)
        for file in vmlinuz initrd.img; do printf 'simulated\n' >"$DOMDECK_ROOT/boot/$file-6.1.0-60-amd64"; done
        update-grub
        ;;
    esac
    ;;
  # No volume groups, whatever this workstation has.
  chown | chgrp | chattr | lvs) ;;
  *)
    printf '%s: not on a simulated host\n' "$me" >&2
    exit 127
    ;;
esac
