# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# While a guest is saved its config begins with a line that xl refuses and a person understands. Otherwise xendomains, or somebody at
# the keyboard, would boot it afresh, and going on from the old memory later would destroy its file system.

hold_words='This guest is saved. Start it with Domdeck, or remove this line and the file beside it that is named saved.'

hold_config() { # FILE
  read -r hold_line <"$1" || :
  [ "$hold_line" != "$hold_words" ] || return 0
  cp -p -- "$1" "$1.domdeck-$JOB_ID" && { printf '%s\n' "$hold_words" && cat -- "$1"; } >"$1.domdeck-$JOB_ID" || return 1
  sync "$1.domdeck-$JOB_ID" && mv -fT -- "$1.domdeck-$JOB_ID" "$1" && sync "${1%/*}"
}

free_config() { # FILE
  rm -f -- "$1.domdeck-$JOB_ID"
  [ -f "$1" ] || return 0
  read -r hold_line <"$1" || :
  [ "$hold_line" = "$hold_words" ] || return 0
  cp -p -- "$1" "$1.domdeck-$JOB_ID" && tail -n +2 -- "$1" >"$1.domdeck-$JOB_ID" || return 1
  sync "$1.domdeck-$JOB_ID" && mv -fT -- "$1.domdeck-$JOB_ID" "$1" && sync "${1%/*}"
}
