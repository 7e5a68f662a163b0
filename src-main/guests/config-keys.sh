# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Single keys of an xl config file, read and rewritten as a person would: every comment, blank and other key stays as it is.

# As xl's own parser reads (xen 4.17 tools/libs/util/libxlu_cfg_l.l): statements end at a line end or `;`, lists span lines, the last
# assignment of a key wins. \047 is the single quote.
# shellcheck disable=SC2016 # dollars of awk
config_awk='
  { text = text $0 "\n" }
  function end_of_value(i,    c, quote, depth) {
    for (depth = 0; i <= length(text); i++) {
      c = substr(text, i, 1)
      if (c == "\"" || c == "\047") {
        quote = c
        for (i++; i <= length(text); i++) {
          c = substr(text, i, 1)
          if (c == quote || c == "\n") break
          if (c == "\\") i++
        }
      } else if (c == "[") depth++
      else if (c == "]") depth--
      else if (c == "#" && depth > 0) while (i < length(text) && substr(text, i + 1, 1) != "\n") i++
      else if (depth <= 0 && (c == "#" || c == ";" || c == "\n")) break
    }
    return i
  }
  END {
    for (at = 1; at <= length(text);) {
      rest = substr(text, at)
      if (match(rest, /^[ \t\r\n;]+/) || match(rest, /^#[^\n]*/)) { at += RLENGTH; continue }
      if (match(rest, /^[A-Za-z][A-Za-z0-9_]*[ \t]*\+?=[ \t]*/)) {
        name = substr(rest, 1, RLENGTH)
        sign = name ~ /\+=/ ? "+=" : "="
        sub(/[ \t]*\+?=[ \t]*$/, "", name)
        from = at + RLENGTH
        at = end_of_value(from)
        value = substr(text, from, at - from)
        sub(/[ \t\r]+$/, "", value)
        if (name == ENVIRON["config_key"]) {
          found = value
          start = from
          stop = from + length(value)
          has = 1
          adds = sign == "+="
        }
      } else at = end_of_value(at) + 1
    }
    if (ENVIRON["config_act"] == "get") {
      if (has) print found
      exit !has
    }
    ORS = ""
    if (!has) print text ENVIRON["config_key"] " = " ENVIRON["config_new"] "\n"
    else if (adds) exit 3
    else print substr(text, 1, start - 1) ENVIRON["config_new"] substr(text, stop)
  }'

# Prints the value as it stands there, quotes and all; fails if the key is not in the file.
config_get() { # FILE KEY
  config_act=get config_key=$2 awk "$config_awk" "$1"
}

# Sets config_number to a whole number of the file, or to '' for none.
config_number() { # FILE KEY
  config_number=$(config_get "$1" "$2") || config_number=''
  config_number=${config_number#[\"\']} config_number=${config_number%[\"\']}
  case $config_number in *[!0-9]*) config_number='' ;; esac
}

# Rewrites one key, or adds it at the end. The file is replaced by rename, with its owner and mode; a link stays a link. Undo first:
# keep_config.
config_set() { # FILE KEY VALUE
  config_new=$1.domdeck-$JOB_ID
  cp -p -- "$1" "$config_new" || return
  config_act=set config_key=$2 config_new=$3 awk "$config_awk" "$1" >"$1.domdeck-$JOB_ID" || {
    rm -f -- "$1.domdeck-$JOB_ID"
    return 1
  }
  sync "$1.domdeck-$JOB_ID" && mv -fT -- "$1.domdeck-$JOB_ID" "$1" && sync "${1%/*}"
}

restore_config() { # FILE: as keep_config found it
  rm -f -- "$1.domdeck-$JOB_ID"
  [ -f "$JOB/config.before" ] || return 0
  cp -p -- "$JOB/config.before" "$1.domdeck-$JOB_ID" && sync "$1.domdeck-$JOB_ID" && mv -fT -- "$1.domdeck-$JOB_ID" "$1"
}

# Before the first change of a file: a copy in the job's folder, and the undo that brings it back.
keep_config() { # FILE
  run cp -p -- "$1" "$JOB/config.part"
  run sync "$JOB/config.part"
  run mv -T -- "$JOB/config.part" "$JOB/config.before"
  undo restore_config "$1"
}
