# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Forgets the saved memory of the guest $name; its disks stay as they are. hold-config.sh stands above this text.

# Once the copy has lost its name it is discarded.
finish_discard() { # FOLDER
  [ ! -e "$1/saved" ] || return 0
  free_config "$1/guest.cfg" && rm -f -- "$1/saved.gone"
}

begin

step "Check $name"
folder=$root/guests/$name
grep -qs "\"uuid\":\"$uuid\"" "$folder/guest.json" ||
  fail NOT_FOUND "$name is not a guest that Domdeck made or adopted on this host." "Refresh, and look again."
[ -f "$folder/saved" ] || fail NOT_FOUND "$name is not saved." "Refresh, and look again."

step 'Remove its saved memory'
undo finish_discard "$folder"
run mv -T -- "$folder/saved" "$folder/saved.gone"
run finish_discard "$folder"
