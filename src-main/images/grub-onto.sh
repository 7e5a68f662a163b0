# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Puts GRUB on the raw disk image $work/root.img, a copy that is this job's own, after disk-layout.sh has looked at it; for the jobs that make a
# disk bootable. initrd.sh, sealing.sh and inspect-disk.sh with what it needs stand above this text; $put_grub is the file of that name that Domdeck
# sends along, $shown what the image is called. All that stands in the configuration is of the image itself: its UUIDs, its kernels.

check() { # VERDICT TITLE FACT [ADVICE]: how inspect-disk.sh speaks
  case $3 in
    # Before there is a $work, nothing was unpacked.
    *"${work:-/}/root.img"*) set -- "$1" "$2" "${3%%"$work/root.img"*}$shown${3#*"$work/root.img"}" "${4:-}" ;;
  esac
  [ "$1" != fail ] || fail PREFLIGHT_FAILED "$2: $3." "$4"
  printf '%s: %s\n' "$2" "$3"
}

remove_work() { # FOLDER
  rm -rf --one-file-system -- "$1"
}

# The folder for the copy, beside the file that it becomes.
make_beside() { # FILE
  work=${1%/*}/.grub-$JOB_ID
  undo remove_work "$work"
  run mkdir -m 0700 -- "$work"
}

disk_cat() { # DEVICE PATH: the beginning of a file in the image
  timeout 60 grub-fstest "$disk_file" cat "($1)$2" 2>/dev/null | head -c 100000 | tr -cd '[:print:]\t\n'
}

write_config() {
  # Mounted for writing by the initrd where nothing in the image would do it.
  config_mode=rw
  if [ -e "$JOB/fstab" ] || disk_cat "$root_device" /etc/fstab | awk '$1 !~ /^#/ && $2 == "/" { found = 1 } END { exit !found }'; then config_mode=ro; fi
  config_name=$(disk_cat "$root_device" /etc/os-release | sed -n 's/^PRETTY_NAME="\{0,1\}\([A-Za-z0-9 .()/_-]*\)"\{0,1\}$/\1/p' | head -n 1)
  config_name=${config_name:-Linux}
  {
    cat <<-END
	# Written by Domdeck. update-grub, run in the system itself, replaces it.
	set default=0
	set timeout=3
	# Booted by a BIOS, with a screen, a serial line, or both; of Xen's own GRUBs for PV and PVH there is hvc0 alone.
	if [ "\$grub_platform" = pc ]; then
	  if serial --unit=0 --speed=115200; then
	    terminal_input console serial
	    terminal_output console serial
	  fi
	  set consoles="console=tty0 console=hvc0 console=ttyS0,115200n8"
	else
	  set consoles="console=hvc0"
	fi
	search --no-floppy --fs-uuid --set=root $boot_uuid
	END
    while read -r config_kernel config_initrd; do
      config_version=${config_kernel#vmlinuz} config_version=${config_version#-}
      cat <<-END

	menuentry '$config_name${config_version:+, Linux $config_version}' --id 'linux${config_version:+-$config_version}' {
	  linux $boot_folder/$config_kernel root=$root_words $config_mode \$consoles
	  initrd $boot_folder/$config_initrd
	}
	END
    done <<-END
	$disk_kernels
	END
  } >"$JOB/grub.cfg"
}

# The link is a path without blanks, which a device map of GRUB cannot hold.
install_grub() {
  disk_file=$JOB/disk
  run ln -sfnT -- "$work/root.img" "$disk_file"
  printf '%s' "$put_grub" >"$JOB/put-grub.sh"
  write_config
  # Volumes of more pieces than one are put together in a file of their own, and taken apart again.
  case $boot_pieces in
    *,*)
      join_pieces "$work/pieces.img"
      put_grub_on "$work/pieces.img" 0 "$(stat -c %s -- "$work/pieces.img")"
      part_pieces "$work/pieces.img"
      ;;
    *) put_grub_on "$work/root.img" $((${boot_pieces%+*} * 512)) $((${boot_pieces#*+} * 512)) ;;
  esac
}

put_grub_on() { # FILE OFFSET BYTES
  mkdir -p -- "$JOB/mnt"
  # No more than it takes: before a first partition at sector 63, as old images have it, is room for little.
  grub_modules=part_$(if [ "$disk_table" = gpt ]; then echo gpt; else echo msdos; fi)
  case $boot_device in lvm/*) grub_modules="$grub_modules lvm" ;; esac
  rm -f -- "$JOB/why"
  grub_failed=''
  try setpriv --pdeathsig KILL unshare --mount --propagation private --pid --kill-child --net --ipc --uts -- \
    sh "$JOB/put-grub.sh" "$JOB" "$1" "$2" "$3" "$boot_folder" "$grub_modules" || grub_failed=1
  wait_released "$1"
  [ -n "$grub_failed" ] || return 0
  grub_why=''
  { IFS= read -r grub_why <"$JOB/why"; } 2>/dev/null || grub_why='it ended in the middle.'
  fail COMMAND_FAILED "GRUB could not be put on $shown: $grub_why" "Nothing was changed. The end of the log has all that it said."
}

join_pieces() { # FILE
  : >"$1"
  join_at=0
  for piece in $(printf '%s' "$boot_pieces" | tr , ' '); do
    run dd if="$work/root.img" of="$1" bs=1M iflag=skip_bytes,count_bytes oflag=seek_bytes conv=notrunc,sparse status=none \
      skip=$((${piece%+*} * 512)) count=$((${piece#*+} * 512)) seek="$join_at"
    join_at=$((join_at + ${piece#*+} * 512))
    run truncate -s "$join_at" -- "$1"
  done
}

part_pieces() { # FILE
  join_at=0
  for piece in $(printf '%s' "$boot_pieces" | tr , ' '); do
    run dd if="$1" of="$work/root.img" bs=1M iflag=skip_bytes,count_bytes oflag=seek_bytes conv=notrunc status=none \
      skip="$join_at" count=$((${piece#*+} * 512)) seek=$((${piece%+*} * 512))
    join_at=$((join_at + ${piece#*+} * 512))
  done
  run rm -f -- "$1"
}

# By GRUB's own drivers, from the finished image: what it will read at the boot.
verify_grub() {
  verify_folder="($boot_device)$boot_folder"
  [ "$(od -An -tx1 -j 510 -N 2 -- "$disk_file")" = ' 55 aa' ] || verify_failed 'the boot sector has no signature'
  # Between the fields that are set in it and the partition table.
  cmp -s -n 336 -i 104:104 -- "$disk_file" "${DOMDECK_ROOT:-}/usr/lib/grub/i386-pc/boot.img" || verify_failed 'the boot sector is not of GRUB'
  run grub-fstest "$disk_file" cp "$verify_folder/grub/i386-pc/core.img" "$JOB/core.img"
  core_sector=$(od -An -tu8 -j 92 -N 8 -- "$disk_file")
  # Up to the list of its blocks.
  cmp -s -n 500 -i $((core_sector * 512)):0 -- "$disk_file" "$JOB/core.img" || verify_failed "the core image is not where the boot sector looks for it"
  rm -f -- "$JOB/core.img"
  run grub-script-check "$JOB/grub.cfg"
  [ "$(timeout 60 grub-fstest "$disk_file" cat "$verify_folder/grub/grub.cfg")" = "$(cat -- "$JOB/grub.cfg")" ] || verify_failed 'grub.cfg cannot be read'
  [ -n "$(disk_list "$boot_device" "$boot_folder/grub/i386-pc/normal.mod")" ] || verify_failed 'the modules of GRUB cannot be read'
  while read -r verify_kernel verify_initrd; do
    for verify_file in "$verify_kernel" "$verify_initrd"; do
      verify_sum=$(timeout 600 grub-fstest "$disk_file" crc "$verify_folder/$verify_file") || verify_sum=''
      case $verify_sum in '' | 00000000) verify_failed "$boot_folder/$verify_file is empty or cannot be read" ;; esac
    done
  done <<-END
	$disk_kernels
	END
  case $root_device in
    lvm/*)
      verify_initrd=${disk_kernels%%"$NL"*} verify_initrd=${verify_initrd#* }
      run grub-fstest "$disk_file" cp "$verify_folder/$verify_initrd" "$JOB/initrd"
      initrd_list "$JOB/initrd" | grep -q '\(^\|/\)sbin/lvm$' ||
        fail PREFLIGHT_FAILED "The root of $shown is in LVM, and $boot_folder/$verify_initrd does not know LVM: it would not find its root." \
          "Install lvm2 in the system, and run update-initramfs -u there."
      rm -f -- "$JOB/initrd"
      ;;
  esac
  run rm -f -- "$disk_file"
}

verify_failed() { # WHAT
  fail JOB_FAILED "GRUB was put on a copy of $shown, and would not boot: $1." "Nothing was changed. Copy the details into a bug report."
}
