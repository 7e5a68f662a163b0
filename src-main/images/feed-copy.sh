#!/bin/sh
# feed-copy.sh JOB_ID WAY [COMMAND ARG...]
# Joins the pipes of a copy that runs on this host (copy.sh) to the host that has the base, and tells it by which WAY. Directly, by a COMMAND that runs
# serve-copy.sh there: an ssh, with a login that Domdeck lends it once. Without one, through Domdeck: what the copy asks for goes to stdout of this session,
# what comes on stdin goes to it. Ends with the job, or when it wants no more; the end of what comes is the end of what it gets.
JOB=${DOMDECK_STATE:-/var/lib/domdeck}/jobs/$1 way=$2
shift 2
until [ -e "$JOB/open" ]; do
  { [ -d "$JOB" ] && [ ! -e "$JOB/status" ]; } || exit 0
  sleep 0.2
done
# Both ways first: an end alone would wait for the job, which may have gone.
exec 3<>"$JOB/ask" 4<>"$JOB/feed"
exec 5<"$JOB/ask" 6>"$JOB/feed" 3>&- 4>&- 7<&0
printf '%s\n' "$way" >"$JOB/way"
: >"$JOB/fed"
if [ $# -gt 0 ]; then
  exec "$@" <&5 >&6 2>"$JOB/said" 5<&- 6>&- 7<&-
fi
cat <&7 >&6 5<&- &
writer=$!
exec 6>&- 7<&- </dev/null
cat <&5
kill "$writer" 2>/dev/null
