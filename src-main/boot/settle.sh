# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Settles a changed boot that is held ($how: keep or back) without waiting for its proof. boot-files.sh stands above.

begin

step 'Settle the changed boot'
[ -e "$hold/held" ] || fail NOT_FOUND "No changed boot is held on this host any more." "Look at the boot page again: it has proven itself, or was taken back."
if [ "$how" = keep ]; then
  case " $(cat "$system/proc/cmdline") " in
    *' domdeck.boot=trial '*) ;;
    *) fail BAD_INPUT "The changed boot has not been tried yet." "Reboot the host, or take the change back." ;;
  esac
fi
run sh "$hold/held.sh" "$how"
