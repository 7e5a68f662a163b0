# shellcheck shell=sh disable=SC2154 # names of plan.sh, which stands above
# The items of a host's health: each looks at one thing, says what it found, and plans what would mend it. Nothing is written but the plan.

look_item() { # ID; its output is captured
  # What is not there, or says no, is an answer here. (In a job `set -e` is on, in dash also behind a captured command.)
  set +e
  rm -rf -- "$plan"
  mkdir -p -- "$plan"
  case $1 in
    panic) look_panic ;;
    hangs) look_hangs ;;
    console-logs) look_console_logs ;;
    shutdown) look_shutdown ;;
    autostart) look_autostart ;;
    storage-order) look_storage_order ;;
  esac
  # What is mended is taken back first: its record tells what was there before.
  ! is_mended "$1" || rm -rf -- "${plan:?}"/*
}

# ---- the kernel -----------------------------------------------------------------------------------------------------

is_good_value() { # KEY VALUE
  case $1=$2 in
    *=) return 1 ;;
    kernel.panic=* | kernel.hung_task_timeout_secs=*) [ "$2" != 0 ] ;;
    *) [ "$2" = 1 ] ;;
  esac
}

look_values() { # FILE WHY KEY=VALUE...
  file=$1 why=$2
  shift 2
  values='' worst=fine lasting=yes lines=''
  for wanted; do
    key=${wanted%=*}
    if ! now=$(cat -- "$(value_path "$key")" 2>/dev/null); then
      found unknown "This kernel has no $key."
      return 0
    fi
    values="$values${values:+, }$key=$now"
    is_good_value "$key" "$now" || worst=mend
    is_good_value "$key" "$(boot_value "$key")" || lasting=''
    lines="$lines$key = ${wanted#*=}$NL"
  done
  [ -n "$lasting" ] || worst=mend
  if [ "$worst" = mend ]; then
    printf '%s\n%s' "# Made by Domdeck: $why" "$lines" | plan_file "/etc/sysctl.d/$file"
    for wanted; do plan_value "${wanted%=*}" "${wanted#*=}" "$(cat -- "$(value_path "${wanted%=*}")")"; done
  fi
  if [ -n "$lasting" ]; then found "$worst" "$values."; else found "$worst" "$values, and no file sets more at boot."; fi
}

look_panic() {
  look_values zz-domdeck-panic.conf 'a kernel that has crashed reboots the host.' kernel.panic=10 kernel.panic_on_oops=1
}

look_hangs() {
  storage=$(net_storage)
  if [ -n "$storage" ] && [ "$(cat -- "$(value_path kernel.hung_task_panic)" 2>/dev/null)" = 0 ]; then
    found fine "Off, and better so here: storage comes over the network ($(printf '%s\n' "$storage" | sed 's/^[a-z]* //' | head -n 3 | joined)), and a stall of it would reboot the host with all its guests."
  else
    look_values zz-domdeck-hangs.conf 'a task that hangs for five minutes reboots the host.' \
      kernel.hung_task_panic=1 kernel.hung_task_timeout_secs=300
  fi
}

# ---- guests and their consoles --------------------------------------------------------------------------------------

keeps_logs() { # the words of xenconsoled
  case " $* " in
    *' --log=guest '* | *' --log=all '* | *' --log guest '* | *' --log all '*) return 0 ;;
  esac
  return 1
}

console_unit=/etc/systemd/system/xen.service.d/domdeck-console-logs.conf

plan_console_logs() { # uses $logs
  [ -d "$system$logs" ] || plan_folder "$logs"
  plan_file "$console_unit" <<X
# Made by Domdeck: xenconsoled keeps what guests write to their consoles, and has the folder for it, which Debian does not make.
[Service]
Environment="XENCONSOLED_ARGS=--log=guest --timestamp=guest"
ExecStartPre=-/usr/bin/install -d -m 2750 -g adm $logs
X
  plan_file /etc/logrotate.d/domdeck-console-logs <<X
# Made by Domdeck: a guest decides how much is logged, so what is kept has an end.
$logs/*.log {
	su root adm
	daily
	maxsize 64M
	rotate 4
	compress
	missingok
	notifempty
	nocreate
	sharedscripts
	postrotate
		kill -HUP "\$(cat /run/xenconsoled.pid)" 2>/dev/null || true
	endscript
}
X
}

look_console_logs() {
  logs=/var/log/xen/console
  if ! pid=$(pid_of xenconsoled); then
    found unknown 'xenconsoled does not run here.'
    return 0
  fi
  words=$(tr '\0' ' ' <"$system/proc/$pid/cmdline")
  # Debian's script reads this file behind what systemd gives it; XENCONSOLED_TRACE it does not read at all (/etc/init.d/xen of 4.17).
  said=$(setting_of XENCONSOLED_ARGS "$system/etc/default/xen")
  set_there=$(grep -qs '^[[:space:]]*XENCONSOLED_ARGS=' "$system/etc/default/xen" && echo yes)
  # shellcheck disable=SC2086 # words
  if keeps_logs $words && { keeps_logs $said || [ -e "$system$console_unit" ] || [ ! -f "$system/etc/init.d/xen" ]; }; then
    if [ -d "$system$logs" ]; then
      found fine "xenconsoled keeps what guests write to their consoles, in $logs."
    else
      plan_folder "$logs"
      found mend "xenconsoled is to keep logs, but there is no $logs: it cannot open one."
    fi
  elif [ ! -f "$system/etc/init.d/xen" ]; then
    found mend 'xenconsoled keeps no logs of guests.' \
      'It is not started by Debian'\''s /etc/init.d/xen here: add --log=guest to its arguments where this system has them, and make /var/log/xen/console.'
  elif keeps_logs $said; then
    [ -d "$system$logs" ] || plan_folder "$logs"
    found "$([ -d "$system$logs" ] && echo waiting || echo mend)" "/etc/default/xen has it keep logs, from the next boot on."
  elif [ -n "$set_there" ]; then
    found mend "xenconsoled is told to keep no logs of guests: /etc/default/xen sets XENCONSOLED_ARGS=\"$said\"." \
      'That file is of the package xen-utils-common, and counts more than a unit: remove the line there, and look again, or add --log=guest to it.'
  elif [ -e "$system$console_unit" ]; then
    found waiting 'It keeps logs of guests from the next boot on. It is not restarted: that would take the console from every guest that runs.'
  else
    plan_console_logs
    # shellcheck disable=SC2086 # words
    if keeps_logs $words; then
      found mend 'xenconsoled keeps logs of guests until the next boot, and none after it.'
    else
      found mend "xenconsoled keeps no logs of guests$([ -d "$system$logs" ] || echo ", and there is no $logs")."
    fi
  fi
}

guests_unit=/etc/systemd/system/xendomains.service.d/domdeck-shutdown.conf

look_shutdown() {
  conf=$system/etc/default/xendomains
  if [ ! -f "$conf" ] || [ ! -f "$system/etc/init.d/xendomains" ]; then
    found unknown 'There is no xendomains of Debian here, so what becomes of guests at shutdown is not known.'
    return 0
  fi
  folder=$(setting_of XENDOMAINS_SAVE "$conf") target=$(setting_of XENDOMAINS_MIGRATE "$conf")
  if [ -n "$target" ]; then
    found fine "xendomains moves its guests to $target when the host goes down."
  elif [ -z "$folder" ]; then
    found fine 'xendomains shuts its guests down with the host, and saves none of their memory.'
  elif [ -e "$system$guests_unit" ]; then
    found fine 'Guests are shut down with the host, and none of their memory is saved.'
  else
    plan_file "$guests_unit" <<'X'
# Made by Domdeck: guests are shut down with the host, all at once, instead of having their memory saved. /etc/default/xendomains, a file of a
# package, is not changed; its XENDOMAINS_SAVE counts no more while this file is here. What is still up after ten minutes loses its power.
[Service]
ExecStop=
ExecStop=-/usr/bin/timeout 600 /usr/sbin/xl shutdown --all --wait -F
TimeoutStopSec=11min
X
    parent=$folder
    while [ "$parent" != "${parent%/*}" ] && [ ! -e "$system$parent" ]; do parent=${parent%/*}; done
    # From the right: a name may hold blanks.
    guests=$(timeout 20 xl list 2>/dev/null | awk 'NR > 1 && $(NF - 4) > 0 { n++; mb += $(NF - 3) } END { print n + 0, mb + 0 }')
    free=$(df -Pk -- "$system${parent:-/}" 2>/dev/null | awk 'NR == 2 { print int($4 / 1024) }')
    when='when the host goes down'
    systemctl is-enabled xendomains >/dev/null 2>&1 || when='when the host goes down, once it is enabled'
    found mend "xendomains writes the memory of all guests to $folder $when: ${guests% *} now with $(size_of "${guests#* }")${free:+, where $(size_of "$free") is free}."
  fi
}

look_autostart() {
  auto=${DOMDECK_ETC_XEN:-/etc/xen}/auto
  names='' dead='' count=0 based=''
  for link in "$auto"/*; do
    case $link in *"$NL"*) continue ;; esac
    if [ -L "$link" ] && [ ! -e "$link" ]; then
      plan_link "$link"
      dead="$dead${dead:+, }${link##*/}"
    elif [ -f "$link" ]; then
      count=$((count + 1))
      [ "$count" -gt 8 ] || names="$names${names:+, }$(basename -- "$link" .cfg)"
      linked=$(readlink -f -- "$link")
      ! grep -qs '"base"' "${linked%/*}/guest.json" || based=yes
    fi
  done
  [ "$count" -le 8 ] || names="$names and $((count - 8)) more"
  order="No guest starts with the host."
  [ "$count" = 0 ] || order="$count start with the host, in this order: $names."
  if ! systemctl is-enabled xendomains >/dev/null 2>&1; then
    plan_unit xendomains
    found mend "xendomains is not enabled: no guest starts with the host, and those that run lose their power when it goes down.${dead:+ Links in /etc/xen/auto that lead nowhere: $dead.}" \
      "$([ "$count" = 0 ] || echo "From the next boot on, these would start: $names.")"
  elif [ -n "$dead" ]; then
    found mend "$order Links in /etc/xen/auto lead nowhere: $dead."
  elif [ -n "$based" ] && [ ! -e "$system/etc/systemd/system/xendomains.service.wants/domdeck-bases.service" ]; then
    found mend "$order The unit that attaches their bases at boot, domdeck-bases.service, is not there." \
      'Switch the autostart of one of them off and on again: that writes it.'
  elif ! systemctl is-active xendomains >/dev/null 2>&1; then
    found waiting "$order xendomains is enabled, but has not run since the host booted."
  else
    found fine "$order"
  fi
}

