# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Asks the guest $name to reboot and waits until it is back under a new domid, at most $limit_s seconds. domain.sh stands above this text.

begin

step "Ask $name to reboot"
one_domain "$uuid" "$name"
before=$domid
run xl reboot "$domid"

step 'Wait until it is back'
# xl destroys the domain, sleeps two seconds, and makes it again. A guest that has just booted may drop the request, because nothing in
# it listens yet: it is asked again.
again_s=20
tries=0
gone=0
while :; do
  domids_of "$uuid" || fail COMMAND_FAILED "xl does not answer." "Run xl list on the host."
  case $domids in
    '') gone=$((gone + 1)) ;;
    "$before")
      gone=0
      if [ "$tries" -gt 0 ] && [ $((tries % (again_s * 2))) = 0 ]; then try xl reboot "$domid" || :; fi
      ;;
    *) break ;;
  esac
  [ "$gone" -lt 60 ] ||
    fail JOB_FAILED "$name has shut down and does not come back." "Its config may say otherwise in on_reboot. Start it again; xl's reason is in /var/log/xen/xl-$name.log."
  tries=$((tries + 1))
  [ "$tries" -lt $((limit_s * 2)) ] ||
    fail JOB_FAILED "$name has not rebooted within $limit_s seconds." "Look at its console to see what it waits for, or destroy it and start it again."
  sleep 0.5
done
result domid "$domids"
