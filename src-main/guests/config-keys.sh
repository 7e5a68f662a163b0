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
  # Keeps what stands before a statement, and goes on behind it: with its line, where nothing else is on that.
  function cut(begins,    before, rest) {
    before = substr(text, kept_to, begins - kept_to)
    rest = substr(text, at)
    if ((kept before) ~ /(^|\n)[ \t]*$/ && match(rest, /^[ \t\r]*(\n|$)/)) sub(/[ \t]*$/, "", before)
    else if (!match(rest, /^[ \t]*;[ \t]*/)) RLENGTH = 0
    kept = kept before
    kept_to = at = at + RLENGTH
  }
  END {
    kept_to = 1
    for (at = 1; at <= length(text);) {
      rest = substr(text, at)
      if (match(rest, /^[ \t\r\n;]+/) || match(rest, /^#[^\n]*/)) { at += RLENGTH; continue }
      if (match(rest, /^[A-Za-z][A-Za-z0-9_]*[ \t]*\+?=[ \t]*/)) {
        name = substr(rest, 1, RLENGTH)
        sign = name ~ /\+=/ ? "+=" : "="
        sub(/[ \t]*\+?=[ \t]*$/, "", name)
        begins = at
        from = at + RLENGTH
        at = end_of_value(from)
        value = substr(text, from, at - from)
        sub(/[ \t\r]+$/, "", value)
        if (name == ENVIRON["config_key"]) {
          if (ENVIRON["config_act"] == "unset") cut(begins)
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
    if (ENVIRON["config_act"] == "unset") print kept substr(text, kept_to)
    else if (!has) print text ENVIRON["config_key"] " = " ENVIRON["config_new"] "\n"
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

# Rewrites keys, adds those that are not there at the end, and takes out those whose value is ''. The file is replaced by one rename, with its
# owner and mode; a link stays a link. Undo first: keep_config.
config_set() { # FILE [KEY VALUE]...
  config_file=$1
  shift
  # Its line ends at the end are kept by the dot.
  config_text=$(cat -- "$config_file" && echo .) || return
  while [ $# -gt 0 ]; do
    if [ -n "$2" ]; then config_act='set'; else config_act='unset'; fi
    config_text=$(printf '%s' "${config_text%.}" | config_act=$config_act config_key=$1 config_new=$2 awk "$config_awk" && echo .) || return
    shift 2
  done
  if ! write_config "$config_file"; then
    rm -f -- "$config_file.domdeck-$JOB_ID"
    return 1
  fi
}

write_config() { # FILE
  cp -p -- "$1" "$1.domdeck-$JOB_ID" && printf '%s' "${config_text%.}" >"$1.domdeck-$JOB_ID" &&
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
