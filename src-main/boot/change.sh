# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Changes what this host boots: its settings ($settings: write $dropin_text, remove, or leave), its default, or what it boots $once. $before_value and
# $trial_value are what GRUB calls the entry that boots now and the one to be tried. The changed boot is held: boot-files.sh and hold-boot.sh stand above.

begin

step 'Check the boot menu'
check_holding
[ "$(show_menu "$menu" | cksum)" = "$menu_sum" ] || fail BUSY "The boot menu has changed since it was looked at." "Look at it again, and choose anew."

step 'Keep the boot from before'
keep_before "$before_value" "$trial_label" "$settings"

step 'Write the settings'
case $settings in
  write)
    printf '%s\n' "$dropin_text" >"$dropin.new"
    run mv -f -- "$dropin.new" "$dropin"
    ;;
  remove) run rm -f -- "$dropin" ;;
esac

step 'Hold the changed boot'
try_entry "$trial_value" "$trial_label"
result held "$trial_label"
