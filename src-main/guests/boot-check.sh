# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Can the guest whose config is $config boot as $way says? Reads only; for the look at a guest and for the switch itself, which say what is found by
# `check VERDICT TITLE FACT [ADVICE]` and `text KEY WORDS`. $boot_type, $boot_kernel and $boot_ramdisk are as the config has them, or shall have
# them. disk-claims.sh, disk-files.sh, kernel-release.sh and domain.sh stand above this text.

# Sets origin_mode, and origin to `BASE/GENERATION`, of a guest of ours.
read_boot_origin() {
  origin='' origin_mode='' boot_about=''
  { IFS= read -r boot_about <"${config%/*}/guest.json"; } 2>/dev/null || :
  case $boot_about in *'"mode":"'*) ;; *) return 0 ;; esac
  origin_mode=${boot_about#*\"mode\":\"} origin_mode=${origin_mode%%\"*}
  case $boot_about in
    *'"base":"'*)
      origin=${boot_about#*\"base\":\"} origin=${origin%%\"*}
      boot_about=${boot_about#*\"generation\":}
      origin=$origin/${boot_about%%[!0-9]*}
      ;;
  esac
}

# Sets boot_running to 1 while there is a domain of the guest $uuid, or, without one, of its name.
look_at_domain() {
  if [ -n "$uuid" ]; then domids_of "$uuid"; else domids_named "$name"; fi || domids=unknown
  boot_running=''
  [ -z "$domids" ] || boot_running=1
}

# Looks through the disks of the guest. Sets boot_menu to `DISK PATH` of the menu that GRUB 2 finds, boot_legacy to that of GRUB 1, boot_first to
# the first disk, boot_kernels and boot_layer_kernels to names, and boot_unread to why something could not be looked into.
look_at_disks() {
  boot_menu='' boot_legacy='' boot_first='' boot_first_target='' boot_kernels='' boot_layer_kernels='' boot_unread=''
  case $origin_mode in
    overlay | throwaway)
      # Its base is never written to, so it can be read while the guest runs.
      boot_first=xvda boot_first_target=$root/bases/$origin/root.img
      look_at_systems base "$boot_first" "$boot_first_target"
      boot_menu='' boot_legacy=''
      case $origin_mode$boot_running$boot_about in
        overlay*'"encrypted":true'*) boot_unread='its layer is encrypted' ;;
        overlay1*) boot_unread='its layer is in use' ;;
        overlay*) look_at_layer ;;
      esac
      return 0
      ;;
  esac
  if [ -n "$boot_running" ]; then
    boot_unread='its disks are in use'
    return 0
  fi
  boot_rows=$(awk "$guard_claims_awk" "$config" others </dev/null | awk -F '\t' '$1 == "S" && $4 == "w" { print $3 " " $7 }')
  while read -r boot_vdev boot_target; do
    [ -n "$boot_vdev" ] || continue
    [ -n "$boot_first" ] || boot_first=$boot_vdev boot_first_target=$boot_target
    look_at_systems disk "$boot_vdev" "$boot_target"
  done <<-END
	$boot_rows
	END
}

look_at_systems() { # PLACE VDEV DISK
  look_at_disk "$3"
  case $disk_kind in
    none) boot_unread="$3 is not there" ;;
    qcow2) boot_unread="$2 is a qcow2 image" ;;
  esac
  fs_disk=$3
  [ "$2" != "$boot_first" ] || boot_table=$disk_table boot_bios=$disk_bios
  while read -r fs_offset boot_system; do
    [ -n "$fs_offset" ] || continue
    if ! fs_readable "$boot_system"; then
      case $boot_system in swap | vfat) ;; *) boot_unread="$2 holds $boot_system, which cannot be read from outside" ;; esac
      continue
    fi
    # A file system of its own for /boot has no /etc, and the kernels at its top.
    boot_folder=/boot
    fs_exists /etc || boot_folder=
    for boot_file in $(fs_names "${boot_folder:-/}"); do
      case $boot_file in vmlinu[xz]-* | kernel-*) found_kernel "$1" "$boot_file" ;; esac
    done
    # Where grub-xen-host looks, in its order (Debian's grub2, debian/grub-xen-host_grub.cfg).
    for boot_file in "$boot_folder/grub/grub.cfg" /grub/grub.cfg; do
      if [ -n "$boot_menu" ] || ! fs_file "$boot_file"; then continue; fi
      boot_menu="$2 $boot_file"
      tell_menu "$boot_file"
    done
    for boot_file in "$boot_folder/grub/menu.lst" "$boot_folder/grub/grub.conf"; do
      if [ -n "$boot_menu$boot_legacy" ] || ! fs_file "$boot_file"; then continue; fi
      boot_legacy="$2 $boot_file"
      tell_menu "$boot_file"
    done
  done <<-END
	$disk_systems
	END
}

