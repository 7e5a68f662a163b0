# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Deletes the snapshot $snapshot of the guest $name. domain.sh and stopped-guest.sh stand above this text.

begin

step "Delete the snapshot $snapshot"
own_guest
kept=$folder/snapshots/$snapshot.img
[ -f "$kept" ] || fail NOT_FOUND "$name has no snapshot $snapshot." "Look again: somebody may have deleted it."
freed=$(($(stat -c %b -- "$kept") * 512))
run rm -- "$kept"
rmdir --ignore-fail-on-non-empty -- "$folder/snapshots"
result freed "$freed"
