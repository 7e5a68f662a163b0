#!/bin/sh
# A stand-in for xenstore-watch: each watch fires once, then a line for every one that the test appends to the events file.
echo "$$" >"$STUB_DOM0/watch.pid"
printf '%s\n' "$@"
exec tail -n +1 -f "$STUB_DOM0/events"
