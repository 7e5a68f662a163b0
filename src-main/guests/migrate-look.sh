#!/bin/sh
# migrate-look.sh ROOT NAME UUID [PORT ADDRESS]
# What one of two hosts says before a guest moves between them, a `key value` line each; reads only. With a PORT and ADDRESS this is the
# host it comes from, which tries to reach the other as root, as xl will.
LC_ALL=C
export LC_ALL
about=$1/guests/$2/guest.json
# Two files may be alike; the same file has the same inode, and changed at the same nanosecond.
if [ -f "$about" ]; then printf 'storage %s\n' "$(stat -c '%i %z' -- "$about")"; fi
info=$(xl info) || exit
printf '%s\n' "$info" | awk -F ' *: ' '$1 == "xen_version" { print "xen", $2 } $1 == "hw_caps" { print "cpu", $2 } $1 == "free_memory" { print "free", $2 }
  $1 == "virt_caps" { print "virt", $2 }'
xl list -v | awk -v uuid="$3" 'NF > 7 && $(NF-2) == uuid { print "domain", $(NF-4) }'
if xl domid "$2" >/dev/null 2>&1; then printf 'named yes\n'; fi
[ $# -gt 3 ] || exit 0
if words=$(ssh -o BatchMode=yes -o ConnectTimeout=10 -p "$4" "root@$5" true 2>&1 </dev/null); then
  printf 'ssh yes\n'
else
  printf 'no-ssh %s\n' "$(printf '%s\n' "$words" | tail -n 1)"
fi
