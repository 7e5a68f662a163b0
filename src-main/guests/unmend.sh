# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Puts back what the job $mended changed in the disks and the config of the guest $name, which is off. mend-apply.sh with what it needs, settings.sh
# and disk-guard.sh stand above this text.

# Cut off in the middle, it is done again: what is back already is found so.
begin

step "Check $name"
find_config
[ -n "$config" ] || fail NOT_FOUND "No config file of $name is known on this host." "Refresh, and look again."
running_domid
[ -z "$domid" ] || fail BUSY "$name runs, and its disks are in use." "Shut it down first."
work=$STATE/jobs/$mended/mend
[ -f "$work/disk" ] || fail NOT_FOUND "What the job $mended changed is no longer kept on this host." "Change the files by hand: its log says which."
IFS= read -r disk <"$work/disk"
guest_targets
case "$NL$mend_targets$NL" in *" $disk$NL"*) ;; *) fail NOT_FOUND "$name has no longer the disk $disk, which was mended." "Look at its config." ;; esac
guard_disks "$config" || fail BUSY "$guard_what" "$guard_hint"
offsets=$(awk '!seen[$1]++ { print $1 }' "$work/files")
for offset in $offsets; do
  try in_system "$work" "$disk" "$offset" check || fail BUSY "$name has been changed since it was mended." "Read the end of the log for the file; change it by hand."
done
written=''
if [ -f "$STATE/jobs/$mended/config.after" ] && ! cmp -s -- "$config" "$STATE/jobs/$mended/config.before"; then
  cmp -s -- "$config" "$STATE/jobs/$mended/config.after" || fail BUSY "$config has been changed since." "Change it by hand."
  written=1
fi

step 'Put it back'
run put_back "$work"
if [ -n "$written" ]; then
  keep_config "$config"
  run cp -p -- "$STATE/jobs/$mended/config.before" "$config.domdeck-$JOB_ID"
  run sync "$config.domdeck-$JOB_ID"
  run mv -fT -- "$config.domdeck-$JOB_ID" "$config"
fi
