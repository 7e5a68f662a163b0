# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Deletes generation $generation of base $name, on which nobody stands. sealing.sh and removal.sh stand above this text.

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
  # In the order in which a swap writes them; what a stack says comes behind the mode.
  case ${about%%,\"mode\":*} in *"\"generation\":$stands,"*\"next\":*) goes=${about#*\"next\":} goes=${goes%%[!0-9]*} ;; esac
  if [ "$stands" = "$generation" ] || [ "$goes" = "$generation" ]; then
    user=${path%/*}
    users="$users ${user##*/}"
  fi
done
[ -z "$users" ] || fail BUSY "Generation $generation of $name is in use by$users." "Swap them to another generation first, or delete them."
refuse_attached "$folder/root.img" "$RUN/bases/$name.$generation" "Generation $generation of $name"

step 'Remove it'
remove_number "$folder" "$folder/root.img" "$RUN/bases/$name.$generation"
