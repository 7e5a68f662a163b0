# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# LVM thin volumes. GROUP/domdeck-base.NAME.GENERATION is a generation, copied once into a pool: read-only, inactive, there as long as a
# guest stands on it. GROUP/domdeck-GUEST is the disk of a guest, a snapshot of that. The name of a guest holds no dot, so the two never
# meet. Whoever calls these holds the lock `guests`.

# Sets volume to the one of a guest, GROUP/NAME, or to '' for none. Only what Domdeck names so is ever taken for one.
volume_of() { # FOLDER
  volume_about='' volume=''
  { read -r volume_about <"$1/guest.json"; } 2>/dev/null || :
  case $volume_about in
    *'"volume":"'*'/domdeck-'*)
      volume=${volume_about#*\"volume\":\"}
      volume=${volume%%\"*}
      ;;
  esac
}

find_volume() { # VOLUME: sets volume_found, '' for none; fails when LVM does not answer
  volume_found=$(lvs --noheadings -o lv_name -S "vg_name=\"${1%/*}\" && lv_name=\"${1#*/}\"")
}

volume_exists() { # VOLUME
  find_volume "$1" && [ -n "$volume_found" ]
}

remove_volume() { # VOLUME
  find_volume "$1" || return 1
  [ -z "$volume_found" ] || lvremove -q -f -y -- "$1"
}

remove_volume_of() { # FOLDER: of a guest; sets volume
  volume_of "$1"
  [ -z "$volume" ] || remove_volume "$volume"
}

# Goes with the last guest on it.
drop_base_volume() { # GROUP NAME GENERATION
  if grep -qs "\"base\":\"$2\",\"generation\":$3,.*\"volume\":\"$1/" "$root"/guests/*/guest.json; then return 0; fi
  remove_volume "$1/domdeck-base.$2.$3"
}
