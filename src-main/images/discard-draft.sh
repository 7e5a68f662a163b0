# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Removes the draft of base $name, running or not. Its generations stay as they are. domain.sh and draft.sh stand above this text.

begin

step "Check the draft of $name"
find_draft

step 'Stop it'
destroy_domain "$uuid" || fail JOB_FAILED "The draft of $name runs and does not go away." "Read the end of the log, and xl dmesg on the host."
release_layer "$folder/root.img" || fail BUSY "The draft of $name is in use." "Find out who uses it: losetup -j $folder/root.img."

step 'Remove its files'
removed=$root/.deleting-$JOB_ID
freed=$(($(stat -c %b -- "$folder/root.img" 2>/dev/null || echo 0) * 512))
undo finish_removal "$removed"
run mv -T -- "$folder" "$removed"
run rm -rf --one-file-system -- "$removed"
result freed "$freed"
