#!/bin/sh
# A pretend xl: the same words, layouts and exit statuses as xl 4.17 on Debian 12, over the files of one pretend host.
set -u
lib=$SIM_LIB
# shellcheck source-path=SCRIPTDIR source=domains.sh
. "$lib/domains.sh"

die() {
  printf '%s\n' "$1" >&2
  exit "${2:-1}"
}

# Booted without the hypervisor, where Debian's wrapper of xl ends.
[ ! -e "$xen/no-xen" ] || die "ERROR:  Can't find hypervisor information in sysfs!"

# need_domain NAME|DOMID: sets $domid or ends as xl does.
need_domain() {
  domid=$(domid_of "$1") || die "$1 is an invalid domain identifier (rc=-6)"
}

free_mb() {
  awk -F '\t' -v total="$SIM_MEMORY_MB" '{ used += $4 / 1024 } END { printf "%d\n", total - used }' "$table"
}

cmd_info() {
  case ${1-} in
    xen_commandline) cat -- "$xen/commandline" ; return ;;
    free_memory) free_mb ; return ;;
    cc_compile_date) sed -n 's/^cc_compile_date *: //p' "$lib/xl-info.txt" ; return ;;
    total_memory) printf '%s\n' "$SIM_MEMORY_MB" ; return ;;
  esac
  sed -e "s/@HOST@/$SIM_NAME/" -e "s/@CPUS@/$SIM_CPUS/" -e "s/@LAST_CPU@/$((SIM_CPUS - 1))/" \
    -e "s/@TOTAL@/$SIM_MEMORY_MB/" -e "s/@FREE@/$(free_mb)/" -e "s/@RELEASE@/$(cat -- "$xen/release")/" -e "s|@WORDS@|$(cat -- "$xen/commandline")|" -- "$lib/xl-info.txt"
}

cmd_list() {
  verbose='' long='' only=''
  for word; do
    case $word in
      -l | --long) long=1 ;;
      -v | --verbose) verbose=1 ;;
      -*) ;;
      *) only=$(domid_of "$word") || die "Error: Domain '$word' does not exist." ;;
    esac
  done
  if [ "$long" ]; then
    exec awk -v mode=list -v cfgs="$xen/cfg" -v only="$only" -f "$lib/config.awk" "$table"
  fi
  exec awk -v verbose="$verbose" -v only="$only" -f "$lib/cpu.awk" -f "$lib/list.awk" "$table"
}

# end_create DOMID: the lines libxl ends every failed create with.
end_create() {
  printf 'libxl: error: libxl_domain.c:1183:libxl__destroy_domid: Domain %s:Non-existant domain\n' "$1" >&2
  printf 'libxl: error: libxl_domain.c:1137:domain_destroy_callback: Domain %s:Unable to destroy guest\n' "$1" >&2
  printf 'libxl: error: libxl_domain.c:1064:domain_destroy_cb: Domain %s:Destruction of domain failed\n' "$1" >&2
  exit 3
}

