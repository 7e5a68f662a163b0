# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Is an image on dom0 one that a base can be made of? Reads only; shared by the preflight and by the import itself, which
# says what it finds through `check VERDICT TITLE FACT [ADVICE]`, VERDICT being pass, warn or fail.
# The image goes to the ext tools as /dev/stdin, because they take a `?` in a path for the start of options.

inspect_source() { # IMAGE KERNEL INITRD STORAGE_ROOT: kernel and initrd are empty when the image's own are to be used
  inspect_file "$1" || return 0
  inspect_use "$1"
  inspect_contents "$1" "$2" "$3"
  inspect_space "$1" "$4"
}

inspect_file() { # IMAGE: fails when there is no point in looking further
  if [ ! -e "$1" ]; then
    check fail 'Image' "$1 does not exist" 'Check the path on the host.'
    return 1
  fi
  if [ -d "$1" ]; then
    check fail 'Image' "$1 is a directory" 'Give the path of an image file.'
    return 1
  fi
  if [ ! -f "$1" ]; then
    check fail 'Image' "$1 is a device, not a file" 'Copy it into an image file first: dd if=DEVICE of=FILE bs=1M.'
    return 1
  fi
  image_bytes=$(stat -L -c %s -- "$1")
  if [ "$image_bytes" -eq 0 ]; then
    check fail 'Image' "$1 is empty" 'Give the path of an image that holds a root file system.'
    return 1
  fi
  case $(head -c 4 -- "$1" | od -An -tx1) in
    *'51 46 49 fb'*)
      check fail 'Image' "$1 is a qcow2 image" 'Turn it into a raw one first: qemu-img convert -O raw FILE RAWFILE.'
      return 1
      ;;
    *'1f 8b '* | *'fd 37 7a 58'* | *'28 b5 2f fd'* | *'42 5a 68'*)
      check fail 'Image' "$1 is compressed" 'Unpack it first.'
      return 1
      ;;
  esac
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
  image_user=''
  while read -r image_loop image_read_only; do
    [ "$image_read_only" != 0 ] || image_user=$image_loop
  done <<-END
	$(losetup -n -O NAME,RO -j "$1" 2>/dev/null)
	END
  # qemu opens an image without a loop device; its params are `aio:PATH` or `PATH`.
  if xenstore-ls -f /local/domain/0/backend/qdisk 2>/dev/null | grep -F -- "$1\"" | grep -q '/params = '; then
    image_user='a disk of qemu'
  fi
  if [ -n "$image_user" ]; then
    check fail 'In use' "$1 is open for writing through $image_user" \
      'Shut down the guest that uses it, or unmount it on the host, and try again.'
  else
    check pass 'In use' 'nobody writes to it'
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

inspect_space() { # IMAGE STORAGE_ROOT
  image_kb=$(($(stat -L -c '%b * %B / 1024' -- "$1") + 131072))
  image_folder=$2
  while [ ! -d "${image_folder:-/}" ]; do image_folder=${image_folder%/*}; done
  image_free_kb=$(df -Pk -- "${image_folder:-/}" | awk 'NR == 2 { print $4 }')
  if [ "$image_free_kb" -lt "$image_kb" ]; then
    check fail 'Space' "$((image_free_kb / 1024)) MB free under $2" \
      "The import takes $((image_kb / 1024)) MB. Free some space, or move the storage root of this host."
  else
    image_free="$((image_free_kb / 1024)) MB"
    [ "$image_free_kb" -lt 10485760 ] || image_free="$((image_free_kb / 1048576)) GB"
    check pass 'Space' "$((image_kb / 1024)) MB of $image_free free"
  fi
}

image_has() { # IMAGE PATH
  debugfs -R "stat $2" /dev/stdin <"$1" 2>/dev/null | grep -q '^Inode:'
}

# An initrd is one cpio archive, packed or not; lsinitramfs also knows those that begin with microcode.
initrd_list() { # INITRD: the names in it
  { lsinitramfs "$1" 2>/dev/null || initrd_unpack "$1" | cpio -t --quiet 2>/dev/null; } | sed 's|^\./||'
}

initrd_cat() { # INITRD PATH: one file of it
  initrd_unpack "$1" | cpio -i --quiet --to-stdout "$2" "./$2" 2>/dev/null
}

initrd_unpack() { # INITRD
  initrd_magic=$(head -c 4 -- "$1" | od -An -tx1)
  case $initrd_magic in
    *'1f 8b '*) gzip -dc ;;
    *'fd 37 7a 58'*) xz -dc ;;
    *'28 b5 2f fd'*) zstd -dcq ;;
    *'42 5a 68'*) bzip2 -dc ;;
    *'02 21 4c 18'*) lz4 -dc ;;
    *) cat ;;
  esac <"$1"
}
