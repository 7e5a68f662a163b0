# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Stops the guest $name in its tracks: it keeps its memory and gets no CPU. domain.sh stands above this text.

# By UUID: after a boot of the host its domid may be another guest's, which somebody has paused on purpose. It may be gone by now.
unpause_again() { # UUID
  domids_of "$1" || return 1
  [ -z "$domids" ] || xl unpause "$domids" || :
}

begin

step "Pause $name"
one_domain "$uuid" "$name"
domain_state "$uuid"
case $state in
  *s* | *c* | *d*) fail BUSY "$name is going down or has crashed; there is nothing to pause." "Refresh, and look again." ;;
  ??p*) fail BUSY "$name is paused already." "Unpause it to let it run on." ;;
esac
# A domain counts its pauses, so a second one would need a second unpause.
undo unpause_again "$uuid"
run xl pause "$domid"
