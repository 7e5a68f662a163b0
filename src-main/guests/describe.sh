# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Writes $described, the JSON members "tags" and "note", into guest.json of the guest $name; all other members stay. The new file is whole
# and synced before one rename puts it in the place of the old one: cut before that nothing has changed, after it all has.

begin
folder=$root/guests/$name
written=$folder/.guest.json-$JOB_ID

step "Check $name"
[ -f "$folder/guest.json" ] ||
  fail NOT_FOUND "$name is not a guest that Domdeck made on this host." "Adopt it first: tags and notes are kept in the folder of a guest."
IFS= read -r about <"$folder/guest.json" || :
case $about in
  *"\"uuid\":\"$uuid\""*) ;;
  *) fail NOT_FOUND "$folder holds another guest of the same name." "Refresh, and look again." ;;
esac
case $about in
  '{'*'}') ;;
  *) fail UNEXPECTED_OUTPUT "$folder/guest.json is not one line of JSON." "Somebody has edited it. Put it on one line again." ;;
esac

step 'Write its tags and note'
undo rm -f -- "$written"
# Inside a JSON text a quote stands behind a backslash, so these patterns find members and nothing in a note.
kept=$(printf '%s\n' "$about" | sed -E 's/,"tags":\[[^]]*\]//; s/,"note":"([^"\\]|\\.)*"//')
printf '%s\n' "${kept%\}},$described}" >"$written"
run sync "$written"
run mv -f -- "$written" "$folder/guest.json"
run sync "$folder"
