# shellcheck shell=sh disable=SC2154,SC2034 # names shared with disk-guard.sh, above this text
# sh -s ROOT NAME, on the host that a guest is about to move to: who uses its disks here? When somebody does it fails and answers in two
# lines, the reason and the next step.
export LC_ALL=C
NL='
'
root=$1
name=$2
ETC_XEN=/etc/xen
mkdir -p -- /run/domdeck/locks
exec 9>>/run/domdeck/locks/guests
flock 9
guard_disks "$root/guests/$name/guest.cfg" || {
  printf '%s\n' "$guard_what" "$guard_hint"
  exit 1
}
