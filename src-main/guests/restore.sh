# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Starts the saved guest $name where it was. guest-disks.sh with what it needs, disk-guard.sh and hold-config.sh stand above this text.

# As long as the copy has its name it is the guest, and a domain made of it has not had its first moment. After that nobody can tell: the
# domain goes on if it is there, and boots anew if the host went down with it.
unrestore() { # UUID FOLDER
  if [ -f "$2/saved" ]; then
    destroy_domain "$1"
    return
  fi
  domids_of "$1" || return 1
  free_config "$2/guest.cfg" || return 1
  [ -z "$domids" ] || xl unpause "$domids" || :
  rm -f -- "$2/saved.gone"
}

begin

step "Check $name"
folder=$root/guests/$name
grep -qs "\"uuid\":\"$uuid\"" "$folder/guest.json" ||
  fail NOT_FOUND "$name is not a guest that Domdeck made or adopted on this host." "Refresh, and look again."
[ -f "$folder/saved" ] || fail NOT_FOUND "$name is not saved: there is no $folder/saved." "Start it instead."
domids_of "$uuid" || fail COMMAND_FAILED "xl does not answer." "Run xl list on the host."
[ -z "$domids" ] || fail BUSY "$name runs already." "Open its console."
domids_named "$name" || fail COMMAND_FAILED "xl does not answer." "Run xl list on the host."
[ -z "$domids" ] || fail BUSY "Another domain named $name runs." "Shut that one down first."
free_disk "$folder" "$name"
# Somebody may have started it by hand. A guest whose memory is older than its disk destroys the file system on it. (A volume does not
# tell when it was written to; there the held config has to do.)
if [ -n "$disk" ] && [ -n "$(find "$disk" -newer "$folder/saved")" ]; then
  fail BUSY "The disk of $name was written to after its memory was saved; to go on from there would destroy it." \
    "Discard what was saved, and start it."
fi

step 'Attach its base'
ready_disks "$folder" "$name"

guard_disks "$folder/guest.cfg" || fail BUSY "$guard_what" "$guard_hint"

step 'Read its memory back'
# Paused until the copy is put aside: from the first moment that the guest runs, the copy is of the past.
undo unrestore "$uuid" "$folder"
if ! try xl restore -p "$folder/saved"; then
  fail COMMAND_FAILED "xl could not restore $name; what was saved is kept." \
    "Read the end of the log. Free memory may be missing, or the copy may be broken: then discard it."
fi
one_domain "$uuid" "$name"
run mv -T -- "$folder/saved" "$folder/saved.gone"
run free_config "$folder/guest.cfg"
run xl unpause "$domid"
run rm -f -- "$folder/saved.gone"
