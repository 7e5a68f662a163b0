#!/bin/sh
# attach.sh UUID DOMID MARK EVICT
# Becomes the one reader of a guest's hvc0: this shell ends up as xenconsole, on the same pid, with stdin and stdout as its wire.
# UUID guards against a domid that belongs to another guest by now. MARK names this Domdeck. EVICT is the pid of a foreign
# holder that a person has decided to end, or ''. Before the first byte of the console, one line on stderr says how it went:
#   domdeck reader PID           xenconsole runs as PID from here on
#   domdeck gone                 the domain is not there, or not of this guest
#   domdeck busy PID AGE HOLDER  another process holds the console, begun AGE seconds ago (- when that cannot be told); PID 0 when it
#                                cannot be told who
#   domdeck missing PATH         there is no xenconsole where this Xen would have it
# No pty: xenconsole needs none with --interactive, and the bytes stay as the guest sent them. Without --type it would open the
# serial console of an HVM guest. Nothing before the exec may read stdin.

LC_ALL=C
export LC_ALL
uuid=$1
domid=$2
mark=$3
evict=$4
# Only a pretend host moves these.
lock=${DOMDECK_XEN_LOCK:-/var/lock}/xenconsole.$domid

say() { printf 'domdeck %s\n' "$*" >&2; }

find_xenconsole() {
  # Debian keeps the tools of each Xen version apart, and those of another one than the running do not work.
  version=
  if read -r major </sys/hypervisor/version/major && read -r minor </sys/hypervisor/version/minor; then
    version=$major.$minor
  fi 2>/dev/null
  for path in "${DOMDECK_XENCONSOLE:-}" "/usr/lib/xen-$version/bin/xenconsole" /usr/lib/xen/bin/xenconsole \
    /usr/libexec/xen/bin/xenconsole /usr/local/lib/xen/bin/xenconsole /usr/local/libexec/xen/bin/xenconsole; do
    [ -x "$path" ] && return 0
  done
  path=$(command -v xenconsole) && return 0
  path=/usr/lib/xen-$version/bin/xenconsole
  return 1
}

# xenconsole holds a flock on this file as long as it runs (since Xen 4.6), and does not remove it.
is_free() { [ ! -e "$lock" ] || flock -n -- "$lock" true </dev/null; }

find_holder() {
  # Not /proc/locks: it names the process that took the lock, which may have left it to a child.
  holder=0
  fd=$(find /proc/[0-9]*/fd -maxdepth 1 -lname "$(readlink -f -- "$lock")" 2>/dev/null </dev/null | head -n 1)
  fd=${fd#/proc/}
  [ -z "$fd" ] || holder=${fd%%/*}
}

environment_of() { tr '\0' '\n' 2>/dev/null <"/proc/$1/environ" | sed -n "s/^$2=//p" | head -n 1; }

name_holder() {
  age=-
  if [ "$holder" = 0 ]; then
    holder_name='another process'
    return 0
  fi
  # procps has etimes.
  age=$(ps -o etimes= -p "$holder" 2>/dev/null | tr -dc 0-9)
  other_mark=$(environment_of "$holder" DOMDECK_CONSOLE)
  who=$(environment_of "$holder" SUDO_USER)
  [ -n "$who" ] || who=$(stat -c %U -- "/proc/$holder" 2>/dev/null)
  from=$(environment_of "$holder" SSH_CONNECTION)
  from=${from%% *}
  if [ -n "$other_mark" ]; then
    holder_name="Domdeck of ${other_mark%/*}"
  else
    command=$(tr '\0' ' ' 2>/dev/null <"/proc/$holder/cmdline" | sed 's|[^ ]*/||g' | cut -c 1-80)
    holder_name="${command% } of ${who:-unknown}${from:+ from $from}"
  fi
}

end_holder() { # xenconsole heeds TERM, unless it hangs in a write to a connection that is gone
  kill -TERM "$holder" 2>/dev/null
  flock -w 2 -- "$lock" true </dev/null && return 0
  kill -KILL "$holder" 2>/dev/null
  flock -w 2 -- "$lock" true </dev/null
}

if [ "$(xenstore-read "/local/domain/$domid/vm" 2>/dev/null </dev/null)" != "/vm/$uuid" ]; then
  say gone
  exit 3
fi
if ! find_xenconsole; then
  say missing "$path"
  exit 5
fi
if ! is_free; then
  find_holder
  # Ours from before a lost link goes without asking. The pid alone could be another process by now: it must hold the lock.
  if [ "$holder" != 0 ]; then
    if [ "$holder" = "$evict" ] || [ "$(environment_of "$holder" DOMDECK_CONSOLE)" = "$mark" ]; then
      end_holder
    fi
  fi
  if ! is_free; then
    find_holder
    name_holder
    say busy "$holder" "${age:--}" "$holder_name"
    exit 4
  fi
fi
# xenconsole waits 5 s for xenconsoled to make the pty and then gives up; a busy dom0 takes longer, at a reboot above all.
tries=0
until [ -n "$(xenstore-read "/local/domain/$domid/console/tty" 2>/dev/null </dev/null)" ] || [ "$tries" -ge 300 ]; do
  if [ "$(xenstore-read "/local/domain/$domid/vm" 2>/dev/null </dev/null)" != "/vm/$uuid" ]; then
    say gone
    exit 3
  fi
  tries=$((tries + 1))
  sleep 0.2
done
DOMDECK_CONSOLE=$mark
export DOMDECK_CONSOLE
say reader $$
exec "$path" --interactive --type pv "$domid"
