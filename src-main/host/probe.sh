#!/bin/sh
# probe.sh ROOT
# What this host is, in one answer: a `key value` line each, `xl info` below the line `info` with a `|` before every line.
# When it is no running Xen dom0: one line `not-xen REASON`, a sentence for the administrator. When it is one, but the tools
# do not work (yet): one line `not-ready OUTPUT`. Reads only, but for a word to a changed boot that is held.

LC_ALL=C
export LC_ALL
root=$1
# What the system says of itself lies below this folder for a pretend host; nowhere else is it set.
system_root=${DOMDECK_ROOT:-}

# Somebody has come by SSH: what a changed boot waits for (boot/held.sh).
run=${DOMDECK_RUN:-/run/domdeck}
if [ -e "${DOMDECK_STATE:-/var/lib/domdeck}/boot/held" ]; then
  mkdir -p -- "$run" && : >"$run/seen"
fi

# xl itself decides. Only when it fails is the reason looked for.
if ! info=$(xl info 2>&1); then
  type=
  [ -r /sys/hypervisor/type ] && read -r type </sys/hypervisor/type
  if [ "$type" != xen ]; then
    reason='it is booted without the hypervisor (/sys/hypervisor/type is missing)'
    command -v xl >/dev/null || reason="$reason, and xl is not installed"
  elif ! command -v xl >/dev/null; then
    reason='it runs under Xen, but xl is not installed'
  elif [ -r /proc/xen/capabilities ] && ! grep -q control_d /proc/xen/capabilities; then
    reason='it is a guest of Xen itself, not a dom0 (/proc/xen/capabilities does not say control_d)'
  else
    # While it boots, sshd answers before xenstored does. /proc/xen is mounted late as well.
    printf 'not-ready %s\n' "$(printf '%s\n' "$info" | tail -n 1)"
    exit 0
  fi
  printf 'not-xen %s\n' "$reason"
  exit 0
fi

printf 'info\n'
printf '%s\n' "$info" | sed 's/^/|/'

system=$(sed -n 's/^PRETTY_NAME=//p' "$system_root/etc/os-release" 2>/dev/null | tail -n 1)
system=${system#[\"\']}
printf 'system %s\n' "${system%[\"\']}"

# The root may not be there yet: the nearest folder above it that is.
folder=$root
while [ ! -d "$folder" ]; do
  folder=${folder%/*}
  [ -n "$folder" ] || folder=/
done
storage=$(df -PTk -- "$folder" | tail -n 1)
printf 'storage %s\n' "$storage"
if [ "$folder" != "$root" ]; then
  if [ -e "$root" ]; then printf 'root not-folder\n'; else printf 'root missing\n'; fi
elif grep -q "^[^ ]* ${storage##*% } [^ ]* ro[, ]" /proc/self/mounts; then
  printf 'root read-only\n'
else
  printf 'root folder\n'
fi

# lvs reads the labels of all disks, so only where there are volumes at all.
set -- "$system_root"/sys/block/dm-*
if [ -d "$1" ] && command -v lvs >/dev/null; then
  lvs --noheadings --nosuffix --units b -S segtype=thin-pool -o vg_name,lv_name,lv_size,data_percent,metadata_percent 2>/dev/null |
    while read -r group pool numbers; do printf 'pool %s/%s %s\n' "$group" "$pool" "$numbers"; done
fi

for bridge in "$system_root"/sys/class/net/*/bridge; do
  [ -d "$bridge" ] || continue
  bridge=${bridge%/bridge}
  printf 'bridge %s\n' "${bridge##*/}"
done

for tool in xenstore-watch xenstore-read xenstore-ls losetup flock setsid mount mkfs.ext4 e2fsck blkid sha256sum truncate awk stat cksum; do
  command -v "$tool" >/dev/null || printf 'missing %s\n' "$tool"
done

read -r boot_id <"$system_root/proc/sys/kernel/random/boot_id" && printf 'boot %s\n' "$boot_id"
read -r up _ </proc/uptime && printf 'up %s\n' "$up"
# Last, so that the least time passes between this reading of the clock and ours.
printf 'clock %s\n' "$(date +%s.%N)"
