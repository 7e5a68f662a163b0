# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Can these guests be made here? $guests has a line `NAME UUID MAC` for each; the rest is as in clone.sh.
# guest-config.sh, clone-modes.sh, layer-space.sh, space.sh and disk-guard.sh stand above this text.
size_words() { # MB: sets $words
  if [ "$1" -lt 10240 ]; then words="$1 MB"; else words="$(($1 / 1024)) GB"; fi
}

image=$root/bases/$base/$generation
count=0
taken_names='' taken_macs=''
running=$(xl list -v 2>/dev/null) || running=''
info=$(xl info 2>/dev/null) || info=''
backends=$(xenstore-ls -f /local/domain/0/backend/vif 2>/dev/null) || backends=''
# grep ends with 2 when one of the globs matches nothing.
configured=$(grep -hos 'mac=[0-9a-fA-F:]*' "$root"/guests/*/guest.cfg "$root"/drafts/*/guest.cfg "$ETC_XEN"/*.cfg "$ETC_XEN"/auto/*.cfg) || :

if [ ! -s "$image/base.json" ] || [ ! -s "$image/root.img" ] || [ ! -s "$image/vmlinuz" ] || [ ! -s "$image/initrd.img" ]; then
  check fail 'Base' "generation $generation of $base is not whole" 'Import the base again, or choose another generation.'
else
  read -r about <"$image/base.json" || :
  sum=${about#*\"sha256\":\"} sum=${sum%%\"*}
  size=${about#*\"sizeBytes\":} size=${size%%[!0-9]*}
  now=$(stat -c '%s %a' -- "$image/root.img")
  case $now in
    "$size 444")
      check pass 'Base' "$base/$generation is sealed, sha256 $(printf %.12s "$sum")"
      ;;
    "$size "*)
      check warn 'Base' "the image of $base/$generation can be written to" "Seal it again: chmod 0444 $image/root.img. A change in it breaks every guest on it."
      ;;
    *)
      check fail 'Base' "the image of $base/$generation is not the one that was imported" 'Its size has changed. Import the base again as a new generation.'
      ;;
  esac
fi

if guard_disks "r:$image/root.img"; then
  check pass 'Sharing' 'nobody writes to the base'
else
  check fail 'Sharing' "${guard_what%.}" "$guard_hint"
fi

# shellcheck disable=SC2086 # words of a-z, 0-9, dashes and colons
set -- $guests
first_name=$1 first_uuid=$2 first_mac=$3
while [ $# -gt 0 ]; do
  count=$((count + 1))
  if [ -e "$root/guests/$1" ] || [ -e "$ETC_XEN/$1.cfg" ] || [ -e "$ETC_XEN/auto/$1.cfg" ]; then
    taken_names="$taken_names $1"
  else
    case "$NL$running" in *"$NL$1 "*) taken_names="$taken_names $1" ;; esac
  fi
  case "$backends$NL$configured$NL" in *"/mac = \"$3\""* | *"mac=$3$NL"*) taken_macs="$taken_macs $3" ;; esac
  shift 3
done
if [ -n "$taken_names" ]; then
  check fail 'Names' "taken on this host:$taken_names" 'Choose another pattern, or delete those guests first.'
else
  check pass 'Names' "$count free"
fi
if [ -n "$taken_macs" ]; then
  check fail 'MAC addresses' "in use on this host:$taken_macs" 'Look at the plan again; it makes new ones.'
else
  check pass 'MAC addresses' 'unique'
fi

free_mb=$(printf '%s\n' "$info" | awk '$1 == "free_memory" { print $3 }')
# Xen keeps some memory of its own for every domain: page tables, rings, its structures.
needed_mb=$((count * (memory_mb + 4)))
if [ -z "$free_mb" ]; then
  check fail 'Memory' 'xl info does not tell the free memory' 'Run xl info on the host.'
elif [ "$free_mb" -lt "$needed_mb" ]; then
  size_words "$needed_mb"
  check fail 'Memory' "$free_mb MB free, $words needed" 'Give the guests less memory, make fewer, or shut down others.'
else
  size_words "$free_mb"
  check pass 'Memory' "$needed_mb MB of $words free"
fi

look_at_modes
# Blocks of 512 bytes.
base_kb=$(($(stat -c %b -- "$image/root.img" 2>/dev/null || echo 0) / 2))
layer_space "$count"
full_mb=${swap_mb:-0}
case $mode${encrypted:+-encrypted} in throwaway) ;; *) full_mb=$((full_mb + layer_mb)) ;; esac
number bytes_per_guest $((guest_kb * 1024))
if ! space_for "$layers_kb" "$layers_kind"; then
  check fail 'Space' "${space_what%.}" "$space_hint"
elif [ -n "$layers_kind" ] && [ "$space_free_kb" -lt $((count * full_mb * 1024)) ]; then
  size_words $((space_free_kb / 1024))
  check warn 'Space' "$words free, $((count * full_mb)) MB when all their disks are full" \
    'They grow as guests write. Choose a smaller size, or watch the space: guests stop with errors when it is gone.'
else
  size_words $((space_free_kb / 1024))
  check pass 'Space' "$words free"
fi

if [ "$mode" = thin ]; then check_pool; fi

# What xendomains does with all guests when the host goes down, unless its unit was told otherwise (health/items.sh): it would write the keys
# to the host's disk.
if [ -n "$encrypted$swap_mb" ] && ! [ -e "${DOMDECK_ROOT:-}/etc/systemd/system/xendomains.service.d/domdeck-shutdown.conf" ] && grep -qs '^ *XENDOMAINS_SAVE=["'\'']*/' "${DOMDECK_ROOT:-}/etc/default/xendomains"; then
  check warn 'Saved memory' 'xendomains of this host writes the memory of guests to its disk when it shuts down, and with it their keys' \
    'Mend "Guests at shutdown" on the Health tab of the host, or set XENDOMAINS_SAVE="" in /etc/default/xendomains: guests are then shut down instead.'
fi

if [ -n "$bridge" ]; then
  device=${DOMDECK_ROOT:-}/sys/class/net/$bridge
  flags=1
  [ ! -r "$device/flags" ] || read -r flags <"$device/flags"
  if [ ! -d "$device" ]; then
    check fail 'Network' "there is no bridge $bridge" 'Make the bridge on the host, or choose another.'
  elif [ ! -d "$device/bridge" ]; then
    check fail 'Network' "$bridge is not a bridge" 'Choose a bridge: ip link show type bridge.'
  elif [ $((flags & 1)) = 0 ]; then
    check warn 'Network' "bridge $bridge is down" "Guests on it reach nobody until it is up: ip link set $bridge up."
  else
    check pass 'Network' "bridge $bridge is up"
  fi
fi

# All configs are alike but for name, UUID and MAC, so one stands for all.
mkdir -p -- "$RUN"
if dry=$(mktemp -- "$RUN/plan.XXXXXX"); then
  guest_config "$first_name" "$first_uuid" "$first_mac"
  printf '%s\n' "$config" >"$dry"
  if words=$(xl create -n "$dry" 2>&1 >/dev/null); then
    check pass 'Config' 'xl reads it'
  else
    check fail 'Config' "xl refuses it: $(printf '%s' "$words" | tail -n 1 | tr '\t' ' ')" 'Report this with the config shown below.'
  fi
  rm -f -- "$dry"
else
  check fail 'Config' "$RUN cannot be written" 'Check that /run is not full and that you are root on the host.'
fi
