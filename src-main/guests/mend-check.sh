# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Does an image speak of its disks and its console as Xen does now? Reads only; for the look and for the mending. Says what it finds by
# `check VERDICT TITLE FACT [ADVICE]`, `text mend ID` where it can be mended, and `text change "ID + LINE"`. $config is that of the guest, or ''
# for an image by itself. disk-claims.sh, disk-files.sh, initrd.sh, config-keys.sh and mend-words.sh stand above this text.

# Sets mend_targets, a line `NAME DISK` for each disk that the guest writes to, by the name that it will see, and mend_disks, the names.
guest_targets() {
  mend_targets=$(awk "$guard_claims_awk" "$config" others </dev/null |
    awk -F '\t' '$1 == "S" && $4 == "w" { sub(/^[sh]d/, "xvd", $3); print $3 " " $7 }')
  mend_disks=$(printf '%s\n' "$mend_targets" | awk '{ printf "%s%s", (NR > 1 ? " " : ""), $1 }')
  export mend_disks
}

# Looks for the root on disks, lines `NAME DISK`. Sets mend_root and mend_systems, lines `OFFSET ROLE DISK`, and enters the root; else fails, and
# mend_unread says why.
find_mend_root() { # TARGETS
  mend_plain='' mend_root='' mend_systems='' mend_unread=''
  while read -r mend_name mend_target; do
    [ -z "$mend_name" ] || look_at_target "$mend_name" "$mend_target"
  done <<-END
	$1
	END
  export mend_plain
  [ -n "$mend_root" ] || return 1
  # What is on other disks than the root stays as it is.
  mend_systems=$(printf '%s' "$mend_systems" | awk -v disk="${mend_root#* * }" '{ path = $0; sub(/^[0-9]+ [a-z]+ /, "", path) } path == disk')
  mend_systems=$mend_systems$NL
  enter_system "$mend_root"
  find_init
}

look_at_target() { # NAME DISK
  look_at_disk "$2"
  case $disk_kind in
    none) mend_unread="there is no $2" ;;
    qcow2) mend_unread="$2 is a qcow2 image, which must be converted to be read" ;;
    *) [ -n "$disk_table" ] || mend_plain="$mend_plain${mend_plain:+ }$1" ;;
  esac
  fs_disk=$2
  while read -r fs_offset mend_type; do
    [ -n "$fs_offset" ] || continue
    if ! fs_readable "$mend_type"; then
      case $mend_type in swap | vfat) ;; *) mend_unread="$2 holds $mend_type, which cannot be read from outside" ;; esac
    elif [ -z "$mend_root" ] && fs_exists /etc && fs_exists /sbin/init; then
      mend_root="$fs_offset root $2"
      mend_systems="$mend_systems$mend_root$NL"
    elif fs_exists /grub/grub.cfg || fs_exists /grub/menu.lst || fs_exists /grub/grub.conf; then
      mend_systems="$mend_systems$fs_offset boot $2$NL"
    fi
  done <<-END
	$disk_systems
	END
}

enter_system() { # "OFFSET ROLE DISK"
  fs_offset=${1%% *} mend_role=${1#* } fs_disk=${1#* * }
  mend_role=${mend_role%% *}
}

# Sets mend_init and mend_getty, of the root.
find_init() {
  mend_init='' mend_getty=''
  for mend_file in /usr/sbin/agetty /sbin/agetty /sbin/getty; do
    if fs_exists "$mend_file"; then mend_getty=$mend_file; fi
  done
  fs_look /sbin/init
  case $fs_about in
    *'ink dest'*systemd*) mend_init=systemd ;;
    *)
      if fs_exists /sbin/initctl && fs_exists /etc/init; then
        mend_init=upstart
      elif fs_exists /etc/inittab; then
        mend_init=sysvinit
      fi
      ;;
  esac
  export mend_init mend_getty
}

# Sets mend_wrong and mend_fine to the ids of what is wrong and right, and mend_odd_ID to what cannot be mended and why.
check_files() {
  mend_wrong=' ' mend_fine=' ' mend_odd_fstab='' mend_odd_menu='' mend_odd_console='' mend_odd_getty='' mend_odd_login=''
  while read -r mend_system; do
    [ -n "$mend_system" ] || continue
    enter_system "$mend_system"
    mend_rows=$(mend_table "$mend_role")
    while read -r mend_id mend_path mend_function; do
      check_file
    done <<-ROWS
	$mend_rows
	ROWS
  done <<-END
	$mend_systems
	END
  enter_system "$mend_root"
  [ "$mend_init" != systemd ] || check_units
}