# ---- storage --------------------------------------------------------------------------------------------------------

# Whether guests are up only while this unit is: xendomains.service comes $after it, or both of them know remote-fs.target.
is_behind() { # UNIT
  case $after in
    *" $1 "*) return 0 ;;
    *' remote-fs.target '*) case " $(systemctl show -p Before --value "$1" 2>/dev/null) " in *' remote-fs.target '*) return 0 ;; esac ;;
  esac
  return 1
}

look_storage_order() {
  storage=$(net_storage)
  after=" $(systemctl show -p After --value xendomains.service 2>/dev/null) "
  case $after in
    '  ')
      found unknown 'systemd does not say what xendomains.service waits for.'
      return 0
      ;;
  esac
  if [ -z "$storage" ]; then
    found fine 'No disk and no mount of this host comes over the network.'
    return 0
  fi
  units=$(systemctl list-units --plain --no-legend --state=active open-iscsi.service iscsi.service iscsid.service rbdmap.service drbd.service \
    aoetools.service nbd-client.service multipathd.service glusterd.service ceph.target remote-fs.target 2>/dev/null | awk '{ print $1 }')
  disks=$(printf '%s\n' "$storage" | sed -n 's/^disk //p')
  unmarked=''
  # File systems that stand on such a disk, through LVM too.
  while read -r source path _; do
    case $source in /dev/*) ;; *) continue ;; esac
    if [ -z "$disks" ] || ! lsblk -nrso KNAME "$source" 2>/dev/null | grep -qxF "$disks"; then continue; fi
    path=$(printf '%b' "$path")
    mount_unit=$(systemd-escape -p --suffix=mount -- "$path")
    units="$units${units:+$NL}$mount_unit"
    case " $(systemctl show -p After --value "$mount_unit" 2>/dev/null) " in
      *' network.target '* | *' network-online.target '* | *' remote-fs-pre.target '*) ;;
      *) [ "$path" = / ] || unmarked="$unmarked${unmarked:+, }$path" ;;
    esac
  done <"$system/proc/mounts"
  mounts=$(printf '%s\n' "$storage" | sed -n 's/^mount //p' | while IFS= read -r path; do systemd-escape -p --suffix=mount -- "$path"; done)
  units="$units${units:+$NL}$mounts"
  missing=''
  for unit in network-online.target $units; do
    is_behind "$unit" || missing="$missing${missing:+ }$unit"
  done
  advice=${unmarked:+"Add _netdev to the options of $unmarked in /etc/fstab, a file of yours that Domdeck does not change: else the network goes down first, and the host hangs at shutdown."}
  if [ -n "$missing" ]; then
    plan_file /etc/systemd/system/xendomains.service.d/domdeck-storage.conf <<X
# Made by Domdeck: guests start after the network and the storage that comes over it, and are down before those go.
[Unit]
After=$missing
X
    found mend "Guests are not ordered after $missing: at shutdown their disks may go before they do." "$advice"
  elif [ -n "$advice" ]; then
    found mend "$unmarked stands on the network, and nothing tells systemd so." "$advice"
  else
    found fine "Guests start after, and stop before, $(printf '%s\n' "$storage" | sed 's/^[a-z]* //' | joined)."
  fi
}
