# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# How an image is made that nobody writes to any more: all work is in $work, $root/.importing-$JOB_ID, until one rename publishes it under a
# number. For bases and package images; the file system in the making is $work/root.img.

work=''

remove_sealed() { # FOLDER
  chattr -i -- "$1"/*.img 2>/dev/null || :
  rm -rf --one-file-system -- "$1"
}

discard_copy() { # WORK
  remove_sealed "$1/sealed" && rm -rf --one-file-system -- "$1"
}

# Sets work to the folder that the image is made in.
make_work() {
  work=$root/.importing-$JOB_ID
  mkdir -p -- "$root"
  undo discard_copy "$work"
  mkdir -- "$work" "$work/mnt" "$work/sealed"
  chmod 0700 "$work"
}

# The kernel lets go of the loop device of an image a moment after its last mount.
wait_released() { # IMAGE
  released_tries=0
  while [ -n "$(losetup -n -O NAME -j "$1")" ]; do
    released_tries=$((released_tries + 1))
    [ "$released_tries" -lt 100 ] || fail JOB_FAILED "The copy is still attached to a loop device." "Look at it with: losetup -j $1"
    sleep 0.1
  done
}

# In namespaces of its own the mounts of a script go with it, and so does all that it started, whatever ends us.
apart() { # SCRIPT ARG...
  run setpriv --pdeathsig KILL unshare --mount --propagation private --pid --kill-child --net --ipc --uts -- sh "$@"
  wait_released "$work/root.img"
}

json_text() { # TEXT, without control characters
  printf '%s' "$1" | sed 's/[\\"]/\\&/g'
}

# A number is never given twice, or a guest could roll back to what it never stood on: the highest that was deleted is remembered.
take_number() { # FOLDER: sets number
  number=1
  { read -r taken <"$1/.deleted" && number=$((taken + 1)); } 2>/dev/null || :
  for path in "$1"/*; do
    taken=${path##*/}
    case $taken in
      *[!0-9]* | 0*) ;;
      *) [ "$taken" -lt "$number" ] || number=$((taken + 1)) ;;
    esac
  done
}

# The files in $work/sealed, the last thing before they are published.
seal() {
  chmod 0444 "$work"/sealed/*
  chmod 0755 "$work/sealed"
  run sync -f "$work/sealed"
  chattr +i -- "$work"/sealed/*.img 2>/dev/null || printf '%s\n' 'This file system knows no immutable flag; the image is read-only by its mode.'
}