look_at_layer() {
  look_at_disk "${config%/*}/layer.img"
  fs_disk=${config%/*}/layer.img fs_offset=0
  case $disk_systems in '0 ext'*) ;; *) return 0 ;; esac
  for boot_file in $(fs_names /upper/boot); do
    case $boot_file in vmlinu[xz]-*) found_kernel layer "$boot_file" ;; esac
  done
}

found_kernel() { # PLACE NAME
  text kernel "$1 $2"
  if [ "$1" = layer ]; then boot_layer_kernels="$boot_layer_kernels${2#*-} "; else boot_kernels="$boot_kernels${2#*-}$NL"; fi
}

# Of a menu only the lines that make it one.
tell_menu() { # PATH
  boot_lines=$(fs_cat "$1" | LC_ALL=C tr -d '\001-\010\013-\037\177' | tr '\t' ' ' |
    grep -E '^ *(menuentry|submenu|title|linux(16|efi)?|kernel|multiboot2?|\})( |=|$)' | cut -c 1-500 | head -n 500) || :
  while IFS= read -r boot_line; do
    [ -z "$boot_line" ] || text menu "$boot_line"
  done <<-END
	$boot_lines
	END
}

# All that must be so for the guest to boot this $way.
check_boot() {
  boot_table='' boot_bios=''
  read_boot_origin
  look_at_domain
  look_at_disks
  case $domids in
    '')
      if [ -e "${config%/*}/saved" ]; then
        check fail 'Guest' "$name is saved" 'Start it first, or discard what was saved.'
      else
        check pass 'Guest' 'off'
      fi
      ;;
    unknown) check fail 'Guest' 'xl does not answer' 'Run xl list on the host.' ;;
    *) check fail 'Guest' "$name runs" 'Shut it down first: how a guest boots is read when it starts.' ;;
  esac
  case $origin_mode$way in
    overlayhvm | overlayp* | throwawayhvm | throwawayp*)
      check fail 'Root' 'is made of its base and its layer, by the initrd' \
        'No loader can read that before the guest runs. Clone it as a full copy, a reflink, thin or qcow2 to have it choose its kernel.'
      ;;
    draft*) check fail 'Root' 'is a draft' 'Publish it first; its guests boot as they are made.' ;;
  esac
  check_hardware
  case $way in
    direct) check_direct ;;
    pvgrub) check_pvgrub ;;
    pygrub) check_pygrub ;;
    hvm) check_hvm ;;
  esac
}

check_hardware() {
  # PV shows in the hypervisor's caps alone, the rest in those of the hardware.
  boot_caps=" $(xl info 2>/dev/null | sed -n 's/^\(virt\|xen\)_caps *: *//p' | tr '\n' ' ') "
  case $boot_type:$boot_caps in
    pv:*' xen-3.0-x86_64 '*) check pass 'Hardware' 'PV needs none' ;;
    pv:*) check fail 'Hardware' 'Xen here makes no PV guests' 'Choose PVH, or start Xen with its PV support.' ;;
    pvh:*' hap '* | hvm:*' hvm '*) check pass 'Hardware' "can virtualise, as $(printf %s "$boot_type" | tr '[:lower:]' '[:upper:]') needs it" ;;
    pvh:*' hvm '*) check fail 'Hardware' 'no nested paging, which PVH needs' 'Choose PV. (EPT or NPT may be off in the firmware of the host.)' ;;
    *) check fail 'Hardware' 'no virtualisation' 'Choose PV, or turn on VT-x or SVM in the firmware of the host.' ;;
  esac
}

check_direct() {
  if [ ! -f "$boot_kernel" ] || [ ! -s "$boot_kernel" ]; then
    check fail 'Kernel' "there is no $boot_kernel on this host" 'Give the path of a kernel on the host: Xen loads it from there.'
  elif [ -n "$boot_ramdisk" ] && { [ ! -f "$boot_ramdisk" ] || [ ! -s "$boot_ramdisk" ]; }; then
    check fail 'Initrd' "there is no $boot_ramdisk on this host" 'Give the path of an initrd on the host, or none.'
  else
    booted=$(kernel_release "$boot_kernel") || booted=''
    if [ -z "$booted" ]; then booted=$(sed -n 's/.*"kernelVersion":"\([^"]*\)".*/\1/p' "${boot_kernel%/*}/base.json" 2>/dev/null) || booted=''; fi
    [ -z "$booted" ] || text booted "$booted"
    check pass 'Kernel' "$boot_kernel${booted:+, $booted}"
    never_booted
  fi
}

# Kernels that the guest has put where a direct boot never looks.
never_booted() {
  if [ -n "$boot_layer_kernels" ]; then
    check warn 'Kernel in the layer' "${boot_layer_kernels% } is never booted" \
      "Xen loads the kernel of the base${booted:+, $booted}. Promote the guest, or install the kernel in a draft of the base and publish that."
  fi
  [ -n "$booted" ] && [ -z "$origin" ] || return 0
  boot_newest=$(printf '%s' "$boot_kernels" | sort -V | tail -n 1)
  [ -n "$boot_newest" ] && [ "$boot_newest" != "$booted" ] &&
    [ "$(printf '%s\n' "$boot_newest" "$booted" | sort -V | tail -n 1)" = "$boot_newest" ] || return 0
  check warn 'Kernel on the disk' "$boot_newest is never booted" "Xen loads $boot_kernel, $booted. Boot by pvgrub to have the guest choose its kernel."
}

