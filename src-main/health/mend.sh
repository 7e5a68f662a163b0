# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Mends the item $id of this host's health, while it is as it was looked at ($sum). plan.sh, items.sh and take-back.sh stand above.

put_file() { # FILE
  mkdir -p -- "$system${1%/*}"
  cp -- "$plan/files$1" "$system$1.domdeck~"
  chmod 644 "$system$1.domdeck~"
  sync "$system$1.domdeck~"
  mv -f -- "$system$1.domdeck~" "$system$1"
}

begin

step 'Look again'
plan=$JOB/plan
if is_mended "$id"; then
  changed=$(changed_since "$id")
  [ -z "$changed" ] || fail BUSY "$changed has been changed since it was mended." "Take the mending back first, or change the file by hand."
  # The same was asked for twice.
  for file in $(planned_files "$kept/$id"); do
    [ -e "$system$file" ] || fail BUSY "$file was removed since it was mended." "Take the mending back first, then mend it again."
  done
else
  capture seen look_item "$id"
  [ -n "$(ls -A "$plan")" ] || fail BAD_INPUT "There is nothing to mend any more: $(printf '%s\n' "$seen" | sed -n 's/^fact //p')" "Look at the health of the host again."
  [ "$(plan_sum)" = "$sum" ] || fail BUSY "The host is not as it was when it was looked at." "Look at its health again, and mend what it says then."
fi

step 'Write it'
if ! is_mended "$id"; then
  # The record is whole before anything is done, so that it can be taken back from any point on.
  undo take_back "$id"
  run mkdir -p -- "$kept"
  run cp -a -- "$plan" "$kept/$id.new"
  run sync -f "$kept"
  run mv -fT -- "$kept/$id.new" "$kept/$id"
  run sync -f "$kept"
  for file in $(planned_files "$plan"); do run put_file "$file"; done
  result changed yes
fi

step 'Put it in force'
record=$kept/$id
if [ -f "$record/values" ]; then
  while read -r key new _; do run set_value "$key" "$new"; done <"$record/values"
fi
if [ -f "$record/folder" ]; then
  folder=$system$(cat "$record/folder")
  if [ ! -d "$folder" ]; then
    run mkdir -p -- "$folder"
    # As Debian has the folder above it.
    run chgrp adm -- "$folder"
    run chmod 2750 "$folder"
  fi
fi
if [ -f "$record/links" ]; then
  while IFS="$(printf '\t')" read -r _ link; do [ -e "$link" ] || run rm -f -- "$link"; done <"$record/links"
fi
[ ! -f "$record/unit" ] || run systemctl enable "$(cat "$record/unit")"
run reload_units "$record"
run sync -f "$system/etc"
