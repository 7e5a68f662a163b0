# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the words of a preflight, the input and the scripts around
# Looks at the disks of the guest $name by its config $config_path, or at the image $source. mend-check.sh with what it needs, domain.sh and
# disk-guard.sh stand above this text.
if [ -n "$source" ]; then
  config='' mend_disks=''
  image=$(readlink -f -- "$source") || image=$source
  mend_targets="xvda $image"
  if [ ! -f "$image" ] && [ ! -b "$image" ]; then
    check fail 'Image' "there is no $source on this host" 'Check the path on the host.'
  elif guard_disks "r:$image"; then
    check_image "$mend_targets" || :
  else
    check fail 'In use' "${guard_what%.}" "$guard_hint"
  fi
else
  config=$(readlink -f -- "$config_path") || config=$config_path
  if [ -n "$uuid" ]; then domids_of "$uuid" || domids=unknown; else domids_named "$name" || domids=unknown; fi
  if [ -n "$domids" ]; then
    check fail 'In use' "$name runs" 'Shut it down first: what it writes meanwhile cannot be seen.'
  elif ! guard_disks "$config"; then
    check fail 'In use' "${guard_what%.}" "$guard_hint"
  else
    guest_targets
    check_image "$mend_targets" || :
  fi
fi
