# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the scripts around
# Tells what is left over on this host, a line each, parted by tabs: `left KIND NAME BYTES WHY`. leftovers.sh stands above this text.
leftover() {
  left_bytes=0
  if [ "$1" = file ]; then
    left_bytes=$(du -s -B1 -- "$2" 2>/dev/null) || left_bytes=0
    left_bytes=${left_bytes%%[!0-9]*}
  fi
  printf 'left\t%s\t%s\t%s\t%s\n' "$1" "$2" "${left_bytes:-0}" "$3"
}

NL='
'
root=$1
RUN=${DOMDECK_RUN:-/run/domdeck}
STATE=${DOMDECK_STATE:-/var/lib/domdeck}
ETC_XEN=${DOMDECK_ETC_XEN:-/etc/xen}
find_leftovers
printf 'end\n'
