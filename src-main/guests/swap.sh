# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Moves the guest $name to generation $to of its base $base_name: at once if it is off, else at its next start. Its layer is not touched.
# base-device.sh, domain.sh, guest-packages.sh, stopped-guest.sh and swap-generation.sh stand above this text.

begin

step "Check $name"
own_guest
case $mode in
  overlay | throwaway) ;;
  *) refuse_mode "no base to swap" "Only overlay and throwaway guests have one." ;;
esac
[ "$base" = "$base_name" ] || fail BAD_INPUT "$name stands on $base, not on $base_name." "Refresh, and look again."
refuse_saved
read_packages "$about"
open_swap
from=$generation
if [ "$to" != "$generation" ]; then
  check_generation "$to"
elif [ -z "$next" ]; then
  fail BAD_INPUT "$name stands on generation $to of $base already." "Choose another generation."
fi
domids_of "$uuid" || fail COMMAND_FAILED "xl does not answer." "Run xl list on the host."

step "Write generation $to"
keep_files
members="\"generation\":$generation${previous:+,\"previous\":$previous}"
if [ "$to" = "$generation" ]; then
  # The open swap is taken back.
  write_about "$members"
  put_file guest.json
elif [ -n "$domids" ]; then
  # Running: it keeps its disk until it is shut down, and a reboot of its own is made from what Xen has of it.
  write_about "$members,\"next\":$to"
  put_file guest.json
else
  release_layer "$folder/layer.img" || fail BUSY "The layer of $name is in use." "Find out who uses it: losetup -j $folder/layer.img."
  move_to_generation "$to"
  # The last guest of a generation takes its loop device along.
  detach_base "$base" "$from"
fi
result from "$from"
result when "$([ -n "$domids" ] && [ "$to" != "$from" ] && echo next-start || echo now)"
