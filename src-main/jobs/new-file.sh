# shellcheck shell=sh disable=SC2034,SC2154 # names shared with the scripts around
# A file that a job makes at a path of somebody's choice. It is made elsewhere on the same file system, whole and synced, and gets its name last.

# Fails unless a file can be made at PATH, where is none, in a folder that is not Domdeck's own; sets new_code, new_what and new_hint.
new_file_at() { # PATH
  new_folder=${1%/*}
  new_folder=${new_folder:-/}
  if [ -e "$1" ] || [ -L "$1" ]; then
    new_code=BUSY new_what="$1 is there already." new_hint='Choose another name, or remove that file first.'
  elif [ ! -d "$new_folder" ]; then
    new_code=NOT_FOUND new_what="There is no folder $new_folder on this host." new_hint='Make it there, or choose another path.'
  else
    # Behind links, as the storage root itself may be one.
    case $(readlink -f -- "$new_folder")/ in
      "$(readlink -f -- "$root")"/bases/* | "$(readlink -f -- "$root")"/guests/* | "$(readlink -f -- "$root")"/packages/* | \
        /proc/* | /sys/* | /dev/* | /run/*)
        new_code=BAD_INPUT new_what="$1 lies where only the system or Domdeck itself writes." new_hint="Choose a path elsewhere, such as /srv/${1##*/}."
        ;;
      *) return 0 ;;
    esac
  fi
  return 1
}

# Before name_new_file it is anybody's file that stands there; after it, for as long as it is that same file, ours.
remove_new_file() { # PATH
  [ -s "$JOB/made" ] || return 0
  read -r new_made <"$JOB/made"
  [ "$(stat -c %d:%i -- "$1" 2>/dev/null)" != "$new_made" ] || rm -f -- "$1"
}

# Gives a file that is synced its name, once `undo remove_new_file PATH` is said.
name_new_file() { # FILE PATH
  stat -c %d:%i -- "$1" >"$JOB/made"
  run sync "$JOB/made"
  run mv -nT -- "$1" "$2"
  [ ! -e "$1" ] || fail BUSY "$2 has come to be there meanwhile." "Choose another name."
}
