# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Asks the guest $name to shut down and waits until it is gone, at most $limit_s seconds. domain.sh stands above this text.

begin

step "Ask $name to shut down"
one_domain "$uuid" "$name"
# A guest that has just booted may drop the request, because nothing in it listens yet: it is asked again.
again_s=20
asked_s=0
until try timeout "$again_s" xl shutdown -w "$domid"; do
  code=$?
  domids_of "$uuid" || domids=$domid
  [ -n "$domids" ] || break
  asked_s=$((asked_s + again_s))
  # 124 is timeout's own.
  [ "$code" = 124 ] || fail COMMAND_FAILED "xl could not ask $name to shut down." "Read the end of the log."
  [ "$asked_s" -lt "$limit_s" ] ||
    fail JOB_FAILED "$name has not shut down within $asked_s seconds." "Look at its console to see what it waits for, or destroy it: that is like pulling its plug."
done

step 'Wait until it is gone'
# For a moment it still shows, with its disks held (seen on xen 4.17).
tries=0
while domids_of "$uuid" && [ -n "$domids" ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 100 ] ||
    fail JOB_FAILED "$name has shut down, but its domain is kept." "Its config may say on_poweroff=\"preserve\", or its xl process was killed. Destroy it to free its memory."
  sleep 0.2
done
