#!/bin/sh
# layer-look.sh ROOT NAME: the state of a guest's layer and its snapshots. Reads only, and replays no journal.
# The answer, a line each: state clean|journal|errors|none, and snapshot TIME BYTES ALLOCATED.
LC_ALL=C
export LC_ALL
folder=$1/guests/$2
dumpe2fs -h "$folder/layer.img" 2>/dev/null | awk -F ': *' '
  $1 == "Filesystem state" { state = $2 }
  $1 == "Filesystem features" { features = " " $2 " " }
  $1 == "FS Error count" && $2 > 0 { broken = 1 }
  END {
    if (state == "") print "state none"
    else if (broken || state ~ /error/) print "state errors"
    else if (index(features, " needs_recovery ")) print "state journal"
    else print state == "clean" ? "state clean" : "state errors"
  }'
for path in "$folder"/snapshots/*.img; do
  [ -f "$path" ] || continue
  snapshot=${path##*/}
  stat -c "snapshot ${snapshot%.img} %s %b" -- "$path" | awk '{ print $1, $2, $3, $4 * 512 }'
done
