# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# How a job mends the files in a disk, and puts them back. mend-check.sh with what it needs, and domain.sh, stand above this text; $mend_files is
# mend-files.sh with the words above it, $mend_initrd_script mend-initrd.sh.

check() { # VERDICT TITLE FACT [ADVICE]
  if [ "$1" = fail ] && [ "$2" = Root ]; then fail BAD_INPUT "The root of $name cannot be looked into: $3." "$4"; fi
  printf '%s: %s: %s\n' "$1" "$2" "$3"
}

text() { # KEY WORDS
  case $1 in
    mend) mend_can="$mend_can$2 " ;;
    change) printf '%s\n' "$2" ;;
  esac
}

# Sets mend_can to the ids that can be mended now.
look() { # TARGETS
  mend_can=' '
  check_image "$1"
}

put_back() { # WORK
  [ -s "$1/files" ] || return 0
  IFS= read -r put_disk <"$1/disk"
  put_offsets=$(awk '!seen[$1]++ { print $1 }' "$1/files")
  for put_offset in $put_offsets; do in_system "$1" "$put_disk" "$put_offset" back || return; done
}

# In namespaces of its own the mount of a script goes with it, and so does all that it started, whatever ends us.
in_system() { # WORK DISK OFFSET ROLE
  apart "$1/mend-files.sh" "$@"
}

apart() { # SCRIPT WORK DISK ARG...
  setpriv --pdeathsig KILL unshare --mount --propagation private --pid --kill-child --net --ipc --uts -- sh "$@" || return
  # The kernel lets go of the loop device a moment after the last mount.
  release_layer "$3"
}

# The initrd of the newest kernel, with the drivers in it. The image's own programs make it, and the words above write it.
build_initrd() { # WORK
  printf '%s' "$mend_initrd_script" >"$1/mend-initrd.sh"
  enter_system "$mend_root"
  run apart "$1/mend-initrd.sh" "$1" "$fs_disk" "$fs_offset" "$mend_version"
  [ -s "$1/initrd.img" ] || fail JOB_FAILED "The image gave no initrd for kernel $mend_version." "Read the log: did mkinitramfs find the kernel?"
  mend_boot=$(printf '%s' "$mend_systems" | grep ' boot ') || mend_boot=$mend_root
  enter_system "${mend_boot%%"$NL"*}"
  run in_system "$1" "$fs_disk" "$fs_offset" "initrd:${mend_about#/}"
}

# A folder for what a mending keeps, with the script that does it.
make_mend_work() { # WORK DISK
  mkdir -- "$1" "$1/before" "$1/mnt"
  chmod 0700 "$1"
  printf '%s' "$mend_files" >"$1/mend-files.sh"
  printf '%s\n' "$2" >"$1/disk"
  : >"$1/files"
  : >"$1/after"
  run sync -f "$1"
}

# A file system that was cut off has a journal to replay, as its next boot would; one with errors is not written to.
refuse_errors() {
  case $(dumpe2fs -h "/dev/stdin?offset=$fs_offset" <"$fs_disk" 2>/dev/null | sed -n 's/^Filesystem state: *//p') in
    clean) ;;
    *) fail PREFLIGHT_FAILED "The file system on $fs_disk has errors, or was not unmounted." "Start it and shut it down, or run e2fsck on it." ;;
  esac
}

# Mends $ids in all file systems of the image that was looked at.
mend_image() { # WORK
  for mend_id in $ids; do
    case $mend_can in
      *" $mend_id "*) ;;
      *) fail BAD_INPUT "There is nothing to mend of $mend_id in $name." "Look at it again: somebody may have done it." ;;
    esac
  done
  mend_ids=$ids
  export mend_ids
  while read -r mend_system; do
    [ -n "$mend_system" ] || continue
    enter_system "$mend_system"
    refuse_errors
    run in_system "$1" "$fs_disk" "$fs_offset" "$mend_role"
  done <<-END
	$mend_systems
	END
}

# Nothing of what was asked for is left to be mended.
verify_mended() { # TARGETS
  look "$1"
  for mend_id in $ids; do
    case $mend_can in
      *" $mend_id "*) fail JOB_FAILED "$mend_id of $name is not mended, and what was written is taken back." "Read the log: it names the file that was left alone, and why." ;;
    esac
  done
}
