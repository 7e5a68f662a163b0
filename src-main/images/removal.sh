# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# How what guests share is deleted: by one rename. Cut before it, it is there; after it, the undo finishes the removal. sealing.sh
# stands above this text.

# Ends the job while a domain has the image for a disk.
refuse_attached() { # IMAGE LINK WHAT
  for device in $(losetup -n -O NAME -j "$1"); do
    case $(xenstore-ls -f /local/domain/0/backend/vbd 2>/dev/null) in
      *"= \"$device\""* | *"= \"$2\""*) fail BUSY "$3 is a disk of a running guest." "Shut that one down first: xl list shows all." ;;
    esac
  done
}

remove_number() { # FOLDER, of NAME/NUMBER; IMAGE LINK
  for device in $(losetup -n -O NAME -j "$2"); do run losetup -d "$device"; done
  run rm -f -- "$3"
  freed=$(($(stat -c %b -- "$2" 2>/dev/null || echo 0) * 512))
  highest=0
  { read -r highest <"${1%/*}/.deleted"; } 2>/dev/null || :
  if [ "${1##*/}" -gt "$highest" ]; then
    printf '%s\n' "${1##*/}" >"${1%/*}/.deleted-$JOB_ID"
    run mv -fT -- "${1%/*}/.deleted-$JOB_ID" "${1%/*}/.deleted"
  fi
  removed=$root/.deleting-$JOB_ID
  undo remove_sealed "$removed"
  run mv -T -- "$1" "$removed"
  run remove_sealed "$removed"
  result freed "$freed"
}
