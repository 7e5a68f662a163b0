# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Deletes version $version of the package image $name, which is in nobody's stack. guest-packages.sh, sealing.sh and removal.sh stand above
# this text.

begin

step "Check version $version of $name"
folder=$root/packages/$name/$version
[ -d "$folder" ] || fail NOT_FOUND "Version $version of $name is not on this host." "Refresh, and look again."
users=''
for path in "$root"/guests/*/guest.json; do
  about=''
  { IFS= read -r about <"$path"; } 2>/dev/null || continue
  read_packages "$about"
  while read -r package_name package_version _ package_next; do
    if [ "$package_name" = "$name" ] && { [ "$package_version" = "$version" ] || [ "$package_next" = "$version" ]; }; then
      user=${path%/*}
      users="$users ${user##*/}"
    fi
  done <<-END
	$packages
	END
done
[ -z "$users" ] || fail BUSY "Version $version of $name is in the stack of$users." "Swap them to another version first, or detach it from them."
refuse_attached "$folder/package.img" "$RUN/packages/$name.$version" "Version $version of $name"

step 'Remove it'
remove_number "$folder" "$folder/package.img" "$RUN/packages/$name.$version"
