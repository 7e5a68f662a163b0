# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Checks the file system in the layer of the stopped guest $name. What e2fsck mends without a loss it mends in place, as every boot does. With
# $repair it may lose what it cannot save: it works on a copy, and the layer as it was is kept as a snapshot. domain.sh, stopped-guest.sh
# and copy-image.sh stand above this text.

# Two names for one file are never left: what is written to the layer would be written to the snapshot.
separate() { # SNAPSHOT LAYER
  [ "$(stat -c %d:%i -- "$1" 2>/dev/null)" != "$(stat -c %d:%i -- "$2")" ] || rm -f -- "$1"
}

begin

step "Check $name"
stopped_layer
readable_layer "The guest itself checks it at each boot, and asks before it repairs at a loss."
# 0: clean. 1: mended. 2: mended, and whoever has it mounted must let go; nobody has.
code=0
try e2fsck -f -p "$layer" || code=$?
if [ "$code" -gt 2 ] && [ -z "$repair" ]; then
  fail COMMAND_FAILED "The file system in the layer of $name has errors that cannot be mended without a loss." \
    "Repair it: the layer as it is now is kept as a snapshot. Or restore a snapshot."
fi

if [ -n "$repair" ]; then
  step 'Repair a copy'
  if [ "$code" -le 2 ]; then
    printf '%s\n' 'There is nothing to repair.'
  else
    need_room "$layer"
    made=$folder/.layer-$JOB_ID
    snapshot=$(date -u +%Y%m%dT%H%M%SZ)
    kept=$folder/snapshots/$snapshot.img
    [ ! -e "$kept" ] || fail BUSY "$name has a snapshot of this very second." "Try again."
    undo rm -f -- "$made"
    copy_file "$layer" "$made"
    code=0
    try e2fsck -f -y "$made" || code=$?
    [ "$code" -le 2 ] || fail COMMAND_FAILED "The file system in the layer of $name cannot be repaired." "Restore a snapshot, or reset the layer."
    mkdir -p -- "$folder/snapshots"
    undo separate "$kept" "$layer"
    run ln -- "$layer" "$kept"
    run sync "$folder/snapshots"
    replace_layer "$made"
    result snapshot "$snapshot"
  fi
fi
result mended "$((code > 0))"
