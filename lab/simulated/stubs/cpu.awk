# CPU time of a pretend guest, from the clock alone: over an hour it uses its load, from second to second more or less of it.
# Both functions read the fields of a line of xen/domains (see domains.sh).

# How many seconds of CPU time the guest has used at `now`.
function cpu_seconds(now) {
  return $10 + ($6 == "running" ? $9 * $5 * (cpu_course(now) - cpu_course($11)) : 0)
}

# How many CPUs the guest keeps busy at `now`.
function cpu_pace(now,    w) {
  if ($6 != "running") return 0
  w = sin(now / 3 + $1) * 0.45 + sin(now / 7.5 + $1 * 2) * 0.3 + sin(now / 21 + $1 * 3) * 0.2
  return $9 * $5 * (1 + cpu_swing() * w)
}

# The integral of the pace over time, for a load of one.
function cpu_course(t,    w) {
  w = cos(t / 3 + $1) * 0.45 * 3 + cos(t / 7.5 + $1 * 2) * 0.3 * 7.5 + cos(t / 21 + $1 * 3) * 0.2 * 21
  return t - cpu_swing() * w
}

# A guest can be fully busy and not more.
function cpu_swing() {
  return $9 > 0.5 ? (1 - $9) / $9 : 1
}
