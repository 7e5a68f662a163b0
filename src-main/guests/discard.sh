# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Forgets the saved memory of the guest $name; its disks stay as they are.

finish_discard() { # FILE
  rm -f -- "$1"
}

begin

step "Check $name"
folder=$root/guests/$name
grep -qs "\"uuid\":\"$uuid\"" "$folder/guest.json" ||
  fail NOT_FOUND "$name is not a guest that Domdeck made or adopted on this host." "Refresh, and look again."
[ -f "$folder/saved" ] || fail NOT_FOUND "$name is not saved." "Refresh, and look again."

step 'Remove its saved memory'
undo finish_discard "$folder/saved.gone"
run mv -T -- "$folder/saved" "$folder/saved.gone"
run rm -f -- "$folder/saved.gone"
