# shellcheck shell=sh disable=SC2034,SC2154 # names shared with the scripts around
# The files in a disk that nobody uses, read by debugfs: dom0's kernel mounts nothing of it, replays no journal, and no link, fifo or device in
# it can lead out of it. Only ext2, ext3 and ext4 can be read so. A disk may be a file or a device, with a partition table or without.
# The disk goes to the ext tools as /dev/stdin, because they take a `?` in a path for the start of options.

# The most bytes of a file that are read: configs are small, and a hostile one is not.
disk_most=262144

# Sets disk_kind (raw, qcow2 or none), disk_table (dos, gpt or '') and disk_systems, a line `OFFSET TYPE` for each file system; disk_bios says
# whether a GPT has a partition for GRUB's core.
look_at_disk() { # DISK
  disk_kind=raw disk_table='' disk_systems='' disk_bios=''
  if [ ! -f "$1" ] && [ ! -b "$1" ]; then
    disk_kind=none
    return 0
  fi
  case $(head -c 4 -- "$1" | od -An -tx1) in
    *'51 46 49 fb'*)
      disk_kind=qcow2
      return 0
      ;;
  esac
  disk_type=$(blkid -p -o value -s TYPE -- "$1" 2>/dev/null) || disk_type=''
  if [ -n "$disk_type" ]; then
    disk_systems="0 $disk_type"
    return 0
  fi
  disk_table=$(blkid -p -o value -s PTTYPE -- "$1" 2>/dev/null) || disk_table=''
  case $disk_table in dos | gpt) ;; *) return 0 ;; esac
  disk_rows=$(timeout 20 partx -g -r -o START,TYPE -- "$1" 2>/dev/null | awk '$1 ~ /^[0-9]+$/ && length($1) < 14 && NR <= 128 { printf "%.0f %s\n", $1 * 512, $2 }') || disk_rows=''
  while read -r disk_start disk_part; do
    [ -n "$disk_start" ] || continue
    # "BIOS boot" of the GPT (UEFI has no number for it; GRUB gave it one).
    [ "$disk_part" != 21686148-6449-6e6f-744e-656564454649 ] || disk_bios=1
    disk_type=$(blkid -p -O "$disk_start" -o value -s TYPE -- "$1" 2>/dev/null) || continue
    [ -z "$disk_type" ] || disk_systems="$disk_systems${disk_systems:+$NL}$disk_start $disk_type"
  done <<-END
	$disk_rows
	END
}

# Whether code to boot from stands in the first sector: a table made without a loader leaves zeros there.
disk_has_loader() { # DISK
  [ "$(head -c 440 -- "$1" | tr -d '\0' | wc -c)" -gt 16 ]
}

# All that follows is about the file system at $fs_offset of $fs_disk. Paths are of our own making, or names that were looked at.
fs_run() { # COMMAND
  timeout 20 debugfs -R "$1" "/dev/stdin?offset=$fs_offset" <"$fs_disk" 2>/dev/null
}

# Sets fs_type to what a path is (regular, directory, symlink, FIFO...), '' where there is nothing, and fs_bytes.
fs_look() { # PATH
  fs_about=$(fs_run "stat $1") || fs_about=''
  case $fs_about in
    *'Type: '*'Size: '*)
      fs_type=${fs_about#*'Type: '} fs_bytes=${fs_about#*'Size: '}
      fs_type=${fs_type%% *} fs_bytes=${fs_bytes%%[!0-9]*}
      ;;
    *) fs_type='' fs_bytes='' ;;
  esac
}

# Whether a path is a plain file that is small enough to be read; its links, as /sbin is one, may lead anywhere within the file system.
fs_file() { # PATH
  fs_look "$1"
  [ "$fs_type" = regular ] && [ "${fs_bytes:-0}" -le "$disk_most" ]
}

fs_exists() { # PATH
  fs_look "$1"
  [ -n "$fs_type" ]
}

fs_cat() { # PATH, after fs_file
  fs_run "cat $1" | head -c "$disk_most" | tr '\0' '?'
}

# The plain files in a folder, a line each, whose names have no character that anything takes for more.
fs_names() { # FOLDER
  fs_run "ls -p $1" | awk -F/ '$3 ~ /^100/ && $6 ~ /^[A-Za-z0-9][A-Za-z0-9.+_~-]*$/ && count++ < 1000 { print $6 }'
}

# Whether it can be read at all.
fs_readable() { # TYPE
  case $1 in ext[234]) ;; *) return 1 ;; esac
}
