# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Makes guests of generation $generation of base $base in the mode $mode and boots them. $guests has a line `NAME UUID MAC` for each; all
# else is the same for all. guest-config.sh, encrypted-disks.sh, layer-space.sh, layer-template.sh, base-device.sh, guest-disks.sh, own-disks.sh,
# disk-guard.sh and what these need stand above this text.
# What every guest costs is one copy of an empty layer and one `xl create`; undo lines and syncs are made once for all of them, and
# the copies are made four at a time, for they are mostly the start of cp.

# Names are a reservation only while their folder is ours: after a crash another job may have made a guest of the same name.
remove_folders() { # NAME...
  folders_left=''
  for folder_name; do
    folder=$root/guests/$folder_name
    if [ -s "$folder/guest.json" ] && ! grep -qs "\"job\":\"$JOB_ID\"" "$folder/guest.json"; then continue; fi
    # What cannot be removed keeps its folder, so that rolling back again finds it.
    if release_disk "$folder" && remove_volume_of "$folder"; then rm -rf -- "$folder"; else folders_left=1; fi
  done
  [ -z "$folders_left" ]
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
  configured=$(grep -hos 'mac=[0-9a-fA-F:]*' "$root"/guests/*/guest.cfg "$root"/drafts/*/guest.cfg "$ETC_XEN"/*.cfg "$ETC_XEN"/auto/*.cfg) || :
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
space_for "$layers_kb" "$layers_kind" || fail COMMAND_FAILED "$space_what" "$space_hint"

case $mode in
  overlay | throwaway) ;;
  *)
    base_mb=$(($(stat -c %s -- "$image/root.img") / 1048576))
    [ "$layer_mb" -ge "$base_mb" ] ||
      fail BAD_INPUT "A disk of $layer_mb MB does not hold generation $generation of $base, which has $base_mb MB." "Make it at least that large."
    ;;
esac
[ "$mode" != thin ] || [ -n "$pool" ] || fail BAD_INPUT "No thin pool is named for the disks." "Choose a thin pool."
if [ -n "$encrypted$swap_mb" ]; then check_encryption; fi
if [ "$mode" = qcow2 ]; then
  case $(stat -c %A -- "$image/root.img") in
    *w*) fail PREFLIGHT_FAILED "The image of $base/$generation can be written to, and a change in it breaks every qcow2 on it." "Seal it again: chmod 0444 $image/root.img." ;;
  esac
fi

step 'Attach the base'
case $mode in
  overlay | throwaway) attach_base "$base" "$generation" ;;
  thin)
    for name in $names; do
      ! volume_exists "${pool%/*}/domdeck-$name" ||
        fail BUSY "A volume ${pool%/*}/domdeck-$name exists on this host." "Choose another name, or remove that volume: lvremove ${pool%/*}/domdeck-$name."
    done
    add_base_volume "$pool" "$base" "$generation"
    ;;
esac

step 'Make the layers'
[ -d "$root/guests" ] || mkdir -p -- "$root/guests"
if [ "$mode" = overlay ] && [ -z "$encrypted" ]; then layer_template "$layer_mb"; fi
# shellcheck disable=SC2086 # names
undo_batch remove_folders $names
# shellcheck disable=SC2086 # UUIDs
undo_batch destroy_domains $uuids
# shellcheck disable=SC2086 # the storage root needs no quoting either (src-shared/models/host.ts)
run mkdir -- $folders
# Whose folder it is stands in it before anything else does.
# shellcheck disable=SC2086
set -- $guests
layers='' volume_of_it=''
# A copy is independent of its base, so it only tells where it is from.
case $mode in
  copy | reflink) stands_on="\"from\":\"$base/$generation\"" ;;
  *) stands_on="\"base\":\"$base\",\"generation\":$generation" ;;
esac
encrypted_members
while [ $# -gt 0 ]; do
  [ "$mode" != thin ] || volume_of_it=",\"volume\":\"${pool%/*}/domdeck-$1\""
  printf '{"format":1,"name":"%s","uuid":"%s",%s,"mode":"%s"%s,"job":"%s"}\n' \
    "$1" "$2" "$stands_on" "$mode" "$encrypted_about$volume_of_it" "$JOB_ID" >"$root/guests/$1/guest.json"
  layers="$layers $root/guests/$1/layer.img"
  shift 3
done
case $mode${encrypted:+-encrypted} in
  overlay)
    # shellcheck disable=SC2086 # the storage root needs no quoting
    set -- $layers
    if [ $# = 1 ]; then
      run cp --sparse=always -- "$template" "$1"
    else
      run xargs -n 1 -P 4 -- cp --sparse=always -- "$template" <<-END
	$layers
	END
    fi
    ;;
  throwaway | *-encrypted) ;;
  *)
    # shellcheck disable=SC2086
    set -- $names
    copy_each_mb=$(($(stat -c '%b * %B / 1048576' -- "$image/root.img")))
    copy_total_mb=$(($# * copy_each_mb))
    # The folder must know of a volume before there is one.
    [ "$mode" != thin ] || run sync -f "$root/guests"
    for name in $names; do "make_$mode" "$name"; done
    ;;
esac
make_encrypted_disks

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
