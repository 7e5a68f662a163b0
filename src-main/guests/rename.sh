# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Gives the stopped guest $name the name $new_name. domain.sh, volumes.sh, config-keys.sh, settings.sh and autostart-links.sh stand
# above this text.
# A running one is refused: `xl rename` changes the name in xenstore alone, while its log, its config and the paths of its disks go on
# under the old one, and its next reboot brings that back.

# Everything as it was, from the copies in the job's folder, wherever it was cut.
unrename() { # OLD NEW
  volume_of "$JOB"
  if [ -n "$volume" ] && ! volume_exists "$volume"; then
    lvrename -q -- "${volume%/*}" "domdeck-$2" "domdeck-$1" || return 1
  fi
  if [ -d "$root/guests/$2" ] && [ ! -e "$root/guests/$1" ]; then
    mv -T -- "$root/guests/$2" "$root/guests/$1" || return 1
  fi
  for file in guest.cfg guest.json; do
    rm -f -- "$root/guests/$1/$file.renamed"
    [ ! -f "$JOB/$file" ] || cp -p -- "$JOB/$file" "$root/guests/$1/$file" || return 1
  done
}

begin

step "Check $name and $new_name"
find_config
running_domid
if [ -n "$domid" ]; then
  fail BUSY "$name runs, and Xen cannot rename all of a running guest: its log and the paths of its disks keep the old name." \
    "Shut it down, rename it, and start it again."
fi
[ "$new_name" != "$name" ] || fail BAD_INPUT "$name has that name already." "Choose another name."
domids_named "$new_name" || fail COMMAND_FAILED "xl does not answer." "Run xl list on the host."
[ -z "$domids" ] || fail BUSY "A domain named $new_name runs already." "Choose another name."
for taken in "$root/guests/$new_name" "$ETC_XEN/$new_name.cfg" "$ETC_XEN/auto/$new_name.cfg"; do
  { [ ! -e "$taken" ] && [ ! -L "$taken" ]; } || [ "$(readlink -f -- "$taken")" = "$config" ] ||
    fail BUSY "A guest named $new_name exists on this host: $taken." "Choose another name, or delete that guest first."
done

step 'Write the new name'
if [ -z "$folder" ]; then
  # The file of another administrator keeps its name and its place.
  keep_config "$config"
  run config_set "$config" name "\"$new_name\""
else
  renamed=$root/guests/$new_name
  volume_of "$folder"
  group=${volume%/*}
  if [ -n "$volume" ] && volume_exists "$group/domdeck-$new_name"; then
    fail BUSY "A volume $group/domdeck-$new_name exists on this host." "Choose another name, or remove that volume."
  fi
  links=$(links_in "$ETC_XEN/auto" "$config" && links_in "$ETC_XEN" "$config")
  for file in guest.cfg guest.json; do run cp -p -- "$folder/$file" "$JOB/$file"; done
  run sync "$JOB/guest.cfg" "$JOB/guest.json"
  undo unrename "$name" "$new_name"
  # Paths of its own files, and the name that its kernel command line gives to the guest's own system.
  run cp -p -- "$folder/guest.cfg" "$folder/guest.cfg.renamed"
  run config_set "$folder/guest.cfg.renamed" name "\"$new_name\""
  run sed -i -e "s|$root/guests/$name/|$renamed/|g" -e "s|/domdeck-$name'|/domdeck-$new_name'|" -e "s/systemd\\.hostname=$name\\([\"' ]\\)/systemd.hostname=$new_name\\1/g" \
    "$folder/guest.cfg.renamed"
  run cp -p -- "$folder/guest.json" "$folder/guest.json.renamed"
  run sed -i -e "s/\"name\":\"$name\"/\"name\":\"$new_name\"/" -e "s|\(\"volume\":\"[^\"]*/domdeck-\)$name\"|\1$new_name\"|" "$folder/guest.json.renamed"
  run sync "$folder/guest.cfg.renamed" "$folder/guest.json.renamed"
  [ -z "$volume" ] || run lvrename -q -- "$group" "domdeck-$name" "domdeck-$new_name"
  run mv -T -- "$folder" "$renamed"
  for file in guest.cfg guest.json; do run mv -fT -- "$renamed/$file.renamed" "$renamed/$file"; done
  # The links lead to the folder of the old name; their own names tell an order, and the old name.
  while [ -n "$links" ]; do
    link=${links%%"$NL"*}
    links=${links#"$link"} links=${links#"$NL"}
    target=$(readlink -- "$link")
    case $link in
      "$ETC_XEN/auto/"*"$name.cfg") new_link=${link%"$name.cfg"}$new_name.cfg ;;
      *) new_link=$link ;;
    esac
    undo put_link "$link" "$target"
    run rm -- "$link"
    undo remove_link "$new_link" "$renamed/guest.cfg"
    run ln -s -- "$renamed/guest.cfg" "$new_link"
  done
fi
result name "$new_name"
