# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# A long copy that tells how far it is, and how fast, and the room that it takes. space.sh stands above this text.

copy_done_mb=0

# A job that makes many copies sets copy_total_mb, else it is MB; copy_name is the guest that it is for, copy_way how it comes here.
copy_image() { # MB COMMAND ARG...
  copy_mb=$1
  shift
  printf '$ %s\n' "$*"
  read -r copy_began _ </proc/uptime
  # It dies with us, whatever ends us.
  setpriv --pdeathsig KILL "$@" 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
  copy=$!
  while kill -0 "$copy" 2>/dev/null; do
    # What it has read; no fork.
    { read -r _ copy_bytes <"/proc/$copy/io"; } 2>/dev/null || copy_bytes=0
    tell_copy $((copy_bytes / 1048576))
    sleep 0.5
  done
  wait "$copy" || fail COMMAND_FAILED "The copy did not come to its end: $*" "Read the end of the log; the disk may be full or failing."
  tell_copy "$copy_mb"
  copy_done_mb=$((copy_done_mb + copy_mb))
}

tell_copy() { # MB
  copy_now=$1
  [ "$copy_now" -le "$copy_mb" ] || copy_now=$copy_mb
  read -r copy_seconds _ </proc/uptime
  copy_seconds=$((${copy_seconds%%.*} - ${copy_began%%.*}))
  progress $((copy_done_mb + copy_now)) "${copy_total_mb:-$copy_mb}" MB
  if [ -n "${copy_name:-}" ] && [ "$copy_seconds" -gt 0 ]; then
    tick "$copy_name" running "$copy_now of $copy_mb MB, $((copy_now / copy_seconds)) MB/s${copy_way:+, $copy_way}"
  fi
}

# Holes stay holes, and a file system that can share blocks does. The copy is synced by who gives it its name.
copy_file() { # FROM TO
  copy_image $(($(stat -L -c '%b * %B / 1048576' -- "$1") + 1)) cp --sparse=auto --reflink=auto -- "$1" "$2"
}

# Ends the job unless a copy of a file fits; `layer`: one that grows.
need_room() { # FILE [layer]
  space_for $(($(stat -L -c '%b * %B / 1024' -- "$1"))) "${2:-}" || fail COMMAND_FAILED "$space_what" "$space_hint"
}
