#!/bin/sh
# Pretend `xentop -b -f [-i N] [-d SECONDS]`: 0.0 in the CPU column of the first round, as there is no sample before it.
set -u
rounds=1 delay=3
while [ $# -gt 0 ]; do
  case $1 in
    -i) rounds=$2 && shift ;;
    -i*) rounds=${1#-i} ;;
    -d) delay=$2 && shift ;;
    -d*) delay=${1#-d} ;;
  esac
  shift
done
round=0
while [ "$round" -lt "$rounds" ]; do
  [ "$round" -eq 0 ] || sleep "$delay"
  awk -F '\t' -v first="$((round == 0))" -v total="$((SIM_MEMORY_MB * 1024))" "$(cat -- "$SIM_LIB/cpu.awk")"'
    BEGIN {
      getline row < "/proc/uptime"; split(row, u, " ")
      print "      NAME  STATE   CPU(sec) CPU(%)     MEM(k) MEM(%)  MAXMEM(k) MAXMEM(%) VCPUS NETS NETTX(k) NETRX(k) VBDS   VBD_OO   VBD_RD   VBD_WR  VBD_RSECT  VBD_WSECT SSID"
    }
    {
      running = $6 == "running"
      cpu = cpu_seconds(u[1])
      traffic = $1 ? int(cpu * 40) : 0
      printf "%10s %s %10d %6.1f %10d %6.1f %10d %9.1f %5d %4d %8d %8d %4d %8d %8d %8d %10d %10d %4d\n", \
        $2, (running ? ($9 > 0.3 || $1 == 0 ? "-----r" : "--b---") : ($6 == "paused" ? "----p-" : "-c----")), cpu, \
        (first ? 0 : cpu_pace(u[1]) * 100), $4, $4 * 100 / total, $4 + ($1 ? 1024 : 0), ($4 + ($1 ? 1024 : 0)) * 100 / total, $5, \
        ($1 ? 1 : 0), traffic, traffic * 2, ($1 ? 2 : 0), 0, traffic, int(traffic / 3), traffic * 16, traffic * 5, 0
    }' "$SIM_HOST/xen/domains"
  round=$((round + 1))
done
