# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Gives the guest $name $vcpus vCPUs: now if it runs, and in its config for its next start. domain.sh, config-keys.sh and settings.sh
# stand above this text.

set_vcpus_back() { # UUID COUNT
  domids_of "$1" || return 1
  [ -z "$domids" ] || xl vcpu-set "$domids" "$2"
}

begin

step "Check $name"
find_config
running_domid
if [ -n "$domid" ]; then
  domain_state "$uuid"
  case $state in
    ??p*) fail BUSY "$name is paused, so it cannot take a vCPU up or down." "Unpause it first." ;;
    *s* | *c* | *d*) fail BUSY "$name is going down or has crashed." "Start it again first." ;;
  esac
  before=$domain_vcpus
  # A node for each vCPU that it was made with, online or not.
  capture most_vcpus xenstore-list "/local/domain/$domid/cpu"
  most_vcpus=$(printf '%s\n' "$most_vcpus" | grep -c .)
  if [ "$vcpus" -gt "$most_vcpus" ]; then
    fail BAD_INPUT "$name can have at most $most_vcpus vCPUs while it runs: that is the maximum it was started with." \
      "Shut it down first; then it can get $vcpus."
  fi
fi

step 'Change it now'
if [ -n "$domid" ] && [ "$before" != "$vcpus" ]; then
  undo set_vcpus_back "$uuid" "$before"
  run xl vcpu-set "$domid" "$vcpus"
  # The guest's kernel does the work.
  tries=0
  while :; do
    domain_state "$uuid"
    [ -n "$state" ] || fail NOT_FOUND "$name has gone down in the meantime." "Start it again."
    [ "$domain_vcpus" != "$vcpus" ] || break
    progress "$domain_vcpus" "$vcpus" vCPUs
    tries=$((tries + 1))
    [ "$tries" -lt $((limit_s * 2)) ] ||
      fail JOB_FAILED "$name still has $domain_vcpus vCPUs after $limit_s seconds, not $vcpus." \
        "Its kernel cannot take vCPUs up or down. Shut it down and change their number then."
    sleep 0.5
  done
  result live "$vcpus vCPUs"
fi

step 'Write it to the config'
if [ -z "$config" ]; then
  result config none
elif ! config_says vcpus "$vcpus"; then
  write_amount vcpus maxvcpus "$vcpus"
fi
