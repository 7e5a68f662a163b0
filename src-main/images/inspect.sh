# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Is an image on dom0 one that a base can be made of? Reads only; shared by the preflight and by the import itself, which
# says what it finds through `check VERDICT TITLE FACT [ADVICE]`, VERDICT being pass, warn or fail. disk-guard.sh, space.sh and initrd.sh
# stand above this text.
# The image goes to the ext tools as /dev/stdin, because they take a `?` in a path for the start of options.

inspect_source() { # IMAGE KERNEL INITRD: kernel and initrd are empty when the image's own are to be used
  inspect_kind "$1" || return 0
  inspect_use "$1"
  if [ "$image_kind" = raw ]; then
    inspect_file "$1" || return 0
    inspect_contents "$1" "$2" "$3"
  fi
  inspect_space "$1"
}

# Sets image_kind to raw, qcow2 or tar, and image_bytes; fails when there is no point in looking further. What is in a qcow2 image or in a tar
# is seen once it is unpacked.
inspect_kind() { # IMAGE
  if [ ! -e "$1" ]; then
    check fail 'Image' "$1 does not exist" 'Check the path on the host.'
    return 1
  fi
  if [ -d "$1" ]; then
    check fail 'Image' "$1 is a directory" 'Give the path of an image, or make a tar of the root file system in it.'
    return 1
  fi
  if [ -b "$1" ]; then
    image_bytes=$(blockdev --getsize64 "$1")
  elif [ -f "$1" ]; then
    image_bytes=$(stat -L -c %s -- "$1")
  else
    check fail 'Image' "$1 is neither a file nor a disk" 'Give the path of an image.'
    return 1
  fi
  if [ "$image_bytes" -eq 0 ]; then
    check fail 'Image' "$1 is empty" 'Give the path of an image that holds a root file system.'
    return 1
  fi
  image_kind=raw
  case $(head -c 4 -- "$1" | od -An -tx1) in
    *'51 46 49 fb'*)
      image_kind=qcow2
      inspect_qcow2 "$1"
      return
      ;;
    *'1f 8b '* | *'fd 37 7a 58'* | *'28 b5 2f fd'* | *'42 5a 68'*)
      if ! image_is_tar "$1"; then
        check fail 'Image' "$1 is compressed, and is no tar" 'Unpack it first.'
        return 1
      fi
      ;;
    *) image_is_tar "$1" || return 0 ;;
  esac
  image_kind=tar
  check pass 'Image' "tar, $((image_bytes / 1048576)) MB; what is in it is checked once it is unpacked"
}

# Of a tar, packed or not: its first header says so (ustar at 257).
image_is_tar() { # IMAGE
  [ "$(initrd_unpack "$1" 2>/dev/null | head -c 262 | tail -c 5)" = ustar ]
}

inspect_qcow2() { # IMAGE
  if ! command -v qemu-img >/dev/null; then
    check fail 'Image' "$1 is a qcow2 image, and this host has no qemu-img" 'Install it there: apt install qemu-utils.'
    return 1
  fi
  if ! image_info=$(qemu-img info -U --output=json --backing-chain -- "$1" 2>&1); then
    check fail 'Image' "qemu-img cannot read $1: $(printf '%s' "$image_info" | tail -n 1)" 'Copy it again from where it came, with its backing files.'
    return 1
  fi
  case $image_info in
    *'"encrypted": true'*)
      check fail 'Image' "$1 is encrypted" 'Take the encryption off first: qemu-img convert.'
      return 1
      ;;
  esac
  # Keys of nested objects are indented further; the first image of the chain comes first.
  image_bytes=$(printf '%s\n' "$image_info" | sed -n 's/.*"virtual-size": \([0-9]*\).*/\1/p' | head -n 1)
  check pass 'Image' "qcow2, $((image_bytes / 1048576)) MB; what is in it is checked once it is unpacked"
}

