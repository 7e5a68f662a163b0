# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Puts GRUB on the disk image $path, raw or qcow2. All is done on a copy beside it that takes its place by one rename: cut anywhere, the image is as it was, or
# complete. A qcow2 is unpacked and packed again: to attach it, as qemu-nbd does, would let udev of this host activate the volumes in it.
# grub-onto.sh with what it needs stands above this text.

begin
shown=$path

step "Check $path"
inspect_grub "$path" || :
image_was=$(stat -c '%d:%i %s %Y' -- "$image")

step 'Copy it'
make_beside "$image"
if [ "$image_kind" = qcow2 ]; then
  copy_image $(($(stat -c '%b * %B / 1048576' -- "$image") + 1)) qemu-img convert -f qcow2 -O raw -- "$image" "$work/root.img"
  image_bytes=$(stat -c %s -- "$work/root.img")
else
  copy_file "$image" "$work/root.img"
fi
inspect_disk "$work/root.img"

step 'Put GRUB on the copy'
install_grub

step 'Verify the copy'
verify_grub

step "Put it in the place of $path"
if [ "$image_kind" = qcow2 ]; then
  copy_image $(($(stat -c '%b * %B / 1048576' -- "$work/root.img") + 1)) qemu-img convert -f raw -O qcow2 -- "$work/root.img" "$work/root.qcow2"
  run mv -fT -- "$work/root.qcow2" "$work/root.img"
fi
run cp --attributes-only --preserve=mode,ownership,xattr -- "$image" "$work/root.img"
run sync "$work/root.img"
# Nobody starts a guest on it between this look and the rename.
lock guests
inspect_is_image "$path" || :
guard_disks "w:$image" || fail BUSY "$guard_what" "$guard_hint"
[ "$(stat -c '%d:%i %s %Y' -- "$image")" = "$image_was" ] ||
  fail PREFLIGHT_FAILED "$path was changed while its copy was made." "Find out who writes to it, and try again."
run mv -fT -- "$work/root.img" "$image"
run sync "${image%/*}"
run remove_work "$work"
result path "$image"
result table "$disk_named"
result root "$root_in"
