# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Makes the layer of the stopped guest $name $layer_mb MB large. A copy is grown and then put in its place, for a file system that was cut
# off while it grows is lost. domain.sh, stopped-guest.sh and copy-image.sh stand above this text.

begin

step "Check $name"
stopped_layer
readable_layer "It keeps its size. Clone a guest with a larger layer, and copy what you need from guest to guest."
layer_bytes=$(stat -c %s -- "$layer")
[ "$layer_bytes" -lt $((layer_mb * 1048576)) ] ||
  fail BAD_INPUT "The layer of $name has $((layer_bytes / 1048576)) MB already." "Give a larger size; a layer is not made smaller."
need_room "$layer"
made=$folder/.layer-$JOB_ID

step 'Copy the layer'
undo rm -f -- "$made"
copy_file "$layer" "$made"

step 'Grow the copy'
# 1: what could be mended without a loss was mended.
try e2fsck -f -p "$made" || [ $? = 1 ] ||
  fail COMMAND_FAILED "The file system in the layer of $name has errors; it is as it was." "Check and repair the layer first."
run truncate -s "${layer_mb}M" -- "$made"
run resize2fs "$made"

step 'Put it in the place of the old one'
replace_layer "$made"
