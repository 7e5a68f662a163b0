# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Which generation a guest stands on: `generation` in its guest.json, and the paths in its guest.cfg. `next` is the one it goes to at its
# next start, `previous` the one it came from. guest-packages.sh and stopped-guest.sh stand above this text: read_origin and
# read_packages have read the line $about of the file in $folder.

# guest.cfg and guest.json as they were, from the copies in the job's folder, wherever it was cut.
keep_files() {
  run cp -p -- "$folder/guest.cfg" "$folder/guest.json" "$JOB/"
  run sync "$JOB/guest.cfg" "$JOB/guest.json"
  undo restore_files "$folder"
}

restore_files() { # FOLDER
  for file in guest.cfg guest.json; do
    rm -f -- "$1/.$file-$JOB_ID"
    if [ ! -d "$1" ] || [ ! -f "$JOB/$file" ]; then continue; fi
    # A full disk has no room for a copy of what was never changed.
    ! cmp -s -- "$JOB/$file" "$1/$file" || continue
    cp -p -- "$JOB/$file" "$1/.$file-$JOB_ID" && sync "$1/.$file-$JOB_ID" && mv -fT -- "$1/.$file-$JOB_ID" "$1/$file" || return 1
  done
}

# Sets previous and next to the generations that rolling back and an open swap lead to, or to ''; about_head and about_rest to what stands
# before and behind what $about says of generations.
open_swap() {
  previous='' next=''
  about_head=${about%%"\"generation\":$generation"*} about_rest=${about#*"\"generation\":$generation"}
  case $about_rest in ',"previous":'*) about_rest=${about_rest#,\"previous\":} previous=${about_rest%%[!0-9]*} about_rest=${about_rest#"$previous"} ;; esac
  case $about_rest in ',"next":'*) about_rest=${about_rest#,\"next\":} next=${about_rest%%[!0-9]*} about_rest=${about_rest#"$next"} ;; esac
}

# Ends the job unless the initrd of that generation can put package images on it.
knows_packages() { # GENERATION
  grep -qs '"stacks":true' "$root/bases/$base/$1/base.json" ||
    fail BAD_INPUT "The initrd of generation $1 of $base knows nothing of package images, and would stop the boot." \
      "Edit the base and publish it: its next generation has an initrd that does."
}

# Ends the job unless the guest can stand on that generation.
check_generation() { # GENERATION
  target=$root/bases/$base/$1
  for file in root.img vmlinuz initrd.img base.json; do
    [ -s "$target/$file" ] || fail NOT_FOUND "Generation $1 of $base is not on this host, or has no $file." "Choose another generation."
  done
  grep -qF "target=$RUN/bases/$base.$generation'" "$folder/guest.cfg" ||
    fail BAD_INPUT "The config of $name does not name generation $generation of $base as its disk: somebody has changed it." \
      "Put back the line that begins with disk in $folder/guest.cfg."
  target_about=''
  IFS= read -r target_about <"$target/base.json" || :
  target_type=$(sed -n 's/^ *type *= *["'\'']\([a-z]*\)["'\''].*/\1/p' "$folder/guest.cfg")
  case $target_about in
    *"\"types\":["*"\"$target_type\""*) ;;
    *) fail BAD_INPUT "The kernel of generation $1 of $base does not boot as $target_type, and $name does." "Change type in $folder/guest.cfg, or choose another generation." ;;
  esac
  case $about in
    *'"encrypted":true'* | *'"encryptedSwap":true'*)
      case $target_about in
        *'"encryption":true'*) ;;
        *) fail BAD_INPUT "The initrd of generation $1 of $base cannot encrypt, and $name has encrypted disks." \
          "Choose a generation that has cryptsetup-bin installed." ;;
      esac
      ;;
  esac
  [ -z "$packages" ] || knows_packages "$1"
  target_memory=${target_about#*\"minMemoryMb\":} target_memory=${target_memory%%[!0-9]*}
  memory_mb=$(sed -n 's/^ *memory *= *\([0-9]*\).*/\1/p' "$folder/guest.cfg")
  [ "${memory_mb:-0}" -ge "${target_memory:-0}" ] ||
    fail BAD_INPUT "Generation $1 of $base needs $target_memory MB of memory, and $name has ${memory_mb:-less}." "Give it more memory first."
}

# guest.json with other members about the generation, beside the old one; `put_file` gives it its name.
write_about() { # MEMBERS
  open_swap
  about=$about_head$1$about_rest
  printf '%s\n' "$about" >"$folder/.guest.json-$JOB_ID"
}

put_file() { # NAME
  run sync "$folder/.$1-$JOB_ID"
  run mv -fT -- "$folder/.$1-$JOB_ID" "$folder/$1"
}

# The config first: as long as guest.json says the old generation, that one is attached and the guest does not start on a half swap.
move_to_generation() { # GENERATION
  run cp -p -- "$folder/guest.cfg" "$folder/.guest.cfg-$JOB_ID"
  run sed -i -e "s|$root/bases/$base/$generation/|$root/bases/$base/$1/|g" -e "s|$RUN/bases/$base\\.$generation'|$RUN/bases/$base.$1'|g" \
    -e "s|domdeck\\.base=$base/$generation\\([\"' ]\\)|domdeck.base=$base/$1\\1|g" "$folder/.guest.cfg-$JOB_ID"
  put_file guest.cfg
  write_about "\"generation\":$1,\"previous\":$generation"
  put_file guest.json
  run sync "$folder"
  generation=$1
}
