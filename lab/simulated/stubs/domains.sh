#!/bin/sh
# The domains of one pretend host, for the stubs that change them (sourced, not run).
#
# SIM_HOST/xen/domains has a line a domain, fields parted by tabs:
#   domid name uuid memKb vcpus state type startedAt load cpuBefore since
# state is running, paused or crashed; times are seconds of /proc/uptime; load is the share of its vCPUs a guest uses.
# CPU time is computed from them when asked for (cpu.awk), so no process has to count it.
# SIM_HOST/xen/cfg/DOMID is the xl config a domain was created from.

xen=$SIM_HOST/xen
table=$xen/domains
# shellcheck disable=SC2034 # for who reads this file
tab=$(printf '\t')

# One writer at a time; readers need no lock, since the table is only ever replaced by rename.
lock_table() {
  exec 9>"$xen/lock"
  flock 9
}

unlock_table() {
  exec 9>&-
}

# read_uptime: sets $up to the seconds since the machine booted.
read_uptime() {
  read -r up _ </proc/uptime
}

# announce EVENT...: what xenstored tells everyone who watches.
announce() {
  printf '%s\n' "$@" >>"$xen/events"
}

# domid_of NAME|DOMID: prints the domid; as for xl, a name of digits only is a domid.
domid_of() {
  WANTED=$1 awk -F '\t' '
    (ENVIRON["WANTED"] ~ /^[0-9]+$/ && $1 == ENVIRON["WANTED"]) || $2 == ENVIRON["WANTED"] { print $1; found = 1; exit }
    END { exit !found }' "$table"
}

# field DOMID N: one field of a domain.
field() {
  awk -F '\t' -v domid="$1" -v n="$2" '$1 == domid { print $n; found = 1; exit } END { exit !found }' "$table"
}

# append_domain DOMID NAME UUID MEMKB VCPUS STATE TYPE LOAD: under the lock.
append_domain() {
  read_uptime
  {
    cat "$table"
    printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t0\t%s\n' "$1" "$2" "$3" "$4" "$5" "$6" "$7" "$up" "$8" "$up"
  } >"$table.new"
  mv -f -- "$table.new" "$table"
}

# set_field DOMID N VALUE: under the lock; banks the CPU time used until now, which goes by the number of vCPUs.
set_field() {
  read_uptime
  VALUE=$3 awk -F '\t' -v OFS='\t' -v domid="$1" -v n="$2" -v now="$up" "$(cat -- "$SIM_LIB/cpu.awk")"'
    $1 == domid {
      $10 = cpu_seconds(now)
      $11 = now
      $n = ENVIRON["VALUE"]
    }
    { print }' "$table" >"$table.new"
  mv -f -- "$table.new" "$table"
}

# remove_domain DOMID: under the lock; gives its loop devices back as the block script does.
remove_domain() {
  awk -F '\t' -v domid="$1" '$1 != domid' "$table" >"$table.new"
  mv -f -- "$table.new" "$table"
  rm -f -- "$xen/cfg/$1"
  detach_loops "$1"
}

# take_domid: under the lock; domids only ever grow.
take_domid() {
  read -r domid <"$xen/next-domid"
  printf '%s\n' "$((domid + 1))" >"$xen/next-domid.new"
  mv -f -- "$xen/next-domid.new" "$xen/next-domid"
}

# is_loop PATH: whether a path leads to one of our loop devices, over any number of links.
is_loop() {
  link=$1
  while :; do
    case $link in "$SIM_HOST"/dev/loop*) return 0 ;; esac
    [ -L "$link" ] || return 1
    link=$(readlink -- "$link")
  done
}

# attach_loop FILE ro|rw OWNER: sets $device. SIM_HOST/xen/loops has a line a device: number, access, file, owner.
attach_loop() {
  number=$(awk -F '\t' '{ used[$1] = 1 } END { n = 0; while (n in used) n++; print n }' "$xen/loops")
  device=$SIM_HOST/dev/loop$number
  ln -sfn -- "$1" "$device"
  printf '%s\t%s\t%s\t%s\n' "$number" "$2" "$1" "$3" >>"$xen/loops"
}

# detach_loops OWNER: the devices that xl attached for a domain.
detach_loops() {
  awk -F '\t' -v owner="$1" '$4 == owner { print $1 }' "$xen/loops" | while read -r number; do
    rm -f -- "$SIM_HOST/dev/loop$number"
  done
  awk -F '\t' -v owner="$1" '$4 != owner' "$xen/loops" >"$xen/loops.new"
  mv -f -- "$xen/loops.new" "$xen/loops"
}
