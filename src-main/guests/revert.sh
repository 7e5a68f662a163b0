# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Makes the layer of the stopped guest $name what it was at the snapshot $snapshot, which stays. domain.sh, stopped-guest.sh and
# copy-image.sh stand above this text.

begin

step "Check $name"
stopped_layer
kept=$folder/snapshots/$snapshot.img
[ -f "$kept" ] || fail NOT_FOUND "$name has no snapshot $snapshot." "Look again: somebody may have deleted it."
need_room "$kept"
made=$folder/.layer-$JOB_ID

step 'Copy the snapshot'
undo rm -f -- "$made"
copy_file "$kept" "$made"

step 'Put it in the place of the layer'
replace_layer "$made"
