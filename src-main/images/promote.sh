# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Makes a generation of base $name from what the guest $guest sees, its whole stack in one. Nothing in it changes. domain.sh,
# guest-packages.sh, stopped-guest.sh, guest-layer.sh and generation.sh with what it needs stand above this text.

begin

step "Check $guest"
guest_layer "Clone that one instead."
source=$layer
image=$root/bases/$base/$generation
[ -s "$image/root.img" ] || fail NOT_FOUND "$guest stands on generation $generation of $base, which is not on this host." "Bring that generation back first."
read_packages "$about"
lowers='' lowers_blocks=0
while read -r package_name package_version _; do
  [ "${package_version:-0}" != 0 ] || continue
  lower=$root/packages/$package_name/$package_version/package.img
  [ -s "$lower" ] || fail NOT_FOUND "$guest has version $package_version of $package_name in its stack, which is not on this host." "Bring that package image back, or detach it from $guest."
  lowers="$lowers $lower" lowers_blocks=$((lowers_blocks + $(stat -c %b -- "$lower")))
done <<END
$packages
END
bytes=$(($(stat -c %s -- "$image/root.img") + ($(stat -c %b -- "$layer") + lowers_blocks) * 512))
size_mb=$(((bytes + 1048575) / 1048576))
need_kb=$((($(stat -c %b -- "$image/root.img") + $(stat -c %b -- "$layer") + lowers_blocks) / 2 + 131072))
space_for "$need_kb" || fail COMMAND_FAILED "$space_what" "$space_hint"

step 'Copy its stack'
make_work
mkdir -- "$work/layer" "$work/whole"
run truncate -s "${size_mb}M" -- "$work/root.img"
run mkfs.ext4 -q -F -m 0 -J size=4 -E nodiscard,lazy_itable_init=0,lazy_journal_init=0 "$work/root.img"
printf '%s' "$flatten" >"$work/flatten.sh"
# shellcheck disable=SC2086 # the storage root and names of package images need no quoting
apart "$work/flatten.sh" "$work" "$layer" "$image/root.img" $lowers
run e2fsck -f -n "$work/root.img"
choose_kernel "$work/root.img" "$image"
inspect_contents "$work/root.img" "$kernel" "$initrd"
version=${image_kernel#vmlinuz-}

origin=",\"from\":{\"guest\":\"$guest\"}"
draft=''
make_generation