check_file() {
  fs_look "$mend_path"
  case $fs_type in
    '') [ "$mend_function" = mend_upstart ] || return 0 ;;
    regular)
      if ! [ "${fs_bytes:-0}" -le "$disk_most" ] 2>/dev/null; then
        eval "mend_odd_$mend_id=\"\$mend_path has \$fs_bytes bytes\""
        return 0
      fi
      ;;
    *)
      eval "mend_odd_$mend_id=\"\$mend_path is no plain file, but a \$fs_type\""
      return 0
      ;;
  esac
  mend_old=$(fs_cat "$mend_path")
  mend_now=$(mend_text "$mend_function")
  if [ "$mend_old" = "$mend_now" ]; then
    mend_fine="$mend_fine$mend_id "
  else
    mend_wrong="$mend_wrong$mend_id "
    tell_change
  fi
}

# What a text becomes, line by line; what comes new stands at its end.
tell_change() {
  mend_lines=$(mend_old=$mend_old mend_now=$mend_now awk 'BEGIN {
    old_count = split(ENVIRON["mend_old"], old, "\n")
    now_count = split(ENVIRON["mend_now"], now, "\n")
    for (i = 1; i <= now_count && told < 12; i++) {
      if (i <= old_count && old[i] == now[i]) continue
      if (i <= old_count && old[i] != "") print "- " old[i]
      if (now[i] != "") print "+ " now[i]
      told++
    }
  }' | LC_ALL=C tr -d '\001-\010\013-\037\177' | tr '\t' ' ' | cut -c 1-300)
  text change "$mend_id   $mend_path"
  while IFS= read -r mend_line; do
    [ -z "$mend_line" ] || text change "$mend_id $mend_line"
  done <<-END
	$mend_lines
	END
}

# systemd makes a login on hvc0 by itself (systemd-getty-generator(8)), unless somebody has forbidden it.
check_units() {
  fs_look /etc/systemd/system/serial-getty@hvc0.service
  case $fs_about in
    *'dest: "/dev/null"'*)
      mend_wrong="${mend_wrong}getty "
      text change 'getty - /etc/systemd/system/serial-getty@hvc0.service -> /dev/null'
      return 0
      ;;
  esac
  for mend_file in /etc/systemd/system/getty.target.wants/serial-getty@hvc0.service \
    /usr/lib/systemd/system-generators/systemd-getty-generator /lib/systemd/system-generators/systemd-getty-generator; do
    if fs_exists "$mend_file"; then
      mend_fine="${mend_fine}getty "
      return 0
    fi
  done
  mend_wrong="${mend_wrong}getty "
  text change 'getty + /etc/systemd/system/getty.target.wants/serial-getty@hvc0.service'
}

# say_item ID TITLE VERDICT WRONG WHY FINE: what is found, once for each id.
say_item() {
  eval "mend_odd=\$mend_odd_$1"
  case $mend_wrong in
    *" $1 "*)
      check "$3" "$2" "$4" "$5"
      text mend "$1"
      return 0
      ;;
  esac
  if [ -n "$mend_odd" ]; then
    check warn "$2" "$mend_odd" 'It is left alone; look at it in the guest.'
  else
    case $mend_fine in *" $1 "*) check pass "$2" "$6" ;; esac
  fi
}

say_files() {
  say_item fstab 'Disks in fstab' fail 'names disks of other machines' \
    'Linux calls the disks of a Xen guest xvda and so on: sda is not there, and the boot stops where its file systems are checked.' 'names none of other machines'
  say_item menu 'Disks in the boot menu' fail 'names a root of other machines' 'The kernel would wait for a disk that is not there.' 'names none of other machines'
  say_item console 'Console of the kernel' warn 'no console=hvc0 in the boot menu' 'What the kernel says goes where nobody sees it, and where systemd rules, the login too.' 'hvc0'
  case $mend_init in
    '') check warn 'Login' 'no init that Domdeck knows' 'Look in the guest that something asks for a login on hvc0.' ;;
    *)
      if [ -z "$mend_getty" ] && [ "$mend_init" != systemd ]; then
        mend_wrong=$(printf '%s' "$mend_wrong" | sed 's/ getty / /g')
        mend_odd_getty='there is no getty in it'
      fi
      say_item getty 'Login' fail "$mend_init starts none on hvc0" 'hvc0 is the console of a Xen guest; without a login there it stays blank.' "on hvc0, by $mend_init"
      ;;
  esac
  say_item login 'Login of root' warn 'may not log in on hvc0' 'In /etc/securetty stands where root may log in.' 'may log in on hvc0'
}

# The config: sda in its disks, the root, and the console where Xen gives the kernel its words. Sets mend_values, KEY VALUE of what is to be
# written, as arguments for config_set.
check_config() {
  mend_keys='' mend_direct=''
  mend_kernel=$(config_get "$config" kernel) || mend_kernel=''
  mend_type=$(config_get "$config" type) || mend_type=$(config_get "$config" builder) || mend_type=pv
  case $mend_type in
    *hvm*)
      check pass 'Config' 'HVM: its disks are there under both names'
      return 0
      ;;
  esac
  case $mend_kernel in
    '' | *grub*) ;;
    *) config_get "$config" bootloader >/dev/null || mend_direct=1 ;;
  esac
  for mend_key in disk root extra cmdline; do
    mend_old=$(config_get "$config" "$mend_key") || continue
    mend_now=$(printf '%s\n' "$mend_old" | config_value "$mend_key")
    [ "$mend_old" != "$mend_now" ] || continue
    mend_keys="$mend_keys $mend_key"
    mend_id=cfg mend_path="$mend_key in $config"
    tell_change
  done
  if [ -n "$mend_keys" ]; then
    check warn 'Config' "$config has sda, or no console=hvc0" 'Linux calls the disk xvda whatever it is called here; what the guest says must fit it.'
    text mend cfg
  else
    check pass 'Config' 'xvda, and hvc0 where Xen gives the words'
  fi
}

