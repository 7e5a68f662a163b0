# shellcheck shell=sh disable=SC2154 # names shared with the job library, the input and the scripts around
# A generation becomes one of its base by one rename. For every job that makes one; sealing.sh stands above this text.

# Keeps a generation that somebody made a guest of in the meantime, one that is not of this job, and one whose draft is gone: then
# there is nothing to go back to.
withdraw_generation() { # FOLDER [DRAFT]
  [ -z "${2:-}" ] || [ -d "$2" ] || return 0
  grep -qs "\"job\":\"$JOB_ID\"" "$1/base.json" || return 0
  withdraw_number=${1##*/}
  if grep -qs "\"base\":\"$name\",\"generation\":$withdraw_number," "$root"/guests/*/guest.json; then return 0; fi
  remove_sealed "$1"
  rmdir --ignore-fail-on-non-empty -- "${1%/*}"
}

# What is in $work/sealed. $draft is the folder that goes with it, if any; $sum the sha256 of its image.
publish_generation() {
  undo withdraw_generation "$root/bases/$name/$generation" "$draft"
  mkdir -p -- "$root/bases/$name"
  run mv -T -- "$work/sealed" "$root/bases/$name/$generation"
  run rm -rf --one-file-system -- "$work"
  run sync -f "$root/bases/$name"
  result base "$name"
  result generation "$generation"
  result sha256 "$sum"
  result path "$root/bases/$name/$generation"
}
