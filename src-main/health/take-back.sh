# shellcheck shell=sh disable=SC2154 # names of plan.sh, which stands above
# Puts back what was mended of an item, by the record of it. Can be cut and run again; what somebody else changed since is not touched.

# Prints the files that are neither as they were mended nor as they were before.
changed_since() { # ID
  planned_files "$kept/$1" | while IFS= read -r file; do
    [ -e "$system$file" ] || continue
    cmp -s -- "$kept/$1/files$file" "$system$file" || cmp -s -- "$kept/$1/before$file" "$system$file" || printf '%s\n' "$file"
  done
}

set_value() { # KEY VALUE
  printf '%s\n' "$2" >"$(value_path "$1")"
}

# systemd reads its units again where one was written.
reload_units() { # RECORD
  case $(planned_files "$1") in
    */etc/systemd/*) systemctl daemon-reload ;;
  esac
}

take_back() { # ID
  rm -rf -- "$kept/$1.new"
  record=$kept/$1
  [ -d "$record" ] || return 0
  [ -z "$(changed_since "$1")" ] || return 1
  for file in $(planned_files "$record"); do
    rm -f -- "$system$file.domdeck~"
    if [ -e "$record/before$file" ]; then
      cp -p -- "$record/before$file" "$system$file.domdeck~" && mv -f -- "$system$file.domdeck~" "$system$file" || return 1
    else
      rm -f -- "$system$file" || return 1
      # A folder that was made for it alone.
      rmdir -- "$system${file%/*}" 2>/dev/null || :
    fi
  done
  [ ! -f "$record/values" ] || while read -r key new old; do
    [ "$(cat -- "$(value_path "$key")")" != "$new" ] || set_value "$key" "$old"
  done <"$record/values"
  [ ! -f "$record/links" ] || while IFS="$(printf '\t')" read -r target link; do
    [ -e "$link" ] || [ -L "$link" ] || ln -s -- "$target" "$link"
  done <"$record/links"
  [ ! -f "$record/unit" ] || systemctl disable "$(cat "$record/unit")" || return 1
  # Logs that are in it stay.
  [ ! -f "$record/folder" ] || rmdir -- "$system$(cat "$record/folder")" 2>/dev/null || :
  reload_units "$record" || return 1
  mv -fT -- "$record" "$record.new" && rm -rf -- "$record.new"
}