# The value of a key as it should be.
config_value() { # KEY
  case $1$mend_direct in
    disk*) mend_disk_value ;;
    extra1 | cmdline1) mend_root_value | awk '$0 !~ /console=hvc0/ { sub(/console=xvc0 ?/, ""); $0 = substr($0, 1, length($0) - 1) " console=hvc0" substr($0, length($0)) } { print }' ;;
    *) mend_root_value ;;
  esac
}

initrd_names_fs() { # PATH in the file system
  fs_run "cat $1" | initrd_filter "$(fs_run "cat $1" | head -c 4 | od -An -tx1)" 2>/dev/null | head -c 1073741824 | cpio -t --quiet 2>/dev/null
}

# Whether the initrd that boots the guest finds a disk of Xen, and one of KVM.
check_initrd() {
  mend_version='' mend_list='' mend_built=''
  if [ -n "$config" ] && [ -n "$mend_direct" ]; then
    mend_initrd=$(config_get "$config" ramdisk) || return 0
    mend_initrd=${mend_initrd#?} mend_initrd=${mend_initrd%?}
    [ -f "$mend_initrd" ] || return 0
    mend_list=$(initrd_list "$mend_initrd" | initrd_drivers | sort -u) || :
    mend_about=$mend_initrd
  else
    mend_boot=$(printf '%s' "$mend_systems" | grep ' boot ') || mend_boot=$mend_root
    enter_system "${mend_boot%%"$NL"*}"
    mend_folder=/boot
    [ "$mend_role" = root ] || mend_folder=
    mend_initrd=$(fs_names "${mend_folder:-/}" | grep -E '^(initrd\.img|initramfs|initrd)-[0-9]' | grep -v kdump | sort -V | tail -n 1) || mend_initrd=''
    if [ -z "$mend_initrd" ]; then
      enter_system "$mend_root"
      return 0
    fi
    mend_version=${mend_initrd#*-} mend_version=${mend_version%.img}
    mend_about=$mend_folder/$mend_initrd
    mend_list=$(initrd_names_fs "$mend_about" | initrd_drivers | sort -u) || :
    mend_built=$(fs_run "cat $mend_folder/config-$mend_version" | head -c 1048576 |
      sed -n 's/^CONFIG_XEN_BLKDEV_FRONTEND=y/xen-blkfront/p; s/^CONFIG_XEN_NETDEV_FRONTEND=y/xen-netfront/p; s/^CONFIG_VIRTIO_\(BLK\|PCI\|NET\)=y/virtio_\L\1/p') || :
    enter_system "$mend_root"
  fi
  mend_missing=''
  for mend_driver in xen-blkfront xen-netfront virtio_pci virtio_blk virtio_net; do
    printf '%s\n' "$mend_list" "$mend_built" | tr '-' '_' | grep -qx "$(printf '%s' "$mend_driver" | tr '-' '_')" || mend_missing="$mend_missing $mend_driver"
  done
  case $mend_missing in
    '') check pass 'Drivers' "Xen's and virtio in $mend_about" ;;
    *' xen-blkfront'*) say_drivers fail 'Without xen-blkfront the kernel finds no disk of Xen, unless the driver is built into it.' ;;
    *) say_drivers warn 'It boots under Xen; what is missing is for the network this early, or for KVM.' ;;
  esac
}

say_drivers() { # VERDICT WHY
  if [ -n "$mend_version" ] && fs_exists /usr/sbin/mkinitramfs; then
    check "$1" 'Drivers' "not in $mend_about:$mend_missing" "$2 Mending runs the mkinitramfs of the image on this host as root, apart: only for images that you trust."
    text mend initrd
    text change "initrd + /etc/initramfs-tools/modules:$mend_missing"
  else
    check "$1" 'Drivers' "not in $mend_about:$mend_missing" "$2 Make its initrd anew in the guest, with these drivers."
  fi
}

# All of it. Fails where there is nothing to look at, and has said why.
check_image() { # TARGETS
  if ! find_mend_root "$1"; then
    check fail 'Root' "${mend_unread:-no file system with an init on it}" 'Only a root on ext2, ext3 or ext4, in a file, a volume or a partition, can be looked into.'
    return 1
  fi
  check pass 'Root' "on ${mend_root#* * }, ${mend_init:-an init of its own}"
  check_files
  say_files
  mend_direct=''
  [ -z "$config" ] || check_config
  check_initrd
}
