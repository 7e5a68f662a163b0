# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Gives the guest $name $vcpus vCPUs: now if it runs, and in its config for its next start. domain.sh, config-keys.sh and settings.sh
# stand above this text.

set_vcpus_back() { # UUID COUNT
  domids_of "$1" || return 1
  [ -z "$domids" ] || xl vcpu-set "$domids" "$2"
}

begin

step "Check $name"
before=''
find_config
running_domid
if [ -n "$domid" ]; then
  refuse_unable 'take a vCPU up or down'
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
  read_seconds
  deadline=$((seconds + limit_s))
  while :; do
    domain_state "$uuid"
    [ -n "$state" ] || fail NOT_FOUND "$name has gone down in the meantime." "Start it again."
    [ "$domain_vcpus" != "$vcpus" ] || break
    progress "$domain_vcpus" "$vcpus" vCPUs
    read_seconds
    if [ "$seconds" -ge "$deadline" ]; then
      # Linux only registers a vCPU that is offered (drivers/xen/cpu_hotplug.c); to take it up is left to udev.
      if [ "$vcpus" -gt "$domain_vcpus" ]; then
        hint='Linux takes one up by a udev rule in the guest, SUBSYSTEM=="cpu", ACTION=="add", ATTR{online}="1". Add it, or change the number while the guest is off.'
      else
        hint='Its kernel cannot let go of vCPUs. Shut it down and change their number then.'
      fi
      fail JOB_FAILED "$name still has $domain_vcpus of its vCPUs online after $limit_s seconds, not $vcpus." "$hint"
    fi
    sleep 0.5
  done
  result live "$vcpus vCPUs"
fi

step 'Write it to the config'
say_before vcpus maxvcpus "$vcpus" "$before"
if [ -z "$config" ]; then
  result config none
elif ! config_says vcpus "$vcpus"; then
  write_amount vcpus maxvcpus "$vcpus"
fi
