# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Makes a generation of base $name from what the guest $guest sees, its base and its layer in one. Nothing in them changes. domain.sh,
# stopped-guest.sh, inspect.sh, copy-image.sh and generation.sh stand above this text.

# The words about the guest speak of $name.
promoted_layer() {
  base_name=$name name=$guest
  stopped_layer
  readable_layer "Promote a guest whose layer is not encrypted."
  name=$base_name
}

begin

step "Check $guest"
promoted_layer
source=$layer
image=$root/bases/$base/$generation
[ -s "$image/root.img" ] || fail NOT_FOUND "$guest stands on generation $generation of $base, which is not on this host." "Bring that generation back first."
debugfs -R 'stat /upper' "$layer" 2>/dev/null | grep -q '^Inode:' ||
  fail BAD_INPUT "$guest has never been started: all there is of it is generation $generation of $base." "Clone that one instead."
# A guest on an overlay cannot close its layer when it shuts down, so there may be a journal to replay, which its next boot would do.
if dumpe2fs -h "$layer" 2>/dev/null | awk -F ': *' '
  $1 == "Filesystem state" && $2 != "clean" || $1 == "Filesystem features" && " " $2 " " ~ / needs_recovery / { unclean = 1 }
  END { exit !unclean }'; then
  # 1: mended.
  try e2fsck -f -p "$layer" || [ $? = 1 ] ||
    fail PREFLIGHT_FAILED "The file system in the layer of $guest has errors." "Check and repair the layer first."
fi
bytes=$(($(stat -c %s -- "$image/root.img") + $(stat -c %b -- "$layer") * 512))
size_mb=$(((bytes + 1048575) / 1048576))
need_kb=$((($(stat -c %b -- "$image/root.img") + $(stat -c %b -- "$layer")) / 2 + 131072))
space_for "$need_kb" || fail COMMAND_FAILED "$space_what" "$space_hint"

step 'Copy base and layer'
make_work
mkdir -- "$work/base" "$work/layer" "$work/whole"
run truncate -s "${size_mb}M" -- "$work/root.img"
run mkfs.ext4 -q -F -m 0 -J size=4 -E nodiscard,lazy_itable_init=0,lazy_journal_init=0 "$work/root.img"
printf '%s' "$flatten" >"$work/flatten.sh"
apart "$work/flatten.sh" "$work" "$image/root.img" "$layer"
run e2fsck -f -n "$work/root.img"
choose_kernel "$work/root.img" "$image"
inspect_contents "$work/root.img" "$kernel" "$initrd"
version=${image_kernel#vmlinuz-}

origin=",\"from\":{\"guest\":\"$guest\"}"
draft=''
make_generation
