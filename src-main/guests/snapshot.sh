# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Keeps a copy of the layer of the stopped guest $name as snapshots/TIME.img. domain.sh, stopped-guest.sh and copy-image.sh stand above
# this text.

begin

step "Check $name"
stopped_layer
need_room "$layer"
snapshot=$(date -u +%Y%m%dT%H%M%SZ)
kept=$folder/snapshots/$snapshot.img
[ ! -e "$kept" ] || fail BUSY "$name has a snapshot of this very second." "Try again."

step 'Copy the layer'
mkdir -p -- "$folder/snapshots"
undo rm -f -- "$kept" "$folder/snapshots/.$JOB_ID"
copy_file "$layer" "$folder/snapshots/.$JOB_ID"
run sync "$folder/snapshots/.$JOB_ID"
run mv -T -- "$folder/snapshots/.$JOB_ID" "$kept"
run sync "$folder/snapshots"
result snapshot "$snapshot"
