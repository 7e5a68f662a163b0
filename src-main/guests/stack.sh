# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Gives the guest $name version $to of the package image $package instead of what it has of that, or takes it out of its stack ($to is 0): at
# once if the guest is off, else at its next start. Its layer is not touched. base-device.sh, domain.sh, guest-packages.sh, stopped-guest.sh,
# swap-generation.sh and swap-packages.sh stand above this text.

# Ends the job unless the version is there, and, unless $anyway, was made for the generation that the guest stands on when it has it.
check_package() { # GENERATION
  package_folder=$root/packages/$package/$to
  for file in package.img package.json; do
    [ -s "$package_folder/$file" ] || fail NOT_FOUND "Version $to of $package is not on this host, or has no $file." "Choose another version."
  done
  made_for=''
  IFS= read -r made_for <"$package_folder/package.json" || :
  made_for=${made_for#*\"for\":\{\"base\":\"}
  made_base=${made_for%%\"*} made_generation=${made_for#*\"generation\":} made_generation=${made_generation%%[!0-9]*}
  [ "$made_base/$made_generation" = "$base/$1" ] || [ -n "$anyway" ] ||
    fail BAD_INPUT "Version $to of $package was made for generation $made_generation of $made_base, and $name stands on generation $1 of $base." \
      "Make one for that generation, or attach it anyway: its programs may miss what they were made with."
  knows_packages "$1"
}

begin

step "Check $name"
own_guest
case $mode in
  overlay | throwaway) ;;
  *) refuse_mode "no stack" "Only overlay and throwaway guests have one." ;;
esac
refuse_saved
read_packages "$about"
open_swap
# What it has of it now, - or 0 for nothing, and where it stands among the others.
from=- opened=- count=0 place=0
while read -r package_name package_version _ package_next; do
  [ -n "$package_name" ] || continue
  count=$((count + 1))
  if [ "$package_name" = "$package" ]; then from=$package_version opened=$package_next place=$count; fi
done <<END
$packages
END
if [ "$to" = 0 ]; then
  [ "$place" != 0 ] || fail NOT_FOUND "$name has no version of $package in its stack." "Refresh, and look again."
  [ "$opened" != 0 ] || fail BAD_INPUT "$package goes from the stack of $name at its next start already." "Shut it down, and start it."
else
  [ "$from" != "$to" ] || [ "$opened" != - ] || fail BAD_INPUT "$name has version $to of $package in its stack already." "Choose another version."
  [ "$opened" != "$to" ] || fail BAD_INPUT "$name gets version $to of $package at its next start already." "Shut it down, and start it."
  [ "$place" != 0 ] || [ "$count" -lt 8 ] || fail BAD_INPUT "$name has 8 package images in its stack, which is the most." "Detach one first."
  [ "$from" = "$to" ] || check_package "${next:-$generation}"
fi
check_packages_config
domids_of "$uuid" || fail COMMAND_FAILED "xl does not answer." "Run xl list on the host."

step 'Write its stack'
keep_files
changed=''
while read -r package_name package_version package_previous package_next; do
  [ -n "$package_name" ] || continue
  if [ "$package_name" = "$package" ]; then
    if [ "$to" = "$from" ]; then
      # The open change is taken back.
      package_next=-
    elif [ -n "$domids" ]; then
      # Running: it keeps its disk until it is shut down, and a reboot of its own is made from what Xen has of it.
      package_next=$to
    else
      [ "$from" = 0 ] || package_previous=$from
      package_version=$to package_next=-
    fi
  fi
  # What is not there and does not come.
  case $package_version,$package_next in 0,0 | 0,-) continue ;; esac
  changed="$changed$package_name $package_version $package_previous $package_next$NL"
done <<END
$packages
END
if [ -n "$domids" ]; then
  [ "$place" != 0 ] || changed="$changed$package 0 - $to$NL"
  write_packages "$changed"
  run sync "$folder"
else
  [ "$place" != 0 ] || changed="$changed$package $to - -$NL"
  release_layer "$folder/layer.img" || fail BUSY "The layer of $name is in use." "Find out who uses it: losetup -j $folder/layer.img."
  move_to_packages "$changed"
  # The last guest of a version takes its loop device along.
  case $from in - | 0) ;; *) detach_package "$package" "$from" ;; esac
fi
[ "$from" != - ] || from=0
result from "$from"
result top "$([ "$place" = 0 ] || [ "$place" = "$count" ] && echo 1 || echo 0)"
result when "$([ -n "$domids" ] && [ "$to" != "$from" ] && echo next-start || echo now)"
