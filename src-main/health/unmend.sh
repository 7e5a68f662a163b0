# shellcheck shell=sh disable=SC2154 # names shared with the job library, the input and the scripts around
# Takes back what was mended of the item $id. plan.sh and take-back.sh stand above. Cut off, it is done again.

begin

step 'Check that it is as it was mended'
is_mended "$id" || fail NOT_FOUND "Nothing that Domdeck mended is kept on this host under $id." "It was taken back already. Look at the health of the host again."
changed=$(changed_since "$id")
[ -z "$changed" ] || fail BUSY "Somebody has changed what Domdeck wrote: $(printf '%s' "$changed" | tr '\n' ' ')" \
  "Remove that file, or put it back as it is below $kept/$id/files, and try again."

step 'Put it back'
run take_back "$id"
