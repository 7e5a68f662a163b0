#!/bin/sh
# A stand-in for sudo as a login without NOPASSWD meets it: -n, -k, -S, -p PROMPT and -- COMMAND. It reads the password one byte at a
# time from standard input, and only when it wants one; it runs the command as who it is. STUB_SUDO names a folder with:
#   password   the one that it takes
#   says       words with which it refuses instead (requiretty, sudoers)
#   fresh      when there, a timestamp is fresh: no password is wanted but by -k
#   calls      gets the arguments of each call
LC_ALL=C
ask=yes
fresh=$STUB_SUDO/fresh
prompt='Password:'
printf '%s\n' "$*" >>"$STUB_SUDO/calls"
while [ $# -gt 0 ]; do
  case $1 in
  -n) ask=no ;;
  -k) fresh=/nonexistent ;;
  -S) ;;
  -p)
    prompt=$2
    shift
    ;;
  --)
    shift
    break
    ;;
  *) break ;;
  esac
  shift
done
if [ -s "$STUB_SUDO/says" ] && [ "$ask" = yes ]; then
  cat "$STUB_SUDO/says" >&2
  exit 1
fi
if [ ! -e "$fresh" ]; then
  if [ "$ask" = no ]; then
    echo 'sudo: a password is required' >&2
    exit 1
  fi
  read -r right <"$STUB_SUDO/password"
  tries=0
  while :; do
    printf '%s' "$prompt" >&2
    IFS= read -r given || given=
    tries=$((tries + 1))
    [ "$given" = "$right" ] && break
    if [ "$tries" = 3 ]; then
      echo 'sudo: 3 incorrect password attempts' >&2
      exit 1
    fi
    echo 'Sorry, try again.' >&2
  done
fi
exec "$@"
