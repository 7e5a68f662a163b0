# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# How a changed boot is held, for jobs that change one: keep_before, then the change, then try_entry. See held-boot.sh, which is $held_script.
# boot-files.sh stands above. take_boot_back is their undo.

take_boot_back() {
  if [ -e "$hold/held" ]; then
    sh "$hold/held.sh" back "The job that changed it did not come to its end."
  else
    rm -rf -- "$hold/held.new" "$hold/before.cfg" "$hold/trial" "$hold/files" "$kept_files"
  fi
}

write_menu_part() { # ENTRIES: the entries of a held boot, and what makes GRUB go back by itself
  # Its name has a dot until it is whole: grub-mkconfig runs all others.
  part=${held_menu%/*}/.42_domdeck
  # shellcheck disable=SC2016 # for the shell and for GRUB that read it
  printf '%s\n' '#!/bin/sh' '# Made by Domdeck while a changed boot of this host is held, and gone when it has proven itself or was taken back.' \
    'exec tail -n +4 "$0"' "$1" \
    '# At every boot but the one that tries the other.' 'if [ -z "${boot_once}" ]; then' "  set default='domdeck-before'" 'fi' >"$part"
  chmod 755 "$part"
  sync "$part"
  mv -f -- "$part" "$held_menu"
}

find_entry() { # MENU VALUE TITLE ID WORDS KEPT: sets found
  found=$(show_menu "$1" | copy_entry "$2" "$3" "$4" "$5" "$6") && return 0
  case $? in
    2) fail BAD_INPUT "The entry \"$2\" boots no Linux, so it could not be watched." "Choose it in the menu of GRUB on the console of the host." ;;
    *) fail NOT_FOUND "The boot menu has no entry \"$2\" in a form that can be copied." "Look at the boot menu again; see $1." ;;
  esac
}

put_unit() { # NAME TARGET LINE...
  unit=$1 target=$2
  shift 2
  mkdir -p -- "$unit_folder/$target.wants"
  printf '%s\n' "$@" >"$unit_folder/$unit"
  ln -sfn -- "../$unit" "$unit_folder/$target.wants/$unit"
}

# Ends the job where nothing can be held.
check_holding() {
  if [ -e "$hold/held" ]; then
    fail BUSY "A changed boot is held on this host already: $(sed -n 's/^entry //p' "$hold/held")." "Let it prove itself, or take it back first."
  fi
  if ! [ -f "$menu" ] || ! [ -d "${held_menu%/*}" ]; then
    fail NOT_FOUND "This host has no $menu that grub-mkconfig makes." "Only hosts that boot by GRUB 2 can be changed here."
  fi
  for tool in grub-mkconfig grub-editenv grub-probe systemctl; do
    command -v "$tool" >/dev/null || fail NOT_FOUND "There is no $tool on this host." "Install GRUB's tools (grub2-common); a changed boot is watched by systemd."
  done
  if unwritable=$(unwritable_by_grub); then
    fail BAD_INPUT "GRUB cannot write to $unwritable, where its grubenv is, so it could boot nothing once, and not go back by itself." \
      "Move /boot to a plain partition, or choose the entry on the console of the host."
  fi
}

# From here on each boot is as it was, whatever is written behind it, until try_entry.
keep_before() { # VALUE of the default, as it is; LABEL of what will be tried; write|leave the settings
  undo take_boot_back
  run mkdir -p -- "$hold" "${dropin%/*}"
  find_entry "$menu" "$1" "Before the change" domdeck-before 'domdeck.boot=before' domdeck-before
  before=$found
  # Found again by the paths in the entry, which begin at the file system that /boot is on.
  printf '%s\n' "$before" | sed -n 's|^[ \t]*[a-z0-9]*[ \t][^/]*\(/[^ \t]*\)/domdeck-before/\([^ \t]*\).*|\1/\2|p; s|^[ \t]*[a-z0-9]*[ \t][^/]*/domdeck-before/\([^ \t]*\).*|/\1|p' >"$hold/files"
  run rm -rf -- "$kept_files"
  run mkdir -p -- "$kept_files"
  while read -r file; do
    source=$system$file
    [ -e "$source" ] || source=$system/boot$file
    # vfat has no links.
    try ln -f -- "$source" "$kept_files/${file##*/}" || run cp -- "$source" "$kept_files/${file##*/}"
  done <"$hold/files"
  run rm -f -- "$hold/files"
  printf '%s\n' "$held_script" >"$hold/held.sh"
  if [ "$3" != leave ]; then
    if [ -e "$dropin" ]; then run cp -- "$dropin" "$hold/before.cfg"; else : >"$hold/before.cfg"; fi
  fi
  printf '%s\n' "entry $2" "before $1" "once $once" "minutes $minutes" "at $(date +%s)" "job $JOB_ID" >"$hold/held.new"
  run sync "$hold/held.sh" "$hold/held.new"
  run mv -f -- "$hold/held.new" "$hold/held"
  write_menu_part "$before"
}

# Makes the menu anew, with the entry as one to be tried at the next boot.
try_entry() { # VALUE, or nothing for the default of the new menu; LABEL
  run grub-mkconfig -o "$menu.domdeck"
  value=$1
  [ -n "$value" ] || default_value "$menu.domdeck"
  find_entry "$menu.domdeck" "$value" "On trial: $2" domdeck-trial 'domdeck.boot=trial panic=10' ''
  xen=no
  case $found in *multiboot*) xen=yes ;; esac
  printf '%s\n' "value $value" "xen $xen" >>"$hold/held"
  run sync "$hold/held"
  write_menu_part "$before$NL$found"
  run make_menu
  # Early and without a word from the disk, for a boot that stops at a prompt. In a shutdown it stays to the end, should that hang.
  put_unit "$deadline_unit" sysinit.target '[Unit]' "Description=Go back to the boot from before, unless this one proves itself within $minutes minutes (Domdeck)" \
    'ConditionKernelCommandLine=domdeck.boot=trial' 'DefaultDependencies=no' '' \
    '[Service]' "ExecStart=/bin/sh -c 'sleep $((minutes * 60)); systemctl reboot; sleep 300; systemctl --force --force reboot'"
  put_unit "$held_unit" multi-user.target '[Unit]' 'Description=Watch over a changed boot until it has proven itself (Domdeck)' \
    "RequiresMountsFor=$hold" 'After=local-fs.target' '' '[Service]' "ExecStart=/bin/sh $hold/held.sh at-boot"
  run sync -f "$unit_folder"
  run grub-editenv "$grubenv" set next_entry=domdeck-trial
  run sync "$grubenv"
}

# Sets value to what a menu boots by default.
default_value() { # MENU
  # shellcheck disable=SC2016 # variables of GRUB
  value=$(sed -n 's/^[ \t]*set default="\(.*\)"$/\1/p' "$1" | grep -vxF '${next_entry}' | tail -n 1)
  # shellcheck disable=SC2016
  [ "$value" != '${saved_entry}' ] || value=$(grub-editenv "$grubenv" list | sed -n 's/^saved_entry=//p')
  [ -n "$value" ] || value=0
}