inspect_file() { # IMAGE: fails when there is no point in looking further
  image_type=$(blkid -p -o value -s TYPE -- "$1" 2>/dev/null) || image_type=''
  if [ "$image_type" != ext4 ]; then
    image_table=$(blkid -p -o value -s PTTYPE -- "$1" 2>/dev/null) || image_table=''
    if [ -n "$image_table" ]; then
      check fail 'Image' "$1 is a whole disk with a partition table ($image_table)" \
        'Give an image of the root partition alone: sfdisk -l FILE shows where it starts, dd copies it out.'
    elif [ -n "$image_type" ]; then
      check fail 'Image' "$1 holds $image_type, not ext4" 'Give an image of one plain ext4 root file system.'
    else
      check fail 'Image' "$1 holds no file system" 'Give an image of one plain ext4 root file system.'
    fi
    return 1
  fi
  image_state='' image_features='' image_blocks=0 image_block_size=0
  while IFS=: read -r image_key image_value; do
    image_value=${image_value#"${image_value%%[! ]*}"}
    case $image_key in
      'Filesystem state') image_state=$image_value ;;
      'Filesystem features') image_features=$image_value ;;
      'Block count') image_blocks=$image_value ;;
      'Block size') image_block_size=$image_value ;;
    esac
  done <<-END
	$(dumpe2fs -h /dev/stdin <"$1" 2>/dev/null)
	END
  if [ $((image_blocks * image_block_size)) -gt "$image_bytes" ] || [ "$image_blocks" -eq 0 ]; then
    check fail 'Image' "$1 is shorter than its file system" 'It was cut short. Copy it again from where it came.'
    return 1
  fi
  check pass 'Image' "ext4, $((image_bytes / 1048576)) MB"
  case " $image_features " in
    *' needs_recovery '*) image_state='not unmounted cleanly, its journal is not replayed' ;;
  esac
  if [ "$image_state" = clean ]; then
    check pass 'File system' 'clean'
  else
    check fail 'File system' "$1 is dirty: $image_state" \
      'Shut down the guest that used it and run e2fsck -f on it; a base must be clean, for no guest may write to it.'
  fi
}

inspect_use() { # IMAGE: nobody may write to it while it is copied
  if guard_disks "r:$1"; then
    check pass 'In use' 'nobody writes to it'
  else
    check fail 'In use' "${guard_what%.}" "$guard_hint"
  fi
}

inspect_contents() { # IMAGE KERNEL INITRD
  if image_has "$1" /sbin/init; then
    check pass 'Init' '/sbin/init'
  else
    check fail 'Init' "$1 has no /sbin/init" 'It cannot boot. Give the image of a whole root file system.'
  fi
  if [ -n "$2$3" ]; then
    if [ -z "$2" ] || [ -z "$3" ]; then
      check fail 'Kernel' 'only one of kernel and initrd is given' 'Give both, or none to use those of the image.'
      return 0
    fi
    if [ ! -f "$2" ] || [ ! -s "$2" ]; then
      check fail 'Kernel' "$2 is not a file with content" 'Check the path of the kernel on the host.'
      return 0
    fi
    if [ ! -f "$3" ] || [ ! -s "$3" ]; then
      check fail 'Initrd' "$3 is not a file with content" 'Check the path of the initrd on the host.'
      return 0
    fi
    check pass 'Kernel' "$2"
    if initrd_list "$3" | grep -qx 'scripts/local-bottom/domdeck'; then
      check pass 'Initrd' "$3, with the union-root hook"
    else
      check fail 'Initrd' "$3 does not hold the union-root hook" \
        'Leave kernel and initrd empty to have it built in, or add scripts/local-top/domdeck and scripts/local-bottom/domdeck.'
    fi
    return 0
  fi
  image_kernel=$(debugfs -R 'ls -p /boot' /dev/stdin <"$1" 2>/dev/null |
    awk -F/ '$3 ~ /^100/ && $6 ~ /^vmlinuz-[0-9][A-Za-z0-9.+_~-]*$/ { print $6 }' | sort -V | tail -n 1)
  if [ -z "$image_kernel" ]; then
    check fail 'Kernel' "$1 has no /boot/vmlinuz-*" 'Install a kernel in it, or give a kernel and an initrd.'
  elif ! image_has "$1" /usr/sbin/mkinitramfs; then
    check fail 'Kernel' "$1 has no initramfs-tools" \
      'Install initramfs-tools in it, or give a kernel and an initrd that holds the union-root hook.'
  else
    check pass 'Kernel' "${image_kernel#vmlinuz-}"
    check warn 'Trust' 'its own mkinitramfs runs on this host as root' \
      'It runs apart, without network and with mounts of its own, but import only images that you trust.'
  fi
}

inspect_space() { # IMAGE
  # Of a packed image what it takes is known in the end only; it takes that at least.
  if [ -b "$1" ]; then image_kb=$((image_bytes / 1024)); else image_kb=$(($(stat -L -c '%b * %B / 1024' -- "$1"))); fi
  image_kb=$((image_kb + 131072))
  if ! space_for "$image_kb"; then
    check fail 'Space' "${space_what%.}" "$space_hint"
  elif [ "$image_kind" = qcow2 ] && [ "$space_free_kb" -lt $((image_bytes / 1024)) ]; then
    check warn 'Space' "$space_free free, $((image_bytes / 1048576)) MB when the image is full" 'The import stops when there is no room, and removes what it made.'
  else
    check pass 'Space' "$((image_kb / 1024)) MB of $space_free free"
  fi
}

image_has() { # IMAGE PATH
  debugfs -R "stat $2" /dev/stdin <"$1" 2>/dev/null | grep -q '^Inode:'
}
