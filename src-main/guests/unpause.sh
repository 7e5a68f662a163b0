# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Lets the paused guest $name run on. domain.sh stands above this text.

begin

step "Unpause $name"
one_domain "$uuid" "$name"
domain_state "$uuid"
case $state in
  ??p*) ;;
  *) fail BUSY "$name is not paused." "Refresh, and look again." ;;
esac
run xl unpause "$domid"
