# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Starts the stopped guest $name from $config_path. $uuid is empty when its config pins none. For a guest of ours the base is attached
# first: after a reboot of dom0 nothing is; and it moves to the generation and the package images that it is to stand on from now on.
# guest-disks.sh with what it needs, disk-guard.sh, stopped-guest.sh, swap-generation.sh and swap-packages.sh stand above this text.

stop_again() { # UUID NAME: a domain that a cut-off xl create left behind
  if [ -n "$1" ]; then destroy_domain "$1"; else destroy_named "$2"; fi
}

begin

step "Check $name"
[ -f "$config_path" ] || fail NOT_FOUND "The config of $name, $config_path, is gone." "Refresh, and look for the guest again."
if [ -n "$uuid" ]; then
  domids_of "$uuid" || fail COMMAND_FAILED "xl does not answer." "Run xl list on the host."
  if [ -n "$domids" ]; then
    running=$(xl domname "${domids%%"$NL"*}" 2>/dev/null) || running=$name
    [ "$running" = "$name" ] || fail BUSY "$running runs with the UUID of $name, and Xen takes the two for one guest." \
      "Give one of them another UUID in its config."
    fail BUSY "$name runs already." "Open its console."
  fi
fi
domids_named "$name" || fail COMMAND_FAILED "xl does not answer." "Run xl list on the host."
[ -z "$domids" ] || fail BUSY "Another domain named $name runs." "Shut that one down, or give this guest another name in its config."
ours=''
if [ "$config_path" = "$root/guests/$name/guest.cfg" ] && [ -f "$root/guests/$name/guest.json" ]; then
  ours=$root/guests/$name
  [ ! -e "$ours/saved" ] ||
    fail BUSY "$name is saved: started afresh, its disks would no longer fit the memory that was saved." "Restore it, or discard what was saved."
  free_disk "$ours" "$name"
fi

step 'Attach its base'
from='' gone=''
if [ -n "$ours" ]; then
  folder=$ours about=''
  read -r about <"$folder/guest.json" || :
  read_origin
  read_packages "$about"
  open_swap
  turn_packages
  if [ -n "$next" ]; then check_generation "$next"; fi
  if [ "$turned" != "$packages" ]; then check_packages_config; fi
  if [ -n "$next" ] || [ "$turned" != "$packages" ]; then
    # Behind the files, when this is taken back.
    [ -z "$next" ] || undo detach_base "$base" "$next"
    while read -r package_name package_version _; do
      [ -z "$package_name" ] || undo detach_package "$package_name" "$package_version"
    done <<-END
	$turned
	END
    keep_files
  fi
  if [ -n "$next" ]; then
    from=$generation
    move_to_generation "$next"
    result generation "$generation"
  fi
  if [ "$turned" != "$packages" ]; then move_to_packages "$turned"; fi
  gone=$packages
  ready_disks "$ours" "$name"
fi

# By its config as it is after the swap.
guard_disks "$config_path" || fail BUSY "$guard_what" "$guard_hint"

step "Start $name"
undo stop_again "$uuid" "$name"
if ! try xl create -q "$config_path"; then explain_create "$name"; fi
if [ -n "$from" ]; then detach_base "$base" "$from"; fi
packages=$gone
detach_packages
