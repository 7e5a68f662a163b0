# shellcheck shell=sh disable=SC2154 # names of boot-files.sh, which stands above
# held.sh at-boot | keep | back [WHY]
# Watches over a changed boot of this host until it has proven itself; written by Domdeck with the change, and gone with it. It needs no
# Domdeck: GRUB boots the changed entry once (`next_entry` in grubenv) and the one from before at every other boot (/etc/grub.d/42_domdeck),
# so whatever resets the machine brings it back. `domdeck.boot=trial` on the kernel's command line says that the changed one runs.
#   at-boot   run by domdeck-held-boot.service. In the changed boot: waits for the proof, which is a login by SSH ($RUN/seen, which Domdeck writes;
#             by hand: touch /run/domdeck/seen) and, where Xen is booted, `xl info`; then keeps it. In any other boot: takes it back.
#   keep      makes the changed boot the one for good.
#   back      puts everything back as it was before.
set -u
export LC_ALL=C
umask 022
RUN=${DOMDECK_RUN:-/run/domdeck}

value() { sed -n "s/^$1 //p" "$hold/held" | head -n 1; }

remember() { # kept|back WHY: the last word on a changed boot, for whoever asks later
  printf '%s\n' "outcome $1" "entry $(value entry)" "at $(date +%s)" "why $2" >"$hold/last.new" && mv -f -- "$hold/last.new" "$hold/last"
}

# `held` goes last: until then this can be run again.
forget() {
  rm -f -- "$unit_folder/multi-user.target.wants/$held_unit" "$unit_folder/sysinit.target.wants/$deadline_unit" \
    "$unit_folder/$held_unit" "$unit_folder/$deadline_unit"
  systemctl stop "$deadline_unit" 2>/dev/null
  rm -rf -- "$kept_files"
  sync -f "$hold"
  rm -f -- "$hold/before.cfg" "$hold/trial" "$hold/held"
}

keep() {
  # Decided from here on, whatever cuts it.
  if [ -z "$(value kept)" ]; then
    printf '%s\n' 'kept yes' >>"$hold/held" && sync "$hold/held" || return 1
  fi
  rm -f -- "$held_menu"
  make_menu || return 1
  remember kept "$1" && forget
}

back() {
  # Empty where there was none.
  if [ -s "$hold/before.cfg" ]; then
    cp -- "$hold/before.cfg" "$dropin.new" && mv -f -- "$dropin.new" "$dropin" || return 1
  elif [ -e "$hold/before.cfg" ]; then
    rm -f -- "$dropin"
  fi
  rm -f -- "$held_menu" "${held_menu%/*}/.42_domdeck" "$dropin.new" "$menu.domdeck.new"
  if grub-editenv "$grubenv" list 2>/dev/null | grep -qx 'next_entry=domdeck-trial'; then
    grub-editenv "$grubenv" unset next_entry || return 1
  fi
  make_menu || return 1
  remember back "$1" && forget
}

note() { [ "$(cat "$hold/trial" 2>/dev/null)" = "$1" ] || { printf '%s\n' "$1" >"$hold/trial" && sync "$hold/trial"; }; }

proven() {
  if [ "$(value xen)" = yes ] && ! xl info >/dev/null 2>&1; then
    note 'It came up, but xl info did not work there.'
    return 1
  fi
  [ -e "$RUN/seen" ] && return 0
  note 'It came up, but nobody logged in to it by SSH.'
  return 1
}

at_boot() {
  mkdir -p -- "$RUN/locks"
  if [ -z "$(value kept)" ]; then
    case " $(cat "$system/proc/cmdline") " in
      *' domdeck.boot=trial '*)
        until proven; do
          sleep 2
          # Somebody has settled it.
          [ -e "$hold/held" ] || return 0
        done
        ;;
      *)
        exec 9>>"$RUN/locks/boot" && flock 9 && [ -e "$hold/held" ] || return 0
        back "$(cat "$hold/trial" 2>/dev/null || echo 'It did not come up.')"
        return
        ;;
    esac
  fi
  exec 9>>"$RUN/locks/boot" && flock 9 && [ -e "$hold/held" ] || return 0
  keep 'It came up, and somebody logged in to it by SSH.'
}

[ -e "$hold/held" ] || exit 0
case ${1-} in
  at-boot) at_boot ;;
  keep) keep "${2:-Somebody said so.}" ;;
  back) back "${2:-Somebody said so.}" ;;
  *)
    echo "usage: sh $0 at-boot | keep | back" >&2
    exit 2
    ;;
esac
