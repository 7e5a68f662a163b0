# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Deletes generation $generation of base $name, on which nobody stands. The rename is its end: cut before it, it is there; after it, the undo
# finishes the removal.

finish_removal() { # FOLDER
  chattr -i -- "$1/root.img" 2>/dev/null || :
  rm -rf --one-file-system -- "$1"
}

begin

step "Check generation $generation of $name"
folder=$root/bases/$name/$generation
[ -d "$folder" ] || fail NOT_FOUND "Generation $generation of $name is not on this host." "Refresh, and look again."
users=''
for path in "$root"/guests/*/guest.json "$root"/drafts/*/draft.json; do
  about=''
  { IFS= read -r about <"$path"; } 2>/dev/null || continue
  case $about in *"\"base\":\"$name\","*) ;; *) continue ;; esac
  stands=${about#*\"generation\":} stands=${stands%%[!0-9]*}
  goes=''
  # In the order in which a swap writes them.
  case $about in *"\"generation\":$stands,\"next\":"* | *"\"generation\":$stands,\"previous\":"*,\"next\":*) goes=${about#*\"next\":} goes=${goes%%[!0-9]*} ;; esac
  if [ "$stands" = "$generation" ] || [ "$goes" = "$generation" ]; then
    user=${path%/*}
    users="$users ${user##*/}"
  fi
done
[ -z "$users" ] || fail BUSY "Generation $generation of $name is in use by$users." "Swap them to another generation first, or delete them."
for device in $(losetup -n -O NAME -j "$folder/root.img"); do
  case $(xenstore-ls -f /local/domain/0/backend/vbd 2>/dev/null) in
    *"= \"$device\""* | *"= \"$RUN/bases/$name.$generation\""*)
      fail BUSY "Generation $generation of $name is the disk of a running guest." "Shut that one down first: xl list shows all."
      ;;
  esac
done

step 'Remove it'
for device in $(losetup -n -O NAME -j "$folder/root.img"); do run losetup -d "$device"; done
run rm -f -- "$RUN/bases/$name.$generation"
freed=$(($(stat -c %b -- "$folder/root.img" 2>/dev/null || echo 0) * 512))
highest=0
{ read -r highest <"$root/bases/$name/.deleted"; } 2>/dev/null || :
if [ "$generation" -gt "$highest" ]; then
  printf '%s\n' "$generation" >"$root/bases/$name/.deleted-$JOB_ID"
  run mv -fT -- "$root/bases/$name/.deleted-$JOB_ID" "$root/bases/$name/.deleted"
fi
removed=$root/.deleting-$JOB_ID
undo finish_removal "$removed"
run mv -T -- "$folder" "$removed"
run finish_removal "$removed"
result freed "$freed"
