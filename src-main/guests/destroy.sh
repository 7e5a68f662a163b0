# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Takes the domain of $name away at once, as if its plug were pulled. Its files stay. guest-disks.sh and what it needs stand above this text.

begin

step "Destroy $name"
one_domain "$uuid" "$name"
destroy_domain "$uuid" || fail JOB_FAILED "$name does not go away." "Read the end of the log, and xl dmesg on the host."
if [ -f "$root/guests/$name/guest.json" ] && grep -q "\"uuid\":\"$uuid\"" "$root/guests/$name/guest.json"; then
  run release_disk "$root/guests/$name"
fi
