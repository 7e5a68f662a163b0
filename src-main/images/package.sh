# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Makes the next version of the package image $name from what the layer of the guest $guest holds below /usr and /opt. The layer is only read.
# domain.sh, stopped-guest.sh, guest-layer.sh, space.sh and sealing.sh stand above this text; $build_package is the file of that name, $note a
# JSON text.

# Keeps a version that somebody has in the stack of a guest in the meantime, and one that is not of this job.
withdraw_version() { # FOLDER
  grep -qs "\"job\":\"$JOB_ID\"" "$1/package.json" || return 0
  if grep -qsE "\\{\"name\":\"$name\",[^}]*\"(version|next)\":${1##*/}[,}]" "$root"/guests/*/guest.json; then return 0; fi
  remove_sealed "$1"
  rmdir --ignore-fail-on-non-empty -- "${1%/*}"
}

begin

step "Check $guest"
guest_layer "There is nothing to make a package image of. Start it, and install what the image shall hold."
case $about in
  *,\"packages\":\[*)
    fail BAD_INPUT "$guest has package images in its stack, and its layer holds only what differs from them." \
      "Make the package image from a guest that has none."
    ;;
esac
space_for $(($(stat -c %b -- "$layer") / 2 + 32768)) || fail COMMAND_FAILED "$space_what" "$space_hint"

step 'Copy what its layer holds'
make_work
mkdir -- "$work/layer"
printf '%s' "$build_package" >"$work/build-package.sh"
apart "$work/build-package.sh" "$work" "$layer"
[ -s "$work/root.img" ] ||
  fail BAD_INPUT "The layer of $guest holds no file below /usr, /opt, /bin, /sbin or /lib." "Install what the package image shall hold, shut $guest down, and try again."
left_out=''
read -r left_out <"$work/left-out" || :

step 'Seal it'
chmod 0600 "$work/root.img"
run e2fsck -fn "$work/root.img"
capture sum sha256sum "$work/root.img"
sum=${sum%% *}
take_number "$root/packages/$name"
printf '{"format":1,"name":"%s","version":%d,"for":{"base":"%s","generation":%d},"sizeBytes":%d,"sha256":"%s","from":{"guest":"%s"},"note":%s,"importedAt":%d000,"job":"%s"}\n' \
  "$name" "$number" "$base" "$generation" "$(stat -c %s -- "$work/root.img")" "$sum" "$guest" "$note" "$(date +%s)" "$JOB_ID" >"$work/sealed/package.json"
mv -- "$work/root.img" "$work/sealed/package.img"
seal

step "Publish $name"
undo withdraw_version "$root/packages/$name/$number"
mkdir -p -- "$root/packages/$name"
run mv -T -- "$work/sealed" "$root/packages/$name/$number"
run rm -rf --one-file-system -- "$work"
run sync -f "$root/packages/$name"
result package "$name"
result version "$number"
result left_out "$left_out"
