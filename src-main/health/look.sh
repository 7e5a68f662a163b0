# shellcheck shell=sh disable=SC2154 # names of plan.sh, items.sh and notes.sh, which stand above
# What is found of the items $mendable and $noted on this host, and what would mend each: `item ID`, then a `key value` line each, and diffs of files
# behind `d|`. Reads only, but for a plan that goes with it.
set -u

# shellcheck disable=SC2329 # the trap runs it
leave() { rm -rf -- "$plan"; }

show_plan() { # ID
  planned_files "$plan" | while IFS= read -r file; do
    old=$plan/before$file
    [ -e "$old" ] || old=/dev/null
    diff -u --label "$file" --label "$file" -- "$old" "$plan/files$file" | sed 's/^/d|/'
    echo
  done
  [ ! -f "$plan/values" ] || while read -r key new old; do say act "Now, too: $key from $old to $new"; done <"$plan/values"
  [ ! -f "$plan/folder" ] || say act "A folder, if it is not there: $(cat "$plan/folder")"
  [ ! -f "$plan/links" ] || while IFS="$(printf '\t')" read -r target link; do say act "Removed: $link, which leads to $target"; done <"$plan/links"
  [ ! -f "$plan/unit" ] || say act "systemctl enable $(cat "$plan/unit")"
  case $(planned_files "$plan") in */systemd/*) say act 'systemctl daemon-reload' ;; esac
  [ -z "$(ls -A "$plan")" ] || say sum "$(plan_sum)"
}

plan=$(mktemp -d) || exit 1
trap leave EXIT
for id in $mendable; do
  say item "$id"
  look_item "$id"
  ! is_mended "$id" || say mended yes
  show_plan "$id"
done
for id in $noted; do
  say item "$id"
  look_note "$id"
done
echo end
