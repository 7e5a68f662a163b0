#!/bin/sh
# The beginning of a host's control shell. Domdeck starts one `sh` on one SSH channel, sends this on its standard input, then
# one request a line, each answered before the next is sent:
#   { e=$(COMMAND 2>&1 >&3 3>&- </dev/null); rc=$?; } 3>&1; answer MARKER "$rc" "$e"
# COMMAND is one program, or one of the functions below, with its words: so the subshell that holds its errors becomes the program,
# and a question costs one fork. The command's standard output goes straight to the channel; its errors are held and follow, with
# the exit status, between markers that the command has never seen. The channel's standard error carries the lines of xenstore-watch
# and the ids of jobs that begin, whoever started them.

LC_ALL=C
export LC_ALL
# A login that is not interactive may lack the folders of xl and losetup.
PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin
export PATH

watch=
news=
run=${DOMDECK_RUN:-/run/domdeck}
# A line a job that begins. It must be there to be watched by the kernel and not by looking again and again.
{ mkdir -p -- "$run" && : >>"$run/jobs"; } 2>/dev/null

# The shell reads its end of input when the channel closes, however it closed; then the watch must not stay behind. PIPE is
# caught as well, since a shell killed by it would run no EXIT trap.
stop_watch() {
  [ -z "$watch" ] || kill "$watch" "$news" 2>/dev/null
}
trap stop_watch EXIT
trap 'exit 1' HUP INT PIPE TERM

# xenstore-watch prints and flushes a line an event, and tail a line a job. Started anew if somebody killed them.
keep_watch() {
  if [ -z "$watch" ] || ! kill -0 "$watch" 2>/dev/null; then
    xenstore-watch @introduceDomain @releaseDomain </dev/null >&2 2>/dev/null &
    watch=$!
  fi
  if [ -z "$news" ] || ! kill -0 "$news" 2>/dev/null; then
    # The last ones again: a job may have begun while nobody watched.
    tail -n 20 -F -- "$run/jobs" </dev/null >&2 2>/dev/null &
    news=$!
  fi
}

# answer MARKER STATUS ERRORS
answer() {
  printf '\n%s %s\n%s\n%s end\n' "$1" "$2" "$3" "$1"
  keep_watch
}

# ready MARKER: everything before this line is a greeting of the login. The process group lets Domdeck end a request that
# hangs, together with this shell.
ready() {
  keep_watch
  { read -r _ _ _ _ group _ <"/proc/$$/stat" || group=0; } 2>/dev/null
  printf '\n%s %s\n\n%s end\n' "$1" "${group:-0}" "$1"
}
