# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Makes the bootable disk $target, in $format, of a file system without partitions: the root image of a generation, or the image $source. It gets a
# partition table, MBR or GPT by $table, a copy of the file system, and GRUB. The source is only read, and all goes to a folder beside the target until
# one rename. new-file.sh and grub-onto.sh with what it needs stands above this text.

# A line of the root for fstab: what it was, a whole disk or an overlay of Domdeck's, it is no more.
write_fstab() { # UUID TYPE
  {
    disk_cat loop0 /etc/fstab | awk '$1 !~ /^#/ && $2 == "/" { next } !/^# Domdeck: the initrd mounts the root/ { print }'
    printf 'UUID=%s / %s defaults 0 1\n' "$1" "$2"
  } >"$JOB/fstab"
}

begin
[ -n "$source" ] || source=$root/bases/$base/$generation/root.img
shown=$source

step "Check $source"
inspect_bootable "$source" "$target" || :
image_was=$(stat -c '%d:%i %s %Y' -- "$image")

step 'Make the disk'
make_beside "$target"
part=$image
if [ "$image_kind" = qcow2 ]; then
  part=$work/part.img
  copy_image $(($(stat -c '%b * %B / 1048576' -- "$image") + 1)) qemu-img convert -f qcow2 -O raw -- "$image" "$part"
  image_bytes=$(stat -c %s -- "$part")
  inspect_file_system "$part"
fi
write_fstab "$boot_uuid" "$root_type"
# Partitions begin at whole MB. The last one is for the second table of GPT.
megabytes=$(((image_bytes + 1048575) / 1048576))
case $table in
  gpt)
    first=4096
    layout="label: gpt
start=2048, size=2048, type=21686148-6449-6E6F-744E-656564454649
start=$first, size=$((megabytes * 2048)), type=0FC63DAF-8483-4772-8E79-3D69D8477DE4"
    ;;
  *)
    first=2048
    layout="label: dos
start=$first, size=$((megabytes * 2048)), type=83, bootable"
    ;;
esac
run truncate -s $(((first + megabytes * 2048 + 2048) * 512)) -- "$work/root.img"
printf '%s\n' "$layout" >"$JOB/layout"
run sh -c 'sfdisk -q -- "$1" <"$2"' sfdisk "$work/root.img" "$JOB/layout"
copy_image $(($(stat -c '%b * %B / 1048576' -- "$part") + 1)) \
  dd if="$part" of="$work/root.img" bs=1M oflag=seek_bytes seek=$((first * 512)) conv=notrunc,sparse status=none
[ "$part" = "$image" ] || run rm -f -- "$part"
[ "$(stat -c '%d:%i %s %Y' -- "$image")" = "$image_was" ] ||
  fail PREFLIGHT_FAILED "$source was changed while it was copied." "Find out who writes to it, and try again."
guard_disks "r:$image" || fail BUSY "$guard_what" "$guard_hint"
image_bytes=$(stat -c %s -- "$work/root.img")
inspect_disk "$work/root.img"

step 'Put GRUB on it'
install_grub

step 'Verify it'
verify_grub

step "Name it $target"
if [ "$format" = qcow2 ]; then
  copy_image $(($(stat -c '%b * %B / 1048576' -- "$work/root.img") + 1)) qemu-img convert -f raw -O qcow2 -- "$work/root.img" "$work/root.qcow2"
  run mv -fT -- "$work/root.qcow2" "$work/root.img"
fi
run sync "$work/root.img"
undo remove_new_file "$target"
name_new_file "$work/root.img" "$target"
run remove_work "$work"
result path "$target"
result bytes "$(stat -c %s -- "$target")"