# check_create: looks at what libxl looks at, in its order, and fails in its words. Uses the variables of cmd_create.
check_create() {
  if domid_of "$name" >/dev/null; then
    printf 'libxl: error: libxl_domain.c:81:libxl__domain_rename: Domain %s:Domain with name "%s" already exists.\n' "$domid" "$name" >&2
    printf 'libxl: error: libxl_create.c:1296:initiate_domain_create: Domain %s:cannot make domain: -6\n' "$domid" >&2
    end_create "$domid"
  fi
  index=0
  while IFS=$tab read -r kind vdev _ target; do
    [ "$kind" = disk ] || continue
    if [ ! -e "$target" ]; then
      printf 'libxl: error: libxl_device.c:455:libxl__device_disk_set_backend: Disk vdev=%s failed to stat: %s: No such file or directory\n' "$vdev" "$target" >&2
      printf 'libxl: error: libxl_create.c:1318:initiate_domain_create: Domain %s:Unable to set disk defaults for disk %s\n' "$domid" "$index" >&2
      end_create "$domid"
    fi
    index=$((index + 1))
  done <"$parsed"
  if [ "$kernel" ] && [ ! -f "$kernel" ] && [ ! -f "$DOMDECK_ROOT$kernel" ]; then
    printf "xc: error: panic: xg_dom_core.c:205: failed to open file '%s': No such file or directory: Internal error\n" "$kernel" >&2
    printf 'libxl: error: libxl_dom.c:646:libxl__build_%s: xc_dom_kernel_file failed: No such file or directory\n' "$type" >&2
    printf 'libxl: error: libxl_create.c:1640:domcreate_rebuild_done: Domain %s:cannot (re-)build domain: -3\n' "$domid" >&2
    end_create "$domid"
  fi
  if [ "$memory" -gt "$(free_mb)" ]; then
    printf "xc: error: panic: xg_dom_boot.c:119: xc_dom_boot_mem_init: can't allocate low memory for domain: Out of memory\n" >&2
    printf 'libxl: error: libxl_dom.c:586:libxl__build_dom: xc_dom_boot_mem_init failed: Cannot allocate memory\n' >&2
    printf 'libxl: error: libxl_create.c:1640:domcreate_rebuild_done: Domain %s:cannot (re-)build domain: -3\n' "$domid" >&2
    end_create "$domid"
  fi
  while IFS=$tab read -r kind _ bridge; do
    [ "$kind" = vif ] || continue
    case " $SIM_BRIDGES " in *" $bridge "*) continue ;; esac
    printf 'libxl: error: libxl_exec.c:117:libxl_report_child_exitstatus: /etc/xen/scripts/vif-bridge online [%s] exited with error status 1\n' "$$" >&2
    printf 'libxl: error: libxl_device.c:1337:device_hotplug_child_death_cb: script: Could not find bridge device %s\n' "$bridge" >&2
    printf 'libxl: error: libxl_create.c:1921:domcreate_attach_devices: Domain %s:unable to add vif devices\n' "$domid" >&2
    printf 'libxl: error: libxl_domain.c:1219:destroy_domid_pci_done: Domain %s:xc_domain_pause failed\n' "$domid" >&2
    printf 'libxl: error: libxl_dom.c:37:libxl__domain_type: unable to get domain type for domid=%s\n' "$domid" >&2
    end_create "$domid"
  done <"$parsed"
}

# read_plain: sets $name, $uuid, $type, $kernel, $memory and $vcpus from what was parsed.
read_plain() {
  name='' uuid='' type='' kernel='' memory='' vcpus=''
  while IFS=$tab read -r key value _; do
    case $key in
      name) name=$value ;;
      uuid) uuid=$value ;;
      type) type=$value ;;
      kernel) kernel=$value ;;
      memory) memory=$value ;;
      vcpus) vcpus=$value ;;
    esac
  done <"$parsed"
}

