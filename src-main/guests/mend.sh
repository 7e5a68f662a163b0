# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Mends $ids in the disks and the config of the guest $name, which is off. What it changes is kept in the folder of the job, for its undo and for
# guest.unmend. mend-apply.sh with what it needs, settings.sh and disk-guard.sh stand above this text.

begin

step "Check $name"
find_config
[ -n "$config" ] || fail BAD_INPUT "No config file of $name is known on this host, so its disks are not known either." "Write one, and look again."
running_domid
[ -z "$domid" ] || fail BUSY "$name runs, and its disks are in use." "Shut it down first."
case $(cat -- "${config%/*}/guest.json" 2>/dev/null || :) in
  *'"mode":"overlay"'* | *'"mode":"throwaway"'*)
    fail BAD_INPUT "The root of $name is its base with its layer on top, and a base is never changed." "Mend a copy of the base's image, and import it as the next generation." ;;
esac
guard_disks "$config" || fail BUSY "$guard_what" "$guard_hint"
guest_targets
look "$mend_targets"
work=$JOB/mend
make_mend_work "$work" "$fs_disk"

step 'Mend it'
undo put_back "$work"
mend_image "$work"
case " $ids " in
  *' initrd '*) build_initrd "$work" ;;
esac
case " $ids " in
  *' cfg '*)
    set --
    for key in $mend_keys; do
      value=$(config_get "$config" "$key")
      set -- "$@" "$key" "$(printf '%s\n' "$value" | config_value "$key")"
    done
    keep_config "$config"
    run config_set "$config" "$@"
    run cp -- "$config" "$JOB/config.after"
    ;;
esac

step 'Check it again'
verify_mended "$mend_targets"
result job "$JOB_ID"
