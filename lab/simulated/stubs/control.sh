#!/bin/sh
# What happens to a pretend domain from inside or beneath: control.sh dying|stopped|rebooted|crashed DOMID.
# Run by the xl stub a moment after a shutdown or reboot, and by the fleet for a crash or a guest's own poweroff.
set -u
# shellcheck source-path=SCRIPTDIR source=domains.sh
. "$SIM_LIB/domains.sh"

domid=$2
lock_table
row=$(awk -F '\t' -v domid="$domid" '$1 == domid' "$table")
[ "$row" ] || exit 0

case $1 in
  dying)
    set_field "$domid" 6 dying
    announce @releaseDomain
    ;;
  stopped)
    remove_domain "$domid"
    announce @releaseDomain
    ;;
  rebooted)
    old=$domid
    IFS=$tab read -r _ name uuid memory vcpus _ type _ load _ <<ROW
$row
ROW
    cp -- "$xen/cfg/$old" "$xen/cfg.next"
    take_domid
    # The devices change hands; a real reboot detaches and attaches them.
    awk -F '\t' -v OFS='\t' -v old="$old" -v new="$domid" '$4 == old { $4 = new } { print }' "$xen/loops" >"$xen/loops.new"
    mv -f -- "$xen/loops.new" "$xen/loops"
    remove_domain "$old"
    announce @releaseDomain
    mv -f -- "$xen/cfg.next" "$xen/cfg/$domid"
    append_domain "$domid" "$name" "$uuid" "$memory" "$vcpus" running "$type" "$load"
    announce @introduceDomain
    ;;
  crashed)
    set_field "$domid" 6 crashed
    announce @releaseDomain
    ;;
esac
