# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Takes the guest $name, which others start from $config_path, under Domdeck's care. config-keys.sh, autostart-links.sh, domain.sh and
# disk-guard.sh stand above this text. The config moves to $root/guests/$name/guest.cfg, and a link to it takes its place: whoever starts, edits or links
# $config_path has the same file as before. Disks are not touched, and not counted as its own.

unadopt() { # FOLDER CONFIG
  if [ -f "$JOB/config.before" ] && [ "$(readlink -- "$2")" = "$1/guest.cfg" ]; then
    cp -p -- "$JOB/config.before" "$2.domdeck-$JOB_ID" && sync "$2.domdeck-$JOB_ID" && mv -fT -- "$2.domdeck-$JOB_ID" "$2" || return 1
  fi
  rm -f -- "$2.domdeck-$JOB_ID"
  # Only what this job made.
  if grep -qs "\"job\":\"$JOB_ID\"" "$1/guest.json"; then rm -rf -- "$1"; fi
  rmdir -- "$1" 2>/dev/null || :
}

begin

step "Check $name"
folder=$root/guests/$name
[ ! -e "$folder" ] || fail BUSY "A guest named $name is in Domdeck's care on this host already." "Rename one of them first."
[ -f "$config_path" ] || fail NOT_FOUND "The config of $name, $config_path, is gone." "Refresh, and look for the guest again."
# A link of /etc/xen/auto leads to the file that counts.
capture config readlink -f -- "$config_path"
# xl takes the name of the file if it says none; so nobody else is adopted under this one.
said=$(config_get "$config" name) || said=''
case $said in
  "\"$name\"" | "'$name'") ;;
  *) fail BAD_INPUT "$config names its guest $said, not $name." "Refresh, and look again." ;;
esac
said=$(config_get "$config" uuid) || said=''
case $said in
  '' | "\"$uuid\"" | "'$uuid'") ;;
  *) fail BAD_INPUT "$config has the UUID $said, not $uuid." "Refresh, and look again." ;;
esac
if grep -qs "\"uuid\":\"$uuid\"" "$root"/guests/*/guest.json; then
  fail BUSY "A guest in Domdeck's care has the UUID of $name already." "Give one of them another UUID in its config."
fi
domids_of "$uuid" || fail COMMAND_FAILED "xl does not answer." "Run xl list on the host."
guard_own=$domids
guard_disks "$config" || fail BUSY "$guard_what" "$guard_hint"

step 'Copy its config'
run cp -p -- "$config" "$JOB/config.part"
run sync "$JOB/config.part"
run mv -T -- "$JOB/config.part" "$JOB/config.before"
undo unadopt "$folder" "$config"
run mkdir -p -- "$folder"
printf '{"format":1,"name":"%s","uuid":"%s","mode":"adopted","job":"%s"}\n' "$name" "$uuid" "$JOB_ID" >"$folder/guest.json"
run cp -p -- "$config" "$folder/guest.cfg"
[ -n "$said" ] || run config_set "$folder/guest.cfg" uuid "\"$uuid\""
run sync "$folder/guest.json" "$folder/guest.cfg" "$folder"

step 'Put a link in its place'
run ln -s -- "$folder/guest.cfg" "$config.domdeck-$JOB_ID"
run mv -fT -- "$config.domdeck-$JOB_ID" "$config"
result config "$folder/guest.cfg"