check_pvgrub() {
  if [ -f "${DOMDECK_ROOT:-}$boot_kernel" ]; then
    check pass 'Loader' "$boot_kernel"
  else
    check fail 'Loader' "there is no $boot_kernel on this host" 'Install it there: apt install grub-xen-host.'
  fi
  if [ -n "$boot_menu" ]; then
    check pass 'Menu' "${boot_menu#* } on ${boot_menu%% *}"
    kernels_there
  elif [ -n "$boot_legacy" ]; then
    check fail 'Menu' "only ${boot_legacy#* } on ${boot_legacy%% *}, of GRUB 1, which pvgrub does not read" \
      'In the guest: apt install grub2-common, then update-grub. Or boot it by pygrub until then.'
  else
    no_menu
  fi
}

check_pygrub() {
  boot_loader=''
  for boot_file in "${DOMDECK_ROOT:-}"/usr/lib/xen*/bin/pygrub "${DOMDECK_ROOT:-}"/usr/libexec/xen*/bin/pygrub "${DOMDECK_ROOT:-}"/usr/bin/pygrub; do
    [ ! -f "$boot_file" ] || boot_loader=$boot_file
  done
  if [ -n "$boot_loader" ]; then
    check warn 'Loader' 'pygrub, which Xen calls deprecated' 'It reads what the guest has written on dom0, as root, and knows no new file systems. Choose pvgrub where you can.'
  else
    check fail 'Loader' 'there is no pygrub on this host' 'Choose pvgrub.'
  fi
  boot_found=${boot_menu:-$boot_legacy}
  if [ -z "$boot_found" ]; then
    no_menu
  elif [ "${boot_found%% *}" != "$boot_first" ]; then
    check fail 'Menu' "${boot_found#* } is on ${boot_found%% *}, and pygrub reads $boot_first alone" 'Put that disk first in the config, or choose pvgrub.'
  else
    check pass 'Menu' "${boot_found#* } on $boot_first"
    kernels_there
  fi
}

no_menu() {
  if [ -n "$boot_unread" ]; then
    check warn 'Menu' "not looked for: $boot_unread" 'If there is none, the guest does not boot; switch back then.'
  else
    check fail 'Menu' 'no /boot/grub/grub.cfg on its disks' 'In the guest: apt install grub2-common, then update-grub. Or have Domdeck put GRUB on the disk.'
  fi
}

kernels_there() {
  if [ -n "$boot_kernels" ]; then
    check pass 'Kernels' "$(printf '%s' "$boot_kernels" | sort -V | tail -n 1) is the newest"
  elif [ -n "$boot_unread" ]; then
    check warn 'Kernels' "not looked for: $boot_unread" 'If there is none, the guest does not boot; switch back then.'
  else
    check fail 'Kernels' 'no /boot/vmlinuz-* on its disks' 'Install a kernel in the guest.'
  fi
}

check_hvm() {
  boot_loader=''
  for boot_file in "${DOMDECK_ROOT:-}"/usr/lib/xen*/boot/hvmloader "${DOMDECK_ROOT:-}"/usr/libexec/xen*/boot/hvmloader; do
    [ ! -f "$boot_file" ] || boot_loader=$boot_file
  done
  boot_qemu=''
  for boot_file in "${DOMDECK_ROOT:-}"/usr/libexec/xen-qemu-system-* "${DOMDECK_ROOT:-}"/usr/lib/xen*/bin/qemu-system-* "${DOMDECK_ROOT:-}"/usr/bin/qemu-system-i386; do
    [ ! -f "$boot_file" ] || boot_qemu=$boot_file
  done
  if [ -z "$boot_loader" ]; then
    check fail 'Loader' 'there is no hvmloader on this host' "Install Xen's tools there: apt install xen-utils."
  elif [ -z "$boot_qemu" ]; then
    check fail 'Loader' 'there is no qemu for HVM guests on this host' 'Install it there: apt install qemu-system-xen.'
  else
    check pass 'Loader' "its disk's own, in qemu"
  fi
  if [ -z "$boot_table" ] && [ -n "$boot_unread" ]; then
    check warn 'Boot sector' "not looked for: $boot_unread" 'If there is no loader in it, the guest does not boot; switch back then.'
  elif [ -z "$boot_table" ]; then
    check fail 'Boot sector' "$boot_first has no partition table, so no room for a loader" 'Make the disk bootable first, or choose pvgrub.'
  elif ! disk_has_loader "$boot_first_target"; then
    check fail 'Boot sector' "$boot_first has no loader in it" 'Put GRUB on the disk first, or choose pvgrub.'
  elif [ "$boot_table" = gpt ] && [ -z "$boot_bios" ]; then
    check warn 'Boot sector' "$boot_first has a GPT without a BIOS boot partition" 'GRUB may not find the rest of itself there.'
  else
    check pass 'Boot sector' "a loader on $boot_first"
  fi
}
