# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Writes the memory of the guest $name to its folder, then takes its domain away. guest-disks.sh with what
# it needs and hold-config.sh stand above this text.
# xl leaves the guest paused behind the copy (-p), so that at every moment there is the guest, or a whole copy of it that has been
# synced and named.

# With its domain still there the guest is let run on and the copy removed. Without it the copy is the guest: it stays, if it is whole.
unsave() { # UUID FOLDER
  domids_of "$1" || return 1
  rm -f -- "$2/saved.part"
  if [ -z "$domids" ] && [ -f "$2/saved" ]; then
    hold_config "$2/guest.cfg"
    return
  fi
  rm -f -- "$2/saved"
  free_config "$2/guest.cfg" || return 1
  [ -z "$domids" ] || xl unpause "$domids" || :
}

begin

step "Check $name"
folder=$root/guests/$name
grep -qs "\"uuid\":\"$uuid\"" "$folder/guest.json" ||
  fail NOT_FOUND "$name is not a guest that Domdeck made or adopted on this host, so there is no folder to save it to." "Adopt it first."
if grep -qs '"encrypted":true\|"encryptedSwap":true' "$folder/guest.json"; then
  fail BAD_INPUT "$name has encrypted disks, and its memory holds their keys: saved, they would lie on this host." "Shut it down instead."
fi
one_domain "$uuid" "$name"
domain_state "$uuid"
case $state in
  ??p*) fail BUSY "$name is paused, and a guest takes part in being saved." "Unpause it first." ;;
  *s* | *c* | *d*) fail BUSY "$name is going down or has crashed." "Start it again first." ;;
esac
feature=$(xenstore-read "/local/domain/$domid/control/feature-suspend" 2>/dev/null) || feature=''
[ "$feature" != 0 ] || fail BAD_INPUT "The kernel of $name does not know how to be saved." "Shut it down instead."
free_kb=$(df -Pk -- "$folder" | awk 'NR == 2 { print $4 }')
[ "$free_kb" -gt $((domain_mb * 1024 + 65536)) ] ||
  fail COMMAND_FAILED "There is no room for the $domain_mb MB of memory of $name: $((free_kb / 1024)) MB are free under $root." "Free some space."

step 'Write its memory'
undo unsave "$uuid" "$folder"
if ! try xl save -p "$domid" "$folder/saved.part"; then
  domids_of "$uuid" || domids=''
  [ -n "$domids" ] || fail JOB_FAILED "$name went down while it was saved." "Read the end of the log, and of /var/log/xen/xl-$name.log."
  fail COMMAND_FAILED "xl could not save $name; it runs on." "Read the end of the log: the guest may not answer, or its kernel may not know how to be saved."
fi
run sync "$folder/saved.part"
run mv -T -- "$folder/saved.part" "$folder/saved"
run sync "$folder"
run hold_config "$folder/guest.cfg"

step 'Take its domain away'
destroy_domain "$uuid" || fail JOB_FAILED "$name does not go away." "Read the end of the log, and xl dmesg on the host."
free_disk "$folder" "$name"
# Later than whatever the guest wrote last: restore.sh goes by that.
run touch "$folder/saved"
capture bytes stat -c %s -- "$folder/saved"
result bytes "$bytes"
