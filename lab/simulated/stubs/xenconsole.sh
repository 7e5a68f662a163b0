#!/bin/bash
# Pretend xenconsole: takes the lock of the domain as the real one does, then is a wire between its own stdin and stdout and
# the guest's console, which lives in the process of the fleet. bash, because it can open a socket by itself (/dev/tcp).
set -u
domid=''
for word; do
  case $word in -*) ;; *) domid=$word ;; esac
done
lock=$SIM_HOST/lock/xenconsole.$domid
[ -e "$SIM_HOST/xen/cfg/$domid" ] || {
  printf 'xenconsole: Could not read tty from store: No such file or directory\r\n' >&2
  exit 2
}
exec 8>"$lock"
flock -n 8 || {
  printf 'xenconsole: Could not lock %s: Resource temporarily unavailable\r\n' "/var/lock/xenconsole.$domid" >&2
  exit 11
}
exec 3<>"/dev/tcp/127.0.0.1/$SIM_CONSOLE_PORT" 4<&0
printf '%s %s %s\n' "$SIM_CONSOLE_TOKEN" "$SIM_NAME" "$domid" >&3
# Only this shell keeps the lock: it must be free as soon as the console is.
cat <&3 2>/dev/null 3<&- 4<&- 8>&- &
reader=$!
cat <&4 >&3 2>/dev/null 3<&- 4<&- 8>&- &
writer=$!
trap 'kill "$reader" "$writer" 2>/dev/null' EXIT
trap 'exit 0' TERM HUP INT
wait -n
