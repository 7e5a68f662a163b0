# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Makes a draft of base $base: a writable copy of generation $generation, booted as a guest of its own with that generation's kernel. The
# generation is only read. domain.sh, disk-guard.sh and copy-image.sh stand above this text.

# A draft of another job is left alone. One without a record is ours: its record is the first thing in it.
remove_draft() { # FOLDER UUID
  if [ -e "$1/draft.json" ] && ! grep -qs "\"job\":\"$JOB_ID\"" "$1/draft.json"; then return 0; fi
  destroy_domain "$2" && release_layer "$1/root.img" && rm -rf --one-file-system -- "$1"
}

begin

step "Check $base"
image=$root/bases/$base/$generation
for file in root.img vmlinuz initrd.img base.json; do
  [ -s "$image/$file" ] || fail NOT_FOUND "Generation $generation of $base has no $file." "Choose another generation."
done
folder=$root/drafts/$base
[ ! -e "$folder" ] || fail BUSY "$base is being edited already: there is $folder." "Publish that draft, or discard it."
domids_named "$name" || fail COMMAND_FAILED "xl does not answer." "Run xl list on the host."
if [ -n "$domids" ] || [ -e "$root/guests/$name" ] || [ -e "$ETC_XEN/$name.cfg" ]; then
  fail BUSY "A guest named $name exists on this host, and the draft would be named so." "Rename that guest first."
fi
# Fails on a host that never had a guest.
running=$(xenstore-ls -f /local/domain/0/backend/vif 2>/dev/null) || :
configured=$(grep -hos 'mac=[0-9a-fA-F:]*' "$root"/guests/*/guest.cfg "$root"/drafts/*/guest.cfg "$ETC_XEN"/*.cfg) || :
case "$running$NL$configured$NL" in
  *"/mac = \"$mac\""* | *"mac=$mac$NL"*) fail BUSY "The MAC address $mac is in use on this host." "Try again: another one is taken." ;;
esac
need_room "$image/root.img" layer

step 'Copy the generation'
mkdir -p -- "$root/drafts"
undo remove_draft "$folder" "$uuid"
mkdir -- "$folder"
printf '{"format":1,"name":"%s","uuid":"%s","mode":"draft","base":"%s","generation":%d,"job":"%s"}\n' \
  "$name" "$uuid" "$base" "$generation" "$JOB_ID" >"$folder/draft.json"
copy_file "$image/root.img" "$folder/root.img"
chmod 0600 "$folder/root.img"

step 'Write its config'
vif=''
[ -z "$bridge" ] || vif="vif    = [ 'mac=$mac,bridge=$bridge' ]
"
# Without domdeck.layer= the union-root hook stands aside, and the root is the copy itself.
printf '%s\n' "# Made by Domdeck: a draft of $base, which becomes its next generation when it is published
name   = \"$name\"
uuid   = \"$uuid\"
type   = \"$type\"
kernel = \"$image/vmlinuz\"
ramdisk = \"$image/initrd.img\"
root   = \"/dev/xvda rw\"
extra  = \"console=hvc0 systemd.hostname=$name net.ifnames=0\"
memory = $memory_mb
maxmem = $memory_mb
vcpus  = $vcpus
${vif}disk   = [ 'format=raw,vdev=xvda,access=rw,target=$folder/root.img' ]
on_poweroff = \"destroy\"
on_reboot   = \"restart\"
on_crash    = \"preserve\"" >"$folder/guest.cfg"

guard_disks "$folder/guest.cfg" || fail BUSY "$guard_what" "$guard_hint"

step "Start $name"
tick "$name" running
if ! try xl create -q "$folder/guest.cfg"; then
  tick "$name" failed
  explain_create "$name"
fi
tick "$name" "done" "running"
result guest "$name"
