# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Mends $ids in a copy of the image $source, which becomes $target. The image itself is only read. mend-apply.sh with what it needs, copy-image.sh,
# new-file.sh and disk-guard.sh stand above this text.

begin
config='' uuid='' name=$source mend_disks=''
part=$target.domdeck-$JOB_ID

step "Check $source"
image=$(readlink -f -- "$source") || image=$source
[ -f "$image" ] || [ -b "$image" ] || fail NOT_FOUND "There is no image $source on this host." "Check the path on the host."
new_file_at "$target" || fail "$new_code" "$new_what" "$new_hint"
guard_disks "r:$image" || fail BUSY "$guard_what" "$guard_hint"
look "xvda $image"
if [ -b "$image" ]; then
  capture image_mb blockdev --getsize64 "$image"
  image_mb=$((image_mb / 1048576 + 1))
else
  image_mb=$(($(stat -L -c '%b * %B / 1048576' -- "$image") + 1))
fi
space_at=$new_folder
space_for $((image_mb * 1024)) || fail COMMAND_FAILED "$space_what" "$space_hint"

step 'Copy it'
undo rm -f -- "$part"
undo remove_new_file "$target"
copy_image "$image_mb" cp --sparse=always --reflink=auto -- "$image" "$part"
run chmod 0600 "$part"
run sync "$part"

step 'Mend the copy'
look "xvda $part"
work=$JOB/mend
make_mend_work "$work" "$part"
mend_image "$work"
case " $ids " in
  *' initrd '*) build_initrd "$work" ;;
esac

step 'Check it again'
verify_mended "xvda $part"

step 'Name it'
run sync "$part"
name_new_file "$part" "$target"
result path "$target"
