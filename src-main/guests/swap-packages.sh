# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# What package images a guest has in its stack, written: `packages` in its guest.json; in its guest.cfg a read-only disk each, and the kernel
# word that names those disks, the lowest first. guest-packages.sh, stopped-guest.sh and swap-generation.sh stand above this text.

# Sets turned to what $packages are from the next start on.
turn_packages() {
  turned=''
  while read -r package_name package_version package_previous package_next; do
    case ${package_next:-none} in
      none | 0) ;;
      -) turned="$turned$package_name $package_version $package_previous -$NL" ;;
      *) turned="$turned$package_name $package_next $([ "$package_version" = 0 ] && echo - || echo "$package_version") -$NL" ;;
    esac
  done <<-END
	$packages
	END
}

# guest.json with these packages instead.
write_packages() { # LINES as of read_packages
  packages_json=''
  while read -r package_name package_version package_previous package_next; do
    [ -n "$package_name" ] || continue
    packages_json="$packages_json,{\"name\":\"$package_name\",\"version\":$package_version"
    [ "$package_previous" = - ] || packages_json="$packages_json,\"previous\":$package_previous"
    [ "$package_next" = - ] || packages_json="$packages_json,\"next\":$package_next"
    packages_json="$packages_json}"
  done <<-END
	$1
	END
  case $about in
    *,\"packages\":\[*)
      about_rest=${about#*,\"packages\":\[}
      about=${about%%,\"packages\":\[*}${about_rest#*\]}
      ;;
  esac
  [ -z "$packages_json" ] ||
    about="${about%%"\"mode\":\"$mode\""*}\"mode\":\"$mode\",\"packages\":[${packages_json#,}]${about#*"\"mode\":\"$mode\""}"
  printf '%s\n' "$about" >"$folder/.guest.json-$JOB_ID"
  put_file guest.json
}

# Ends the job unless the config names base and layer as Domdeck writes them, so that the packages find their places in it.
check_packages_config() {
  { grep -qF "target=$RUN/bases/$base.$generation'" "$folder/guest.cfg" && grep -q '^extra *=.* domdeck\.layer=' "$folder/guest.cfg"; } ||
    fail BAD_INPUT "The config of $name does not name generation $generation of $base and its layer as Domdeck wrote them: somebody has changed it." \
      "Put back the lines that begin with disk and extra in $folder/guest.cfg."
}

# As move_to_generation does: the config first.
move_to_packages() { # LINES as of read_packages
  package_disks='' package_words='' package_letters='i j k l m n o p'
  while read -r package_name package_version _; do
    [ "${package_version:-0}" != 0 ] || continue
    package_disk=xvd${package_letters%% *} package_letters=${package_letters#* }
    package_disks="$package_disks,\\n           'format=raw,vdev=$package_disk,access=ro,target=$RUN/packages/$package_name.$package_version'"
    package_words=$package_words,/dev/$package_disk
  done <<-END
	$1
	END
  run cp -p -- "$folder/guest.cfg" "$folder/.guest.cfg-$JOB_ID"
  run sed -z -i -e "s|,[[:space:]]*'format=raw,vdev=xvd[i-p],access=ro,target=$RUN/packages/[^']*'||g" -e 's| domdeck\.lower=[^ "]*||g' \
    -e "s|target=$RUN/bases/$base\\.$generation'|&$package_disks|" "$folder/.guest.cfg-$JOB_ID"
  [ -z "$package_words" ] || run sed -i -e "s| domdeck\\.layer=| domdeck.lower=${package_words#,}&|" "$folder/.guest.cfg-$JOB_ID"
  put_file guest.cfg
  write_packages "$1"
  run sync "$folder"
}
