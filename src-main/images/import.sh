# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Makes a generation of base $name from the image $source, or the tar of a root. The source is never written. generation.sh with what it
# needs stands above this text; $unpack is the file of the same name that Domdeck sends along.

unpacked_bytes() { # TAR
  initrd_unpack "$1" | wc -c
}

begin

step "Check $source"
image=$(readlink -f -- "$source") || image=$source
image_kernel=''
inspect_source "$image" "$kernel" "$initrd"
image_was=$(stat -L -c '%d:%i %s %Y' -- "$image")

step 'Copy the image'
make_work
case $image_kind in
  tar)
    capture tar_bytes unpacked_bytes "$image"
    # What files take beyond their bytes: blocks of 4 kB that are not full, inodes, folders.
    tar_mb=$((tar_bytes * 5 / 4194304 + 64))
    space_for $((tar_mb * 1024)) || fail COMMAND_FAILED "$space_what" "$space_hint"
    run truncate -s "${tar_mb}M" -- "$work/root.img"
    run mkfs.ext4 -q -F -b 4096 -i 8192 -m 0 -L root -J size=4 -E nodiscard,lazy_itable_init=0,lazy_journal_init=0 "$work/root.img"
    printf '%s' "$unpack" >"$work/unpack.sh"
    apart "$work/unpack.sh" "$work" "$image"
    ;;
  qcow2) copy_image $(($(stat -L -c '%b * %B / 1048576' -- "$image") + 1)) qemu-img convert -f qcow2 -O raw -- "$image" "$work/root.img" ;;
  *)
    if [ -b "$image" ]; then
      # cp finds no holes in a disk.
      copy_image $((image_bytes / 1048576 + 1)) cp --sparse=always -- "$image" "$work/root.img"
    else
      copy_file "$image" "$work/root.img"
    fi
    ;;
esac
inspect_use "$image"
[ "$(stat -L -c '%d:%i %s %Y' -- "$image")" = "$image_was" ] ||
  fail PREFLIGHT_FAILED "$source was changed while it was copied." "Find out who writes to it, and import it again."
chmod 0600 "$work/root.img"
if [ "$image_kind" != raw ]; then
  image_bytes=$(stat -c %s -- "$work/root.img")
  inspect_file "$work/root.img"
  inspect_contents "$work/root.img" "$kernel" "$initrd"
fi
version=${image_kernel#vmlinuz-}
try e2fsck -fn "$work/root.img" ||
  fail PREFLIGHT_FAILED "The file system in $source has errors." "Run e2fsck -f on it, and import it again."

origin=''
draft=''
make_generation
