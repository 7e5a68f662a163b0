# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Gives the stopped guest $name an empty layer of the same size: it is as new; an encrypted one gets a new passphrase at its
# next start. Its snapshots stay. domain.sh, stopped-guest.sh, layer-template.sh and encrypted-disks.sh stand above this text.

begin

step "Check $name"
stopped_layer
made=$folder/.layer-$JOB_ID

step 'Make an empty layer'
case $about in
  *'"encrypted":true'*)
    undo rm -f -- "$made"
    make_marked_disk "$made" "$uuid" layer "$(stat -c %s -- "$layer")"
    ;;
  *)
    layer_template $((($(stat -c %s -- "$layer") + 1048575) / 1048576))
    undo rm -f -- "$made"
    run cp --sparse=always -- "$template" "$made"
    ;;
esac

step 'Put it in the place of the old one'
replace_layer "$made"
