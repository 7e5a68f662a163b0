# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Deletes the guest $name that Domdeck made or adopted, with its folder; never its base, nor a disk that lies elsewhere. guest-disks.sh with what it needs
# and autostart-links.sh stand above this text.
# The rename is the end of the guest: cut before it, it is there and stopped; after it, the undo finishes the removal.

finish_removal() { # FOLDER BASE GENERATION
  remove_volume_of "$1" || return 1
  [ -z "$volume" ] || drop_base_volume "${volume%/*}" "$2" "$3" || return 1
  rm -rf --one-file-system -- "$1"
}

begin
folder=$root/guests/$name
removed=$root/.deleting-$JOB_ID

step "Check $name"
[ -f "$folder/guest.json" ] || fail NOT_FOUND "$name is not a guest that Domdeck made or adopted on this host." "Delete it with the tools that made it."
read -r about <"$folder/guest.json" || :
case $about in
  *"\"uuid\":\"$uuid\""*) ;;
  *) fail NOT_FOUND "$folder holds another guest of the same name." "Refresh, and look again." ;;
esac
base=''
case $about in *'"base":"'*) base=${about#*\"base\":\"} base=${base%%\"*} ;; esac
generation=${about#*\"generation\":} generation=${generation%%[!0-9]*}
read_packages "$about"

step 'Stop it'
# First of all, so that a reboot of dom0 in between does not start it again.
# An adopted guest has a link where its config was, too.
links=$(links_in "$ETC_XEN/auto" "$folder/guest.cfg" && links_in "$ETC_XEN" "$folder/guest.cfg")
while [ -n "$links" ]; do
  run rm -f -- "${links%%"$NL"*}"
  case $links in *"$NL"*) links=${links#*"$NL"} ;; *) links='' ;; esac
  [ -n "$links" ] || run forget_unit
done
destroy_domain "$uuid" || fail JOB_FAILED "$name runs and does not go away." "Read the end of the log, and xl dmesg on the host."
free_disk "$folder" "$name"

step 'Remove its files'
undo finish_removal "$removed" "$base" "$generation"
run mv -T -- "$folder" "$removed"
run finish_removal "$removed" "$base" "$generation"
# The last guest of a base or a package image takes its loop device along.
[ -z "$base" ] || detach_base "$base" "$generation"
detach_packages
