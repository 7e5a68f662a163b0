# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Domains by UUID: a domid changes at every reboot, and a name may be another guest's by now.

domids_of() { # UUID: sets domids, usually one; fails when xl does not answer
  domain_list=$(xl list -v) || return 1
  # NAME ID MEM VCPUS STATE TIME UUID REASON LABEL: from the right, for a name can hold spaces.
  domids=$(printf '%s\n' "$domain_list" | awk -v uuid="$1" 'NF > 7 && $(NF-2) == uuid { print $(NF-7) }')
}

domids_named() { # NAME: sets domids
  domain_list=$(xl list -v) || return 1
  # awk takes a backslash in -v for an escape; names come from others.
  domids=$(printf '%s\n' "$domain_list" | domain_name=$1 awk 'NF > 7 && length($(NF-2)) == 36 {
    domid = $(NF-7)
    sub(/ +[0-9]+ +[0-9]+ +[0-9]+ +[-a-zA-Z?]+ +[0-9.]+ +[-0-9a-f]+ +[^ ]+ +[^ ]+ *$/, "")
    if ($0 == ENVIRON["domain_name"]) print domid
  }')
}

# Sets domid, or ends the job: there must be exactly one, and it must be this guest and no namesake.
one_domain() { # UUID NAME
  domids_of "$1" || fail COMMAND_FAILED "xl does not answer." "Run xl list on the host."
  case $domids in
    '') fail NOT_FOUND "$2 does not run: there is no domain with the UUID $1." "Refresh, and look again." ;;
    *"$NL"*) fail BUSY "$2 is just being made or torn down." "Wait a moment, and try again." ;;
  esac
  domid=$domids
}

# A guest in a reboot loop has a new domid each time, so look again until none is left.
destroy_domain() { # UUID
  destroy_tries=0
  while domids_of "$1" || return 1; [ -n "$domids" ]; do
    destroy_tries=$((destroy_tries + 1))
    if [ "$destroy_tries" -gt 150 ]; then
      printf '%s\n' "The domain with UUID $1 does not go away." >&2
      return 1
    fi
    for domid in $domids; do
      # After the first time it may be on its way already.
      xl destroy "$domid" || :
    done
    sleep 0.2
  done
}

destroy_named() { # NAME: for a guest whose config pins no UUID
  domids_named "$1" || return 1
  for domid in $domids; do xl destroy "$domid" || :; done
}

# A create that was cut off leaves its loop device behind; a domain that goes lets go of it a moment later.
release_layer() { # FILE
  release_tries=0
  while release_loops=$(losetup -n -O NAME -j "$1") && [ -n "$release_loops" ]; do
    release_tries=$((release_tries + 1))
    if [ "$release_tries" -gt 150 ]; then
      printf '%s\n' "$1 is still attached to $release_loops." >&2
      return 1
    fi
    if [ "$release_tries" -gt 10 ]; then
      for release_loop in $release_loops; do losetup -d "$release_loop" || :; done
    fi
    sleep 0.2
  done
}

# Turns the lines that xl has just put into the log into a reason and a next step (texts of xen 4.17 libxl and its scripts).
explain_create() { # NAME
  create_words=$(tail -n 20 "$JOB/log")
  # Only what follows this command.
  create_words=${create_words##*"xl create -q"}
  case $create_words in
    *'failed to free memory'* | *xc_dom_boot_mem_init* | *"can't allocate low memory"*)
      fail COMMAND_FAILED "The host has not enough free memory for $1." "Shut down another guest, or give this one less memory." ;;
    *'because of timeout'*)
      fail COMMAND_FAILED "Xen's script that attaches the devices of $1 was stopped after 40 seconds." "The host is overloaded. Try again when it is less busy." ;;
    *'already exists'*)
      fail BUSY "A domain named $1 runs already." "Choose another name, or destroy that domain first." ;;
    *'unable to add vif'*)
      fail COMMAND_FAILED "The network card of $1 could not be attached." "Check that its bridge exists on the host: ip link show type bridge." ;;
    *'failed to stat'* | *'unable to add disk'* | *'no suitable backend'*)
      fail COMMAND_FAILED "A disk of $1 could not be attached." "Read the end of the log for the path, and check that it exists." ;;
    *'failed to open file'* | *xc_dom_kernel_file* | *xc_dom_ramdisk_file*)
      fail COMMAND_FAILED "The kernel or initrd of $1 could not be loaded." "Check the paths of kernel and ramdisk in its config." ;;
    *'domain creation fail'*)
      fail COMMAND_FAILED "Xen refused to make $1." "The host may not support guests of this type; try PV instead of PVH." ;;
  esac
  fail COMMAND_FAILED "xl could not start $1." "Read the end of the log."
}

# Sets state (the letters of xl list, '' for no domain), domain_mb and domain_vcpus.
domain_state() { # UUID
  domain_list=$(xl list -v) || fail COMMAND_FAILED "xl does not answer." "Run xl list on the host."
  # shellcheck disable=SC2046 # words
  set -- $(printf '%s\n' "$domain_list" | awk -v uuid="$1" 'NF > 7 && $(NF-2) == uuid { print $(NF-4), $(NF-6), $(NF-5) }')
  state=${1:-} domain_mb=${2:-0} domain_vcpus=${3:-0}
}
