# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the scripts around
# Can GRUB be put on an image, or a bootable disk be made of one? Reads only; shared by the preflight and by the jobs. Says what it finds through
# `check VERDICT TITLE FACT [ADVICE]`, VERDICT being pass, warn or fail. disk-guard.sh, space.sh, new-file.sh, inspect.sh and disk-layout.sh
# stand above this text.

inspect_grub() { # IMAGE: what would be done to it in place
  inspect_modules
  inspect_is_image "$1" || return 0
  case $image in
    "$(readlink -f -- "$root")"/bases/* | "$(readlink -f -- "$root")"/packages/*)
      check fail 'In use' "$image is an image that guests share, which never changes" 'Make a bootable disk of it instead, which is a file of its own.'
      return 0
      ;;
  esac
  # A config of a guest that is off may name it: that guest is what it is for.
  guard_off=1
  if guard_disks "w:$image"; then
    check pass 'In use' 'nobody uses it'
  else
    check fail 'In use' "${guard_what%.}" "$guard_hint"
  fi
  if [ "$image_kind" = raw ]; then
    inspect_disk "$image"
    inspect_room "$image" "$(stat -c '%b * %B / 1024' -- "$image")"
  else
    # Unpacked, and packed again.
    inspect_room "$image" "2 * $(stat -c '%b * %B / 1024' -- "$image")"
  fi
}

inspect_modules() {
  inspect_missing=''
  for inspect_tool in grub-install:grub2-common grub-fstest:grub-common partx:util-linux sfdisk:fdisk setpriv:util-linux; do
    command -v "${inspect_tool%:*}" >/dev/null || inspect_missing="$inspect_missing ${inspect_tool#*:}"
  done
  [ -f "${DOMDECK_ROOT:-}/usr/lib/grub/i386-pc/boot.img" ] || inspect_missing="$inspect_missing grub-pc-bin"
  if [ -z "$inspect_missing" ]; then
    inspect_version=$(grub-install --version) || inspect_version=''
    check pass 'GRUB' "${inspect_version##* } for BIOS"
  else
    check fail 'GRUB' 'this host has no GRUB for BIOS' \
      "Install it there: apt install --no-install-recommends$inspect_missing. How the host itself boots stays as it is."
  fi
}

# Sets image to the file itself, behind all links, and image_kind to raw or qcow2; fails unless it is an image file that nobody else has by
# another name. A disk is refused whatever it is, and by the name of who uses it.
inspect_is_image() { # PATH
  image=$(readlink -f -- "$1") || image=$1
  inspect_name=$1
  [ "$image" = "$1" ] || inspect_name="$1, which leads to $image,"
  if [ ! -e "$image" ]; then
    check fail 'Image' "$inspect_name does not exist" 'Check the path on the host.'
  elif [ -b "$image" ]; then
    guard_off=''
    if guard_disks "w:$image"; then
      check fail 'Image' "$inspect_name is a disk, not an image file" 'Give the path of an image file. A disk is left to who owns it.'
    else
      check fail 'Image' "$inspect_name is a disk, not an image file. ${guard_what%.}" 'Give the path of an image file. A disk is left to who owns it.'
    fi
  elif [ ! -f "$image" ]; then
    check fail 'Image' "$inspect_name is not a file" 'Give the path of an image file.'
  elif [ ! -s "$image" ]; then
    check fail 'Image' "$inspect_name is empty" 'Give the path of the image of a disk.'
  elif [ "$(stat -c %h -- "$image")" != 1 ]; then
    check fail 'Image' "$inspect_name has a second name (hard link)" 'The one would change and the other not. Make a copy of it first: cp --reflink=auto.'
  else
    image_kind=raw
    image_bytes=$(stat -c %s -- "$image")
    case $(head -c 4 -- "$image" | od -An -tx1) in
      *'51 46 49 fb'*) image_kind=qcow2 && inspect_qcow2 "$image" && inspect_alone "$image" || return 1 ;;
    esac
    return 0
  fi
  return 1
}

# A qcow2 is unpacked and packed again, so what it stands on, and its snapshots, would be lost.
inspect_alone() { # IMAGE
  image_info=$(qemu-img info -U --output=json -- "$1") || image_info=''
  case $image_info in
    *'"backing-filename":'*) inspect_has='stands on a backing file' ;;
    *'"snapshots":'*) inspect_has='has snapshots' ;;
    *) return 0 ;;
  esac
  check fail 'Image' "$1 $inspect_has" 'Make a whole image of it first: qemu-img convert -O qcow2 OLD NEW.'
  return 1
}

# A disk image at TARGET of the file system that SOURCE is, in a partition of its own.
inspect_bootable() { # SOURCE TARGET
  inspect_modules
  inspect_is_image "$1" || return 0
  if guard_disks "r:$image"; then
    check pass 'In use' 'nobody writes to it'
  else
    check fail 'In use' "${guard_what%.}" "$guard_hint"
  fi
  if ! new_file_at "$2"; then
    check fail 'To' "${new_what%.}" "$new_hint"
    return 0
  fi
  if [ "$image_kind" = raw ]; then
    inspect_file_system "$image"
    inspect_room "$2" "$(stat -c '%b * %B / 1024' -- "$image")"
  else
    inspect_room "$2" "2 * $(stat -c '%b * %B / 1024' -- "$image")"
  fi
}

# What is on a raw image without partitions. Sets all of disk-layout.sh.
inspect_file_system() { # IMAGE
  disk_read "$1"
  if [ -n "$disk_table" ]; then
    check fail 'Image' "$1 is a whole disk with a partition table already ($disk_table)" 'Put GRUB on it as it is.'
    return 1
  fi
  disk_add loop0 '' "0+$disk_end" it
  if ! disk_find; then
    check fail 'System' "$1: $disk_what" "$disk_hint"
    return 1
  fi
  check pass 'Image' "$root_type, $((image_bytes / 1048576)) MB"
  inspect_kernels
}

# What is on a raw disk image. Sets all of disk-layout.sh.
inspect_disk() { # IMAGE
  disk_read "$1"
  case $disk_table in
    dos) disk_named=MBR ;;
    gpt) disk_named=GPT ;;
    '')
      check fail 'Image' "$1 has no partition table, so there is no place for GRUB" 'Make a bootable disk of it.'
      return 1
      ;;
    *)
      check fail 'Image' "$1 has a partition table that GRUB cannot be put on ($disk_table)" 'It takes MBR or GPT.'
      return 1
      ;;
  esac
  check pass 'Image' "$disk_named, $((image_bytes / 1048576)) MB"
  if [ "$disk_table" = gpt ] && [ -z "$disk_bios" ]; then
    check fail 'Room for GRUB' "$1 is GPT, and has no BIOS boot partition" \
      'Add one of 1 MB, where there is room for it: sgdisk --new=0:0:+1M --typecode=0:ef02 FILE.'
  elif [ "$disk_table" = dos ] && [ "${disk_first:-2048}" -lt 63 ]; then
    check fail 'Room for GRUB' "the first partition of $1 begins at sector $disk_first, and GRUB needs 62 before it" \
      'Move the partition, or make a bootable disk of its file system.'
  else
    check pass 'Room for GRUB' "$([ "$disk_table" = gpt ] && echo 'a BIOS boot partition' || echo "$((disk_first / 2)) kB before the first partition")"
  fi
  if ! disk_find; then
    check fail 'System' "$1: $disk_what" "$disk_hint"
    return 1
  fi
  check pass 'Root' "$root_type in $root_in"
  inspect_kernels
}

inspect_kernels() {
  inspect_kernel=${disk_kernels%% *} inspect_kernel=${inspect_kernel#vmlinuz} inspect_kernel=${inspect_kernel#-}
  inspect_count=$(printf '%s\n' "$disk_kernels" | grep -c .)
  inspect_also=''
  [ "$inspect_count" = 1 ] || inspect_also=", the newest of $inspect_count"
  check pass 'Kernel' "${inspect_kernel:-/boot/vmlinuz}$inspect_also"
}

# Beside the image, for the copy that takes its place.
inspect_room() { # FILE KB
  space_at=${1%/*}
  if space_for $(($2 + 8192)); then
    check pass 'Space' "a copy of $((($2 + 8192) / 1024)) MB; $space_free free"
  else
    check fail 'Space' "${space_what%.}" 'The work is done on a copy, so that the image is whole at every moment. Free some space there.'
  fi
}
