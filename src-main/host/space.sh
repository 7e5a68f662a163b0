# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the scripts around
# Room on the file system that the storage root is on, or will be; or the folder $space_at, where it is set. Uses $root and $NL.

# Sets space_kb, all of it, and space_free_kb.
space_look() {
  space_folder=${space_at:-$root}
  while [ ! -d "${space_folder:-/}" ]; do space_folder=${space_folder%/*}; done
  space_line=$(df -Pk -- "${space_folder:-/}") || return 1
  # shellcheck disable=SC2046,SC2086 # words
  set -- ${space_line##*"$NL"}
  space_kb=$2 space_free_kb=$4
}

space_words() { # KB: sets space_said
  if [ "$1" -lt 10485760 ]; then space_said="$((($1 + 1023) / 1024)) MB"; else space_said="$(($1 / 1048576)) GB"; fi
}

# Fails when so much would not fit, or when less than a tenth is free and it is a layer, which grows; sets space_what and space_hint.
space_for() { # KB [layer]
  space_look || return 0
  space_words "$space_free_kb"
  space_free=$space_said
  # Journals of jobs and small files need some too.
  if [ "$space_free_kb" -lt $(($1 + 16384)) ]; then
    space_words $(($1 + 16384))
    space_what="$space_free are free under ${space_at:-$root}, and $space_said are needed." \
      space_hint="Free some space, or move the storage root of this host."
    return 1
  fi
  if [ "${2:-}" = layer ] && [ "$space_free_kb" -lt $((space_kb / 10)) ]; then
    space_words "$space_kb"
    space_what="Less than a tenth is free under $root: $space_free of $space_said. New layers are made only above that." \
      space_hint="Free some space first: layers grow as guests write, and when it is gone all guests here stop with errors."
    return 1
  fi
}
