# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# A root disk of its own for the new guest NAME, a function for each mode of that name. Uses $root, $image, $base_mb, $layer_mb.
# copy-image.sh and volumes.sh stand above this text.

make_copy() { # NAME
  copy_name=$1
  copy_image "$copy_each_mb" cp --reflink=never --sparse=always -- "$image/root.img" "$root/guests/$1/disk.img"
  finish_copy "$1"
}

make_reflink() { # NAME
  run cp --reflink=always -- "$image/root.img" "$root/guests/$1/disk.img"
  finish_copy "$1"
}

# What a copy needs beside its disk to be independent of the base.
finish_copy() { # NAME
  run chmod 0600 "$root/guests/$1/disk.img"
  run cp --reflink=auto -- "$image/vmlinuz" "$image/initrd.img" "$root/guests/$1/"
  [ "$layer_mb" -gt "$base_mb" ] || return 0
  run truncate -s "${layer_mb}M" -- "$root/guests/$1/disk.img"
  grow_file_system "$root/guests/$1/disk.img"
}

# Sets base_volume to the generation as a volume, in which it is copied once. Until it is whole it bears the name of this job.
add_base_volume() { # GROUP/POOL NAME GENERATION
  base_volume=${1%/*}/domdeck-base.$2.$3
  undo drop_base_volume "${1%/*}" "$2" "$3"
  if volume_exists "$base_volume"; then return 0; fi
  volume_part=$base_volume.$JOB_ID
  volume_bytes=$(stat -c %s -- "$root/bases/$2/$3/root.img")
  undo remove_volume "$volume_part"
  run lvcreate -q -y -V "${volume_bytes}b" -n "${volume_part#*/}" --thinpool "$1"
  # What is zero takes nothing of the pool.
  copy_image $((volume_bytes / 1048576)) dd "if=$root/bases/$2/$3/root.img" "of=/dev/$volume_part" bs=64k conv=sparse,fsync status=none
  run lvchange -q -pr -ky "$volume_part"
  run lvchange -q -an "$volume_part"
  run lvrename -q "${1%/*}" "${volume_part#*/}" "${base_volume#*/}"
}

make_thin() { # NAME
  run lvcreate -q -y -s -kn -ay -prw -n "domdeck-$1" "$base_volume"
  [ "$layer_mb" -gt "$base_mb" ] || return 0
  run lvextend -q -L "${layer_mb}m" "${pool%/*}/domdeck-$1"
  grow_file_system "/dev/${pool%/*}/domdeck-$1"
}

# Its file system is grown by the guest itself: from outside it is within the qcow2.
make_qcow2() { # NAME
  if [ "$layer_mb" -gt "$base_mb" ]; then qcow2_size=${layer_mb}M; else qcow2_size=''; fi
  run qemu-img create -q -f qcow2 -F raw -b "$image/root.img" "$root/guests/$1/disk.qcow2" ${qcow2_size:+"$qcow2_size"}
}

grow_file_system() { # FILE
  # 1: it has mended something, such as the count of mounts.
  try e2fsck -f -p "$1" || [ $? = 1 ] || fail COMMAND_FAILED "The file system in $1 cannot be grown: e2fsck finds errors." "Read the end of the log, and look at the base with e2fsck -fn."
  run resize2fs "$1"
}
