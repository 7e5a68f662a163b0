# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Writes the disk $disk to the file $target on this host, as $format: raw, qcow2 or tar. disk-guard.sh, space.sh and new-file.sh stand above this text;
# $pack is the file of that name. The disk is only read. All goes to a file beside the target until one rename.

remove_part() { # FILE
  rm -f -- "$1" "$1.raw"
  # A folder that a mount was on.
  rmdir -- "$1.mnt" 2>/dev/null || :
}

# Runs a command in the background and shows how the file that it makes grows.
grow() { # FILE COMMAND ARG...
  grow_file=$1
  shift
  job_quote "$@"
  printf '$ %s\n' "$job_quoted"
  setpriv --pdeathsig KILL "$@" 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
  grow_pid=$!
  while kill -0 "$grow_pid" 2>/dev/null; do
    # Blocks of 512 bytes.
    grown=$(stat -c %b -- "$grow_file" 2>/dev/null) || grown=0
    grown=$((grown / 2048))
    progress "$((grown < disk_mb ? grown : disk_mb))" "$disk_mb" MB
    sleep 0.5
  done
  wait "$grow_pid" || fail COMMAND_FAILED "$disk could not be written to $target." "Read the end of the log; the disk may be full or failing."
}

begin
[ -n "$disk" ] || disk=$root/bases/$base/$generation/root.img
part=$target.domdeck-$JOB_ID

step "Check $disk"
[ -f "$disk" ] || [ -b "$disk" ] || fail NOT_FOUND "There is no disk $disk on this host." "Refresh, and look again."
new_file_at "$target" || fail "$new_code" "$new_what" "$new_hint"
guard_disks "r:$disk" || fail BUSY "$guard_what" "$guard_hint"
disk_format=raw
case $(head -c 4 -- "$disk" | od -An -tx1) in *'51 46 49 fb'*) disk_format=qcow2 ;; esac
if [ "$disk_format$format" != rawraw ] && [ "$disk_format$format" != rawtar ]; then
  command -v qemu-img >/dev/null || fail COMMAND_FAILED "This host has no qemu-img, which $format takes." "Install it there: apt install qemu-utils."
fi
if [ -b "$disk" ]; then
  capture disk_mb blockdev --getsize64 "$disk"
  disk_mb=$((disk_mb / 1048576 + 1))
else
  disk_mb=$(($(stat -L -c '%b * %B / 1048576' -- "$disk") + 1))
fi
space_at=$new_folder
space_for $((disk_mb * 1024)) || fail COMMAND_FAILED "$space_what" "$space_hint"

step "Write $target"
undo remove_part "$part"
undo remove_new_file "$target"
image=$disk
case $format in
  raw)
    if [ "$disk_format" = qcow2 ]; then
      grow "$part" qemu-img convert -f qcow2 -O raw -- "$disk" "$part"
    else
      grow "$part" cp --sparse=always --reflink=auto -- "$disk" "$part"
    fi
    ;;
  qcow2) grow "$part" qemu-img convert -f "$disk_format" -O qcow2 -- "$disk" "$part" ;;
  tar)
    if [ "$disk_format" = qcow2 ]; then
      grow "$part.raw" qemu-img convert -f qcow2 -O raw -- "$disk" "$part.raw"
      image=$part.raw
    fi
    run mkdir -- "$part.mnt"
    grow "$part" unshare --mount --propagation private --pid --kill-child -- sh -c "$pack" pack.sh "$image" "$part.mnt" "$part"
    ;;
esac
progress "$disk_mb" "$disk_mb" MB

step 'Name it'
run sync "$part"
name_new_file "$part" "$target"
run remove_part "$part"
result path "$target"
result bytes "$(stat -c %s -- "$target")"
