# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Makes guests on generation $generation of base $base and boots them. $guests has a line `NAME UUID MAC` for each; all else is the
# same for all. guest-config.sh, layer-space.sh, space.sh, base-device.sh, domain.sh and disk-guard.sh
# stand above this text.
# What every guest costs is one copy of an empty layer and one `xl create`; undo lines and syncs are made once for all of them, and
# the copies are made four at a time, for they are mostly the start of cp.

# Names are a reservation only while their folder is ours: after a crash another job may have made a guest of the same name.
remove_folders() { # NAME...
  for folder_name; do
    folder=$root/guests/$folder_name
    if [ -s "$folder/guest.json" ] && ! grep -qs "\"job\":\"$JOB_ID\"" "$folder/guest.json"; then continue; fi
    release_layer "$folder/layer.img"
    rm -rf -- "$folder"
  done
}

destroy_domains() { # UUID...
  for domain_uuid; do destroy_domain "$domain_uuid" || return 1; done
}

begin

step 'Check under lock'
image=$root/bases/$base/$generation
for file in root.img vmlinuz initrd.img base.json; do
  [ -s "$image/$file" ] || fail NOT_FOUND "Generation $generation of $base has no $file." "Import the base again, or choose another generation."
done
# Names and MAC addresses of all domains, as libxl wrote them: `xl list -v` takes three times as long. Fails on a host that never had
# a guest, or a network card of one; what comes before is there then too.
running=$(xenstore-ls -f /vm /local/domain/0/backend/vif 2>/dev/null) || :
configured=''
if [ -n "$bridge" ]; then
  # grep ends with 2 when one of the globs matches nothing.
  configured=$(grep -hos 'mac=[0-9a-fA-F:]*' "$root"/guests/*/guest.cfg "$ETC_XEN"/*.cfg "$ETC_XEN"/auto/*.cfg) || :
fi
names='' uuids='' folders=''
# shellcheck disable=SC2086 # words of a-z, 0-9, dashes and colons
set -- $guests
while [ $# -gt 0 ]; do
  name=$1 uuid=$2 mac=$3
  shift 3
  names="$names $name" uuids="$uuids $uuid" folders="$folders $root/guests/$name"
  case $running$NL in
    *"/name = \"$name\"$NL"*) fail BUSY "A domain named $name runs already." "Choose another name." ;;
    *"/vm/$uuid/"*) fail BUSY "A domain with the UUID of $name runs already." "Plan the clone again." ;;
  esac
  if [ -e "$root/guests/$name" ] || [ -e "$ETC_XEN/$name.cfg" ] || [ -e "$ETC_XEN/auto/$name.cfg" ]; then
    fail BUSY "A guest named $name exists on this host." "Choose another name, or delete that guest first."
  fi
  case "$running$NL$configured$NL" in
    *"/mac = \"$mac\""* | *"mac=$mac$NL"*) fail BUSY "The MAC address $mac of $name is in use on this host." "Plan the clone again." ;;
  esac
  tick "$name" queued
done
# shellcheck disable=SC2086 # names
set -- $names
layer_space $#
if [ "$mode" = overlay ]; then kind=layer; else kind=''; fi
space_for "$layers_kb" "$kind" || fail COMMAND_FAILED "$space_what" "$space_hint"

step 'Attach the base'
attach_base "$base" "$generation"

step 'Make the layers'
if [ ! -d "$root/guests" ] || [ ! -d "$root/templates" ]; then mkdir -p -- "$root/guests" "$root/templates"; fi
template=$root/templates/ext4-$layer_mb.img
if [ "$mode" = overlay ] && [ ! -f "$template" ]; then
  # A small journal, and nothing left for the guest to initialise later: that would fill its sparse layer. Of the descriptors that a
  # growing file system needs, only those for 16 times the size (in blocks): by default they are a megabyte.
  if [ "$layer_mb" -lt 64 ]; then journal_mb=4; elif [ "$layer_mb" -lt 1024 ]; then journal_mb=8; else journal_mb=16; fi
  undo rm -f -- "$template.$JOB_ID" "$template.$JOB_ID.made"
  run truncate -s "${layer_mb}M" -- "$template.$JOB_ID.made"
  run mkfs.ext4 -q -F -b 4096 -m 0 -e remount-ro -L layer -J size=$journal_mb \
    -E nodiscard,lazy_itable_init=0,lazy_journal_init=0,resize=$((layer_mb * 256 * 16)) "$template.$JOB_ID.made"
  # mkfs has room for the empty journal and inode tables allocated; a sparse copy has not.
  run cp --sparse=always -- "$template.$JOB_ID.made" "$template.$JOB_ID"
  run rm -- "$template.$JOB_ID.made"
  run sync "$template.$JOB_ID"
  run mv -T -- "$template.$JOB_ID" "$template"
fi
# shellcheck disable=SC2086 # names
undo_batch remove_folders $names
# shellcheck disable=SC2086 # UUIDs
undo_batch destroy_domains $uuids
# shellcheck disable=SC2086 # the storage root needs no quoting either (src-shared/models/host.ts)
run mkdir -- $folders
# Whose folder it is stands in it before anything else does.
# shellcheck disable=SC2086
set -- $guests
layers=''
while [ $# -gt 0 ]; do
  printf '{"format":1,"name":"%s","uuid":"%s","base":"%s","generation":%d,"mode":"%s","job":"%s"}\n' \
    "$1" "$2" "$base" "$generation" "$mode" "$JOB_ID" >"$root/guests/$1/guest.json"
  layers="$layers $root/guests/$1/layer.img"
  shift 3
done
# shellcheck disable=SC2086 # the storage root needs no quoting
set -- $layers
if [ "$mode" = throwaway ]; then
  :
elif [ $# = 1 ]; then
  run cp --sparse=always -- "$template" "$1"
else
  run xargs -n 1 -P 4 -- cp --sparse=always -- "$template" <<-END
	$layers
	END
fi

step 'Write the configs'
# shellcheck disable=SC2086
set -- $guests
while [ $# -gt 0 ]; do
  guest_config "$1" "$2" "$3"
  printf '%s\n' "$config" >"$root/guests/$1/guest.cfg"
  shift 3
done
for name in $names; do set -- "$@" "$root/guests/$name/guest.cfg"; done
guard_disks "$@" || fail BUSY "$guard_what" "$guard_hint"

step 'Start'
for name in $names; do
  tick "$name" running
  if ! try xl create -q "$root/guests/$name/guest.cfg"; then
    tick "$name" failed
    explain_create "$name"
  fi
  tick "$name" "done"
done
result guests "${names# }"
