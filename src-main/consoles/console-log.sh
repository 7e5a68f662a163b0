#!/bin/sh
# console-log.sh NAME FROM BYTES
# A part of the log that xenconsoled keeps of a guest (--log=guest), as it is: on stderr a line `domdeck log SIZE`, on stdout at most BYTES
# from the byte FROM on; a negative FROM counts from the end. `domdeck none` where the host keeps none.
LC_ALL=C
export LC_ALL
log=${DOMDECK_ROOT:-}/var/log/xen/console/guest-$1.log
size=$(stat -L -c %s -- "$log" 2>/dev/null) || {
  printf 'domdeck none\n' >&2
  exit 0
}
from=$2
[ "$from" -ge 0 ] || from=$((size + from))
[ "$from" -ge 0 ] || from=0
printf 'domdeck log %s\n' "$size" >&2
dd if="$log" bs=64k skip="$from" count="$3" iflag=skip_bytes,count_bytes status=none