cmd_create() {
  config='' dry='' state=running quiet=''
  while [ $# -gt 0 ]; do
    case $1 in
      -f | --defconfig) config=${2-} && shift ;;
      -f=* | --defconfig=*) config=${1#*=} ;;
      -n | --dryrun) dry=1 ;;
      -p) state=paused ;;
      -q | --quiet) quiet=1 ;;
      -*) ;;
      *) [ "$config" ] || config=$1 ;;
    esac
    shift
  done
  [ -f "$config" ] || die "Failed to read config file: $config: No such file or directory"
  [ "$quiet" ] || printf 'Parsing config from %s\n' "$config" >&2
  if [ "$dry" ]; then
    awk -v mode=dry -v file="$config" -f "$lib/config.awk" || exit 1
    exit 0
  fi
  # The daemon that a real xl leaves behind keeps all that it was given for as long as the guest lives: a lock of a job, too.
  for descriptor in 3 4 5 6 7 8 9; do
    [ ! -e "/proc/$$/fd/$descriptor" ] || die "xl would keep descriptor $descriptor of who asked for the guest."
  done
  parsed=$(mktemp "$xen/create.XXXXXX")
  trap 'rm -f -- "$parsed"' EXIT
  awk -v mode=plain -v file="$config" -f "$lib/config.awk" >"$parsed" || exit 1
  read_plain
  [ "$name" ] || die 'Domain name must be specified.'
  case $uuid in
    '') read -r uuid </proc/sys/kernel/random/uuid ;;
    ????????-????-????-????-????????????) ;;
    *) die "Failed to parse UUID: $uuid" ;;
  esac
  lock_table
  take_domid
  check_create
  while IFS=$tab read -r kind _ access target; do
    [ "$kind" = disk ] || continue
    is_loop "$target" || [ ! -f "$target" ] || attach_loop "$target" "$access" "$domid"
  done <"$parsed"
  cp -- "$config" "$xen/cfg/$domid"
  printf '\nuuid = "%s"\n' "$uuid" >>"$xen/cfg/$domid"
  append_domain "$domid" "$name" "$uuid" "$((memory * 1024))" "$vcpus" "$state" "$type" 0.12
  announce @introduceDomain
  unlock_table
  # As the daemon does that xl leaves behind. A name with a slash is no name of a file.
  case $name in
    */*) ;;
    *) printf 'Waiting for domain %s (domid %s) to die [pid %s]\n' "$name" "$domid" "$$" >>"$DOMDECK_ROOT/var/log/xen/xl-$name.log" ;;
  esac
}

# A saved guest is its line of the domain table, then its config.
cmd_save() {
  keep=''
  while :; do
    case ${1-} in
      -p | -c) keep=$1 ;;
      *) break ;;
    esac
    shift
  done
  [ $# -ge 2 ] || die "'xl save' requires at least 2 arguments." 2
  need_domain "$1"
  [ "$domid" != 0 ] || die 'Cannot save privileged domain 0.'
  if ! follows "$domid"; then
    printf 'libxl: error: libxl_dom_suspend.c:318:suspend_common_wait_guest_timeout: Domain %s:guest did not suspend, timed out\n' "$domid" >&2
    printf 'Failed to save domain, resuming domain\n' >&2
    exit 1
  fi
  printf 'Saving to %s new xl format (info 0x3/0x0/1181)\n' "$2" >&2
  lock_table
  { awk -F '\t' -v domid="$domid" '$1 == domid' "$table" && cat -- "$xen/cfg/$domid"; } >"$2" || exit 1
  case $keep in
    -p) set_field "$domid" 6 paused ;;
    '') remove_domain "$domid" && announce @releaseDomain ;;
  esac
  unlock_table
}

cmd_restore() {
  state=running
  while :; do
    case ${1-} in
      -p) state=paused ;;
      -*) ;;
      *) break ;;
    esac
    shift
  done
  [ -f "${1-}" ] || die "Can't open restore file: No such file or directory" 2
  printf 'Loading new save file %s (new xl fmt info 0x3/0x0/1181)\n' "$1" >&2
  IFS=$tab read -r _ name _ kb vcpus _ <"$1"
  config=$(mktemp "$xen/restore.XXXXXX")
  tail -n +2 -- "$1" >"$config"
  ( cmd_create -q -p "$config" ) || {
    rm -f -- "$config"
    exit 3
  }
  rm -f -- "$config"
  domid=$(domid_of "$name") || exit 3
  lock_table
  set_field "$domid" 4 "$kb"
  set_field "$domid" 5 "$vcpus"
  set_field "$domid" 6 "$state"
  unlock_table
}

# later COMMAND...: what the daemon does that a real `xl create` leaves behind: acts a moment after the guest has stopped.
later() {
  # What the guest will say of it on its console.
  printf '%s\n' "$1" >"$xen/stopping/$2"
  (
    sleep "$SIM_STOP_SECONDS"
    exec sh "$lib/control.sh" "$@"
  ) </dev/null >/dev/null 2>&1 &
}

cmd_shutdown() {
  wait=''
  names=''
  for word; do
    case $word in
      -w | --wait) wait=1 ;;
      -*) ;;
      *) names=$word ;;
    esac
  done
  [ "$names" ] || die "'xl shutdown' requires at least 1 argument." 2
  need_domain "$names"
  [ "$domid" != 0 ] || die 'Cannot shut down privileged domain 0.'
  printf 'Shutting down domain %s\n' "$domid" >&2
  # A guest that does not run cannot answer.
  if [ "$(field "$domid" 6)" != running ]; then
    [ ! "$wait" ] || while domid_of "$domid" >/dev/null; do sleep 0.2; done
    return
  fi
  later stopped "$domid"
  if [ "$wait" ]; then
    printf 'Waiting for 1 domains\n' >&2
    while domid_of "$domid" >/dev/null; do sleep 0.1; done
    printf 'Domain %s has been shut down, reason code 0\n' "$domid" >&2
  fi
}

cmd_reboot() {
  for word; do case $word in -*) ;; *) names=$word ;; esac done
  [ "${names-}" ] || die "'xl reboot' requires at least 1 argument." 2
  need_domain "$names"
  printf 'Rebooting domain %s\n' "$domid" >&2
  [ "$(field "$domid" 6)" != running ] || later rebooted "$domid"
}

cmd_destroy() {
  for word; do case $word in -*) ;; *) names=$word ;; esac done
  [ "${names-}" ] || die "'xl destroy' requires at least 1 argument." 2
  need_domain "$names"
  [ "$domid" != 0 ] || die 'Cannot destroy privileged domain 0.'
  exec sh "$lib/control.sh" stopped "$domid"
}

change_state() {
  need_domain "${2-}"
  lock_table
  set_field "$domid" 6 "$1"
  unlock_table
}

# most DOMID KB|VCPUS: what a domain can have at most while it runs.
most() {
  awk -v mode=devices -v cfgs="$xen/cfg" -v only="$1" -f "$lib/config.awk" "$table" |
    awk -F '\t' -v column="$2" '$1 == "most" { print column == "KB" ? $3 : $4 }'
}

# A pretend guest does at once what it is asked for, unless SIM_HOST/xen/stubborn names it.
follows() {
  ! grep -qsxF -- "$(field "$1" 2)" "$xen/stubborn"
}

cmd_mem_set() {
  [ $# -eq 2 ] || die "'xl mem-set' requires at least 2 arguments." 2
  need_domain "$1"
  case $2 in
    *k) kb=${2%k} ;;
    *m) kb=$((${2%m} * 1024)) ;;
    *[!0-9]*) die "invalid memory size: $2" 3 ;;
    *) kb=$(($2 * 1024)) ;;
  esac
  most_kb=$(most "$domid" KB)
  if [ "$kb" -gt "$most_kb" ]; then
    printf 'libxl: error: libxl_mem.c:275:libxl_set_memory_target: Domain %s:memory_dynamic_max must be less than or equal to memory_static_max\n' "$domid" >&2
    die "cannot set domid $domid dynamic max memory to : $2"
  fi
  follows "$domid" || return 0
  lock_table
  set_field "$domid" 4 "$kb"
  unlock_table
}

cmd_vcpu_set() {
  [ $# -eq 2 ] || die "'xl vcpu-set' requires at least 2 arguments." 2
  need_domain "$1"
  most_vcpus=$(most "$domid" VCPUS)
  if [ "$2" -gt "$most_vcpus" ]; then
    printf 'libxl: error: libxl_domain.c:1895:libxl_set_vcpuonline: Domain %s:Requested %s VCPUs, however maximum is %s!\n' "$domid" "$2" "$most_vcpus" >&2
    die "libxl_set_vcpuonline failed: -6"
  fi
  follows "$domid" || return 0
  lock_table
  set_field "$domid" 5 "$2"
  unlock_table
}

cmd_vcpu_list() {
  awk -F '\t' 'BEGIN {
      getline row < "/proc/uptime"; split(row, uptime, " ")
      print "Name                                ID  VCPU   CPU State   Time(s) Affinity (Hard / Soft)"
    }
    { cpu = ($10 + ($6 == "running" ? $9 * $5 * (uptime[1] - $11) : 0)) / $5
      for (i = 0; i < $5; i++)
        printf "%-32s %5d %5d %4d   %s %9.1f  all / all\n", $2, $1, i, i, ($6 == "running" ? "-b-" : "---"), cpu }' "$table"
}

cmd_uptime() {
  awk -F '\t' 'BEGIN { getline row < "/proc/uptime"; split(row, u, " "); printf "%-33s %4s %s\n", "Name", "ID", "Uptime" }
    { t = int(u[1] - $8); printf "%-32s %5d %d days, %2d:%02d:%02d\n", $2, $1, t / 86400, t / 3600 % 24, t / 60 % 60, t % 60 }' "$table"
}

cmd_dmesg() {
  sed -e "s/@HOST@/$SIM_NAME/" -- "$lib/xl-dmesg.txt"
}

devices() {
  need_domain "$1"
  awk -v mode=devices -v cfgs="$xen/cfg" -v only="$domid" -f "$lib/config.awk" "$table"
}

cmd_block_list() {
  printf 'Vdev  BE  handle state evt-ch ring-ref BE-path                       \n'
  devices "$1" | awk -F '\t' '$1 == "vbd" { n++
    printf "%-5d %-3d %-6d %-5d %-6d %-8d %-30s\n", $3, 0, $2, 4, 7 + n, 7 + n, "/local/domain/0/backend/vbd/" $2 "/" $3 }'
}

cmd_network_list() {
  printf 'Idx BE Mac Addr.         handle state evt-ch   tx-/rx-ring-ref BE-path                       \n'
  devices "$1" | awk -F '\t' '$1 == "vif" {
    printf "%-3d %-2d %-17s %6d %5d %6d %5d/%-11d %-30s\n", $3, 0, $4, $3, 4, -1, 522, 523, "/local/domain/0/backend/vif/" $2 "/" $3 }'
}

command=${1-}
[ $# -eq 0 ] || shift
case $command in
  info) cmd_info "$@" ;;
  list) cmd_list "$@" ;;
  create) cmd_create "$@" ;;
  domid) domid_of "${1-}" || die "Can't get domid of domain name '${1-}', maybe this domain does not exist." ;;
  domname) field "${1-}" 2 || die "Can't get domain name of domain id '${1-}', maybe this domain does not exist." ;;
  shutdown) cmd_shutdown "$@" ;;
  reboot) cmd_reboot "$@" ;;
  destroy) cmd_destroy "$@" ;;
  pause) change_state paused "$@" ;;
  unpause) change_state running "$@" ;;
  save) cmd_save "$@" ;;
  restore) cmd_restore "$@" ;;
  mem-set) cmd_mem_set "$@" ;;
  vcpu-set) cmd_vcpu_set "$@" ;;
  vcpu-list) cmd_vcpu_list ;;
  uptime) cmd_uptime ;;
  dmesg) cmd_dmesg ;;
  block-list) cmd_block_list "${1-}" ;;
  network-list) cmd_network_list "${1-}" ;;
  console) need_domain "${1-}" && exec "$SIM_BIN/xenconsole" "$domid" ;;
  '' | help | --help) printf 'Usage xl [-vfNtT] <subcommand> [args]\n' ;;
  *) die 'command not implemented' ;;
esac
