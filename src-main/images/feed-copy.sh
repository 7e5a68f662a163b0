#!/bin/sh
# feed-copy.sh JOB_ID
# Joins this session to the pipes of a copy that runs on this host (copy.sh): what it asks for goes to stdout, what comes on stdin goes to it.
# Ends with the job, or when it wants no more; the end of stdin is the end of what it gets.
JOB=${DOMDECK_STATE:-/var/lib/domdeck}/jobs/$1
until [ -e "$JOB/open" ]; do
  { [ -d "$JOB" ] && [ ! -e "$JOB/status" ]; } || exit 0
  sleep 0.2
done
# Both ways first: an end alone would wait for the job, which may have gone.
exec 3<>"$JOB/ask" 4<>"$JOB/feed"
exec 5<"$JOB/ask" 6>"$JOB/feed" 3>&- 4>&- 7<&0
: >"$JOB/fed"
cat <&7 >&6 5<&- &
writer=$!
exec 6>&- 7<&- </dev/null
cat <&5
kill "$writer" 2>/dev/null
