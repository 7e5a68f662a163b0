# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# The draft of a base: drafts/NAME with draft.json, guest.cfg and root.img.

finish_removal() { # FOLDER
  rm -rf --one-file-system -- "$1"
}

# Sets folder, and generation to the one that the draft was made from. Ends the job unless the draft of $name is the one with $uuid.
find_draft() {
  folder=$root/drafts/$name
  about=''
  { IFS= read -r about <"$folder/draft.json"; } 2>/dev/null || :
  case $about in
    *"\"uuid\":\"$uuid\""*) ;;
    *) fail NOT_FOUND "There is no such draft of $name on this host." "Somebody may have published or discarded it. Refresh, and look again." ;;
  esac
  generation=${about#*\"generation\":} generation=${generation%%[!0-9]*}
}
