# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Mends $ids in a copy of the image $source, which becomes $target. The image itself is only read. mend-apply.sh with what it needs, copy-image.sh
# and disk-guard.sh stand above this text.

# The target is ours as long as it is the file that this job has made.
remove_mended() { # TARGET
  rm -f -- "$1.domdeck-$JOB_ID"
  [ -s "$JOB/made" ] || return 0
  read -r made <"$JOB/made"
  [ "$(stat -c %d:%i -- "$1" 2>/dev/null)" != "$made" ] || rm -f -- "$1"
}

begin
config='' uuid='' name=$source mend_disks=''
part=$target.domdeck-$JOB_ID

step "Check $source"
image=$(readlink -f -- "$source") || image=$source
[ -f "$image" ] || [ -b "$image" ] || fail NOT_FOUND "There is no image $source on this host." "Check the path on the host."
folder=${target%/*}
[ -d "${folder:-/}" ] || fail NOT_FOUND "There is no folder ${folder:-/} on this host." "Make it there, or choose another path."
{ [ ! -e "$target" ] && [ ! -L "$target" ]; } || fail BUSY "$target is there already." "Choose another name, or remove that file first."
case $(readlink -f -- "${folder:-/}")/ in
  "$root"/bases/* | "$root"/guests/* | "$root"/packages/* | /proc/* | /sys/* | /dev/* | /run/*)
    fail BAD_INPUT "$target lies where only the system or Domdeck itself writes." "Choose a path elsewhere, such as /srv/${target##*/}." ;;
esac
guard_disks "r:$image" || fail BUSY "$guard_what" "$guard_hint"
look "xvda $image"
if [ -b "$image" ]; then
  capture image_mb blockdev --getsize64 "$image"
  image_mb=$((image_mb / 1048576 + 1))
else
  image_mb=$(($(stat -L -c '%b * %B / 1048576' -- "$image") + 1))
fi
space_at=${folder:-/}
space_for $((image_mb * 1024)) || fail COMMAND_FAILED "$space_what" "$space_hint"

step 'Copy it'
undo remove_mended "$target"
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
stat -c %d:%i -- "$part" >"$JOB/made"
run sync "$part" "$JOB/made"
run mv -nT -- "$part" "$target"
[ ! -e "$part" ] || fail BUSY "$target has come to be there meanwhile." "Choose another name."
result path "$target"
