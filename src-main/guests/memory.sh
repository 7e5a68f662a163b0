# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Gives the guest $name $memory_mb MB: now if it runs, and in its config for its next start. domain.sh, config-keys.sh and settings.sh
# stand above this text.

set_memory_back() { # UUID KB
  domids_of "$1" || return 1
  [ -z "$domids" ] || xl mem-set "$domids" "$2k"
}

begin

step "Check $name"
find_config
running_domid
if [ -n "$domid" ]; then
  refuse_unable 'give memory back or take it'
  capture most_kb xenstore-read "/local/domain/$domid/memory/static-max"
  capture before_kb xenstore-read "/local/domain/$domid/memory/target"
  if [ $((memory_mb * 1024)) -gt "$most_kb" ]; then
    fail BAD_INPUT "$name can have at most $((most_kb / 1024)) MB while it runs: that is the maximum it was started with." \
      "Shut it down first; then it can get $memory_mb MB."
  fi
  capture free_mb xl info free_memory
  if [ $((memory_mb - before_kb / 1024)) -gt "$free_mb" ]; then
    fail COMMAND_FAILED "The host has $free_mb MB of free memory, $((memory_mb - before_kb / 1024)) MB more are needed for $name." \
      "Shut down another guest, or give this one less."
  fi
fi

step 'Change it now'
if [ -n "$domid" ] && [ "$before_kb" != $((memory_mb * 1024)) ]; then
  undo set_memory_back "$uuid" "$before_kb"
  run xl mem-set "$domid" "${memory_mb}m"
  # The guest's balloon driver does the work. Xen keeps a little of its own, and counts it differently for each type.
  read_seconds
  deadline=$((seconds + limit_s))
  while :; do
    domain_state "$uuid"
    [ -n "$state" ] || fail NOT_FOUND "$name has gone down in the meantime." "Start it again."
    off=$((domain_mb - memory_mb))
    [ "${off#-}" -gt 4 ] || break
    progress "$domain_mb" "$memory_mb" MB
    read_seconds
    [ "$seconds" -lt "$deadline" ] ||
      fail JOB_FAILED "$name still has $domain_mb MB after $limit_s seconds, not $memory_mb MB." \
        "Its kernel has no balloon driver, or needs what it has. Shut it down and change its memory then."
    sleep 0.5
  done
  result live "$memory_mb MB"
fi

step 'Write it to the config'
if [ -z "$domid" ]; then
  say_before memory maxmem "$memory_mb" ''
elif [ $((before_kb % 1024)) = 0 ]; then
  say_before memory maxmem "$memory_mb" $((before_kb / 1024))
fi
if [ -z "$config" ]; then
  result config none
elif ! config_says memory "$memory_mb"; then
  write_amount memory maxmem "$memory_mb"
fi
