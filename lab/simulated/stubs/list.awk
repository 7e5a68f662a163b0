# Rows of `xl list`, in the very format of xl 4.17: verbose adds UUID, reason code and label. Input: the domain table. Needs cpu.awk.

BEGIN {
  FS = "\t"
  getline row < "/proc/uptime"
  split(row, uptime, " ")
  now = uptime[1]
  printf "Name                                        ID   Mem VCPUs\tState\tTime(s)"
  if (verbose) printf "   UUID                            Reason-Code\tSecurity Label"
  printf "\n"
}

only == "" || $1 == only {
  cpu = cpu_seconds(now)
  # A busy guest is seen on a CPU, an idle one blocked; both now and then the other way.
  busy = $6 == "running" && ($9 > 0.3 || $1 == 0 || int(now * 10 + $1) % 17 == 0)
  state = (busy ? "r" : "-") ($6 == "running" && !busy ? "b" : "-") ($6 == "paused" || $6 == "dying" ? "p" : "-")
  state = state ($6 == "crashed" ? "sc-" : $6 == "dying" ? "s-d" : "---")
  # xenstore knows the name of a dying domain no more.
  printf "%-40s %5d %5d %5d     %s  %8.1f", ($6 == "dying" ? "(null)" : $2), $1, int($4 / 1024), $5, state, cpu
  if (verbose) printf " %s %8s %16s", $3, ($6 == "crashed" ? "3" : "-"), "-"
  printf "\n"
}
