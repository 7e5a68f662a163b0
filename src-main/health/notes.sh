# shellcheck shell=sh disable=SC2154 # names of plan.sh, which stands above
# The items of a host's health that are only looked at: what mends them is a change of the boot, a reboot, or somebody at the host.

look_note() { # ID
  case $1 in
    memory) look_memory ;;
    packages) look_packages ;;
    loops) look_loops ;;
    xenstored) look_xenstored ;;
  esac
}

look_memory() {
  if ! words=$(timeout 20 xl info xen_commandline 2>/dev/null); then
    found unknown 'Xen does not run, or xl cannot ask it.'
    return 0
  fi
  memory=''
  for word in $words; do
    case $word in dom0_mem=*) memory=${word#dom0_mem=} ;; esac
  done
  # xl.conf(5): `auto` is off when Xen was booted with dom0_mem.
  balloon=$(sed -n 's/^[ \t]*autoballoon[ \t]*=[ \t]*"\{0,1\}\([a-z0-9]*\).*/\1/p' "${DOMDECK_ETC_XEN:-/etc/xen}/xl.conf" 2>/dev/null | tail -n 1)
  case $balloon in
    1 | on | true | yes)
      found mend "autoballoon is on in /etc/xen/xl.conf: dom0 gives memory away when a guest starts." \
        'That file is of a package, and Domdeck does not change it: remove its autoballoon line, which leaves it at auto.'
      return 0
      ;;
  esac
  case ,$memory in
    ,)
      say go boot
      found mend 'dom0 has no memory of its own (dom0_mem): it has all there is, and gives it away when guests start, down to where it cannot work.'
      ;;
    *,max:*) found fine "dom0_mem=$memory, and xl takes none of it." ;;
    *)
      say go boot
      found mend "dom0_mem=$memory has no max: dom0 keeps tables for all memory of the host, which takes from its own."
      ;;
  esac
}

look_packages() {
  version=$(cat "$system/sys/hypervisor/version/major" 2>/dev/null).$(cat "$system/sys/hypervisor/version/minor" 2>/dev/null)
  kernel=$(uname -r)
  half=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' 'xen-*' 'libxen*' 'linux-image-*' 'grub*' 2>/dev/null | awk '$1 !~ /^(ii|hi|rc|un|pn)$/ { print $2 }' | joined)
  newest=$(for file in "$system"/boot/xen-*.gz; do [ ! -e "$file" ] || printf '%s\n' "${file##*/}"; done | sed 's/^xen-//; s/\.gz$//' | sort -V | tail -n 1)
  if [ "$version" = . ]; then
    found unknown 'Xen does not run.'
  elif [ -n "$half" ]; then
    found mend "Half installed: $half." 'Finish it on the host: dpkg --configure -a.'
  elif [ -d "$system/usr/lib/xen-common" ] && [ ! -d "$system/usr/lib/xen-$version" ]; then
    # xen-utils-wrapper of Debian runs the tools of the version that runs.
    say go reboot
    found mend "Xen $version runs, but its tools are gone: upgraded, not rebooted. xl fails, so no guest can be started, stopped or looked at."
  elif [ ! -d "$system/lib/modules/$kernel" ]; then
    say go reboot
    found mend "Linux $kernel runs, but its modules are gone: upgraded, not rebooted. Devices that need another one fail."
  elif [ -n "$newest" ] && ! is_this_xen "$version"; then
    say go reboot
    found waiting "Another build of Xen ($newest) is installed than the one that runs."
  elif [ -e "$system/run/reboot-required" ]; then
    say go reboot
    found waiting 'A package has asked for a reboot of the host.'
  else
    found fine "Xen $version and Linux $kernel run as they are installed."
  fi
}

# Every build has its date in it, the one that runs says its own.
is_this_xen() { # VERSION
  date=$(timeout 20 xl info cc_compile_date 2>/dev/null) && [ -n "$date" ] || return 0
  for file in "$system/boot/xen-$1"*.gz; do
    if zcat -f -- "$file" 2>/dev/null | grep -aqF "$date"; then return 0; fi
  done
  return 1
}

look_loops() {
  said=$(grep -ls '^[^#]*max_loop=' "$system/etc/modules" "$system"/etc/modules-load.d/* "$system"/etc/modprobe.d/* "$system/proc/cmdline" 2>/dev/null | sed "s|^$system||" | joined)
  if [ -n "$said" ]; then
    found mend "max_loop is set in $said." 'Old advice: without it the kernel makes as many loop devices as are asked for. Remove it there.'
  else
    found fine 'The kernel makes as many loop devices as guests need.'
  fi
}

look_xenstored() {
  if ! pid=$(pid_of xenstored || pid_of oxenstored); then
    found unknown 'No xenstored runs in dom0.'
  elif [ "$(cat "$system/proc/$pid/oom_score_adj" 2>/dev/null)" = -1000 ]; then
    found fine 'When dom0 runs out of memory, the kernel spares xenstored.'
  else
    found mend 'When dom0 runs out of memory, the kernel may end xenstored, which cannot be started again.' \
      "Until the next boot: choom -n -1000 -p $pid. A newer xen-utils-common starts it so."
  fi
}
