#!/bin/sh
# logs.sh list [NAME]          the logs there are, a line each: SOURCE BYTES
# logs.sh read SOURCE [NAME]   the end of one, then what is written to it, until the standard input is closed
# Of the hypervisor without a NAME; else of the guest: what xl, xenconsoled (--log=guest) and qemu write about it. Reads only, and
# never with `xl dmesg -c`, which would empty the ring for everybody.
LC_ALL=C
export LC_ALL
act=$1
shift
source=''
if [ "$act" = read ]; then source=$1 && shift; fi
folder=${DOMDECK_ROOT:-}/var/log/xen
[ $# -eq 0 ] || set -- "xl $folder/xl-$1.log" "console $folder/console/guest-$1.log" "console $folder/guest-$1.log" "qemu $folder/qemu-dm-$1.log"

if [ "$act" = list ]; then
  if [ $# -eq 0 ]; then
    text=$(xl dmesg) || exit
    printf 'xen %s\n' "${#text}"
  fi
  for log; do
    [ -f "${log#* }" ] && printf '%s %s\n' "${log%% *}" "$(stat -L -c %s -- "${log#* }")"
  done
  exit 0
fi

if [ "$source" = xen ]; then exec xl dmesg; fi
for log; do
  if [ "${log%% *}" != "$source" ] || [ ! -f "${log#* }" ]; then continue; fi
  # -F goes on with the new file after a rotation. It would wait for ever for a line to notice that nobody reads: the end of our
  # input ends it.
  tail -c 262144 -F -- "${log#* }" 2>/dev/null &
  tail=$!
  cat >/dev/null
  kill "$tail"
  exit 0
done
printf 'There is no such log.\n' >&2
exit 1
